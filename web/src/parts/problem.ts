// What went wrong, in the person's words: from an ApiError to a sentence, and from a field's error code
// to the text beside that field.

import { ApiError } from '../api/client.ts';
import type { FieldError } from '../api/types.ts';
import { m } from '../i18n/index.ts';

export function problemText(error: unknown): string {
  const words = m().errors;
  if (!(error instanceof ApiError)) return words.unexpected;
  switch (error.code) {
    case 'network':
      return words.network;
    case 'unavailable':
      return words.unavailable;
    case 'csrf_failed':
      return words.csrf;
    case 'forbidden':
      return words.forbidden;
    case 'not_found':
      return words.notFound;
  }
  if (error.status === 429) return words.rateLimited(error.retryAfterS);
  if (error.status === 409) return words.conflict;
  if (error.status === 413) return words.tooLarge;
  return words.unexpected;
}

export function fieldText(error: FieldError): string {
  const words = m().errors;
  const name = error.field.split(/[.[]/).pop() ?? '';
  if (error.code === 'invalid') {
    if (name === 'email' || name === 'patient_email') return words.email;
    if (name === 'cpf') return words.cpf;
    if (name === 'phone') return words.phone;
    if (name === 'birth_date') return words.birthDate;
    if (name === 'crm') return words.crm;
    if (name.startsWith('rqe')) return words.rqe;
  }
  if (error.code === 'too_short' && name.includes('password')) return words.passwordShort;
  return words.fields[error.code as keyof typeof words.fields] ?? words.fields.invalid;
}
