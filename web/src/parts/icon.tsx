// The icons the client uses, picked by hand from lucide so that only these reach the bundle. Icons are
// decoration: the words beside them (or a label) carry the meaning.

import {
  ArrowDown,
  ArrowLeft,
  BadgeCheck,
  Check,
  CheckCheck,
  CircleAlert,
  CircleCheck,
  CircleQuestionMark,
  Clock,
  Ellipsis,
  Eye,
  House,
  type IconNode,
  Inbox,
  MessageCircle,
  Pencil,
  Phone,
  Plus,
  ScrollText,
  Search,
  SendHorizontal,
  Stethoscope,
  Trash2,
  UserRound,
  UsersRound,
  X,
} from 'lucide';
import { h, type JSX } from 'preact';

const icons = {
  alert: CircleAlert,
  audit: ScrollText,
  back: ArrowLeft,
  check: Check,
  checks: CheckCheck,
  clock: Clock,
  close: X,
  done: CircleCheck,
  down: ArrowDown,
  eye: Eye,
  help: CircleQuestionMark,
  home: House,
  inbox: Inbox,
  chat: MessageCircle,
  more: Ellipsis,
  pencil: Pencil,
  phone: Phone,
  plus: Plus,
  search: Search,
  send: SendHorizontal,
  doctor: Stethoscope,
  trash: Trash2,
  user: UserRound,
  users: UsersRound,
  verified: BadgeCheck,
} satisfies Record<string, IconNode>;

export type IconName = keyof typeof icons;

export function Icon({ name, size = 20 }: { name: IconName; size?: number }): JSX.Element {
  return (
    <svg
      class="icon"
      width={size}
      height={size}
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      stroke-width="2"
      stroke-linecap="round"
      stroke-linejoin="round"
      aria-hidden="true"
      focusable="false"
    >
      {icons[name].map(([tag, attributes]) => h(tag, attributes as Record<string, string>))}
    </svg>
  );
}

/** Two leaves that hold a person: to welcome, in one drawing. */
export function Logo({ size = 32 }: { size?: number }): JSX.Element {
  return <img class="logo" src="/favicon.svg" width={size} height={size} alt="" />;
}
