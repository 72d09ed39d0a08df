// One conversation's messages as the client holds them: an unbroken window of sequence numbers. Pure,
// because gaps, repeats and any order of arrival must end in the same log.
//
//   first ……… head | (gap) waiting        attached: the window reaches the newest message;
//                                          detached: the person looks at an older part.

import type { Message } from '../api/types.ts';

export interface Log {
  /** Ascending by seq, without gaps, from first to head; empty when first > head. */
  readonly messages: readonly Message[];
  readonly first: number;
  readonly head: number;
  readonly attached: boolean;
  /** Messages beyond a gap, kept until the gap is filled. */
  readonly waiting: ReadonlyMap<number, Message>;
}

export interface Applied {
  log: Log;
  /** A gap is open: ask the server to sync after log.head. */
  gap: boolean;
}

/** An empty log whose next message is head + 1. */
export function emptyLog(head = 0): Log {
  return { messages: [], first: head + 1, head, attached: true, waiting: new Map() };
}

/** A log from a page of history. lastSeq is the newest number the server told of. */
export function logFrom(page: readonly Message[], lastSeq: number): Log {
  const sorted = [...page].sort((a, b) => a.seq - b.seq);
  const last = sorted[sorted.length - 1];
  const firstMessage = sorted[0];
  if (!last || !firstMessage) return { ...emptyLog(0), attached: lastSeq === 0 };
  // Keep the newest unbroken run, should the page have a hole.
  let start = sorted.length - 1;
  while (start > 0 && (sorted[start - 1] as Message).seq === (sorted[start] as Message).seq - 1)
    start--;
  const messages = sorted.slice(start);
  return {
    messages,
    first: (messages[0] as Message).seq,
    head: last.seq,
    attached: last.seq >= lastSeq,
    waiting: new Map(),
  };
}

export function messageAt(log: Log, seq: number): Message | undefined {
  return log.messages[seq - log.first];
}

/** A live or synced message, in any order, any number of times. */
export function applyMessage(log: Log, message: Message): Applied {
  if (message.seq <= log.head) {
    if (message.seq < log.first) return { log, gap: false };
    const messages = [...log.messages];
    const old = messages[message.seq - log.first];
    messages[message.seq - log.first] = newer(old, message);
    return { log: { ...log, messages }, gap: false };
  }
  if (!log.attached) return { log, gap: false };
  const waiting = new Map(log.waiting);
  waiting.set(message.seq, newer(waiting.get(message.seq), message));
  const messages = [...log.messages];
  let head = log.head;
  for (let next = waiting.get(head + 1); next; next = waiting.get(head + 1)) {
    waiting.delete(next.seq);
    messages.push(next);
    head = next.seq;
  }
  return { log: { ...log, messages, head, waiting }, gap: waiting.size > 0 };
}

/** Of two versions of one message, the later: deleted beats edited beats original. */
function newer(old: Message | undefined, next: Message): Message {
  if (!old) return next;
  if (old.deleted && !next.deleted) return old;
  if (!next.deleted && old.edited_at && (!next.edited_at || next.edited_at < old.edited_at))
    return old;
  return next;
}

export function applyEdit(log: Log, seq: number, text: string, at: string): Log {
  return change(log, seq, (old) =>
    old.deleted || (old.edited_at && old.edited_at > at) ? old : { ...old, text, edited_at: at },
  );
}

export function applyDelete(log: Log, seq: number): Log {
  return change(log, seq, (old) => ({ ...old, text: '', deleted: true }));
}

function change(log: Log, seq: number, to: (old: Message) => Message): Log {
  const old = messageAt(log, seq);
  if (old) {
    const messages = [...log.messages];
    messages[seq - log.first] = to(old);
    return { ...log, messages };
  }
  const later = log.waiting.get(seq);
  if (!later) return log;
  const waiting = new Map(log.waiting);
  waiting.set(seq, to(later));
  return { ...log, waiting };
}

/** A page of history that ends right before the window (or overlaps it). */
export function prependPage(log: Log, page: readonly Message[]): Log {
  const older = page.filter((p) => p.seq < log.first).sort((a, b) => b.seq - a.seq);
  let { first } = log;
  const added: Message[] = [];
  for (const message of older) {
    if (message.seq !== first - 1) break;
    added.push(message);
    first = message.seq;
  }
  return { ...log, first, messages: [...added.reverse(), ...log.messages] };
}

/** A page of messages after the window, for a detached log that is read downward. */
export function appendPage(log: Log, page: readonly Message[], lastSeq: number): Log {
  let next: Log = { ...log, attached: true };
  for (const message of [...page].sort((a, b) => a.seq - b.seq)) {
    next = applyMessage(next, message).log;
  }
  return { ...next, attached: next.head >= lastSeq };
}
