// When a session ends and when to say so. Pure: all times are epoch milliseconds on this device's clock.

export interface SessionClock {
  /** Last sign of the person that the server saw too. */
  lastActivity: number;
  idleMs: number;
  /** End of the session whatever happens. */
  absoluteEnd: number;
  warnMs: number;
}

export type SessionPhase =
  | { is: 'fine' }
  | { is: 'warn'; kind: 'idle' | 'absolute'; leftS: number }
  | { is: 'over'; kind: 'idle' | 'absolute' };

/** At least a minute of warning, plus some seconds in case the server counted from a little earlier. */
const LEAST_WARN_MS = 60_000;
const MARGIN_MS = 10_000;

export function sessionPhase(c: SessionClock, now: number): SessionPhase {
  // Ending a little before the server does is honest; ending after it would lose the warning.
  const idleEnd = c.lastActivity + c.idleMs - MARGIN_MS / 2;
  const kind = idleEnd <= c.absoluteEnd ? 'idle' : 'absolute';
  const left = Math.min(idleEnd, c.absoluteEnd) - now;
  if (left <= 0) return { is: 'over', kind };
  // A very short session (a test's) still has a calm part.
  const lead = Math.min(Math.max(c.warnMs, LEAST_WARN_MS) + MARGIN_MS, c.idleMs * 0.8);
  return left <= lead ? { is: 'warn', kind, leftS: Math.ceil(left / 1000) } : { is: 'fine' };
}

/** Whether what the person does now should be told to the server, so that the session goes on. */
export function shouldTouch(c: SessionClock, now: number): boolean {
  return now - c.lastActivity > c.idleMs / 3;
}
