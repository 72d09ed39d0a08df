// Who is signed in, and the whole life of that: boot, sign-in, the warning before the end, the end, and
// what each of these means for the address bar and the other tabs. Rooms that keep things for a person
// (outbox, conversations) listen here for the start and the end.

import { signal } from '@preact/signals';
import { ApiError, setApiHooks, setCsrfToken } from '../api/client.ts';
import { api, type Registration } from '../api/endpoints.ts';
import type { Clinic, SignedIn, User } from '../api/types.ts';
import { locale, setLocale } from '../i18n/index.ts';
import { backoffMs } from '../realtime/backoff.ts';
import { href, navigate, place, safeReturn } from '../router.ts';
import { routes } from '../routes.ts';
import { type SessionClock, type SessionPhase, sessionPhase, shouldTouch } from './clock.ts';
import { onTabNews, tellTabs } from './tabs.ts';

export type EndReason =
  | 'expired'
  | 'revoked'
  | 'disabled'
  | 'signedOut'
  | 'passwordSet'
  | 'required';

export const phase = signal<'booting' | 'unreachable' | 'anonymous' | 'signedIn'>('booting');
export const person = signal<User | null>(null);
export const clinic = signal<Clinic | null>(null);
export const endReason = signal<EndReason | null>(null);
/** The warning dialog's content while the session is about to end. */
export const ending = signal<Extract<SessionPhase, { is: 'warn' }> | null>(null);
export const currentSession = signal('');

type Listener = (account: string) => void;
const started: Listener[] = [];
const ended: Listener[] = [];

export function onSession(events: { started?: Listener; ended?: Listener }): void {
  if (events.started) started.push(events.started);
  if (events.ended) ended.push(events.ended);
}

let clock: SessionClock | null = null;
let serverAhead = 0;
let ticker: ReturnType<typeof setInterval> | undefined;
let lastTold = 0;

/** Called for whatever the server counts as the person being there. */
export function noteActivity(fromOtherTab = false): void {
  if (!clock) return;
  const now = Date.now();
  clock.lastActivity = now;
  if (ending.value?.kind === 'idle') tick();
  if (!fromOtherTab && now - lastTold > 2_000) {
    lastTold = now;
    tellTabs({ type: 'activity' });
  }
}

function tick(): void {
  if (!clock) return;
  const state = sessionPhase(clock, Date.now());
  ending.value = state.is === 'warn' ? state : null;
  if (state.is === 'over') {
    api.logout().catch(() => {});
    endSession('expired');
  }
}

let touching = false;
async function touch(): Promise<void> {
  if (touching || !clock || ending.value || !shouldTouch(clock, Date.now())) return;
  touching = true;
  try {
    await extendSession();
  } catch {
    // The next key press tries again; the clock was not moved.
  } finally {
    touching = false;
  }
}

export async function extendSession(): Promise<void> {
  const { session } = await api.extend();
  if (clock) clock.absoluteEnd = Date.parse(session.expires_at) - serverAhead;
  tick();
}

function adopt(answer: SignedIn): void {
  setCsrfToken(answer.csrf_token);
  const times = answer.session;
  clock = {
    lastActivity: Date.now(),
    idleMs: (clinic.value?.session.idle_s ?? 900) * 1000,
    warnMs: (clinic.value?.session.warn_s ?? 60) * 1000,
    absoluteEnd: Date.parse(times.expires_at) - serverAhead,
  };
  currentSession.value = times.id;
  const before = person.value?.id;
  // Another account in another tab of this browser: what belongs to the first one goes first.
  if (before && before !== answer.user.id) for (const listener of ended) listener(before);
  person.value = answer.user;
  endReason.value = null;
  phase.value = 'signedIn';
  hint(true);
  clearInterval(ticker);
  ticker = setInterval(tick, 1_000);
  if (before !== answer.user.id) for (const listener of started) listener(answer.user.id);
}

/** The session is over, for whatever reason: nothing of it stays on the screen. */
export function endSession(reason: EndReason): void {
  const account = person.value?.id;
  clearInterval(ticker);
  clock = null;
  ending.value = null;
  setCsrfToken('');
  phase.value = 'anonymous';
  hint(false);
  if (!account) return;
  for (const listener of ended) listener(account);
  person.value = null;
  endReason.value = reason;
  const back = reason === 'signedOut' ? null : safeReturn(location.pathname + location.search);
  navigate(href('signIn', {}, back && back !== '/' ? { next: back } : {}), { replace: true });
}

/** Puts a signed-in person where they wanted to be. */
function enter(): void {
  const wanted = safeReturn(place.value.query.get('next'));
  navigate(wanted ?? '/', { replace: true });
}

export async function signIn(email: string, password: string): Promise<void> {
  const answer = await api.login(email, password);
  adopt(answer);
  tellTabs({ type: 'signed-in', account: answer.user.id });
  enter();
}

