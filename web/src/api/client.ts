// One door to the HTTP API: JSON in and out, the CSRF header on every change, a deadline on every
// call, and one kind of error (ApiError) whatever went wrong, so pages never look at a status.

import type { FieldError, Problem } from './types.ts';

const BASE = '/api/v1';
const DEADLINE_MS = 15_000;

export class ApiError extends Error {
  readonly status: number;
  /** The server's stable code, or 'network' when no answer came. */
  readonly code: string;
  readonly errors: FieldError[];
  readonly retryAfterS: number | null;

  constructor(problem: Problem, retryAfterS: number | null = null) {
    super(problem.code);
    this.status = problem.status;
    this.code = problem.code;
    this.errors = problem.errors ?? [];
    this.retryAfterS = retryAfterS;
  }
}

export interface CallOptions {
  /** A call the program makes by itself: it must not count as the person being there. */
  background?: boolean;
  /** A 401 of this call is an answer (wrong password), not the end of the session. */
  expect401?: boolean;
}

interface Hooks {
  onUnauthenticated: () => void;
  onActivity: () => void;
  onServerTime: (epochMs: number) => void;
}

let csrfToken = '';
let hooks: Hooks = { onUnauthenticated() {}, onActivity() {}, onServerTime() {} };

export function setCsrfToken(token: string): void {
  csrfToken = token;
}

export function setApiHooks(next: Hooks): void {
  hooks = next;
}

async function problemOf(response: Response): Promise<Problem> {
  const fallback: Problem = {
    status: response.status,
    code: response.status >= 500 ? 'unavailable' : 'unexpected',
  };
  if (!response.headers.get('Content-Type')?.includes('json')) return fallback;
  try {
    const body = (await response.json()) as Partial<Problem>;
    return { ...fallback, ...body, status: response.status };
  } catch {
    return fallback;
  }
}

async function call<T>(
  method: string,
  path: string,
  body: unknown,
  options: CallOptions,
): Promise<T> {
  const headers: Record<string, string> = { Accept: 'application/json' };
  if (body !== undefined) headers['Content-Type'] = 'application/json';
  if (method !== 'GET' && csrfToken) headers['X-CSRF-Token'] = csrfToken;
  const abort = new AbortController();
  const deadline = setTimeout(() => abort.abort(), DEADLINE_MS);
  let response: Response;
  try {
    response = await fetch(BASE + path, {
      method,
      headers,
      body: body === undefined ? null : JSON.stringify(body),
      credentials: 'same-origin',
      cache: 'no-store',
      signal: abort.signal,
    });
  } catch {
    throw new ApiError({ status: 0, code: 'network' });
  } finally {
    clearTimeout(deadline);
  }
  const date = Date.parse(response.headers.get('Date') ?? '');
  if (!Number.isNaN(date)) hooks.onServerTime(date);
  if (response.ok) {
    if (!options.background) hooks.onActivity();
    if (response.status === 204) return undefined as T;
    try {
      return (await response.json()) as T;
    } catch {
      throw new ApiError({ status: 0, code: 'network' });
    }
  }
  const problem = await problemOf(response);
  if (response.status === 401 && !options.expect401) hooks.onUnauthenticated();
  const retryAfter = Number.parseInt(response.headers.get('Retry-After') ?? '', 10);
  throw new ApiError(problem, Number.isNaN(retryAfter) ? null : retryAfter);
}

export function get<T>(path: string, options: CallOptions = {}): Promise<T> {
  return call<T>('GET', path, undefined, options);
}

/** A POST without a body sends an empty object: the server takes JSON and nothing else. */
export function post<T>(path: string, body: unknown = {}, options: CallOptions = {}): Promise<T> {
  return call<T>('POST', path, body, options);
}

export function patch<T>(path: string, body: unknown): Promise<T> {
  return call<T>('PATCH', path, body, {});
}

export function put<T>(path: string, body: unknown): Promise<T> {
  return call<T>('PUT', path, body, {});
}

export function del<T>(path: string): Promise<T> {
  return call<T>('DELETE', path, undefined, {});
}

/** "?a=b" from the members that have a value. */
export function queryOf(
  values: Record<string, string | number | boolean | null | undefined>,
): string {
  const query = new URLSearchParams();
  for (const [key, value] of Object.entries(values)) {
    if (value !== undefined && value !== null && value !== '') query.set(key, String(value));
  }
  const text = query.toString();
  return text ? `?${text}` : '';
}
