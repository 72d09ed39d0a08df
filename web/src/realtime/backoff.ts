// How long to wait before connecting again: exponential with full jitter, so that a restarted server
// is not met by everybody at once.

export interface BackoffRange {
  baseMs: number;
  maxMs: number;
  /** Never less, or a refusing server would be hammered. */
  minMs: number;
}

export const reconnectRange: BackoffRange = { baseMs: 500, maxMs: 30_000, minMs: 150 };

/** attempt counts from 0; random is in [0, 1). */
export function backoffMs(
  attempt: number,
  random: number = Math.random(),
  range: BackoffRange = reconnectRange,
): number {
  const ceiling = Math.min(range.maxMs, range.baseMs * 2 ** Math.min(attempt, 20));
  return Math.max(range.minMs, Math.floor(random * ceiling));
}
