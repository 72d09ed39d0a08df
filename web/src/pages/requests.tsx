// Care relationships as lists of people: who waits for an answer, whom one waits for, who is in contact,
// and what has ended. Either side asks, the other accepts, either ends.

import type { ComponentChildren, JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { api } from '../api/endpoints.ts';
import type { Relationship } from '../api/types.ts';
import { longDay } from '../i18n/dates.ts';
import { m } from '../i18n/index.ts';
import { Avatar } from '../parts/avatar.tsx';
import { Confirm } from '../parts/dialog.tsx';
import { checks, SubmitButton, Summary, TextField, useForm } from '../parts/form.tsx';
import { Icon } from '../parts/icon.tsx';
import { dateContext } from '../parts/now.ts';
import { Empty, Failed, Loading, Page } from '../parts/page.tsx';
import { problemText } from '../parts/problem.ts';
import { toast } from '../parts/toast.tsx';
import {
  chatAccount,
  refreshConversations,
  refreshRelationships,
  relationships,
} from '../realtime/store.ts';
import { href } from '../router.ts';
import { person } from '../session/session.ts';

interface Other {
  id: string;
  name: string;
  detail: string | null;
}

function otherOf(r: Relationship): Other {
  return person.value?.role === 'doctor'
    ? { id: r.patient.id, name: r.patient.name, detail: null }
    : {
        id: r.doctor.id,
        name: r.doctor.name,
        detail: m().doctors.crm(r.doctor.crm, r.doctor.uf),
      };
}

async function refresh(): Promise<void> {
  await Promise.all([refreshRelationships(false), refreshConversations(false)]);
}

async function run(task: () => Promise<unknown>, done?: string): Promise<void> {
  try {
    await task();
    if (done) toast(done);
  } catch (error) {
    toast(problemText(error), 'bad');
  }
  await refresh();
}

function Person({
  relationship,
  state,
  children,
}: {
  relationship: Relationship;
  state: string;
  children?: ComponentChildren;
}): JSX.Element {
  const other = otherOf(relationship);
  return (
    <li class="card person" data-testid="relationship" data-state={relationship.state}>
      <Avatar name={other.name} id={other.id} />
      <div class="person-text">
        <h3>{other.name}</h3>
        {other.detail && <p class="muted small">{other.detail}</p>}
        <p class="muted small">{state}</p>
      </div>
      {children && <div class="actions">{children}</div>}
    </li>
  );
}

function Group({
  title,
  items,
  children,
}: {
  title: string;
  items: readonly Relationship[];
  children: (r: Relationship, other: Other) => JSX.Element;
}): JSX.Element | null {
  if (items.length === 0) return null;
  return (
    <section class="stack-small">
      <h2>{title}</h2>
      <ul class="plain stack-small">{items.map((r) => children(r, otherOf(r)))}</ul>
    </section>
  );
}

function Invite(): JSX.Element {
  const words = m().requests;
  const form = useForm({ patient_email: '' });
  const submit = form.submit(
    (v) => ({ patient_email: checks.email(v.patient_email) }),
    async (v) => {
      const made = await api.askPatient(v.patient_email.trim());
      form.reset({ patient_email: '' });
      toast(
        made.state === 'active'
          ? words.accepted(made.patient.name)
          : words.invited(made.patient.name),
      );
      await refresh();
    },
    (error) => (error.code === 'not_found' ? words.inviteUnknown : null),
  );
  return (
    <section class="card stack">
      <h2>{words.invite}</h2>
      <form class="form" onSubmit={submit} noValidate>
        <Summary form={form} labels={{ patient_email: words.inviteEmail }} />
        <TextField
          bind={form.field('patient_email')}
          label={words.inviteEmail}
          help={words.inviteHelp}
          type="email"
          inputMode="email"
          autocomplete="off"
          autocapitalize="none"
          spellcheck={false}
        />
        <div class="actions">
          <SubmitButton busy={form.busy} label={words.inviteSubmit} />
        </div>
      </form>
    </section>
  );
}

export function RequestsPage(): JSX.Element {
  const words = m().requests;
  const user = person.value;
  const [failed, setFailed] = useState(false);
  const [asking, setAsking] = useState<{ r: Relationship; step: 'end' | 'decline' } | null>(null);
  const load = () => {
    setFailed(false);
    void refreshRelationships(false).then(() => setFailed(relationships.value === null));
  };
  useEffect(load, []);
  const doctor = user?.role === 'doctor';
  const all = relationships.value;
  const when = (at: string) => longDay(at, dateContext());
  const askAgain = (r: Relationship) =>
    doctor ? null : (
      <button
        type="button"
        class="button button-quiet"
        aria-label={`${words.again}: ${r.doctor.name}`}
        onClick={() => void run(() => api.askDoctor(r.doctor.id))}
      >
        {words.again}
      </button>
    );
  const unverified = !chatAccount.value;
  return (
    <Page title={words.title} lead={doctor ? words.lead.doctor : words.lead.patient}>
      {unverified && (
        <div class="note note-warn">
          <Icon name="clock" />
          <p>{words.notVerified}</p>
        </div>
      )}
      {failed ? (
        <Failed text={m().errors.network} retry={load} />
      ) : !all ? (
        <Loading />
      ) : all.length === 0 ? (
        <Empty
          icon="inbox"
          title={words.empty}
          text={doctor ? words.emptyDoctor : words.emptyPatient}
        >
          {!doctor && (
            <a class="button" href={href('doctors')}>
              {words.findDoctor}
            </a>
          )}
        </Empty>
      ) : (
        <>
          <Group
            title={words.toAnswer}
            items={all.filter((r) => r.state === 'requested' && r.requested_by !== user?.id)}
          >
            {(r, other) => (
              <Person key={r.id} relationship={r} state={words.on(when(r.updated_at))}>
                <button
                  type="button"
                  class="button"
                  aria-label={`${words.accept}: ${other.name}`}
                  onClick={() =>
                    void run(() => api.relationshipStep(r.id, 'accept'), words.accepted(other.name))
                  }
                >
                  {words.accept}
                </button>
                <button
                  type="button"
                  class="button button-quiet"
                  aria-label={`${words.decline}: ${other.name}`}
                  onClick={() => setAsking({ r, step: 'decline' })}
                >
                  {words.decline}
                </button>
              </Person>
            )}
          </Group>
          <Group
            title={words.sent}
            items={all.filter((r) => r.state === 'requested' && r.requested_by === user?.id)}
          >
            {(r) => (
              <Person
                key={r.id}
                relationship={r}
                state={`${words.waiting} · ${words.on(when(r.updated_at))}`}
              />
            )}
          </Group>
          <Group title={words.active} items={all.filter((r) => r.state === 'active')}>
            {(r, other) => (
              <Person key={r.id} relationship={r} state={words.since(when(r.updated_at))}>
                {r.conversation_id && (
                  <a
                    class="button"
                    href={href('conversation', { id: r.conversation_id })}
                    aria-label={`${words.open}: ${other.name}`}
                  >
                    {words.open}
                  </a>
                )}
                <button
                  type="button"
                  class="button button-quiet"
                  aria-label={`${words.end}: ${other.name}`}
                  onClick={() => setAsking({ r, step: 'end' })}
                >
                  {words.end}
                </button>
              </Person>
            )}
          </Group>
          <Group
            title={words.past}
            items={all.filter((r) => r.state === 'declined' || r.state === 'ended')}
          >
            {(r, other) => (
              <Person
                key={r.id}
                relationship={r}
                state={`${r.state === 'ended' ? words.endedState : words.declinedState} · ${words.on(when(r.updated_at))}`}
              >
                {r.conversation_id && (
                  <a
                    class="button button-quiet"
                    href={href('conversation', { id: r.conversation_id })}
                    aria-label={`${words.open}: ${other.name}`}
                  >
                    {words.open}
                  </a>
                )}
                {askAgain(r)}
              </Person>
            )}
          </Group>
        </>
      )}
      {doctor && !unverified && <Invite />}
      {asking && (
        <Confirm
          title={
            asking.step === 'end'
              ? words.endTitle(otherOf(asking.r).name)
              : words.declineTitle(otherOf(asking.r).name)
          }
          text={asking.step === 'end' ? words.endText : words.declineText}
          action={asking.step === 'end' ? words.end : words.decline}
          danger
          onConfirm={async () => {
            await api.relationshipStep(asking.r.id, asking.step);
            await refresh();
          }}
          onClose={() => setAsking(null)}
        />
      )}
    </Page>
  );
}
