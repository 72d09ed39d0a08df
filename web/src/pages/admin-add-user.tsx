// Adding a doctor, receptionist or administrator, and the one-time link that follows: it is shown once,
// with a button to copy it.

import type { JSX } from 'preact';
import { useRef, useState } from 'preact/hooks';
import { api, type NewUser } from '../api/endpoints.ts';
import type { OneTimeLink, Role, User } from '../api/types.ts';
import { fullTime } from '../i18n/dates.ts';
import { locale, m } from '../i18n/index.ts';
import { Dialog } from '../parts/dialog.tsx';
import { checks, SelectField, SubmitButton, Summary, TextField, useForm } from '../parts/form.tsx';
import { dateContext } from '../parts/now.ts';

const UFS =
  'AC AL AM AP BA CE DF ES GO MA MG MS MT PA PB PE PI PR RJ RN RO RR RS SC SE SP TO'.split(' ');

type Field = 'role' | 'name' | 'email' | 'crm' | 'uf' | 'specialty' | 'rqe';

function newUser(v: Record<Field, string>): NewUser {
  const person: NewUser = {
    role: v.role as Role,
    name: v.name.trim(),
    email: v.email.trim(),
    locale: locale.value,
  };
  if (v.role === 'doctor') {
    person.crm = v.crm.trim();
    person.uf = v.uf;
    if (v.specialty.trim()) {
      person.specialties = [{ name: v.specialty.trim(), rqe: v.rqe.trim() || null }];
    }
  }
  return person;
}

export function AddUser({
  onClose,
  onCreated,
}: {
  onClose: () => void;
  onCreated: (made: { user: User } & OneTimeLink) => void;
}): JSX.Element {
  const words = m().admin.users;
  const form = useForm<Field>({
    role: 'doctor',
    name: '',
    email: '',
    crm: '',
    uf: 'SP',
    specialty: '',
    rqe: '',
  });
  const doctor = form.values.role === 'doctor';
  const submit = form.submit(
    (v) => ({
      name: checks.required(v.name),
      email: checks.email(v.email),
      crm:
        v.role !== 'doctor'
          ? undefined
          : (checks.required(v.crm) ??
            (/^\d{1,10}$/.test(v.crm.trim()) ? undefined : m().errors.crm)),
      rqe: v.rqe.trim() && !/^\d+$/.test(v.rqe.trim()) ? m().errors.rqe : undefined,
    }),
    async (v) => onCreated(await api.addUser(newUser(v))),
    (error) => (error.status === 409 ? m().signUp.exists : null),
  );
  const roles = m().roles;
  return (
    <Dialog title={words.addTitle} onClose={onClose}>
      <p class="muted">{words.addHelp}</p>
      <form class="form" onSubmit={submit} noValidate>
        <Summary
          form={form}
          labels={{
            name: words.name,
            email: words.email,
            crm: words.crm,
            uf: words.uf,
            specialty: words.specialty,
            rqe: words.rqe,
          }}
        />
        <SelectField
          bind={form.field('role')}
          label={words.role}
          options={[
            ['doctor', roles.doctor],
            ['receptionist', roles.receptionist],
            ['admin', roles.admin],
          ]}
        />
        <TextField bind={form.field('name')} label={words.name} autocomplete="off" />
        <TextField
          bind={form.field('email')}
          label={words.email}
          type="email"
          inputMode="email"
          autocomplete="off"
          autocapitalize="none"
          spellcheck={false}
        />
        {doctor && (
          <>
            <TextField
              bind={form.field('crm')}
              label={words.crm}
              inputMode="numeric"
              autocomplete="off"
            />
            <SelectField
              bind={form.field('uf')}
              label={words.uf}
              options={UFS.map((uf) => [uf, uf] as const)}
            />
            <TextField
              bind={form.field('specialty')}
              label={words.specialty}
              optional
              autocomplete="off"
            />
            <TextField
              bind={form.field('rqe')}
              label={words.rqe}
              help={words.rqeHelp}
              optional
              inputMode="numeric"
              autocomplete="off"
            />
          </>
        )}
        <div class="actions">
          <SubmitButton busy={form.busy} label={words.create} />
          <button type="button" class="button button-quiet" onClick={onClose}>
            {m().app.cancel}
          </button>
        </div>
      </form>
    </Dialog>
  );
}

export function LinkOnce({
  link,
  onClose,
}: {
  link: OneTimeLink;
  onClose: () => void;
}): JSX.Element {
  const words = m().admin.users;
  const input = useRef<HTMLInputElement>(null);
  const [copied, setCopied] = useState(false);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(link.set_password_url);
      setCopied(true);
    } catch {
      input.current?.select();
    }
  };
  return (
    <Dialog title={words.linkTitle} onClose={onClose}>
      <p>{words.linkHelp}</p>
      <div class="field">
        <label for="one-time-link">{words.linkLabel}</label>
        <input
          class="input mono"
          id="one-time-link"
          data-testid="one-time-link"
          readOnly
          ref={input}
          value={link.set_password_url}
          onFocus={(event) => event.currentTarget.select()}
        />
      </div>
      <p class="muted small">{words.linkUntil(fullTime(link.expires_at, dateContext()))}</p>
      <p class="small" role="status">
        {copied ? m().app.copied : ''}
      </p>
      <div class="actions">
        <button type="button" class="button" onClick={() => void copy()}>
          {m().app.copy}
        </button>
        <button type="button" class="button button-quiet" onClick={onClose}>
          {words.done}
        </button>
      </div>
    </Dialog>
  );
}
