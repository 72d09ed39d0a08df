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
  Copy,
  Ellipsis,
  Eye,
  EyeOff,
  House,
  type IconNode,
  Inbox,
  Laptop,
  LogOut,
  MessageCircle,
  Pencil,
  Phone,
  Plus,
  RefreshCw,
  ScrollText,
  Search,
  SendHorizontal,
  ShieldCheck,
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
  copy: Copy,
  done: CircleCheck,
  down: ArrowDown,
  eye: Eye,
  eyeOff: EyeOff,
  help: CircleQuestionMark,
  home: House,
  inbox: Inbox,
  device: Laptop,
  leave: LogOut,
  chat: MessageCircle,
  more: Ellipsis,
  pencil: Pencil,
  phone: Phone,
  plus: Plus,
  retry: RefreshCw,
  search: Search,
  send: SendHorizontal,
  shield: ShieldCheck,
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
  return (
    <svg
      class="logo"
      width={size}
      height={size}
      viewBox="0 0 64 64"
      aria-hidden="true"
      focusable="false"
    >
      <rect width="64" height="64" rx="15" fill="var(--logo-back)" />
      <g fill="var(--logo-front)">
        <circle cx="32" cy="20.5" r="7.5" />
        <path d="M31 53C18 51.5 10.5 42.5 10.5 29 22 30 30.5 39 31 53Z" />
        <path d="M33 53C46 51.5 53.5 42.5 53.5 29 42 30 33.5 39 33 53Z" />
      </g>
    </svg>
  );
}
