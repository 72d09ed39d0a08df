// Chooses the page for the place: guards by role, sends people where they belong, and shows the quiet
// states before anybody is known (opening, no connection).

import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import { m } from './i18n/index.ts';
import { AboutPage } from './pages/about.tsx';
import { AccountPage } from './pages/account.tsx';
import { AdminAuditPage } from './pages/admin-audit.tsx';
import { AdminDoctorsPage } from './pages/admin-doctors.tsx';
import { AdminUsersPage } from './pages/admin-users.tsx';
import { ConversationsPage } from './pages/conversations.tsx';
import { DoctorPage } from './pages/doctor.tsx';
import { DoctorsPage } from './pages/doctors.tsx';
import { HomePage } from './pages/home.tsx';
import { NotFoundPage } from './pages/not-found.tsx';
import { PracticePage } from './pages/practice.tsx';
import { RequestsPage } from './pages/requests.tsx';
import { SessionsPage } from './pages/sessions.tsx';
import { SetPasswordPage } from './pages/set-password.tsx';
import { SignInPage } from './pages/sign-in.tsx';
import { SignUpPage } from './pages/sign-up.tsx';
import { Failed, Loading } from './parts/page.tsx';
import { SessionWarning } from './parts/session-warning.tsx';
import { AnonymousShell, Shell } from './parts/shell.tsx';
import { Toasts } from './parts/toast.tsx';
import { href, navigate, type Place, place, safeReturn } from './router.ts';
import { type Role, type RouteName, routes } from './routes.ts';
import { boot, endReason, person, phase } from './session/session.ts';

/** Where each role starts. */
function homeOf(role: Role): RouteName {
  if (role === 'admin') return 'adminUsers';
  return role === 'receptionist' ? 'home' : 'conversations';
}

function Redirect({ to }: { to: string }): null {
  useEffect(() => navigate(to, { replace: true }), [to]);
  return null;
}

function pageFor({ name, params }: Place): JSX.Element {
  const id = params.id ?? '';
  switch (name) {
    case 'home':
      return <HomePage />;
    case 'signIn':
      return <SignInPage />;
    case 'signUp':
      return <SignUpPage />;
    case 'setPassword':
      return <SetPasswordPage />;
    case 'doctors':
      return <DoctorsPage />;
    case 'doctor':
      return <DoctorPage key={id} id={id} />;
    case 'requests':
      return <RequestsPage />;
    case 'conversations':
      return <ConversationsPage id={null} />;
    case 'conversation':
      return <ConversationsPage id={id} />;
    case 'account':
      return <AccountPage />;
    case 'sessions':
      return <SessionsPage />;
    case 'practice':
      return <PracticePage />;
    case 'adminUsers':
      return <AdminUsersPage />;
    case 'adminDoctors':
      return <AdminDoctorsPage />;
    case 'adminAudit':
      return <AdminAuditPage />;
    case 'about':
      return <AboutPage />;
    case 'notFound':
      return <NotFoundPage />;
  }
}

function Content(): JSX.Element {
  const here = place.value;
  const access = routes.find((r) => r.name === here.name)?.access ?? 'anyone';
  const user = person.value;

  if (phase.value === 'booting' || phase.value === 'unreachable') {
    return (
      <AnonymousShell>
        {phase.value === 'booting' ? (
          <Loading text={m().app.opening} />
        ) : (
          <div data-testid="unreachable">
            <Failed text={m().app.unreachable} retry={() => void boot()} />
            <p class="muted center">{m().app.unreachableHelp}</p>
          </div>
        )}
      </AnonymousShell>
    );
  }

  if (!user) {
    if (access === 'anyone' || access === 'anonymous') {
      return <AnonymousShell>{pageFor(here)}</AnonymousShell>;
    }
    const back = safeReturn(location.pathname + location.search);
    if (back && back !== '/' && !endReason.value) endReason.value = 'required';
    return <Redirect to={href('signIn', {}, back && back !== '/' ? { next: back } : {})} />;
  }

  if (access === 'anonymous') {
    return <Redirect to={safeReturn(here.query.get('next')) ?? href(homeOf(user.role))} />;
  }
  if (here.name === 'home' && homeOf(user.role) !== 'home') {
    return <Redirect to={href(homeOf(user.role))} />;
  }
  const allowed = access === 'anyone' || access.includes(user.role);
  return <Shell>{allowed ? pageFor(here) : <NotFoundPage />}</Shell>;
}

export function App(): JSX.Element {
  return (
    <>
      <Content />
      <SessionWarning />
      <Toasts />
    </>
  );
}
