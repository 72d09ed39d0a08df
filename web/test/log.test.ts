// The message log: any order, any repeats, any gaps end in the same unbroken log; watermarks only rise;
// reconnecting is spread out.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Message } from '../src/api/types.ts';
import { backoffMs } from '../src/realtime/backoff.ts';
import {
  appendPage,
  applyDelete,
  applyEdit,
  applyMessage,
  emptyLog,
  type Log,
  logFrom,
  messageAt,
  prependPage,
} from '../src/realtime/log.ts';
import { Watermarks } from '../src/realtime/watermarks.ts';

function message(seq: number, text = `m${seq}`): Message {
  return {
    conversation: 'c',
    seq,
    client_id: `id${seq}`,
    from: seq % 2 ? 'a' : 'b',
    kind: 'text',
    text,
    at: new Date(1_700_000_000_000 + seq * 1000).toISOString(),
  };
}

const upTo = (n: number, from = 1) =>
  Array.from({ length: n - from + 1 }, (_, i) => message(from + i));
const seqs = (log: Log) => log.messages.map((x) => x.seq);

function unbroken(log: Log): void {
  log.messages.forEach((x, i) => {
    assert.equal(x.seq, log.first + i);
  });
  assert.equal(log.head, log.first + log.messages.length - 1);
}

test('any order of arrival, with repeats, ends in the same log without a gap', () => {
  fc.assert(
    fc.property(
      fc
        .integer({ min: 1, max: 30 })
        .chain((n) =>
          fc.tuple(
            fc.constant(n),
            fc.shuffledSubarray([...upTo(n), ...upTo(n)], { minLength: n * 2, maxLength: n * 2 }),
          ),
        ),
      ([n, arrivals]) => {
        let log = emptyLog();
        let gap = false;
        for (const x of arrivals) {
          ({ log, gap } = applyMessage(log, x));
          unbroken(log);
        }
        assert.equal(gap, false);
        assert.deepEqual(
          seqs(log),
          upTo(n).map((x) => x.seq),
        );
      },
    ),
  );
});

test('a gap is told until it is filled, and nothing beyond it is shown', () => {
  const log = logFrom(upTo(5), 5);
  const after = applyMessage(log, message(8));
  assert.equal(after.gap, true);
  assert.equal(after.log.head, 5);
  const partly = applyMessage(after.log, message(6));
  assert.equal(partly.gap, true);
  const filled = applyMessage(partly.log, message(7));
  assert.equal(filled.gap, false);
  assert.equal(filled.log.head, 8);
});

test('a synced message replaces the one there, but never an edit by the original', () => {
  let log = logFrom(upTo(3), 3);
  log = applyEdit(log, 2, 'novo', '2026-01-01T00:00:00.000Z');
  log = applyMessage(log, message(2)).log;
  assert.equal(messageAt(log, 2)?.text, 'novo');
  log = applyMessage(log, {
    ...message(2, 'mais novo'),
    edited_at: '2026-02-01T00:00:00.000Z',
  }).log;
  assert.equal(messageAt(log, 2)?.text, 'mais novo');
  log = applyEdit(log, 2, 'velho', '2026-01-15T00:00:00.000Z');
  assert.equal(messageAt(log, 2)?.text, 'mais novo');
  log = applyDelete(log, 2);
  log = applyMessage(log, message(2)).log;
  assert.equal(messageAt(log, 2)?.deleted, true);
  assert.equal(messageAt(log, 2)?.text, '');
});

test('edits and deletions of messages beyond a gap are not lost', () => {
  let log = applyMessage(logFrom(upTo(3), 3), message(5)).log;
  log = applyEdit(log, 5, 'editada', '2026-01-01T00:00:00.000Z');
  log = applyMessage(log, message(4)).log;
  assert.equal(messageAt(log, 5)?.text, 'editada');
});

test('history goes before the window, without doubles and without holes', () => {
  const log = logFrom(upTo(20, 11), 20);
  assert.deepEqual(
    seqs(prependPage(log, upTo(12, 6))),
    upTo(20, 6).map((x) => x.seq),
  );
  assert.deepEqual(seqs(prependPage(log, upTo(8))), seqs(log));
});

test('an older part is detached: live messages wait until it is read down to them', () => {
  const log = logFrom(upTo(20, 11), 40);
  assert.equal(log.attached, false);
  assert.equal(applyMessage(log, message(41)).log.head, 20);
  const down = appendPage(log, upTo(30, 21), 41);
  assert.equal(down.head, 30);
  assert.equal(down.attached, false);
  assert.equal(appendPage(down, upTo(41, 31), 41).attached, true);
});

test('a page with a hole keeps its newest unbroken run', () => {
  assert.deepEqual(seqs(logFrom([message(1), message(2), message(4), message(5)], 5)), [4, 5]);
});

test('back-off: within its bounds, growing, spread over the whole range', () => {
  fc.assert(
    fc.property(
      fc.nat(100),
      fc.double({ min: 0, max: 0.9999999, noNaN: true }),
      (attempt, random) => {
        const wait = backoffMs(attempt, random);
        return wait >= 150 && wait <= 30_000;
      },
    ),
  );
  assert.equal(backoffMs(0, 0.999999), 499);
  assert.equal(backoffMs(3, 0.5), 2_000);
  assert.equal(backoffMs(20, 0.5), 15_000);
  assert.equal(backoffMs(5, 0), 150);
});

test('watermarks: one word for a burst, never a lower number, read includes received', () => {
  const said: string[] = [];
  const marks = new Watermarks((mark, c, seq) => said.push(`${mark} ${c} ${seq}`) > 0);
  marks.received('c', 3);
  marks.received('c', 5);
  marks.received('c', 4);
  marks.flush();
  assert.deepEqual(said, ['received c 5']);
  assert.equal(marks.read('c', 6), true);
  marks.received('c', 6);
  marks.flush();
  marks.read('c', 6);
  marks.read('c', 2);
  assert.deepEqual(said, ['received c 5', 'read c 6']);
});

test('watermarks: what could not be said is said again on a new connection', () => {
  let up = false;
  const said: number[] = [];
  const marks = new Watermarks((_, __, seq) => up && said.push(seq) > 0);
  assert.equal(marks.read('c', 4), false);
  up = true;
  marks.reset();
  assert.equal(marks.read('c', 4), true);
  assert.deepEqual(said, [4]);
});
