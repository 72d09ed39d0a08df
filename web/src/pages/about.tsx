// Help: what the product is and is not, in plain words, and the terms a patient accepts at sign-up.

import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import { m } from '../i18n/index.ts';
import { Icon, type IconName } from '../parts/icon.tsx';
import { Page } from '../parts/page.tsx';
import { href } from '../router.ts';
import { clinic, person } from '../session/session.ts';
import { EmergencyNote } from './sign-up.tsx';

const stateIcons: readonly (readonly ['queued' | 'sent' | 'delivered' | 'read', IconName])[] = [
  ['queued', 'clock'],
  ['sent', 'check'],
  ['delivered', 'checks'],
  ['read', 'checks'],
];

export function AboutPage(): JSX.Element {
  const words = m().about;
  useEffect(() => {
    if (location.hash === '#terms') document.getElementById('terms')?.scrollIntoView();
  }, []);
  return (
    <Page title={words.title} lead={m().app.tagline} narrow>
      <section class="card stack">
        <h2>{words.what}</h2>
        <p>{words.whatText}</p>
      </section>
      <section class="stack">
        <h2 class="sr">{words.emergencyTitle}</h2>
        <EmergencyNote />
      </section>
      <section class="card stack">
        <h2>{words.replyTitle}</h2>
        <p>{words.replyText}</p>
      </section>
      <section class="card stack">
        <h2>{words.statesTitle}</h2>
        <ul class="plain stack-small">
          {stateIcons.map(([state, icon]) => (
            <li key={state} class="with-icon">
              <span class={state === 'read' ? 'tick tick-read' : 'tick'}>
                <Icon name={icon} size={18} />
              </span>
              <span>
                <strong>{m().chat[state]}</strong>: {words.states[state]}
              </span>
            </li>
          ))}
        </ul>
      </section>
      <section class="card stack">
        <h2>{words.privacyTitle}</h2>
        <p>{words.privacyText}</p>
        <h2>{words.recordTitle}</h2>
        <p>{words.recordText}</p>
      </section>
      <section class="card stack" id="terms">
        <h2>{words.termsTitle}</h2>
        {clinic.value && (
          <p class="muted small">{m().signUp.termsVersion(clinic.value.terms_version)}</p>
        )}
        <ol>
          {words.terms.map((text) => (
            <li key={text}>{text}</li>
          ))}
        </ol>
      </section>
      {clinic.value && (
        <section class="card stack">
          <h2>{words.clinicTitle}</h2>
          <p>{clinic.value.name}</p>
          {clinic.value.technical_director && (
            <p>{words.director(clinic.value.technical_director)}</p>
          )}
        </section>
      )}
      {!person.value && (
        <p class="center">
          <a href={href('signIn')}>{words.signIn}</a>
        </p>
      )}
    </Page>
  );
}
