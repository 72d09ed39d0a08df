// The message log: history grows upward without a jump, new messages appear at the end, and a reader who
// is elsewhere in the log is told of them instead of being moved. Screen readers hear additions only.

import type { JSX } from 'preact';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { Conversation, Message } from '../api/types.ts';
import { dayLabel } from '../i18n/dates.ts';
import { m } from '../i18n/index.ts';
import { outbox, waiting } from '../outbox/outbox.ts';
import type { Log } from '../realtime/log.ts';
import { connection } from '../realtime/socket.ts';
import { loadLatest, loadNewer, loadOlder, markRead } from '../realtime/store.ts';
import { clinic, person } from '../session/session.ts';
import { Icon } from './icon.tsx';
import { type MessageActions, MessageItem } from './message.tsx';
import { breaks, stateOf } from './message-words.ts';
import { dateContext } from './now.ts';
import { problemText } from './problem.ts';
import { toast } from './toast.tsx';

const BOTTOM_PX = 60;
const LOAD_BEFORE_PX = 400;

function isAtBottom(box: HTMLElement): boolean {
  return box.scrollHeight - box.scrollTop - box.clientHeight < BOTTOM_PX;
}

/** Scrolls only the log, never the page around it. */
function center(box: HTMLElement, item: HTMLElement): void {
  box.scrollTop = item.offsetTop - (box.clientHeight - item.offsetHeight) / 2;
}

/** True while somebody looks at this page. */
function useAttention(): boolean {
  const look = () => document.visibilityState === 'visible' && document.hasFocus();
  const [attention, setAttention] = useState(look);
  useEffect(() => {
    const update = () => setAttention(look());
    addEventListener('focus', update);
    addEventListener('blur', update);
    document.addEventListener('visibilitychange', update);
    return () => {
      removeEventListener('focus', update);
      removeEventListener('blur', update);
      document.removeEventListener('visibilitychange', update);
    };
  }, []);
  return attention;
}