/** True if a session began; false if the address has to be confirmed first. */
export async function signUp(details: Registration): Promise<boolean> {
  const answer = await api.register(details);
  if (!answer?.user) return false;
  adopt(answer);
  tellTabs({ type: 'signed-in', account: answer.user.id });
  enter();
  return true;
}

/** `erase` runs before anybody sees that the session is over: who then closes the tab leaves nothing. */
export async function signOut(erase?: (account: string) => Promise<void>): Promise<void> {
  const account = person.value?.id;
  try {
    await api.logout();
  } catch (error) {
    if (error instanceof ApiError && error.code === 'network') throw error;
  }
  if (account) await erase?.(account);
  if (account) tellTabs({ type: 'signed-out', account });
  endSession('signedOut');
}

/** After the account page saved something. */
export function replaceSignedIn(answer: SignedIn): void {
  adopt(answer);
}

/** After a change that only touches the user (a doctor's practice). */
export function replaceUser(user: User): void {
  person.value = user;
}

async function loadClinic(): Promise<void> {
  clinic.value = await api.clinic();
  if (clock) clock.idleMs = clinic.value.session.idle_s * 1000;
}

const HINT = 'acolhe.here';

/** Remembers that somebody is signed in on this device (not who): the cookie is not for scripts. */
function hint(here: boolean): void {
  try {
    if (here) localStorage.setItem(HINT, '1');
    else localStorage.removeItem(HINT);
  } catch {
    // Without storage the server is asked.
  }
}

/** On a page that needs nobody, a device that remembers nobody need not ask the server. */
function nobodyHere(): boolean {
  const access = routes.find((r) => r.name === place.value.name)?.access;
  if (access !== 'anyone' && access !== 'anonymous') return false;
  try {
    return localStorage.getItem(HINT) === null;
  } catch {
    return false;
  }
}

let bootAttempt = 0;
let bootTimer: ReturnType<typeof setTimeout> | undefined;

/** Asks the server who we are; keeps trying while it cannot be reached. */
export async function boot(): Promise<void> {
  clearTimeout(bootTimer);
  try {
    if (!clinic.value) await loadClinic();
    if (!person.value && nobodyHere()) {
      phase.value = 'anonymous';
      return;
    }
    adopt(await api.me());
    bootAttempt = 0;
  } catch (error) {
    if (error instanceof ApiError && (error.status === 401 || error.status === 403)) {
      bootAttempt = 0;
      if (person.value) endSession('revoked');
      hint(false);
      phase.value = 'anonymous';
      return;
    }
    if (!person.value) phase.value = 'unreachable';
    bootTimer = setTimeout(boot, backoffMs(bootAttempt++) + 500);
  }
}

/** A refused socket may mean that the session is gone: ask, without counting it as activity. */
export async function checkSession(): Promise<void> {
  try {
    const answer = await api.me(true);
    if (answer.user.id !== person.value?.id) adopt(answer);
    else {
      setCsrfToken(answer.csrf_token);
      person.value = answer.user;
    }
  } catch (error) {
    if (error instanceof ApiError && error.status === 401 && person.value) lost();
  }
}

/** A 401 in the middle of things: by time, or because somebody ended it. */
function lost(): void {
  if (!person.value) return;
  const idle = clock ? Date.now() - clock.lastActivity >= clock.idleMs - 15_000 : false;
  const absolute = clock ? Date.now() >= clock.absoluteEnd - 5_000 : false;
  endSession(idle || absolute ? 'expired' : 'revoked');
}

export function startSession(): void {
  setApiHooks({
    onUnauthenticated: lost,
    onActivity: () => noteActivity(),
    onServerTime: (serverMs) => {
      // The header has whole seconds; small differences are not worth a correction.
      const ahead = serverMs - Date.now();
      serverAhead = Math.abs(ahead) > 2_000 ? ahead : 0;
    },
  });
  onTabNews((news) => {
    if (news.type === 'activity') noteActivity(true);
    if (news.type === 'signed-out' && news.account === person.value?.id) endSession('signedOut');
    if (news.type === 'signed-in' && news.account !== person.value?.id) void boot();
  });
  for (const type of ['keydown', 'pointerdown'] as const) {
    addEventListener(type, () => void touch(), { capture: true, passive: true });
  }
  addEventListener('online', () => {
    if (phase.value === 'unreachable') void boot();
  });
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'visible') tick();
  });
  void boot();
}

/** Saves the language with the account, so that mail uses it too; the page does not wait for it. */
export function chooseLocale(next: 'pt-BR' | 'en'): void {
  if (next === locale.value) return;
  setLocale(next);
  if (person.value) {
    api.updateMe({ locale: next }).then(replaceSignedIn, () => {});
  }
}
