// The shapes that cross the wire, as docs/openapi.yaml and docs/protocol.md describe them. Only
// types live here; nothing in this file reaches the bundle.

import type { Role } from '../routes.ts';

export type { Role };

export interface Specialty {
  name: string;
  rqe: string | null;
}

/** One opening of a week: weekday 1 is Monday, times are "HH:MM" in the practice's zone. */
export interface OfficeHours {
  weekday: number;
  start: string;
  end: string;
}

export interface Doctor {
  id: string;
  name: string;
  crm: string;
  uf: string;
  verified: boolean;
  specialties: Specialty[];
  hours: OfficeHours[];
  timezone: string;
  usual_reply_minutes: number | null;
  open_now: boolean;
  next_open_at: string | null;
  about: string | null;
}

export interface User {
  id: string;
  role: Role;
  name: string;
  social_name: string | null;
  display_name: string;
  email: string;
  locale: string;
  phone: string | null;
  birth_date: string | null;
  cpf_masked: string | null;
  state: 'active' | 'disabled';
  created_at: string;
  doctor?: Doctor;
}

export interface SessionTimes {
  id: string;
  idle_expires_at: string;
  expires_at: string;
}

export interface SignedIn {
  user: User;
  csrf_token: string;
  session: SessionTimes;
}

export interface SessionInfo {
  id: string;
  current: boolean;
  created_at: string;
  last_seen_at: string;
  expires_at: string;
  address: string | null;
  user_agent: string | null;
}

export interface Clinic {
  name: string;
  technical_director: string | null;
  terms_version: string;
  email_verification: boolean;
  timezone: string;
  emergency_number: string;
  limits: { message_chars: number; edit_window_s: number };
  session: { idle_s: number; absolute_s: number; warn_s: number };
}

export interface Relationship {
  id: string;
  state: 'requested' | 'active' | 'declined' | 'ended';
  requested_by: string;
  patient: { id: string; name: string };
  doctor: { id: string; name: string; crm: string; uf: string };
  conversation_id: string | null;
  created_at: string;
  updated_at: string;
}

export interface Peer {
  id: string;
  name: string;
  role: Role;
  crm?: string;
  uf?: string;
  hours?: OfficeHours[];
  timezone?: string;
  usual_reply_minutes?: number | null;
  open_now?: boolean;
  next_open_at?: string | null;
}

export interface Message {
  conversation: string;
  seq: number;
  client_id: string;
  from: string;
  kind: 'text' | 'notice';
  text: string;
  at: string;
  edited_at?: string | null;
  deleted?: boolean;
}

export interface Conversation {
  id: string;
  relationship_id: string;
  peer: Peer;
  state: 'open' | 'closed';
  last_seq: number;
  unread: number;
  delivered_seq: number;
  read_seq: number;
  own_read_seq: number;
  last_message: Message | null;
  peer_online?: boolean;
}

export interface AuditRow {
  node: string;
  seq: number;
  at: string;
  actor: string | null;
  action: string;
  object_type: string;
  object_id: string | null;
  outcome: string;
  address: string | null;
  request_id: string | null;
  detail: unknown;
}

export interface Page<T> {
  items: T[];
  next_cursor: string | null;
}

export interface MessagePage {
  items: Message[];
  has_more: boolean;
}

export interface OneTimeLink {
  set_password_url: string;
  expires_at: string;
}

export interface FieldError {
  field: string;
  code: string;
  detail?: string;
}

export interface Problem {
  status: number;
  code: string;
  title?: string;
  detail?: string;
  errors?: FieldError[];
}

/** What the server may say on the socket. */
export type ServerOp =
  | { op: 'ack'; conversation: string; client_id: string; seq: number; at: string }
  | ({ op: 'message' } & Message)
  | { op: 'edited'; conversation: string; seq: number; text: string; at: string }
  | { op: 'deleted'; conversation: string; seq: number; at: string }
  | { op: 'delivered' | 'read'; conversation: string; seq: number; by: string; at: string }
  | { op: 'typing'; conversation: string; by: string }
  | { op: 'synced'; conversation: string; seq: number }
  | { op: 'presence'; user: string; online: boolean; at: string }
  | { op: 'event'; topic: 'conversation' | 'relationship' | 'appointment'; id: string }
  | {
      op: 'error';
      code: string;
      detail?: string;
      client_id?: string;
      retry_after_ms?: number;
    };

/** What the client may say on the socket. */
export type ClientOp =
  | { op: 'send'; conversation: string; client_id: string; text: string }
  | { op: 'edit'; conversation: string; seq: number; text: string }
  | { op: 'delete'; conversation: string; seq: number }
  | { op: 'received' | 'read'; conversation: string; seq: number }
  | { op: 'typing'; conversation: string }
  | { op: 'sync'; conversation: string; after: number };
