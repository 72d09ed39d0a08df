// Times a person cannot misread: weekday and spelled-out month, 24-hour clock, the zone named when it
// is not the viewer's. Pure: language, zone and "now" are arguments.

import type { Catalogue } from './pt-BR.ts';

export interface DateContext {
  locale: string;
  words: Catalogue;
  /** IANA zone of the viewer; undefined is the browser's own. */
  zone?: string | undefined;
  now: number;
}

const cache = new Map<string, Intl.DateTimeFormat>();

function formatter(
  locale: string,
  zone: string | undefined,
  options: Intl.DateTimeFormatOptions,
): Intl.DateTimeFormat {
  const key = JSON.stringify([locale, zone, options]);
  let found = cache.get(key);
  if (!found) {
    // en-GB puts the day before the month, as the rest of the product does.
    found = new Intl.DateTimeFormat(locale === 'en' ? 'en-GB' : locale, {
      ...options,
      ...(zone ? { timeZone: zone } : {}),
    });
    cache.set(key, found);
  }
  return found;
}

/** "2026-11-22" in the viewer's zone: equal for two times of the same day. */
export function dayKey(at: string | number, zone?: string): string {
  return formatter('sv-SE', zone, { year: 'numeric', month: '2-digit', day: '2-digit' }).format(
    new Date(at),
  );
}

/** "14:05". */
export function clockTime(at: string | number, c: DateContext): string {
  return formatter(c.locale, c.zone, {
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  }).format(new Date(at));
}

/** "segunda-feira, 23 de novembro", with the year when it is not this one. */
export function longDay(at: string | number, c: DateContext): string {
  const sameYear = dayKey(at, c.zone).slice(0, 4) === dayKey(c.now, c.zone).slice(0, 4);
  return formatter(c.locale, c.zone, {
    weekday: 'long',
    day: 'numeric',
    month: 'long',
    ...(sameYear ? {} : { year: 'numeric' }),
  }).format(new Date(at));
}

function dayDistance(at: string | number, c: DateContext): number {
  const day = (value: string | number) => Date.parse(`${dayKey(value, c.zone)}T12:00:00Z`);
  return Math.round((day(at) - day(c.now)) / 86_400_000);
}

function relativeDay(at: string | number, c: DateContext): string | null {
  const distance = dayDistance(at, c);
  if (distance === 0) return c.words.dates.today;
  if (distance === -1) return c.words.dates.yesterday;
  if (distance === 1) return c.words.dates.tomorrow;
  return null;
}

function capital(text: string): string {
  return text.charAt(0).toLocaleUpperCase() + text.slice(1);
}

/** For day separators: "Hoje, segunda-feira, 23 de novembro". */
export function dayLabel(at: string | number, c: DateContext): string {
  const relative = relativeDay(at, c);
  return capital(relative ? `${relative}, ${longDay(at, c)}` : longDay(at, c));
}

/** "segunda-feira, 23 de novembro, às 14:05". */
export function fullTime(at: string | number, c: DateContext): string {
  return c.words.dates.at(longDay(at, c), clockTime(at, c));
}

/** "amanhã, terça-feira, 24 de novembro, às 08:00 (Horário de Brasília)". */
export function whenNext(at: string | number, c: DateContext, otherZone?: string): string {
  const relative = relativeDay(at, c);
  const text = relative ? `${relative}, ${fullTime(at, c)}` : fullTime(at, c);
  return otherZone && !sameOffset(at, c.zone, otherZone)
    ? text + c.words.dates.zoneSuffix(zoneName(at, c))
    : text;
}

/** For lists: the time if today, "ontem", else the short date. */
export function shortWhen(at: string | number, c: DateContext): string {
  const distance = dayDistance(at, c);
  if (distance === 0) return clockTime(at, c);
  if (distance === -1) return c.words.dates.yesterday;
  return formatter(c.locale, c.zone, {
    day: 'numeric',
    month: 'short',
    ...(dayKey(at, c.zone).slice(0, 4) === dayKey(c.now, c.zone).slice(0, 4)
      ? {}
      : { year: 'numeric' }),
  }).format(new Date(at));
}

/** A calendar date such as a birth date: no zone may move it. */
export function plainDate(date: string, c: DateContext): string {
  return formatter(c.locale, 'UTC', { day: 'numeric', month: 'long', year: 'numeric' }).format(
    new Date(`${date}T00:00:00Z`),
  );
}

/** Whether two zones show the same clock at that time. */
export function sameOffset(at: string | number, a: string | undefined, b: string): boolean {
  const show = (zone: string | undefined) =>
    formatter('sv-SE', zone, { dateStyle: 'short', timeStyle: 'short' }).format(new Date(at));
  try {
    return show(a) === show(b);
  } catch {
    return true;
  }
}

/** The viewer's zone in words, "Horário Padrão de Brasília". */
function zoneName(at: string | number, c: DateContext): string {
  const parts = formatter(c.locale, c.zone, { timeZoneName: 'long' }).formatToParts(new Date(at));
  return parts.find((p) => p.type === 'timeZoneName')?.value ?? '';
}
