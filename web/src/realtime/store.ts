// What the client knows of the conversations, kept true by HTTP at the start and by the socket after
// that. Pages read the signals; only this file writes them.
//
//   socket op → apply to log and list → received / read watermarks → socket
//   reconnect → outbox flows, list is read again, the open conversation syncs after its head

import { computed, type Signal, signal } from '@preact/signals';
import { api } from '../api/endpoints.ts';
import type { Conversation, Message, Relationship, ServerOp } from '../api/types.ts';
import { m } from '../i18n/index.ts';
import { outbox } from '../outbox/outbox.ts';
import { toast } from '../parts/toast.tsx';
import { checkSession, endSession, noteActivity, person } from '../session/session.ts';
import * as logs from './log.ts';
import { realtime } from './socket.ts';
import { Watermarks } from './watermarks.ts';

export interface OpenLog {
  log: logs.Log | null;
  failed: boolean;
}

export const conversations = signal<readonly Conversation[] | null>(null);
export const conversationsFailed = signal(false);
export const relationships = signal<readonly Relationship[] | null>(null);
/** conversation id → when the peer's typing stops being news (epoch ms). */
export const typing = signal<ReadonlyMap<string, number>>(new Map());

const PAGE = 50;
const TYPING_SHOWN_MS = 5_000;

const open = new Map<string, Signal<OpenLog>>();
const syncing = new Map<string, number>();
let visibleConversation: string | null = null;
const marks = new Watermarks((op, conversation, seq) => realtime.send({ op, conversation, seq }));

export function findConversation(id: string): Conversation | undefined {
  return conversations.value?.find((c) => c.id === id);
}

function updateConversation(id: string, change: (c: Conversation) => Conversation): void {
  const list = conversations.value;
  if (list) conversations.value = list.map((c) => (c.id === id ? change(c) : c));
}

/** Puts one conversation in the list, keeping the higher of every watermark. */
function mergeConversation(next: Conversation): void {
  const old = findConversation(next.id);
  const merged: Conversation = old
    ? {
        ...next,
        last_seq: Math.max(old.last_seq, next.last_seq),
        last_message: old.last_seq > next.last_seq ? old.last_message : next.last_message,
        delivered_seq: Math.max(old.delivered_seq, next.delivered_seq),
        read_seq: Math.max(old.read_seq, next.read_seq),
        own_read_seq: Math.max(old.own_read_seq, next.own_read_seq),
        unread: old.own_read_seq > next.own_read_seq ? old.unread : next.unread,
      }
    : next;
  const rest = (conversations.value ?? []).filter((c) => c.id !== next.id);
  conversations.value = old
    ? (conversations.value ?? []).map((c) => (c.id === next.id ? merged : c))
    : [merged, ...rest];
  if (merged.unread > 0) marks.received(merged.id, merged.last_seq);
}

export async function refreshConversations(background = true): Promise<void> {
  const account = chatAccount.value;
  if (!account) return;
  try {
    const items = await api.conversations(background);
    if (chatAccount.value !== account) return;
    const old = conversations.value;
    conversations.value = items.map((item) => old?.find((c) => c.id === item.id) ?? item);
    for (const item of items) mergeConversation(item);
    conversationsFailed.value = false;
  } catch {
    if (!conversations.value) conversationsFailed.value = true;
  }
}

export async function refreshRelationships(background = true): Promise<void> {
  const account = chatAccount.value;
  if (!account) return;
  try {
    const items = await api.relationships(background);
    if (chatAccount.value === account) relationships.value = items;
  } catch {
    // The page that needs them loads them itself and says what went wrong.
  }
}

async function refreshOne(id: string): Promise<void> {
  try {
    mergeConversation(await api.conversation(id, true));
  } catch {
    await refreshConversations();
  }
}

/** The log of one conversation, for a component to read. */
export function logOf(id: string): Signal<OpenLog> {
  let found = open.get(id);
  if (!found) {
    found = signal<OpenLog>({ log: null, failed: false });
    open.set(id, found);
  }
  return found;
}

function setLog(id: string, log: logs.Log): void {
  const holder = logOf(id);
  if (holder.peek().log !== log) holder.value = { log, failed: false };
}

function requestSync(id: string): void {
  const log = open.get(id)?.peek().log;
  if (!log || syncing.has(id)) return;
  if (realtime.send({ op: 'sync', conversation: id, after: log.head })) syncing.set(id, log.head);
}

function dropSent(messages: readonly Message[]): void {
  for (const message of messages)
    if (message.from === person.value?.id) outbox.seen(message.client_id);
}

/** Loads the newest page, and again after it failed. */
export async function loadLatest(id: string): Promise<void> {
  const holder = logOf(id);
  try {
    if (!findConversation(id)) mergeConversation(await api.conversation(id));
    const page = await api.messages(id, { limit: PAGE });
    dropSent(page.items);
    const head = page.items[page.items.length - 1]?.seq ?? 0;
    holder.value = { log: logs.logFrom(page.items, head), failed: false };
    updateConversation(id, (c) => ({ ...c, last_seq: Math.max(c.last_seq, head) }));
    if ((findConversation(id)?.last_seq ?? 0) > head) requestSync(id);
    marks.received(id, head);
  } catch {
    if (!holder.peek().log) holder.value = { log: null, failed: true };
  }
}

