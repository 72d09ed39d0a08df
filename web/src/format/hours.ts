// Office hours as people say them: days with the same openings are one line, and runs of days are
// "Monday to Friday". Also the checks of the doctor's weekly form.

import type { OfficeHours } from '../api/types.ts';
import type { Catalogue } from '../i18n/pt-BR.ts';

export interface HoursLine {
  days: string;
  spans: string;
}

function spansOf(hours: readonly OfficeHours[], weekday: number): OfficeHours[] {
  return hours
    .filter((h) => h.weekday === weekday)
    .sort((a, b) => (a.start < b.start ? -1 : a.start > b.start ? 1 : 0));
}

/** Lines in the order of the week. */
export function hoursLines(hours: readonly OfficeHours[], words: Catalogue): HoursLine[] {
  const lines: { first: number; last: number; spans: string }[] = [];
  for (let day = 1; day <= 7; day++) {
    const spans = spansOf(hours, day)
      .map((h) => words.hours.span(h.start, h.end))
      .join(', ');
    if (!spans) continue;
    const previous = lines[lines.length - 1];
    if (previous && previous.spans === spans && previous.last === day - 1) previous.last = day;
    else lines.push({ first: day, last: day, spans });
  }
  const name = (day: number) => words.hours.weekdays[day - 1] ?? '';
  return lines.map(({ first, last, spans }) => ({
    days: first === last ? name(first) : words.hours.range(name(first), name(last)),
    spans,
  }));
}

/** "Costuma responder em até 2 horas …", or null when the doctor has not said. */
export function replyTime(minutes: number | null | undefined, words: Catalogue): string | null {
  if (!minutes) return null;
  if (minutes < 60) return words.hours.replyMinutes(minutes);
  if (minutes < 1440) return words.hours.replyHours(Math.ceil(minutes / 60));
  return words.hours.replyDays(Math.ceil(minutes / 1440));
}

const CLOCK = /^([01]\d|2[0-3]):[0-5]\d$/;

/** What is wrong with one day's openings, if anything. */
export function dayProblem(spans: readonly OfficeHours[]): 'badSpan' | 'overlap' | null {
  if (spans.some((s) => !CLOCK.test(s.start) || !CLOCK.test(s.end) || s.end <= s.start))
    return 'badSpan';
  const sorted = [...spans].sort((a, b) => (a.start < b.start ? -1 : 1));
  for (let i = 1; i < sorted.length; i++) {
    if ((sorted[i] as OfficeHours).start < (sorted[i - 1] as OfficeHours).end) return 'overlap';
  }
  return null;
}
