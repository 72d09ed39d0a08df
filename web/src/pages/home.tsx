// The reception's home. Agendas come later; until then the page says so plainly and offers what works.

import type { JSX } from 'preact';
import { m } from '../i18n/index.ts';
import { Icon } from '../parts/icon.tsx';
import { Page } from '../parts/page.tsx';
import { href } from '../router.ts';
import { person } from '../session/session.ts';

export function HomePage(): JSX.Element {
  const words = m().home;
  const first = person.value?.display_name.split(' ')[0] ?? '';
  return (
    <Page title={words.title(first)} lead={words.receptionistLead} narrow>
      <div class="card stack">
        <p class="with-icon">
          <Icon name="clock" /> <span>{words.receptionistAgenda}</span>
        </p>
        <p class="with-icon">
          <Icon name="done" /> <span>{words.receptionistPrivacy}</span>
        </p>
        <div class="actions">
          <a class="button" href={href('account')}>
            {words.goAccount}
          </a>
          <a class="button button-quiet" href={href('about')}>
            {words.goHelp}
          </a>
        </div>
      </div>
    </Page>
  );
}
