// Dates nobody can misread, hours as people say them, the session clock, the router, and that the two
// languages have the same shape.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { OfficeHours } from '../src/api/types.ts';
import { dayProblem, hoursLines, replyTime } from '../src/format/hours.ts';
import {
  clockTime,
  type DateContext,
  dayKey,
  dayLabel,
  fullTime,
  plainDate,
  sameOffset,
  shortWhen,
  whenNext,
} from '../src/i18n/dates.ts';
import { en } from '../src/i18n/en.ts';
import { pickLocale } from '../src/i18n/index.ts';
import { ptBR } from '../src/i18n/pt-BR.ts';
import { breaks, stateOf } from '../src/parts/message-words.ts';
import { href, matchPath, resolvePlace, safeReturn } from '../src/router.ts';
import { routes } from '../src/routes.ts';
import { sessionPhase, shouldTouch } from '../src/session/clock.ts';

const zone = 'America/Sao_Paulo';
const now = Date.parse('2026-11-23T15:00:00Z'); // Monday noon in São Paulo
const pt: DateContext = { locale: 'pt-BR', words: ptBR, zone, now };
const english: DateContext = { ...pt, locale: 'en', words: en };

test('times: 24 hours, weekday, spelled-out month', () => {
  assert.equal(clockTime('2026-11-23T03:05:00Z', pt), '00:05');
  assert.equal(clockTime('2026-11-23T17:05:00Z', english), '14:05');
  assert.equal(fullTime('2026-11-23T17:05:00Z', pt), 'segunda-feira, 23 de novembro, às 14:05');
  assert.match(fullTime('2026-11-23T17:05:00Z', english), /^Monday,? 23 November, at 14:05$/);
});

test('days: relative words only beside the date itself', () => {
  assert.equal(dayLabel('2026-11-23T05:00:00Z', pt), 'Hoje, segunda-feira, 23 de novembro');
  assert.equal(dayLabel('2026-11-23T02:00:00Z', pt), 'Ontem, domingo, 22 de novembro');
  assert.equal(dayLabel('2025-12-31T15:00:00Z', pt), 'Quarta-feira, 31 de dezembro de 2025');
  assert.equal(shortWhen('2026-11-23T17:05:00Z', pt), '14:05');
  assert.equal(shortWhen('2026-11-22T17:05:00Z', pt), 'ontem');
  assert.equal(dayKey('2026-11-23T02:59:00Z', zone), '2026-11-22');
});

test('next opening: the zone is named only when the clocks differ', () => {
  const at = '2026-11-24T11:00:00Z';
  assert.equal(whenNext(at, pt, zone), 'amanhã, terça-feira, 24 de novembro, às 08:00');
  assert.equal(whenNext(at, pt, 'America/Bahia'), 'amanhã, terça-feira, 24 de novembro, às 08:00');
  assert.match(whenNext(at, pt, 'America/Manaus'), /às 08:00 \(.*Brasília.*\)$/);
  assert.equal(sameOffset(at, zone, 'America/Manaus'), false);
});

test('a birth date is no instant: no zone moves it', () => {
  assert.equal(
    plainDate('1980-12-31', { ...pt, zone: 'Pacific/Kiritimati' }),
    '31 de dezembro de 1980',
  );
});

function week(days: number[], ...spans: [string, string][]): OfficeHours[] {
  return days.flatMap((weekday) => spans.map(([start, end]) => ({ weekday, start, end })));
}

test('hours: equal days in a row are one line', () => {
  const hours = [
    ...week([1, 2, 3, 4], ['08:00', '12:00'], ['14:00', '18:00']),
    ...week([5, 7], ['08:00', '12:00']),
  ].reverse();
  assert.deepEqual(hoursLines(hours, ptBR), [
    { days: 'segunda a quinta', spans: '08:00 às 12:00, 14:00 às 18:00' },
    { days: 'sexta', spans: '08:00 às 12:00' },
    { days: 'domingo', spans: '08:00 às 12:00' },
  ]);
  assert.deepEqual(hoursLines([], ptBR), []);
});

test('hours: what the weekly form refuses', () => {
  assert.equal(dayProblem(week([1], ['08:00', '12:00'], ['12:00', '14:00'])), null);
  assert.equal(dayProblem(week([1], ['12:00', '08:00'])), 'badSpan');
  assert.equal(dayProblem(week([1], ['08:00', ''])), 'badSpan');
  assert.equal(dayProblem(week([1], ['8', '12:00'])), 'badSpan');
  assert.equal(dayProblem(week([1], ['10:00', '14:00'], ['08:00', '11:00'])), 'overlap');
});