export async function loadOlder(id: string): Promise<void> {
  const log = logOf(id).peek().log;
  if (!log || log.first <= 1) return;
  const page = await api.messages(id, { before: log.first, limit: PAGE });
  dropSent(page.items);
  const now = logOf(id).peek().log;
  if (now) setLog(id, logs.prependPage(now, page.items));
}

export async function loadNewer(id: string): Promise<void> {
  const log = logOf(id).peek().log;
  if (!log || log.attached) return;
  const page = await api.messages(id, { after: log.head, limit: PAGE });
  const now = logOf(id).peek().log;
  if (now) setLog(id, logs.appendPage(now, page.items, findConversation(id)?.last_seq ?? 0));
}

/** Makes sure that one message is in the window, moving the window if it is far away. */
export async function loadAround(id: string, seq: number): Promise<void> {
  const log = logOf(id).peek().log;
  if (log && seq >= log.first && seq <= log.head) return;
  const page = await api.messages(id, { before: seq + PAGE / 2, limit: PAGE });
  setLog(id, logs.logFrom(page.items, findConversation(id)?.last_seq ?? 0));
}

/** The conversation on the screen; null when there is none. */
export function setVisibleConversation(id: string | null): void {
  visibleConversation = id;
  if (!id) return;
  const holder = logOf(id);
  if (!holder.peek().log) void loadLatest(id);
  else requestSync(id);
}

/** The newest messages are on a screen that somebody looks at. */
export function markRead(id: string): void {
  const log = open.get(id)?.peek().log;
  const conversation = findConversation(id);
  if (!log?.attached || !conversation || log.head <= conversation.own_read_seq) return;
  // Said later, when the connection is back, if it cannot be said now.
  if (!marks.read(id, log.head)) return;
  updateConversation(id, (c) => ({ ...c, own_read_seq: log.head, unread: 0 }));
}

export function sendEdit(id: string, seq: number, text: string): boolean {
  return realtime.send({ op: 'edit', conversation: id, seq, text });
}

export function sendDelete(id: string, seq: number): boolean {
  return realtime.send({ op: 'delete', conversation: id, seq });
}

export function sendTyping(id: string): void {
  realtime.send({ op: 'typing', conversation: id });
}

function stopTyping(id: string): void {
  if (!typing.value.has(id)) return;
  const next = new Map(typing.value);
  next.delete(id);
  typing.value = next;
}

function startTyping(id: string): void {
  const until = Date.now() + TYPING_SHOWN_MS;
  typing.value = new Map(typing.value).set(id, until);
  setTimeout(() => {
    if (typing.value.get(id) === until) stopTyping(id);
  }, TYPING_SHOWN_MS + 50);
}

/** A message that is new to this client, live, synced or acknowledged. */
function takeMessage(message: Message): void {
  const id = message.conversation;
  const own = message.from === person.value?.id;
  const holder = open.get(id);
  if (holder?.peek().log) {
    const { log, gap } = logs.applyMessage(holder.peek().log as logs.Log, message);
    setLog(id, log);
    if (gap) requestSync(id);
  }
  const conversation = findConversation(id);
  if (!conversation) {
    void refreshConversations();
    return;
  }
  if (message.seq > conversation.last_seq) {
    const changed: Conversation = {
      ...conversation,
      last_seq: message.seq,
      last_message: message,
      unread: own ? conversation.unread : conversation.unread + 1,
    };
    const rest = (conversations.value ?? []).filter((c) => c.id !== id);
    conversations.value = [changed, ...rest];
  } else if (message.seq === conversation.last_seq) {
    updateConversation(id, (c) => ({ ...c, last_message: message }));
  }
  if (!own) {
    if (message.kind === 'text') stopTyping(id);
    marks.received(id, message.seq);
  }
}

function changeMessage(id: string, seq: number, change: (log: logs.Log) => logs.Log): void {
  const log = open.get(id)?.peek().log;
  if (log) setLog(id, change(log));
  const changed = open.get(id)?.peek().log;
  updateConversation(id, (c) =>
    c.last_message?.seq === seq
      ? { ...c, last_message: (changed && logs.messageAt(changed, seq)) ?? c.last_message }
      : c,
  );
  if (!log && findConversation(id)?.last_message?.seq === seq) void refreshOne(id);
}

function takeSynced(id: string, seq: number): void {
  const askedAt = syncing.get(id);
  syncing.delete(id);
  const log = open.get(id)?.peek().log;
  if (!log?.attached || (log.head >= seq && log.waiting.size === 0)) return;
  // No progress means that the window is of no use: read the newest page instead.
  if (log.head === askedAt) void loadLatest(id);
  else requestSync(id);
}

