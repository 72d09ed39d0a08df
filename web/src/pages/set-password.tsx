// A one-time link opens this page; its token is in the fragment, which browsers never send, and leaves
// the address bar as soon as it is read.

import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { api } from '../api/endpoints.ts';
import { m } from '../i18n/index.ts';
import { checks, PasswordField, SubmitButton, Summary, useForm } from '../parts/form.tsx';
import { Empty, Page } from '../parts/page.tsx';
import { href, navigate } from '../router.ts';
import { endReason, person, signOut } from '../session/session.ts';

export function SetPasswordPage(): JSX.Element {
  const words = m().setPassword;
  const [token] = useState(() => location.hash.slice(1));
  const form = useForm({ password: '', confirm: '' });
  useEffect(() => {
    if (token) history.replaceState(null, '', href('setPassword'));
  }, [token]);
  const submit = form.submit(
    (v) => ({
      password: checks.newPassword(v.password),
      confirm: v.confirm === v.password ? undefined : m().errors.fields.mismatch,
    }),
    async (v) => {
      await api.setPassword(token, v.password);
      // Whoever was signed in here may be somebody else.
      if (person.value) await signOut();
      endReason.value = 'passwordSet';
      navigate(href('signIn'), { replace: true });
    },
    (error) =>
      error.status === 400 || error.status === 401 || error.status === 404 || error.status === 410
        ? words.expired
        : error.errors.some((e) => e.field === 'token')
          ? words.expired
          : null,
  );
  if (!token) {
    return (
      <Page title={words.title} narrow>
        <Empty icon="alert" title={words.noToken}>
          <a class="button button-quiet" href={href('signIn')}>
            {m().signIn.title}
          </a>
        </Empty>
      </Page>
    );
  }
  return (
    <Page title={words.title} lead={words.lead} narrow>
      <form class="card form" onSubmit={submit} noValidate>
        <Summary form={form} labels={{ password: m().password.new, confirm: words.confirm }} />
        <PasswordField
          bind={form.field('password')}
          label={m().password.new}
          help={m().password.help}
          autocomplete="new-password"
        />
        <PasswordField
          bind={form.field('confirm')}
          label={words.confirm}
          autocomplete="new-password"
        />
        <SubmitButton busy={form.busy} label={words.submit} />
      </form>
    </Page>
  );
}