test('reply time in the unit people use', () => {
  assert.equal(replyTime(30, ptBR), 'Costuma responder em até 30 minutos.');
  assert.equal(replyTime(60, ptBR), 'Costuma responder em até 1 hora.');
  assert.equal(replyTime(2880, en), 'Usually replies within 2 days.');
  assert.equal(replyTime(null, ptBR), null);
});

test('session: at least a minute of warning, then the end', () => {
  const clock = { lastActivity: 0, idleMs: 900_000, absoluteEnd: 1e12, warnMs: 60_000 };
  assert.equal(sessionPhase(clock, 820_000).is, 'fine');
  const warned = sessionPhase(clock, 835_000);
  assert.ok(warned.is === 'warn' && warned.kind === 'idle' && warned.leftS >= 60);
  assert.deepEqual(sessionPhase(clock, 900_000), { is: 'over', kind: 'idle' });
  assert.deepEqual(sessionPhase({ ...clock, absoluteEnd: 100 }, 200), {
    is: 'over',
    kind: 'absolute',
  });
  assert.equal(shouldTouch(clock, 200_000), false);
  assert.equal(shouldTouch(clock, 400_000), true);
});

test('router: patterns, parameters, unknown paths', () => {
  assert.deepEqual(matchPath('/doctors/:id', '/doctors/a%20b'), { id: 'a b' });
  assert.equal(matchPath('/doctors/:id', '/doctors'), null);
  assert.equal(matchPath('/doctors/:id', '/doctors/%E0'), null);
  assert.equal(resolvePlace('/conversations/x').name, 'conversation');
  assert.equal(resolvePlace('/nope').name, 'notFound');
  assert.equal(href('conversation', { id: 'a/b' }), '/conversations/a%2Fb');
  assert.equal(href('signIn', {}, { next: '/x?y=1' }), '/sign-in?next=%2Fx%3Fy%3D1');
});

test('router: every route finds itself', () => {
  for (const route of routes) {
    const params = Object.fromEntries([...route.path.matchAll(/:(\w+)/g)].map((x) => [x[1], 'v']));
    assert.equal(resolvePlace(href(route.name, params)).name, route.name);
  }
});

test('router: sign-in returns only to pages of this site', () => {
  assert.equal(safeReturn('/conversations/x?y=1'), '/conversations/x?y=1');
  for (const path of [
    '//evil.example',
    'https://evil.example',
    '/\\evil.example',
    'x',
    '',
    null,
    '/sign-in',
    '/nope',
  ]) {
    assert.equal(safeReturn(path), null, String(path));
  }
});

test('languages: the first one that we speak', () => {
  assert.equal(pickLocale(['fr', 'en-US', 'pt']), 'en');
  assert.equal(pickLocale(['pt-PT']), 'pt-BR');
  assert.equal(pickLocale(['ja']), 'pt-BR');
  assert.equal(pickLocale([]), 'pt-BR');
});

test('languages: every text is there in both, and no list is shorter', () => {
  const shape = (value: unknown): unknown =>
    Array.isArray(value)
      ? value.length
      : typeof value === 'object' && value !== null
        ? Object.fromEntries(Object.entries(value).map(([k, v]) => [k, shape(v)]))
        : typeof value;
  assert.deepEqual(shape(en), shape(ptBR));
  const empty = JSON.stringify(ptBR).includes('""') || JSON.stringify(en).includes('""');
  assert.equal(empty, false);
});

test('messages: ticks, days and groups', () => {
  assert.equal(stateOf(3, { delivered_seq: 5, read_seq: 3 }), 'read');
  assert.equal(stateOf(4, { delivered_seq: 5, read_seq: 3 }), 'delivered');
  assert.equal(stateOf(6, { delivered_seq: 5, read_seq: 3 }), 'sent');
  const at = (seconds: number, from: string) => ({
    conversation: 'c',
    seq: 1,
    client_id: 'x',
    from,
    kind: 'text' as const,
    text: '',
    at: new Date(Date.parse('2026-11-23T15:00:00Z') + seconds * 1000).toISOString(),
  });
  assert.deepEqual(breaks(at(0, 'a'), at(60, 'a')), { day: false, group: false });
  assert.deepEqual(breaks(at(0, 'a'), at(60, 'b')), { day: false, group: true });
  assert.deepEqual(breaks(at(0, 'a'), at(400, 'a')), { day: false, group: true });
  assert.equal(breaks(undefined, at(0, 'a')).day, true);
});
