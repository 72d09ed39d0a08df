// Sign-in: says why it is shown, keeps what was typed, and brings people back to where they were.

import type { JSX } from 'preact';
import { m } from '../i18n/index.ts';
import {
  checks,
  PasswordField,
  SubmitButton,
  Summary,
  TextField,
  useForm,
} from '../parts/form.tsx';
import { Icon } from '../parts/icon.tsx';
import { Page } from '../parts/page.tsx';
import { href } from '../router.ts';
import { endReason, signIn } from '../session/session.ts';

export function SignInPage(): JSX.Element {
  const words = m().signIn;
  const form = useForm({ email: '', password: '' });
  const reason = endReason.value;
  const good = reason === 'signedOut' || reason === 'passwordSet';
  const submit = form.submit(
    (v) => ({
      email: checks.email(v.email),
      password: v.password ? undefined : m().errors.fields.required,
    }),
    (v) => signIn(v.email.trim(), v.password),
    (error) => {
      if (error.code === 'invalid_credentials') return words.wrong;
      if (error.code === 'account_disabled') return words.disabled;
      return null;
    },
  );
  return (
    <Page title={words.title} lead={words.lead} narrow>
      {reason && (
        <div class={good ? 'note note-good' : 'note note-warn'} role="status" data-testid="reason">
          <Icon name={good ? 'done' : 'alert'} />
          <div>
            <p>{words.reasons[reason]}</p>
            {(reason === 'expired' || reason === 'revoked') && <p>{words.draftKept}</p>}
          </div>
        </div>
      )}
      <form class="card form" onSubmit={submit} noValidate>
        <Summary form={form} labels={{ email: words.email, password: m().password.label }} />
        <TextField
          bind={form.field('email')}
          label={words.email}
          type="email"
          autocomplete="username"
          inputMode="email"
          autocapitalize="none"
          spellcheck={false}
        />
        <PasswordField
          bind={form.field('password')}
          label={m().password.label}
          autocomplete="current-password"
        />
        <SubmitButton busy={form.busy} label={words.submit} busyLabel={words.submitting} />
        <p class="muted small">{words.forgot}</p>
      </form>
      <p class="center">
        {words.noAccount} <a href={href('signUp')}>{words.signUp}</a>
      </p>
    </Page>
  );
}
