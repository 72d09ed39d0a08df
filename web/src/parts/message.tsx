// One message: a bubble with its sender and time for a screen reader, its state in words and icon, and for
// an own one the way to edit or delete it.

import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { Message } from '../api/types.ts';
import { clockTime, fullTime } from '../i18n/dates.ts';
import { m } from '../i18n/index.ts';
import { Icon, type IconName } from './icon.tsx';
import { LinkedText } from './linked-text.tsx';
import { type MessageState, noticeText } from './message-words.ts';
import { dateContext, now } from './now.ts';

const stateIcon: Record<MessageState, IconName> = {
  queued: 'clock',
  sending: 'clock',
  failed: 'alert',
  sent: 'check',
  delivered: 'checks',
  read: 'checks',
};

function Tick({ state, words }: { state: MessageState; words: boolean }): JSX.Element {
  return (
    <span class={`tick tick-${state}`} data-testid="state">
      <Icon name={stateIcon[state]} size={16} />
      <span class={words || state === 'failed' ? '' : 'sr'}>{m().chat[state]}</span>
    </span>
  );
}

export interface MessageActions {
  edit: (message: Message) => void;
  remove: (message: Message) => void;
}

/** A message that the server refused: why, and what the person can do. */
export interface Refusal {
  code: string | undefined;
  retry: () => void;
  discard: () => void;
}

function Refused({ refusal }: { refusal: Refusal }): JSX.Element {
  const words = m().chat;
  const why = words.failures[refusal.code as keyof typeof words.failures] ?? words.failures.other;
  return (
    <span class="bubble-actions">
      <span class="small">{why}</span>
      <button type="button" class="link-button" onClick={refusal.retry}>
        {words.retry}
      </button>
      <button type="button" class="link-button" onClick={refusal.discard}>
        {words.discard}
      </button>
    </span>
  );
}

/**
 * One component for a message on its way (seq 0) and for the stored one it becomes, so that its node stays
 * and a screen reader hears it once.
 */
export function MessageItem({
  message,
  own,
  peer,
  state,
  startsGroup,
  endsGroup,
  editWindowS,
  found,
  actions,
  refusal,
}: {
  message: Message;
  own: boolean;
  peer: string;
  state: MessageState;
  startsGroup: boolean;
  endsGroup: boolean;
  editWindowS: number;
  /** The search led here. */
  found: boolean;
  actions: MessageActions | null;
  refusal?: Refusal | null;
}): JSX.Element {
  const words = m().chat;
  const [open, setOpen] = useState(false);
  const menu = useRef<HTMLSpanElement>(null);
  useEffect(() => {
    if (open) menu.current?.scrollIntoView({ block: 'nearest' });
  }, [open]);
  const time = clockTime(message.at, dateContext());
  const full = fullTime(message.at, dateContext());
  if (message.kind === 'notice') {
    return (
      <li class="notice" data-testid="message" data-seq={message.seq} data-kind="notice">
        <span>
          {noticeText(message.text, own, peer)} <time dateTime={message.at}>{full}</time>
        </span>
      </li>
    );
  }
  // The server keeps the same window for both.
  const changeable =
    actions !== null &&
    own &&
    message.seq > 0 &&
    !message.deleted &&
    now.value - Date.parse(message.at) < editWindowS * 1000;
  const classes = ['message', own ? 'own' : 'theirs'];
  if (startsGroup) classes.push('group-start');
  if (message.deleted) classes.push('gone');
  if (found) classes.push('found');
  if (refusal) classes.push('failed');
  return (
    <li
      class={classes.join(' ')}
      data-testid="message"
      data-seq={message.seq || undefined}
      data-state={own ? (state === 'sending' ? 'queued' : state) : undefined}
      data-own={String(own)}
      data-kind="text"
    >
      {changeable && (
        <button
          type="button"
          class="icon-button message-more"
          aria-expanded={open}
          onClick={() => setOpen(!open)}
        >
          <Icon name="more" size={18} />
          <span class="sr">{words.messageActions(time)}</span>
        </button>
      )}
      <div class="bubble">
        <span class="sr">{words.says(own ? m().app.you : peer, full)} </span>
        <p class="text">
          {message.deleted ? <em>{words.deleted}</em> : <LinkedText text={message.text} />}
        </p>
        {(endsGroup || message.edited_at || own) && (
          <span class="meta">
            {message.edited_at && !message.deleted && <span>{words.edited}</span>}
            <time dateTime={message.at} title={full} aria-hidden="true">
              {time}
            </time>
            {own && !message.deleted && <Tick state={state} words={endsGroup} />}
          </span>
        )}
        {refusal && <Refused refusal={refusal} />}
        {open && changeable && (
          <span class="bubble-actions" ref={menu}>
            <button
              type="button"
              class="link-button"
              onClick={() => {
                setOpen(false);
                actions.edit(message);
              }}
            >
              <Icon name="pencil" size={16} /> {words.edit}
            </button>
            <button
              type="button"
              class="link-button"
              onClick={() => {
                setOpen(false);
                actions.remove(message);
              }}
            >
              <Icon name="trash" size={16} /> {words.remove}
            </button>
          </span>
        )}
      </div>
    </li>
  );
}
