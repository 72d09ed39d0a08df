// How messages are worded: notices, the state of an own message, and which message belongs to which bubble
// group and day. Pure, apart from the catalogue.

import type { Conversation, Message } from '../api/types.ts';
import { dayKey } from '../i18n/dates.ts';
import { m } from '../i18n/index.ts';

export type MessageState = 'queued' | 'sending' | 'failed' | 'sent' | 'delivered' | 'read';

const GROUP_MS = 5 * 60_000;

export function noticeText(code: string, own: boolean, peer: string): string {
  const words = m().chat.notices;
  if (code === 'relationship.opened') return own ? words.openedYou : words.openedPeer(peer);
  if (code === 'relationship.ended') return own ? words.endedYou : words.endedPeer(peer);
  return words.other;
}

/** The ticks of an own, stored message. */
export function stateOf(
  seq: number,
  c: Pick<Conversation, 'read_seq' | 'delivered_seq'>,
): MessageState {
  if (seq <= c.read_seq) return 'read';
  return seq <= c.delivered_seq ? 'delivered' : 'sent';
}

/** Whether a message starts a new day, and whether it starts a new group of bubbles. */
export function breaks(
  previous: Message | undefined,
  next: Message,
): { day: boolean; group: boolean } {
  if (!previous) return { day: true, group: true };
  const day = dayKey(previous.at) !== dayKey(next.at);
  const group =
    day ||
    previous.kind !== next.kind ||
    previous.from !== next.from ||
    Date.parse(next.at) - Date.parse(previous.at) > GROUP_MS;
  return { day, group };
}
