// One doctor's profile, and the one thing to do there: ask for contact, or go on with the contact there is.

import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { api } from '../api/endpoints.ts';
import type { Relationship } from '../api/types.ts';
import { m } from '../i18n/index.ts';
import { DoctorIdentity, HoursTable, ReplyExpectation } from '../parts/doctor-card.tsx';
import { Icon } from '../parts/icon.tsx';
import { Failed, Loading, Page, useLoad } from '../parts/page.tsx';
import { problemText } from '../parts/problem.ts';
import { refreshRelationships, relationships } from '../realtime/store.ts';
import { href } from '../router.ts';
import { person } from '../session/session.ts';

function ContactAction({
  doctor,
  relationship,
}: {
  doctor: string;
  relationship: Relationship | undefined;
}): JSX.Element {
  const words = m().doctors;
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const ask = async () => {
    if (busy) return;
    setBusy(true);
    setProblem(null);
    try {
      await api.askDoctor(doctor);
      await refreshRelationships(false);
    } catch (error) {
      setProblem(problemText(error));
    }
    setBusy(false);
  };
  const button = (text: string) => (
    <button type="button" class="button" aria-disabled={busy} onClick={() => void ask()}>
      {busy ? words.asking : text}
    </button>
  );
  const state = relationship?.state;
  return (
    <div class="stack-small" aria-live="polite">
      {state === 'active' && relationship?.conversation_id ? (
        <p>
          <a class="button" href={href('conversation', { id: relationship.conversation_id })}>
            <Icon name="chat" /> {words.talk}
          </a>
        </p>
      ) : state === 'requested' && relationship?.requested_by === person.value?.id ? (
        <p class="note note-good" data-testid="asked">
          <Icon name="done" />
          <span>
            <strong>{words.asked}.</strong> {words.askedHelp}{' '}
            <a href={href('requests')}>{m().nav.requests}</a>.
          </span>
        </p>
      ) : state === 'requested' ? (
        <p>{button(words.accept)}</p>
      ) : (
        <>
          <p>{button(state ? words.askAgain : words.ask)}</p>
          <p class="muted small">{words.askHelp}</p>
        </>
      )}
      {problem && (
        <p class="field-error" role="alert">
          <Icon name="alert" size={16} /> {problem}
        </p>
      )}
    </div>
  );
}

export function DoctorPage({ id }: { id: string }): JSX.Element {
  const words = m().doctors;
  const found = useLoad(id, () => api.doctor(id));
  useEffect(() => void refreshRelationships(), [id]);
  const doctor = found.value;
  const relationship = relationships.value?.find((r) => r.doctor.id === id);
  return (
    <Page title={doctor?.name ?? words.title} narrow>
      <p>
        <a class="back-link" href={href('doctors')}>
          <Icon name="back" size={18} /> {words.backToList}
        </a>
      </p>
      {found.failed ? (
        <Failed text={found.failed} retry={found.reload} />
      ) : !doctor ? (
        <Loading />
      ) : (
        <>
          <div class="card stack">
            <DoctorIdentity doctor={doctor} heading={<p class="strong">{doctor.name}</p>} />
            <ContactAction doctor={doctor.id} relationship={relationship} />
          </div>
          <section class="card stack">
            <h2>{words.reply}</h2>
            <p>
              <ReplyExpectation practice={doctor} />
            </p>
            <h2>{words.hours}</h2>
            <HoursTable practice={doctor} />
          </section>
          {doctor.about && (
            <section class="card stack">
              <h2>{words.about}</h2>
              <p class="prose">{doctor.about}</p>
            </section>
          )}
        </>
      )}
    </Page>
  );
}
