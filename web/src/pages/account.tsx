// The account: what people see of each other, language and appearance, password, devices, and the way out,
// which offers to keep what has not been sent before it erases it.

import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { api } from '../api/endpoints.ts';
import { formatPhone, phoneToE164, showPhone } from '../format/phone.ts';
import { plainDate } from '../i18n/dates.ts';
import { locale, m } from '../i18n/index.ts';
import { unsentCount, wipeAccount } from '../outbox/outbox.ts';
import { Dialog } from '../parts/dialog.tsx';
import {
  checks,
  PasswordField,
  SubmitButton,
  Summary,
  TextField,
  useForm,
} from '../parts/form.tsx';
import { dateContext } from '../parts/now.ts';
import { Page } from '../parts/page.tsx';
import { problemText } from '../parts/problem.ts';
import { setTheme, type Theme, theme } from '../parts/theme.ts';
import { toast } from '../parts/toast.tsx';
import { href } from '../router.ts';
import { chooseLocale, person, replaceSignedIn, signOut } from '../session/session.ts';

function Profile(): JSX.Element | null {
  const words = m().account;
  const user = person.value;
  const form = useForm({
    name: user?.name ?? '',
    social_name: user?.social_name ?? '',
    phone: user?.phone ? showPhone(user.phone) : '',
  });
  if (!user) return null;
  const submit = form.submit(
    (v) => ({
      name: checks.required(v.name),
      phone: v.phone.trim() && !phoneToE164(v.phone) ? m().errors.phone : undefined,
    }),
    async (v) => {
      replaceSignedIn(
        await api.updateMe({
          name: v.name.trim(),
          social_name: v.social_name.trim() || null,
          phone: v.phone.trim() ? phoneToE164(v.phone) : null,
        }),
      );
      toast(m().app.saved);
    },
  );
  return (
    <section class="card stack">
      <h2>{words.profile}</h2>
      <dl class="facts">
        <div>
          <dt>{words.email}</dt>
          <dd>{user.email}</dd>
        </div>
        {user.cpf_masked && (
          <div>
            <dt>{words.cpf}</dt>
            <dd>{user.cpf_masked}</dd>
          </div>
        )}
        {user.birth_date && (
          <div>
            <dt>{words.birthDate}</dt>
            <dd>{plainDate(user.birth_date, dateContext())}</dd>
          </div>
        )}
        {user.doctor && (
          <div>
            <dt>{words.doctorData}</dt>
            <dd>{m().doctors.crm(user.doctor.crm, user.doctor.uf)}</dd>
          </div>
        )}
      </dl>
      <p class="muted small">{words.fixedHelp}</p>
      <form class="form" onSubmit={submit} noValidate>
        <Summary
          form={form}
          labels={{ name: words.name, social_name: words.socialName, phone: words.phone }}
        />
        <TextField bind={form.field('name')} label={words.name} autocomplete="name" />
        <TextField
          bind={form.field('social_name')}
          label={words.socialName}
          help={words.socialNameHelp}
          optional
          autocomplete="nickname"
        />
        <TextField
          bind={form.field('phone')}
          label={words.phone}
          optional
          type="tel"
          inputMode="tel"
          autocomplete="tel"
          format={formatPhone}
        />
        <div class="actions">
          <SubmitButton busy={form.busy} label={m().app.save} />
        </div>
      </form>
    </section>
  );
}

