// The outbox of the signed-in person: the pure queue of queue.ts joined to the vault, the socket and the
// other tabs.

import { signal } from '@preact/signals';
import { realtime } from '../realtime/socket.ts';
import { onSession, person } from '../session/session.ts';
import { onTabNews, tellTabs } from '../session/tabs.ts';
import { drafts } from './drafts.ts';
import { Outbox, type OutboxEntry } from './queue.ts';
import { uuidv7 } from './uuid.ts';
import { outboxStore, wipe } from './vault.ts';

/** What is waiting, for the pages. */
export const waiting = signal<readonly OutboxEntry[]>([]);

export const outbox: Outbox = new Outbox({
  store: outboxStore(
    () => person.value?.id ?? null,
    () => tellTabs({ type: 'outbox' }),
  ),
  transmit: (entry) =>
    realtime.send({
      op: 'send',
      conversation: entry.conversation,
      client_id: entry.clientId,
      text: entry.text,
    }),
  makeId: () => uuidv7(),
  now: () => Date.now(),
  later: (ms, task) => setTimeout(task, ms),
  onChange: () => {
    waiting.value = outbox.entries().map((entry) => ({ ...entry }));
  },
});

/** Messages and drafts that signing out would erase. */
export function unsentCount(): number {
  return waiting.value.length + drafts.value.size;
}

/** Erases what this device keeps for an account; called when the person signs out. */
export function wipeAccount(account: string): Promise<void> {
  return wipe(account).catch(() => {});
}

export function startOutbox(): void {
  onSession({
    started: () => void outbox.load().catch(() => {}),
    ended: () => outbox.reset(),
  });
  onTabNews((news) => {
    if (news.type === 'outbox' && person.value) void outbox.load().catch(() => {});
  });
}
