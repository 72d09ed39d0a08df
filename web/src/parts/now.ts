// "Now" for the pages: a clock that moves every half minute, so that relative words do not grow stale,
// and the language and words that go with it.

import { signal } from '@preact/signals';
import type { DateContext } from '../i18n/dates.ts';
import { locale, m } from '../i18n/index.ts';

export const now = signal(Date.now());

/** Two panes from here on. */
export const wide = signal(true);

export function startClock(): void {
  setInterval(() => {
    now.value = Date.now();
  }, 30_000);
  const query = matchMedia('(min-width: 56.25rem)');
  wide.value = query.matches;
  query.addEventListener('change', () => {
    wide.value = query.matches;
  });
}

export function dateContext(): DateContext {
  return { locale: locale.value, words: m(), now: now.value };
}