function Choices<T extends string>({
  legend,
  name,
  options,
  value,
  choose,
}: {
  legend: string;
  name: string;
  options: readonly (readonly [T, string, string?])[];
  value: T;
  choose: (value: T) => void;
}): JSX.Element {
  return (
    <fieldset>
      <legend>{legend}</legend>
      <div class="choices">
        {options.map(([option, text, lang]) => (
          <label key={option} class="choice" lang={lang}>
            <input
              type="radio"
              name={name}
              value={option}
              checked={value === option}
              onChange={() => choose(option)}
            />
            <span>{text}</span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}

function Preferences(): JSX.Element {
  const words = m().account;
  return (
    <section class="card stack">
      <h2>{words.preferences}</h2>
      <Choices
        legend={words.language}
        name="language"
        value={locale.value}
        options={[
          ['pt-BR', 'Português (Brasil)', 'pt-BR'],
          ['en', 'English', 'en'],
        ]}
        choose={chooseLocale}
      />
      <Choices<Theme>
        legend={words.theme}
        name="theme"
        value={theme.value}
        options={[
          ['system', words.themes.system],
          ['light', words.themes.light],
          ['dark', words.themes.dark],
        ]}
        choose={setTheme}
      />
    </section>
  );
}

function ChangePassword(): JSX.Element {
  const words = m().account;
  const form = useForm({ current_password: '', new_password: '' });
  const submit = form.submit(
    (v) => ({
      current_password: v.current_password ? undefined : m().errors.fields.required,
      new_password: checks.newPassword(v.new_password),
    }),
    async (v) => {
      await api.changePassword(v.current_password, v.new_password);
      form.reset({ current_password: '', new_password: '' });
      toast(words.passwordChanged);
    },
    (error) =>
      error.errors.some((e) => e.field === 'current_password') ? words.passwordWrong : null,
  );
  return (
    <section class="card stack">
      <h2>{words.passwordTitle}</h2>
      <p class="muted">{words.passwordHelp}</p>
      <form class="form" onSubmit={submit} noValidate>
        {/* Lets a password manager know whose password this is. */}
        <input
          class="sr"
          type="text"
          autocomplete="username"
          value={person.value?.email ?? ''}
          readOnly
          tabIndex={-1}
          aria-hidden="true"
        />
        <Summary
          form={form}
          labels={{ current_password: m().password.current, new_password: m().password.new }}
        />
        <PasswordField
          bind={form.field('current_password')}
          label={m().password.current}
          autocomplete="current-password"
        />
        <PasswordField
          bind={form.field('new_password')}
          label={m().password.new}
          help={m().password.help}
          autocomplete="new-password"
        />
        <div class="actions">
          <SubmitButton busy={form.busy} label={words.passwordSubmit} />
        </div>
      </form>
    </section>
  );
}

function SignOut(): JSX.Element {
  const words = m().account;
  const [asking, setAsking] = useState(false);
  const leave = async () => {
    try {
      await signOut(wipeAccount);
    } catch (error) {
      toast(problemText(error), 'bad');
    }
  };
  return (
    <section class="stack">
      <div class="actions">
        <button
          type="button"
          class="button button-quiet"
          onClick={() => (unsentCount() > 0 ? setAsking(true) : void leave())}
        >
          {words.signOut}
        </button>
      </div>
      {asking && (
        <Dialog title={words.signOutTitle} onClose={() => setAsking(false)}>
          <p>{words.signOutText(unsentCount())}</p>
          <div class="actions">
            <button type="button" class="button" onClick={() => setAsking(false)}>
              {words.signOutStay}
            </button>
            <button type="button" class="button button-danger" onClick={() => void leave()}>
              {words.signOutWipe}
            </button>
          </div>
        </Dialog>
      )}
    </section>
  );
}

export function AccountPage(): JSX.Element {
  const words = m().account;
  return (
    <Page title={words.title} narrow>
      <Profile key={person.value?.id} />
      <Preferences />
      <ChangePassword />
      <section class="card stack">
        <h2>{words.sessions}</h2>
        <p class="muted">{words.sessionsHelp}</p>
        <p>
          <a class="button button-quiet" href={href('sessions')}>
            {words.sessionsOpen}
          </a>
        </p>
      </section>
      <p class="only-narrow">
        <a href={href('about')}>{m().nav.about}</a>
      </p>
      <SignOut />
    </Page>
  );
}
