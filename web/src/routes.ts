// The one list of the client's pages. The router matches against it, the navigation and the guards
// read who may open what, and the browser tests walk it (it is also written to dist/routes.json).
// It is plain data and imports nothing, so that the build can read it on its own.

export type Role = 'patient' | 'doctor' | 'receptionist' | 'admin';

/** Who may open a page: anybody, only people not signed in, or the signed-in people of some roles. */
export type Access = 'anyone' | 'anonymous' | readonly Role[];

export type RouteName =
  | 'home'
  | 'signIn'
  | 'signUp'
  | 'setPassword'
  | 'doctors'
  | 'doctor'
  | 'requests'
  | 'conversations'
  | 'conversation'
  | 'account'
  | 'sessions'
  | 'practice'
  | 'adminUsers'
  | 'adminDoctors'
  | 'adminAudit'
  | 'about'
  | 'notFound';

export interface Route {
  readonly name: RouteName;
  /** Path pattern; a segment that starts with a colon is a parameter. */
  readonly path: string;
  readonly access: Access;
}

const everyRole = ['patient', 'doctor', 'receptionist', 'admin'] as const;
const members = ['patient', 'doctor'] as const;

export const routes: readonly Route[] = [
  { name: 'home', path: '/', access: everyRole },
  { name: 'signIn', path: '/sign-in', access: 'anonymous' },
  { name: 'signUp', path: '/sign-up', access: 'anonymous' },
  { name: 'setPassword', path: '/set-password', access: 'anyone' },
  { name: 'doctors', path: '/doctors', access: ['patient'] },
  { name: 'doctor', path: '/doctors/:id', access: ['patient'] },
  { name: 'requests', path: '/requests', access: members },
  { name: 'conversations', path: '/conversations', access: members },
  { name: 'conversation', path: '/conversations/:id', access: members },
  { name: 'account', path: '/account', access: everyRole },
  { name: 'sessions', path: '/account/sessions', access: everyRole },
  { name: 'practice', path: '/practice', access: ['doctor'] },
  { name: 'adminUsers', path: '/admin/users', access: ['admin'] },
  { name: 'adminDoctors', path: '/admin/doctors', access: ['admin'] },
  { name: 'adminAudit', path: '/admin/audit', access: ['admin'] },
  { name: 'about', path: '/about', access: 'anyone' },
  // The browser tests need a concrete address for this one; any unknown path shows the same page.
  { name: 'notFound', path: '/not-found', access: 'anyone' },
];
