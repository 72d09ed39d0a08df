// One conversation: who it is with, the log, the composer, or, when it is closed, the way to open it again.

import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { api } from '../api/endpoints.ts';
import type { Conversation, Message } from '../api/types.ts';
import { m } from '../i18n/index.ts';
import { Avatar } from '../parts/avatar.tsx';
import { ChatSearch } from '../parts/chat-search.tsx';
import { Composer, SafetyLine } from '../parts/composer.tsx';
import { Confirm } from '../parts/dialog.tsx';
import { Icon } from '../parts/icon.tsx';
import { MessageList } from '../parts/message-list.tsx';
import { Empty, Failed, Loading, usePageTitle } from '../parts/page.tsx';
import { problemText } from '../parts/problem.ts';
import { toast } from '../parts/toast.tsx';
import {
  conversations,
  loadAround,
  loadLatest,
  logOf,
  refreshRelationships,
  relationships,
  sendDelete,
  setVisibleConversation,
  typing,
} from '../realtime/store.ts';
import { href } from '../router.ts';
import { person } from '../session/session.ts';

function Header({
  conversation,
  search,
}: {
  conversation: Conversation;
  search: () => void;
}): JSX.Element {
  const words = m().chat;
  const { peer } = conversation;
  const heading = usePageTitle(peer.name);
  const doctor = person.value?.role === 'doctor';
  return (
    <header class="chat-head">
      <a class="icon-button only-narrow" href={href('conversations')}>
        <Icon name="back" />
        <span class="sr">{words.back}</span>
      </a>
      <Avatar name={peer.name} id={peer.id} />
      <div class="chat-who">
        <h1 tabIndex={-1} ref={heading}>
          {peer.name}
        </h1>
        {doctor ? (
          <p class="muted small" data-testid="presence">
            <span class={conversation.peer_online ? 'dot dot-on' : 'dot'} aria-hidden="true" />{' '}
            {conversation.peer_online ? words.online : words.offline}
          </p>
        ) : (
          peer.crm && (
            <p class="muted small">
              {m().doctors.title2} · {m().doctors.crm(peer.crm, peer.uf ?? '')}
            </p>
          )
        )}
      </div>
      <button type="button" class="icon-button" onClick={search}>
        <Icon name="search" />
        <span class="sr">{words.search}</span>
      </button>
    </header>
  );
}

function Closed({ conversation }: { conversation: Conversation }): JSX.Element {
  const words = m().chat;
  const [busy, setBusy] = useState(false);
  useEffect(() => void refreshRelationships(), []);
  const relationship = relationships.value?.find((r) => r.id === conversation.relationship_id);
  const requested = relationship?.state === 'requested';
  const mine = relationship?.requested_by === person.value?.id;
  const ask = async () => {
    if (busy) return;
    setBusy(true);
    try {
      await api.askDoctor(conversation.peer.id);
      await refreshRelationships(false);
    } catch (error) {
      toast(problemText(error), 'bad');
    }
    setBusy(false);
  };
  return (
    <div class="composer closed" data-testid="closed">
      <p class="strong">{words.closedTitle}</p>
      {requested && mine ? (
        <p class="muted">{words.askedAgain}</p>
      ) : requested ? (
        <p>
          {words.askAnswer} <a href={href('requests')}>{m().nav.requests}</a>
        </p>
      ) : (
        <>
          <p class="muted small">{words.closedHelp}</p>
          {person.value?.role === 'patient' ? (
            <button type="button" class="button" aria-disabled={busy} onClick={() => void ask()}>
              {words.askAgain}
            </button>
          ) : (
            <a class="button button-quiet" href={href('requests')}>
              {m().nav.requests}
            </a>
          )}
        </>
      )}
      <SafetyLine conversation={conversation} />
    </div>
  );
}

function OpenChat({ conversation }: { conversation: Conversation }): JSX.Element {
  const words = m().chat;
  const id = conversation.id;
  const { log, failed } = logOf(id).value;
  const [searching, setSearching] = useState(false);
  const [found, setFound] = useState<number | null>(null);
  const [editing, setEditing] = useState<Message | null>(null);
  const [removing, setRemoving] = useState<Message | null>(null);
  const open = conversation.state === 'open';
  const pick = async (seq: number) => {
    try {
      await loadAround(id, seq);
      setFound(null);
      setFound(seq);
      if (matchMedia('(max-width: 56.24rem)').matches) setSearching(false);
    } catch (error) {
      toast(problemText(error), 'bad');
    }
  };
  return (
    <section class="chat" aria-label={conversation.peer.name}>
      <Header conversation={conversation} search={() => setSearching(!searching)} />
      {searching && (
        <ChatSearch
          conversation={conversation}
          onPick={(seq) => void pick(seq)}
          onClose={() => {
            setSearching(false);
            setFound(null);
          }}
        />
      )}
      {log ? (
        <MessageList
          conversation={conversation}
          log={log}
          found={found}
          actions={open ? { edit: setEditing, remove: setRemoving } : null}
        />
      ) : failed ? (
        <Failed text={words.loadFailed} retry={() => void loadLatest(id)} />
      ) : (
        <Loading />
      )}
      <p class="typing" data-testid="typing">
        {typing.value.has(id) ? words.typing(conversation.peer.name) : ''}
      </p>
      {open ? (
        <Composer
          conversation={conversation}
          editing={editing}
          stopEditing={() => setEditing(null)}
        />
      ) : (
        <Closed conversation={conversation} />
      )}
      {removing && (
        <Confirm
          title={words.removeTitle}
          text={words.removeText}
          action={words.remove}
          danger
          onConfirm={() => {
            if (!sendDelete(id, removing.seq)) toast(m().errors.network, 'bad');
          }}
          onClose={() => setRemoving(null)}
        />
      )}
    </section>
  );
}

function Missing(): JSX.Element {
  const heading = usePageTitle(m().notFound.title);
  return (
    <section class="chat">
      <header class="chat-head">
        <h1 tabIndex={-1} ref={heading}>
          {m().notFound.title}
        </h1>
      </header>
      <Empty icon="search" title={m().errors.notFound}>
        <a class="button" href={href('conversations')}>
          {m().chat.back}
        </a>
      </Empty>
    </section>
  );
}

export function ChatPane({ id }: { id: string }): JSX.Element {
  useEffect(() => {
    setVisibleConversation(id);
    return () => setVisibleConversation(null);
  }, [id]);
  const conversation = conversations.value?.find((c) => c.id === id);
  if (conversation) return <OpenChat conversation={conversation} />;
  return logOf(id).value.failed ? <Missing /> : <Loading />;
}
