// Every call the client makes, by name and with its types, so that a change of the contract is felt
// in one file.

import { del, get, patch, post, put, queryOf } from './client.ts';
import type {
  AuditRow,
  Clinic,
  Conversation,
  Doctor,
  MessagePage,
  OfficeHours,
  OneTimeLink,
  Page,
  Relationship,
  Role,
  SessionInfo,
  SessionTimes,
  SignedIn,
  Specialty,
  User,
} from './types.ts';

export interface Registration {
  name: string;
  email: string;
  password: string;
  birth_date: string;
  terms_version: string;
  cpf?: string;
  phone?: string;
  locale?: string;
}

export interface NewUser {
  role: Role;
  name: string;
  email: string;
  phone?: string;
  locale?: string;
  crm?: string;
  uf?: string;
  specialties?: Specialty[];
}

export interface ProfileChange {
  name?: string;
  social_name?: string | null;
  phone?: string | null;
  locale?: string;
}

export interface Practice {
  hours: OfficeHours[];
  usual_reply_minutes: number;
  timezone: string;
  about: string;
}

const id = encodeURIComponent;

/** Every page of a list that the client keeps whole. */
async function everything<T>(path: string, background: boolean): Promise<T[]> {
  const items: T[] = [];
  let cursor: string | null = null;
  do {
    const page: Page<T> = await get(`${path}${queryOf({ limit: 100, cursor })}`, { background });
    items.push(...page.items);
    cursor = page.next_cursor;
  } while (cursor);
  return items;
}

export const api = {
  clinic: () => get<Clinic>('/clinic', { background: true }),
  me: (background = false) => get<SignedIn>('/me', { background, expect401: true }),
  updateMe: (change: ProfileChange) => patch<SignedIn>('/me', change),
  login: (email: string, password: string) =>
    post<SignedIn>('/auth/login', { email, password }, { expect401: true }),
  register: (person: Registration) => post<SignedIn>('/auth/register', person, { expect401: true }),
  logout: () => post<void>('/auth/logout', {}, { expect401: true }),
  extend: () => post<{ session: SessionTimes }>('/auth/extend'),
  sessions: () => get<Page<SessionInfo>>('/auth/sessions'),
  revokeSession: (session: string) => del<void>(`/auth/sessions/${id(session)}`),
  changePassword: (current_password: string, new_password: string) =>
    post<void>('/auth/password', { current_password, new_password }, { expect401: true }),
  setPassword: (token: string, password: string) =>
    post<void>('/auth/set-password', { token, password }, { expect401: true }),

  doctors: (query: { q?: string; specialty?: string; cursor?: string | null }) =>
    get<Page<Doctor>>(`/doctors${queryOf({ ...query, limit: 50 })}`),
  doctor: (doctor: string) => get<Doctor>(`/doctors/${id(doctor)}`),
  savePractice: (practice: Practice) => put<Doctor>('/me/practice', practice),

  relationships: (background = false) => everything<Relationship>('/relationships', background),
  askDoctor: (doctor_id: string) => post<Relationship>('/relationships', { doctor_id }),
  askPatient: (patient_email: string) => post<Relationship>('/relationships', { patient_email }),
  relationshipStep: (relationship: string, step: 'accept' | 'decline' | 'end') =>
    post<Relationship>(`/relationships/${id(relationship)}/${step}`),

  conversations: (background = false) => everything<Conversation>('/conversations', background),
  conversation: (conversation: string, background = false) =>
    get<Conversation>(`/conversations/${id(conversation)}`, { background }),
  messages: (
    conversation: string,
    range: { before?: number; after?: number; limit?: number },
    background = false,
  ) =>
    get<MessagePage>(`/conversations/${id(conversation)}/messages${queryOf(range)}`, {
      background,
    }),
  searchMessages: (conversation: string, q: string) =>
    get<MessagePage>(`/conversations/${id(conversation)}/search${queryOf({ q })}`),

  users: (query: {
    role?: string;
    state?: string;
    verified?: string;
    q?: string;
    cursor?: string | null;
  }) => get<Page<User>>(`/admin/users${queryOf({ ...query, limit: 50 })}`),
  addUser: (person: NewUser) => post<{ user: User } & OneTimeLink>('/admin/users', person),
  disableUser: (user: string) => post<User>(`/admin/users/${id(user)}/disable`),
  enableUser: (user: string) => post<User>(`/admin/users/${id(user)}/enable`),
  resetPassword: (user: string) => post<OneTimeLink>(`/admin/users/${id(user)}/reset-password`),
  verifyDoctor: (user: string) => post<User>(`/admin/doctors/${id(user)}/verify`),
  unverifyDoctor: (user: string) => post<User>(`/admin/doctors/${id(user)}/unverify`),
  audit: (query: {
    actor?: string;
    action?: string;
    object?: string;
    from?: string;
    to?: string;
    cursor?: string | null;
  }) => get<Page<AuditRow>>(`/admin/audit${queryOf({ ...query, limit: 50 })}`),
};