export function MessageList({
  conversation,
  log,
  found,
  actions,
}: {
  conversation: Conversation;
  log: Log;
  /** A sequence number the search leads to. */
  found: number | null;
  actions: MessageActions | null;
}): JSX.Element {
  const words = m().chat;
  const id = conversation.id;
  const me = person.value?.id ?? '';
  const box = useRef<HTMLDivElement>(null);
  const heightBefore = useRef(0);
  const shown = useRef({ first: 0, head: 0, waiting: 0, ready: false });
  const [bottom, setBottom] = useState(true);
  const [loading, setLoading] = useState(false);
  const [quiet, setQuiet] = useState(true);
  const [missed, setMissed] = useState(0);
  // What arrived before this visit, or while nobody looked; the line stays until the next absence.
  const [away, setAway] = useState({
    after: conversation.own_read_seq,
    until: conversation.last_seq,
  });
  const attention = useAttention();
  useEffect(() => {
    if (attention) setAway((old) => ({ ...old, until: Math.min(old.until, log.head) }));
    else if (shown.current.ready) setAway({ after: log.head, until: Number.POSITIVE_INFINITY });
  }, [attention]);
  const entries = waiting.value.filter((e) => e.conversation === id);
  const connected = connection.value.is === 'connected';
  const editWindowS = clinic.value?.limits.edit_window_s ?? 900;

  const firstNew = log.messages.find(
    (x) => x.seq > away.after && x.seq <= away.until && x.from !== me,
  )?.seq;
  const showNewLine = away.after > 0 && firstNew !== undefined;

  const toBottom = () => {
    const element = box.current;
    if (element) element.scrollTop = element.scrollHeight;
  };

  const fetchOlder = async () => {
    if (loading || log.first <= 1) return;
    setLoading(true);
    setQuiet(true);
    try {
      await loadOlder(id);
    } catch (error) {
      toast(problemText(error), 'bad');
    }
    setLoading(false);
  };

  const fetchNewer = async () => {
    if (loading || log.attached) return;
    setLoading(true);
    setQuiet(true);
    await loadNewer(id).catch((error) => toast(problemText(error), 'bad'));
    setLoading(false);
  };

  const latest = async () => {
    if (!log.attached) {
      shown.current.ready = false;
      await loadLatest(id);
    }
    toBottom();
    setMissed(0);
  };

  // Runs after every render that changed the log: keeps the reader's place, or follows the end.
  useLayoutEffect(() => {
    const element = box.current;
    if (!element) return;
    const was = shown.current;
    if (!was.ready || log.first > was.head + 1) {
      const line = element.querySelector<HTMLElement>('.new-line');
      if (found === null && line) center(element, line);
      else if (found === null) toBottom();
    } else if (log.first < was.first) {
      // Keep what was on the screen where it was, whether or not the browser anchors.
      element.scrollTop += element.scrollHeight - heightBefore.current;
    } else if (log.head > was.head || entries.length > was.waiting) {
      const added = log.messages.filter((x) => x.seq > was.head);
      const ownNew = entries.length > was.waiting || added.some((x) => x.from === me);
      if (bottom || ownNew) toBottom();
      else setMissed((n) => n + added.filter((x) => x.from !== me).length);
    }
    shown.current = { first: log.first, head: log.head, waiting: entries.length, ready: true };
    heightBefore.current = element.scrollHeight;
    setBottom(isAtBottom(element));
  }, [log.first, log.head, entries.length]);

  useLayoutEffect(() => {
    if (found === null) return;
    const item = box.current?.querySelector<HTMLElement>(`[data-seq="${found}"]`);
    if (item && box.current) center(box.current, item);
  }, [found, log.first]);

  // The screen reader's log opens its ears only after history is in place.
  useEffect(() => {
    if (loading) return;
    const timer = setTimeout(() => setQuiet(false), 400);
    return () => clearTimeout(timer);
  }, [loading]);

  // A keyboard that opens or a window that shrinks must not hide the newest message.
  useEffect(() => {
    const element = box.current;
    if (!element) return;
    const observer = new ResizeObserver(() => {
      if (bottom) toBottom();
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, [bottom]);

  useEffect(() => {
    if (attention && bottom && connected) markRead(id);
  }, [attention, bottom, connected, log.head, log.attached, id]);

  const onScroll = () => {
    const element = box.current;
    if (!element) return;
    const atBottom = isAtBottom(element);
    setBottom(atBottom);
    if (atBottom) setMissed(0);
    heightBefore.current = element.scrollHeight;
    if (element.scrollTop < LOAD_BEFORE_PX) void fetchOlder();
    if (atBottom && !log.attached) void fetchNewer();
  };

  // What waits in the outbox looks like the message it will be.
  const pending = entries.map(
    (entry): Message => ({
      conversation: id,
      seq: 0,
      client_id: entry.clientId,
      from: me,
      kind: 'text',
      text: entry.text,
      at: new Date(entry.createdAt).toISOString(),
    }),
  );
  const rows: JSX.Element[] = [];
  log.messages.forEach((message: Message, i) => {
    const { day, group } = breaks(log.messages[i - 1], message);
    const next = log.messages[i + 1];
    if (day) {
      rows.push(
        <li key={`day-${message.seq}`} class="day-line">
          <span>{dayLabel(message.at, dateContext())}</span>
        </li>,
      );
    }
    if (showNewLine && message.seq === firstNew) {
      rows.push(
        <li key="new" class="new-line" data-testid="new-line">
          <span>{words.newSince}</span>
        </li>,
      );
    }
    const own = message.from === me;
    rows.push(
      <MessageItem
        key={own && message.client_id ? message.client_id : message.seq}
        message={message}
        own={own}
        peer={conversation.peer.name}
        state={stateOf(message.seq, conversation)}
        startsGroup={group}
        endsGroup={!next || breaks(message, next).group}
        editWindowS={editWindowS}
        found={found === message.seq}
        actions={actions}
      />,
    );
  });
  if (log.attached) {
    entries.forEach((entry, i) => {
      const failed = entry.state === 'failed';
      const previous = pending[i - 1] ?? log.messages[log.messages.length - 1];
      rows.push(
        <MessageItem
          key={entry.clientId}
          message={pending[i] as Message}
          own
          peer={conversation.peer.name}
          state={failed ? 'failed' : connected ? 'sending' : 'queued'}
          startsGroup={breaks(previous, pending[i] as Message).group}
          endsGroup
          editWindowS={editWindowS}
          found={false}
          actions={null}
          refusal={
            failed
              ? {
                  code: entry.failure,
                  retry: () => void outbox.retry(entry.clientId),
                  discard: () => outbox.discard(entry.clientId),
                }
              : null
          }
        />,
      );
    });
  }

  return (
    <div class="log-frame">
      <div
        class="log"
        ref={box}
        role="log"
        aria-label={words.log}
        aria-live={quiet ? 'off' : 'polite'}
        aria-relevant="additions"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region has to be reachable by keyboard
        tabIndex={0}
        onScroll={onScroll}
      >
        <div class="log-top">
          {log.first > 1 ? (
            <button
              type="button"
              class="link-button"
              aria-disabled={loading}
              onClick={() => void fetchOlder()}
            >
              {loading ? words.older : words.loadOlder}
            </button>
          ) : (
            <p class="muted small">{rows.length > 0 ? words.start : words.empty}</p>
          )}
        </div>
        <ol class="messages plain">{rows}</ol>
        {!log.attached && (
          <div class="log-top">
            <button type="button" class="link-button" onClick={() => void fetchNewer()}>
              {words.loadNewer}
            </button>
          </div>
        )}
      </div>
      {(!bottom || !log.attached) && (
        <button type="button" class="button button-small latest" onClick={() => void latest()}>
          <Icon name="down" size={18} />
          {missed > 0 ? words.latestNew(missed) : words.latest}
        </button>
      )}
    </div>
  );
}
