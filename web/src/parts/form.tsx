// Forms, all in one way: one column, label above, help before the field, the error beside it and in a
// summary that takes the focus. What was typed is kept, paste and password managers work.

import type { ComponentChildren, InputHTMLAttributes, JSX } from 'preact';
import { useEffect, useId, useRef, useState } from 'preact/hooks';
import { ApiError } from '../api/client.ts';
import { m } from '../i18n/index.ts';
import { Icon } from './icon.tsx';
import { fieldText, problemText } from './problem.ts';

export type Errors<K extends string> = Partial<Record<K, string>>;

export interface Binding {
  id: string;
  name: string;
  value: string;
  error: string | undefined;
  onInput: (value: string) => void;
}

export interface Form<K extends string> {
  values: Record<K, string>;
  errors: Errors<K>;
  problem: string | null;
  busy: boolean;
  attempts: number;
  id: (name: K) => string;
  field: (name: K) => Binding;
  set: (name: K, value: string) => void;
  reset: (values: Record<K, string>) => void;
  /** Validates, runs the action, and turns its failure into errors beside the fields. */
  submit: (
    validate: (values: Record<K, string>) => Errors<K>,
    action: (values: Record<K, string>) => Promise<void>,
    explain?: (error: ApiError) => string | null,
  ) => (event: Event) => void;
}

export function useForm<K extends string>(initial: Record<K, string>): Form<K> {
  const base = useId();
  const [values, setValues] = useState(initial);
  const [errors, setErrors] = useState<Errors<K>>({});
  const [problem, setProblem] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const [attempts, setAttempts] = useState(0);
  const id = (name: K) => `${base}-${name}`;

  function fail(found: Errors<K>, text: string | null): void {
    setErrors(found);
    setProblem(text);
    setAttempts((n) => n + 1);
  }

  function failWith(error: unknown, explain?: (error: ApiError) => string | null): void {
    if (error instanceof ApiError) {
      const own = explain?.(error);
      if (own) {
        fail({}, own);
        return;
      }
      const found: Errors<K> = {};
      let elsewhere = false;
      for (const item of error.errors) {
        const name = item.field.split(/[.[]/)[0] as K;
        if (name in values) found[name] = fieldText(item);
        else elsewhere = true;
      }
      const beside = Object.keys(found).length > 0 && !elsewhere;
      const other = error.errors.length > 0 ? m().errors.fields.invalid : problemText(error);
      fail(found, beside ? null : other);
      return;
    }
    fail({}, problemText(error));
  }

  return {
    values,
    errors,
    problem,
    busy,
    attempts,
    id,
    set: (name, value) => setValues((old) => ({ ...old, [name]: value })),
    reset: (next) => {
      setValues(next);
      setErrors({});
      setProblem(null);
    },
    field: (name) => ({
      id: id(name),
      name,
      value: values[name],
      error: errors[name],
      onInput: (value) => {
        setValues((old) => ({ ...old, [name]: value }));
        // A corrected field stops shouting; the summary stays until the next try.
        if (errors[name]) setErrors((old) => ({ ...old, [name]: undefined }));
      },
    }),
    submit: (validate, action, explain) => (event) => {
      event.preventDefault();
      if (busy) return;
      const found = validate(values);
      if (Object.values(found).some(Boolean)) return fail(found, null);
      setErrors({});
      setProblem(null);
      setBusy(true);
      action(values)
        .catch((error: unknown) => failWith(error, explain))
        .finally(() => setBusy(false));
    },
  };
}

/** The summary at the head of a form; it takes the focus each time a try fails. */
export function Summary<K extends string>({
  form,
  labels,
}: {
  form: Form<K>;
  labels: Partial<Record<K, string>>;
}): JSX.Element | null {
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (form.attempts > 0) box.current?.focus();
  }, [form.attempts]);
  const wrong = (Object.keys(form.values) as K[]).filter((name) => form.errors[name]);
  if (wrong.length === 0 && !form.problem) return null;
  return (
    <div class="summary" role="alert" tabIndex={-1} ref={box} data-testid="error-summary">
      <Icon name="alert" />
      <div>
        {form.problem && <p>{form.problem}</p>}
        {wrong.length > 0 && (
          <>
            <p class="strong">{m().errors.summary(wrong.length)}</p>
            <ul>
              {wrong.map((name) => (
                <li key={name}>
                  <a
                    href={`#${form.id(name)}`}
                    onClick={(event) => {
                      event.preventDefault();
                      document.getElementById(form.id(name))?.focus();
                    }}
                  >
                    {labels[name] ?? name}
                  </a>
                  : {form.errors[name]}
                </li>
              ))}
            </ul>
          </>
        )}
      </div>
    </div>
  );
}

interface FieldProps {
  bind: Binding;
  label: string;
  help?: string | undefined;
  optional?: boolean;
}

function describedBy(bind: Binding, help: string | undefined): string | undefined {
  const ids = [help && `${bind.id}-help`, bind.error && `${bind.id}-error`].filter(Boolean);
  return ids.length > 0 ? ids.join(' ') : undefined;
}

