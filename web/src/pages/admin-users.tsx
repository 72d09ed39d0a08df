// The administrator's accounts: find, add, disable, enable, and hand out one-time password links, which are
// shown once. Cards, so that a phone shows them as well as a desk.

import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { api } from '../api/endpoints.ts';
import type { OneTimeLink, User } from '../api/types.ts';
import { plainDate } from '../i18n/dates.ts';
import { m } from '../i18n/index.ts';
import { Avatar } from '../parts/avatar.tsx';
import { Confirm } from '../parts/dialog.tsx';
import { Icon } from '../parts/icon.tsx';
import { dateContext } from '../parts/now.ts';
import { Empty, Failed, Loading, Page, usePaged } from '../parts/page.tsx';
import { problemText } from '../parts/problem.ts';
import { toast } from '../parts/toast.tsx';
import { person } from '../session/session.ts';
import { AddUser, LinkOnce } from './admin-add-user.tsx';

interface Filters {
  q: string;
  role: string;
  state: string;
}

type Question = { user: User; what: 'disable' | 'reset' };

function UserCard({
  user,
  ask,
  enable,
}: {
  user: User;
  ask: (what: Question['what']) => void;
  enable: () => void;
}): JSX.Element {
  const words = m().admin.users;
  const self = user.id === person.value?.id;
  return (
    <li class="card person" data-testid="user">
      <Avatar name={user.display_name} id={user.id} />
      <div class="person-text">
        <h2 class="h3">
          {user.display_name} {self && <span class="muted small">({words.you})</span>}
        </h2>
        <p class="muted small">{user.email}</p>
        <p class="pills">
          <span class="pill">{m().roles[user.role]}</span>
          {user.state === 'disabled' && <span class="pill pill-warn">{words.disabled}</span>}
          {user.doctor && !user.doctor.verified && (
            <span class="pill pill-warn">{m().doctors.notVerified}</span>
          )}
          {user.doctor && (
            <span class="muted small">{m().doctors.crm(user.doctor.crm, user.doctor.uf)}</span>
          )}
          <span class="muted small">
            {words.since(plainDate(user.created_at.slice(0, 10), dateContext()))}
          </span>
        </p>
      </div>
      {!self && (
        <div class="actions">
          {user.state === 'active' && (
            <button
              type="button"
              class="button button-quiet button-small"
              aria-label={`${words.reset}: ${user.display_name}`}
              onClick={() => ask('reset')}
            >
              {words.reset}
            </button>
          )}
          <button
            type="button"
            class="button button-quiet button-small"
            aria-label={`${user.state === 'active' ? words.disable : words.enable}: ${user.display_name}`}
            onClick={() => (user.state === 'active' ? ask('disable') : enable())}
          >
            {user.state === 'active' ? words.disable : words.enable}
          </button>
        </div>
      )}
    </li>
  );
}

function FilterBar({
  filters,
  change,
}: {
  filters: Filters;
  change: (filters: Filters) => void;
}): JSX.Element {
  const words = m().admin.users;
  const [typed, setTyped] = useState(filters.q);
  useEffect(() => {
    const timer = setTimeout(() => {
      if (typed.trim() !== filters.q) change({ ...filters, q: typed.trim() });
    }, 350);
    return () => clearTimeout(timer);
  }, [typed]);
  const select = (name: 'role' | 'state', label: string, options: [string, string][]) => (
    <div class="field">
      <label for={`filter-${name}`}>{label}</label>
      <select
        class="input"
        id={`filter-${name}`}
        value={filters[name]}
        onChange={(event) => change({ ...filters, [name]: event.currentTarget.value })}
      >
        {options.map(([value, text]) => (
          <option key={value} value={value}>
            {text}
          </option>
        ))}
      </select>
    </div>
  );
  const roles = m().roles;
  return (
    <form class="search-bar" role="search" onSubmit={(event) => event.preventDefault()}>
      <div class="field field-grow">
        <label for="filter-q">{words.search}</label>
        <input
          class="input"
          id="filter-q"
          type="search"
          autocomplete="off"
          maxLength={100}
          value={typed}
          onInput={(event) => setTyped(event.currentTarget.value)}
        />
      </div>
      {select('role', words.role, [
        ['', words.allRoles],
        ['patient', roles.patient],
        ['doctor', roles.doctor],
        ['receptionist', roles.receptionist],
        ['admin', roles.admin],
      ])}
      {select('state', words.state, [
        ['', words.allStates],
        ['active', words.active],
        ['disabled', words.disabled],
      ])}
    </form>
  );
}

export function AdminUsersPage(): JSX.Element {
  const words = m().admin.users;
  const [filters, setFilters] = useState<Filters>({ q: '', role: '', state: '' });
  const [adding, setAdding] = useState(false);
  const [question, setQuestion] = useState<Question | null>(null);
  const [link, setLink] = useState<OneTimeLink | null>(null);
  const found = usePaged(JSON.stringify(filters), (cursor) => api.users({ ...filters, cursor }));
  const { items } = found;
  const replace = (user: User) => found.set(items.map((u) => (u.id === user.id ? user : u)));
  const quietly = (task: Promise<void>) => {
    task.catch((error) => toast(problemText(error), 'bad'));
  };
  return (
    <Page
      title={words.title}
      lead={words.lead}
      actions={
        <button type="button" class="button" onClick={() => setAdding(true)}>
          <Icon name="plus" /> {words.add}
        </button>
      }
    >
      <FilterBar filters={filters} change={setFilters} />
      {found.failed ? (
        <Failed text={found.failed} retry={found.reload} />
      ) : !found.value ? (
        <Loading />
      ) : items.length === 0 ? (
        <Empty icon="users" title={words.none} />
      ) : (
        <ul class="plain stack-small">
          {items.map((user) => (
            <UserCard
              key={user.id}
              user={user}
              ask={(what) => setQuestion({ user, what })}
              enable={() => quietly(api.enableUser(user.id).then(replace))}
            />
          ))}
        </ul>
      )}
      {found.more}
      {adding && (
        <AddUser
          onClose={() => setAdding(false)}
          onCreated={(made) => {
            setAdding(false);
            setLink(made);
            toast(words.created(made.user.display_name));
            found.reload();
          }}
        />
      )}
      {question?.what === 'disable' && (
        <Confirm
          title={words.disableTitle(question.user.display_name)}
          text={words.disableText}
          action={words.disable}
          danger
          onConfirm={async () => replace(await api.disableUser(question.user.id))}
          onClose={() => setQuestion(null)}
        />
      )}
      {question?.what === 'reset' && (
        <Confirm
          title={words.resetTitle(question.user.display_name)}
          text={words.resetText}
          action={words.resetSubmit}
          onConfirm={async () => setLink(await api.resetPassword(question.user.id))}
          onClose={() => setQuestion(null)}
        />
      )}
      {link && !question && <LinkOnce link={link} onClose={() => setLink(null)} />}
    </Page>
  );
}
