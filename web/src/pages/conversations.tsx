// The list of conversations and the open one: one pane on a phone, two from 900 px. Both addresses show the
// same page, so that the list keeps its place when a conversation opens beside it.

import type { JSX } from 'preact';
import type { Conversation } from '../api/types.ts';
import { fullTime, shortWhen } from '../i18n/dates.ts';
import { m } from '../i18n/index.ts';
import { drafts } from '../outbox/drafts.ts';
import { waiting } from '../outbox/outbox.ts';
import { Avatar } from '../parts/avatar.tsx';
import { Icon } from '../parts/icon.tsx';
import { noticeText } from '../parts/message-words.ts';
import { dateContext, wide } from '../parts/now.ts';
import { Empty, Failed, Loading, usePageTitle } from '../parts/page.tsx';
import {
  chatAccount,
  conversations,
  conversationsFailed,
  refreshConversations,
  typing,
} from '../realtime/store.ts';
import { href } from '../router.ts';
import { person } from '../session/session.ts';
import { ChatPane } from './chat.tsx';

function preview(c: Conversation): JSX.Element {
  const words = m().conversations;
  const draft = drafts.value.get(c.id);
  if (typing.value.has(c.id)) return <em class="accent">{m().chat.typing(c.peer.name)}</em>;
  if (draft) {
    return (
      <>
        <strong>{words.draft}</strong>
        {draft.slice(0, 120)}
      </>
    );
  }
  const queued = waiting.value.filter((e) => e.conversation === c.id).pop();
  if (queued) {
    return (
      <>
        <Icon name="clock" size={14} /> {words.you}
        {queued.text.slice(0, 120)}
      </>
    );
  }
  const last = c.last_message;
  if (!last) return <>{words.noMessages}</>;
  if (last.deleted) return <em>{words.deleted}</em>;
  const own = last.from === person.value?.id;
  if (last.kind === 'notice') return <>{noticeText(last.text, own, c.peer.name)}</>;
  return (
    <>
      {own && words.you}
      {last.text.slice(0, 120)}
    </>
  );
}

function Item({ c, current }: { c: Conversation; current: boolean }): JSX.Element {
  const doctor = person.value?.role === 'doctor';
  const at = c.last_message?.at;
  return (
    <li>
      <a
        class="conversation-link"
        href={href('conversation', { id: c.id })}
        aria-current={current ? 'page' : undefined}
        data-testid="conversation"
      >
        <span class="avatar-spot">
          <Avatar name={c.peer.name} id={c.peer.id} />
          {doctor && c.peer_online && <span class="online-dot" aria-hidden="true" />}
        </span>
        <span class="conversation-main">
          <span class="conversation-name">
            {c.peer.name}
            {doctor && c.peer_online && <span class="sr"> ({m().chat.online})</span>}
          </span>
          <span class="conversation-preview">{preview(c)}</span>
        </span>
        <span class="conversation-side">
          {at && (
            <time dateTime={at} title={fullTime(at, dateContext())} class="muted">
              {shortWhen(at, dateContext())}
            </time>
          )}
          {c.unread > 0 ? (
            <span class="count">
              <span aria-hidden="true">{c.unread}</span>
              <span class="sr">{m().nav.unread(c.unread)}</span>
            </span>
          ) : (
            c.state === 'closed' && <span class="pill">{m().conversations.closed}</span>
          )}
        </span>
      </a>
    </li>
  );
}

function List({ id }: { id: string | null }): JSX.Element {
  const words = m().conversations;
  const doctor = person.value?.role === 'doctor';
  const list = conversations.value;
  if (!list) {
    return conversationsFailed.value ? (
      <Failed text={m().errors.network} retry={() => void refreshConversations(false)} />
    ) : (
      <Loading />
    );
  }
  if (list.length === 0) {
    return (
      <Empty
        icon="chat"
        title={words.empty}
        text={
          !chatAccount.value
            ? m().requests.notVerified
            : doctor
              ? words.emptyDoctor
              : words.emptyPatient
        }
      >
        <a class="button" href={href(doctor ? 'requests' : 'doctors')}>
          {doctor ? words.seeRequests : m().requests.findDoctor}
        </a>
      </Empty>
    );
  }
  return (
    <ul class="plain conversation-list" aria-label={words.listLabel}>
      {list.map((c) => (
        <Item key={c.id} c={c} current={c.id === id} />
      ))}
    </ul>
  );
}

/** The list with the page's own heading; beside an open conversation it is a plain h2. */
function ListPane({ id }: { id: string | null }): JSX.Element {
  const words = m().conversations;
  return (
    <section class="list-pane" aria-labelledby="list-title">
      {id === null ? (
        <ListTitle />
      ) : (
        <h2 id="list-title" class="pane-title">
          {words.title}
        </h2>
      )}
      <List id={id} />
    </section>
  );
}

function ListTitle(): JSX.Element {
  const heading = usePageTitle(m().conversations.title);
  return (
    <h1 id="list-title" class="pane-title" tabIndex={-1} ref={heading}>
      {m().conversations.title}
    </h1>
  );
}

export function ConversationsPage({ id }: { id: string | null }): JSX.Element {
  const words = m().conversations;
  if (!wide.value) return id === null ? <ListPane id={null} /> : <ChatPane key={id} id={id} />;
  return (
    <div class="panes">
      <ListPane id={id} />
      {id === null ? (
        <div class="no-chat">
          <Empty icon="chat" title={words.pick} text={words.pickHelp} />
        </div>
      ) : (
        <ChatPane key={id} id={id} />
      )}
    </div>
  );
}