function FieldFrame({
  bind,
  label,
  help,
  optional,
  children,
}: FieldProps & { children: ComponentChildren }): JSX.Element {
  return (
    <div class={bind.error ? 'field field-wrong' : 'field'}>
      <label for={bind.id}>
        {label} {optional && <span class="muted">{m().app.optional}</span>}
      </label>
      {help && (
        <p class="help" id={`${bind.id}-help`}>
          {help}
        </p>
      )}
      {children}
      {bind.error && (
        <p class="field-error" id={`${bind.id}-error`}>
          <Icon name="alert" size={16} /> {bind.error}
        </p>
      )}
    </div>
  );
}

type InputProps = FieldProps &
  Partial<
    Pick<
      InputHTMLAttributes<HTMLInputElement>,
      'type' | 'autocomplete' | 'inputMode' | 'spellcheck' | 'autocapitalize'
    >
  > & {
    /** Formats as it is typed; the caret stays at the end, or where it was when nothing moved. */
    format?: (text: string) => string;
  };

export function TextField({
  bind,
  label,
  help,
  optional,
  format,
  ...input
}: InputProps): JSX.Element {
  return (
    <FieldFrame bind={bind} label={label} help={help} optional={optional ?? false}>
      <input
        {...input}
        class="input"
        id={bind.id}
        name={bind.name}
        value={bind.value}
        required={!optional}
        aria-invalid={bind.error ? 'true' : undefined}
        aria-describedby={describedBy(bind, help)}
        onInput={(event) => {
          const element = event.currentTarget;
          const typed = element.value;
          const atEnd = element.selectionStart === typed.length;
          // Only reformat while typing at the end, so that a correction in the middle is not fought.
          const value = format && atEnd ? format(typed) : typed;
          if (value !== typed) element.value = value;
          bind.onInput(value);
        }}
        onBlur={(event) => {
          if (format) bind.onInput(format(event.currentTarget.value));
        }}
      />
    </FieldFrame>
  );
}

export function PasswordField({
  bind,
  label,
  help,
  autocomplete,
}: FieldProps & { autocomplete: 'current-password' | 'new-password' }): JSX.Element {
  const [shown, setShown] = useState(false);
  return (
    <FieldFrame bind={bind} label={label} help={help}>
      <div class="with-button">
        <input
          class="input"
          type={shown ? 'text' : 'password'}
          id={bind.id}
          name={bind.name}
          value={bind.value}
          required
          autocomplete={autocomplete}
          autocapitalize="none"
          spellcheck={false}
          aria-invalid={bind.error ? 'true' : undefined}
          aria-describedby={describedBy(bind, help)}
          onInput={(event) => bind.onInput(event.currentTarget.value)}
        />
        <button
          type="button"
          class="icon-button"
          aria-pressed={shown}
          onClick={() => setShown(!shown)}
        >
          <Icon name="eye" />
          <span class="sr">{shown ? m().password.hide : m().password.show}</span>
        </button>
      </div>
    </FieldFrame>
  );
}

export function SelectField({
  bind,
  label,
  help,
  optional,
  options,
}: FieldProps & { options: readonly (readonly [string, string])[] }): JSX.Element {
  return (
    <FieldFrame bind={bind} label={label} help={help} optional={optional ?? false}>
      <select
        class="input"
        id={bind.id}
        name={bind.name}
        value={bind.value}
        aria-invalid={bind.error ? 'true' : undefined}
        aria-describedby={describedBy(bind, help)}
        onChange={(event) => bind.onInput(event.currentTarget.value)}
      >
        {options.map(([value, text]) => (
          <option key={value} value={value}>
            {text}
          </option>
        ))}
      </select>
    </FieldFrame>
  );
}

export function TextArea({
  bind,
  label,
  help,
  optional,
  rows = 4,
}: FieldProps & { rows?: number }): JSX.Element {
  return (
    <FieldFrame bind={bind} label={label} help={help} optional={optional ?? false}>
      <textarea
        class="input"
        id={bind.id}
        name={bind.name}
        rows={rows}
        value={bind.value}
        aria-invalid={bind.error ? 'true' : undefined}
        aria-describedby={describedBy(bind, help)}
        onInput={(event) => bind.onInput(event.currentTarget.value)}
      />
    </FieldFrame>
  );
}

export function SubmitButton({
  busy,
  label,
  busyLabel,
}: {
  busy: boolean;
  label: string;
  busyLabel?: string;
}): JSX.Element {
  return (
    <button type="submit" class="button" aria-disabled={busy}>
      {busy ? (busyLabel ?? m().app.saving) : label}
    </button>
  );
}

/** Checks shared by the forms. */
export const checks = {
  required: (text: string): string | undefined =>
    text.trim() === '' ? m().errors.fields.required : undefined,
  email: (text: string): string | undefined =>
    text.trim() === ''
      ? m().errors.fields.required
      : /^[^\s@]+@[^\s@]+\.[^\s@.]+$/.test(text.trim())
        ? undefined
        : m().errors.email,
  newPassword: (text: string): string | undefined =>
    text === ''
      ? m().errors.fields.required
      : [...text].length < 10
        ? m().errors.passwordShort
        : undefined,
};
