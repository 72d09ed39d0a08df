// The frame around every signed-in page: navigation (a side bar on wide screens, a bottom bar on a phone),
// the state of the connection, the skip link. Anonymous pages get a quieter frame.

import type { ComponentChildren, JSX } from 'preact';
import { locale, locales, m } from '../i18n/index.ts';
import { chatAccount, conversations, relationships } from '../realtime/store.ts';
import { href, place } from '../router.ts';
import { type RouteName, routes } from '../routes.ts';
import { chooseLocale, clinic, person } from '../session/session.ts';
import { Avatar } from './avatar.tsx';
import { Connection, ConnectionAnnouncer } from './connection.tsx';
import { Icon, type IconName, Logo } from './icon.tsx';
import { wide } from './now.ts';

interface NavItem {
  name: RouteName;
  icon: IconName;
  text: string;
  /** Pages that light this item up besides its own. */
  also?: readonly RouteName[];
  badge?: { count: number; text: string };
}

function navItems(): NavItem[] {
  const words = m().nav;
  const user = person.value;
  if (!user) return [];
  const unread = (conversations.value ?? []).reduce((sum, c) => sum + c.unread, 0);
  const toAnswer = (relationships.value ?? []).filter(
    (r) => r.state === 'requested' && r.requested_by !== user.id,
  ).length;
  const all: NavItem[] = [
    { name: 'home', icon: 'home', text: words.home },
    {
      name: 'conversations',
      icon: 'chat',
      text: words.conversations,
      also: ['conversation'],
      badge: { count: unread, text: words.unread(unread) },
    },
    { name: 'doctors', icon: 'doctor', text: words.doctors, also: ['doctor'] },
    {
      name: 'requests',
      icon: 'inbox',
      text: words.requests,
      badge: { count: toAnswer, text: words.waiting(toAnswer) },
    },
    { name: 'practice', icon: 'clock', text: words.practice },
    { name: 'adminUsers', icon: 'users', text: words.users },
    { name: 'adminDoctors', icon: 'verified', text: words.verify },
    { name: 'adminAudit', icon: 'audit', text: words.audit },
    { name: 'account', icon: 'user', text: words.account, also: ['sessions'] },
    { name: 'about', icon: 'help', text: words.about },
  ];
  return all.filter((item) => {
    // Only the reception has a home of its own; the others start at their work.
    if (item.name === 'home') return user.role === 'receptionist';
    const access = routes.find((r) => r.name === item.name)?.access;
    return access === 'anyone' || (Array.isArray(access) && access.includes(user.role));
  });
}

function Navigation(): JSX.Element {
  const here = place.value.name;
  return (
    <nav class="nav" aria-label={m().nav.label}>
      <ul>
        {navItems().map((item) => {
          const current = item.name === here || item.also?.includes(here);
          return (
            <li key={item.name}>
              <a
                href={href(item.name)}
                class="nav-link"
                aria-current={item.name === here ? 'page' : current ? 'true' : undefined}
              >
                <span class="nav-icon">
                  <Icon name={item.icon} size={22} />
                  {item.badge && item.badge.count > 0 && (
                    <span class="badge" aria-hidden="true">
                      {item.badge.count > 99 ? '99+' : item.badge.count}
                    </span>
                  )}
                </span>
                <span class="nav-text">{item.text}</span>
                {item.badge && item.badge.count > 0 && <span class="sr">, {item.badge.text}</span>}
              </a>
            </li>
          );
        })}
      </ul>
    </nav>
  );
}

function SkipLink(): JSX.Element {
  return (
    <a class="skip" href="#main">
      {m().app.skip}
    </a>
  );
}

export function Shell({ children }: { children: ComponentChildren }): JSX.Element {
  const user = person.value;
  const realtime = chatAccount.value !== null;
  const chatting = place.value.name === 'conversation';
  return (
    <div class={chatting ? 'shell shell-chat' : 'shell'}>
      <SkipLink />
      <ConnectionAnnouncer />
      {wide.value ? (
        <header class="side">
          <a class="brand" href="/">
            <Logo />
            <span>Acolhe</span>
          </a>
          <Navigation />
          <div class="side-foot">
            {realtime && <Connection />}
            {user && (
              <a class="side-person" href={href('account')}>
                <Avatar name={user.display_name} id={user.id} />
                <span>
                  <span class="side-name">{user.display_name}</span>
                  <span class="muted small">{m().roles[user.role]}</span>
                </span>
              </a>
            )}
          </div>
        </header>
      ) : (
        <>
          {!chatting && (
            <header class="top">
              <a class="brand" href="/">
                <Logo size={28} />
                <span>Acolhe</span>
              </a>
              {realtime && <Connection />}
            </header>
          )}
          {chatting && realtime && (
            <header>
              <Connection strip />
            </header>
          )}
        </>
      )}
      <main id="main" tabIndex={-1}>
        {children}
      </main>
      {!wide.value && !chatting && <Navigation />}
    </div>
  );
}

const languageNames = { 'pt-BR': 'Português', en: 'English' };

/** Each language in its own words, so that nobody has to read the other to find it. */
export function LanguageSwitch(): JSX.Element {
  return (
    <div class="languages">
      {locales.map((tag) => (
        <button
          key={tag}
          type="button"
          class="link-button"
          lang={tag}
          aria-pressed={locale.value === tag}
          onClick={() => chooseLocale(tag)}
        >
          {languageNames[tag]}
        </button>
      ))}
    </div>
  );
}

export function AnonymousShell({ children }: { children: ComponentChildren }): JSX.Element {
  return (
    <div class="anonymous">
      <SkipLink />
      <header class="anonymous-head">
        <a class="brand" href="/">
          <Logo size={36} />
          <span>Acolhe</span>
        </a>
        <LanguageSwitch />
      </header>
      <main id="main" tabIndex={-1}>
        {children}
      </main>
      <footer class="anonymous-foot">
        <span>{clinic.value?.name}</span>
        <a href={href('about')}>{m().nav.about}</a>
      </footer>
    </div>
  );
}
