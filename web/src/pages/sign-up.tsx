// Sign-up for patients: one column, every rule said before its field, formatted as it is typed, and the
// emergency notice first.

import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { Registration } from '../api/endpoints.ts';
import { ageOn, formatBirthDate, parseBirthDate } from '../format/birth-date.ts';
import { formatCpf, isCpf } from '../format/cpf.ts';
import { formatPhone, phoneToE164 } from '../format/phone.ts';
import { dayKey } from '../i18n/dates.ts';
import { locale, m } from '../i18n/index.ts';
import {
  checks,
  type Errors,
  PasswordField,
  SubmitButton,
  Summary,
  TextField,
  useForm,
} from '../parts/form.tsx';
import { Icon } from '../parts/icon.tsx';
import { Empty, Page } from '../parts/page.tsx';
import { href } from '../router.ts';
import { clinic, signUp } from '../session/session.ts';

type Field = 'name' | 'email' | 'password' | 'birth_date' | 'cpf' | 'phone' | 'terms_version';
const EMPTY: Record<Field, string> = {
  name: '',
  email: '',
  password: '',
  birth_date: '',
  cpf: '',
  phone: '',
  terms_version: '',
};

function birthDateError(text: string): string | undefined {
  const words = m().errors;
  if (!text.trim()) return words.fields.required;
  const date = parseBirthDate(text);
  if (!date) return words.birthDate;
  const today = dayKey(Date.now());
  if (date > today) return words.fields.in_future;
  return ageOn(date, today) < 18 ? words.fields.under_age : undefined;
}

function validate(v: Record<Field, string>): Errors<Field> {
  return {
    name: checks.required(v.name),
    email: checks.email(v.email),
    password: checks.newPassword(v.password),
    birth_date: birthDateError(v.birth_date),
    cpf: v.cpf.trim() && !isCpf(v.cpf) ? m().errors.cpf : undefined,
    phone: v.phone.trim() && !phoneToE164(v.phone) ? m().errors.phone : undefined,
    terms_version: v.terms_version ? undefined : m().signUp.termsRequired,
  };
}

function registration(v: Record<Field, string>): Registration {
  const details: Registration = {
    name: v.name.trim(),
    email: v.email.trim(),
    password: v.password,
    birth_date: parseBirthDate(v.birth_date) ?? v.birth_date,
    locale: locale.value,
    terms_version: v.terms_version,
  };
  if (v.cpf.trim()) details.cpf = v.cpf.replace(/\D/g, '');
  if (v.phone.trim()) details.phone = phoneToE164(v.phone) ?? v.phone;
  return details;
}

export function EmergencyNote(): JSX.Element {
  const words = m().emergency;
  return (
    <div class="note note-warn" data-testid="emergency">
      <Icon name="phone" />
      <div>
        <p class="strong">{words.title}</p>
        <p>
          {words.signUp} <a href="tel:192">{words.samu}</a>
        </p>
      </div>
    </div>
  );
}

export function SignUpPage(): JSX.Element {
  const words = m().signUp;
  const form = useForm<Field>(EMPTY);
  const [mailed, setMailed] = useState(false);
  const terms = form.field('terms_version');
  const submit = form.submit(
    validate,
    async (v) => {
      if (!(await signUp(registration(v)))) setMailed(true);
    },
    (error) => (error.code === 'account_exists' ? words.exists : null),
  );
  if (mailed) {
    return (
      <Page title={words.title} narrow>
        <Empty icon="done" title={words.checkMail} text={words.checkMailHelp} />
      </Page>
    );
  }
  const labels: Record<Field, string> = {
    name: words.name,
    email: words.email,
    password: m().password.label,
    birth_date: words.birthDate,
    cpf: words.cpf,
    phone: words.phone,
    terms_version: words.terms,
  };
  return (
    <Page title={words.title} lead={words.lead} narrow>
      <EmergencyNote />
      <form class="card form" onSubmit={submit} noValidate>
        <Summary form={form} labels={labels} />
        <TextField
          bind={form.field('name')}
          label={words.name}
          help={words.nameHelp}
          autocomplete="name"
          autocapitalize="words"
        />
        <TextField
          bind={form.field('email')}
          label={words.email}
          help={words.emailHelp}
          type="email"
          autocomplete="email"
          inputMode="email"
          autocapitalize="none"
          spellcheck={false}
        />
        <PasswordField
          bind={form.field('password')}
          label={m().password.label}
          help={m().password.help}
          autocomplete="new-password"
        />
        <TextField
          bind={form.field('birth_date')}
          label={words.birthDate}
          help={words.birthDateHelp}
          autocomplete="bday"
          inputMode="numeric"
          format={formatBirthDate}
        />
        <TextField
          bind={form.field('cpf')}
          label={words.cpf}
          help={words.cpfHelp}
          optional
          autocomplete="off"
          inputMode="numeric"
          format={formatCpf}
        />
        <TextField
          bind={form.field('phone')}
          label={words.phone}
          help={words.phoneHelp}
          optional
          type="tel"
          autocomplete="tel"
          inputMode="tel"
          format={formatPhone}
        />
        <div class={terms.error ? 'field field-wrong' : 'field'}>
          <div class="check">
            <input
              type="checkbox"
              id={terms.id}
              checked={terms.value !== ''}
              aria-invalid={terms.error ? 'true' : undefined}
              aria-describedby={terms.error ? `${terms.id}-error` : undefined}
              onChange={(event) =>
                terms.onInput(
                  event.currentTarget.checked ? (clinic.value?.terms_version ?? '') : '',
                )
              }
            />
            <label for={terms.id}>{words.terms}</label>
          </div>
          <p class="help">
            <a href={`${href('about')}#terms`} target="_blank" rel="noopener">
              {words.termsRead} <span class="sr">{m().app.newTab}</span>
            </a>
            {clinic.value && ` · ${words.termsVersion(clinic.value.terms_version)}`}
          </p>
          {terms.error && (
            <p class="field-error" id={`${terms.id}-error`}>
              <Icon name="alert" size={16} /> {terms.error}
            </p>
          )}
        </div>
        <SubmitButton busy={form.busy} label={words.submit} busyLabel={words.submitting} />
      </form>
      <p class="center">
        {words.haveAccount} <a href={href('signIn')}>{words.signIn}</a>
      </p>
    </Page>
  );
}