function takeError(op: Extract<ServerOp, { op: 'error' }>): void {
  if (op.client_id) {
    outbox.refuse(op.client_id, op.code, op.retry_after_ms);
    if (op.code === 'conversation_closed') void refreshConversations();
    return;
  }
  if (op.code === 'too_late') toast(m().chat.tooLate, 'bad');
  else if (op.code === 'conversation_closed') void refreshConversations();
  else if (op.code === 'unavailable') toast(m().errors.unavailable, 'bad');
}

function takeOp(op: ServerOp): void {
  const me = person.value?.id ?? '';
  switch (op.op) {
    case 'ack': {
      noteActivity();
      const entry = outbox.acknowledge(op.client_id);
      if (!entry) return;
      takeMessage({
        conversation: op.conversation,
        seq: op.seq,
        client_id: op.client_id,
        from: me,
        kind: 'text',
        text: entry.text,
        at: op.at,
      });
      return;
    }
    case 'message': {
      const { op: _, ...message } = op;
      if (message.from === me) outbox.seen(message.client_id);
      takeMessage(message);
      return;
    }
    case 'edited':
      changeMessage(op.conversation, op.seq, (log) => logs.applyEdit(log, op.seq, op.text, op.at));
      return;
    case 'deleted':
      changeMessage(op.conversation, op.seq, (log) => logs.applyDelete(log, op.seq));
      return;
    case 'delivered':
      if (op.by !== me) {
        updateConversation(op.conversation, (c) => ({
          ...c,
          delivered_seq: Math.max(c.delivered_seq, op.seq),
        }));
      }
      return;
    case 'read':
      updateConversation(op.conversation, (c) =>
        op.by === me
          ? {
              ...c,
              own_read_seq: Math.max(c.own_read_seq, op.seq),
              unread: op.seq >= c.last_seq ? 0 : c.unread,
            }
          : {
              ...c,
              delivered_seq: Math.max(c.delivered_seq, op.seq),
              read_seq: Math.max(c.read_seq, op.seq),
            },
      );
      return;
    case 'typing':
      if (op.by !== me) startTyping(op.conversation);
      return;
    case 'synced':
      takeSynced(op.conversation, op.seq);
      return;
    case 'presence':
      conversations.value =
        conversations.value?.map((c) =>
          c.peer.id === op.user ? { ...c, peer_online: op.online } : c,
        ) ?? null;
      return;
    case 'event':
      if (op.topic === 'conversation') void refreshOne(op.id);
      if (op.topic === 'relationship') {
        void refreshRelationships();
        void refreshConversations();
      }
      return;
    case 'error':
      takeError(op);
      return;
  }
}

/** Edits and deletions made while this device was away are only in a fresh page. */
async function catchUp(id: string): Promise<void> {
  const log = open.get(id)?.peek().log;
  if (!log?.attached) return;
  requestSync(id);
  try {
    const page = await api.messages(id, { before: log.head + 1, limit: PAGE }, true);
    dropSent(page.items);
    for (const message of page.items) {
      const now = open.get(id)?.peek().log;
      if (now) setLog(id, logs.applyMessage(now, message).log);
    }
  } catch {
    // The sync already brought what is new; the rest comes with the next load.
  }
}

function onOpen(): void {
  syncing.clear();
  marks.reset();
  outbox.setConnected(true);
  for (const id of [...open.keys()]) if (id !== visibleConversation) open.delete(id);
  void refreshConversations();
  void refreshRelationships();
  if (visibleConversation) void catchUp(visibleConversation);
}

/** Who may chat here: patients and verified doctors; null for everybody else. */
export const chatAccount = computed(() => {
  const user = person.value;
  const may = user?.role === 'patient' || user?.doctor?.verified;
  return user && may ? user.id : null;
});

function forget(): void {
  realtime.stop();
  // A doctor who is still being verified has nothing to wait for.
  const nothing = person.value?.role === 'doctor' ? [] : null;
  conversations.value = nothing;
  relationships.value = nothing;
  conversationsFailed.value = false;
  typing.value = new Map();
  open.clear();
  syncing.clear();
  marks.reset();
}

function begin(): void {
  void refreshConversations();
  void refreshRelationships();
  realtime.start({
    onOpen,
    onDown: () => {
      syncing.clear();
      outbox.setConnected(false);
    },
    onOp: takeOp,
    onEnded: (reason) => endSession(reason),
    onRefused: () => void checkSession(),
  });
}

export function startStore(): void {
  // Also when a doctor who may not chat yet comes or goes, but not when somebody's name changes.
  const who = computed(() => `${person.value?.id} ${chatAccount.value}`);
  who.subscribe(() => {
    forget();
    if (chatAccount.value) begin();
  });
  // The doctor's verification happens elsewhere: look when the page is looked at.
  document.addEventListener('visibilitychange', () => {
    const waits = person.value?.role === 'doctor' && !chatAccount.value;
    if (waits && document.visibilityState === 'visible') void checkSession();
  });
}
