// The outbox against a world that loses connections, answers twice, refuses for a while, opens a second
// tab or closes the page: every message arrives once, in the order it was written.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Outbox, type OutboxEntry } from '../src/outbox/queue.ts';
import { uuidTime, uuidv7 } from '../src/outbox/uuid.ts';

/** The server: keeps the first of each client id, acknowledges every one it hears. */
class Server {
  readonly log: { id: string; text: string; conversation: string }[] = [];
  hear(entry: OutboxEntry): void {
    if (!this.log.some((m) => m.id === entry.clientId)) {
      this.log.push({ id: entry.clientId, text: entry.text, conversation: entry.conversation });
    }
  }
}

class Disk {
  readonly rows = new Map<string, OutboxEntry>();
  /** How long a read takes: what is written meanwhile is not in it. */
  gate: Promise<void> = Promise.resolve();
  load = async () => {
    const rows = [...this.rows.values()].map((e) => ({ ...e }));
    await this.gate;
    return rows;
  };
  save = async (e: OutboxEntry) => void this.rows.set(e.clientId, { ...e });
  remove = async (id: string) => void this.rows.delete(id);
}

let counter = 0;

class World {
  readonly server = new Server();
  readonly disk = new Disk();
  now = 1_000;
  online = false;
  /** What was sent and not yet answered. */
  wire: OutboxEntry[] = [];
  timers: { at: number; task: () => void }[] = [];
  box: Outbox;

  constructor() {
    this.box = this.open();
  }

  open(): Outbox {
    return new Outbox({
      store: this.disk,
      transmit: (entry) => {
        if (!this.online) return false;
        this.wire.push({ ...entry });
        return true;
      },
      makeId: () => `id-${String(++counter).padStart(8, '0')}`,
      now: () => this.now,
      later: (ms, task) => this.timers.push({ at: this.now + ms, task }),
      onChange: () => {},
    });
  }

  connect(): void {
    this.online = true;
    this.box.setConnected(true);
  }

  /** The connection breaks; what is on the wire reached the server or not. */
  disconnect(reached: boolean): void {
    if (reached) for (const entry of this.wire) this.server.hear(entry);
    this.wire = [];
    this.online = false;
    this.box.setConnected(false);
  }

  answer(): void {
    const entry = this.wire.shift();
    if (!entry) return;
    this.server.hear(entry);
    this.box.acknowledge(entry.clientId);
  }

  refuse(): void {
    const entry = this.wire.shift();
    if (entry) this.box.refuse(entry.clientId, 'rate_limited', 500);
  }

  pass(ms: number): void {
    this.now += ms;
    const due = this.timers.filter((t) => t.at <= this.now);
    this.timers = this.timers.filter((t) => t.at > this.now);
    for (const timer of due) timer.task();
  }

  /** The page is closed and opened again: memory is gone, the disk is not. */
  async reload(reached: boolean): Promise<void> {
    this.disconnect(reached);
    this.timers = [];
    this.box = this.open();
    await this.box.load();
  }

  async settle(): Promise<void> {
    for (let i = 0; i < 5; i++) await Promise.resolve();
  }
}

test('a message written offline is sent once on return', async () => {
  const w = new World();
  await w.box.add('c', 'oi');
  assert.equal(w.box.entries('c')[0]?.state, 'queued');
  assert.equal(w.disk.rows.size, 1);
  w.connect();
  assert.equal(w.wire.length, 1);
  w.answer();
  await w.settle();
  assert.deepEqual(
    w.server.log.map((m) => m.text),
    ['oi'],
  );
  assert.equal(w.box.entries().length, 0);
  assert.equal(w.disk.rows.size, 0);
});

test('an unanswered message is sent again with the same id', async () => {
  const w = new World();
  w.connect();
  await w.box.add('c', 'oi');
  w.disconnect(true);
  w.connect();
  w.answer();
  assert.equal(w.server.log.length, 1);
  assert.equal(w.box.entries().length, 0);
});

test('one message per conversation is under way, so a rate limit does not change the order', async () => {
  const w = new World();
  w.connect();
  await w.box.add('c', '1');
  await w.box.add('c', '2');
  assert.equal(w.wire.length, 1);
  w.refuse();
  assert.equal(w.wire.length, 0);
  w.pass(600);
  w.answer();
  w.answer();
  assert.deepEqual(
    w.server.log.map((m) => m.text),
    ['1', '2'],
  );
});

test('a refused message stays until it is retried or discarded', async () => {
  const w = new World();
  w.connect();
  const entry = await w.box.add('c', 'oi');
  w.wire = [];
  w.box.refuse(entry.clientId, 'conversation_closed');
  assert.equal(w.box.find(entry.clientId)?.state, 'failed');
  await w.box.retry(entry.clientId);
  assert.equal(w.wire[0]?.clientId, entry.clientId);
  w.box.refuse(entry.clientId, 'validation');
  w.box.discard(entry.clientId);
  await w.settle();
  assert.equal(w.disk.rows.size, 0);
});

test('an expired id is sent again under a new one', async () => {
  const w = new World();
  w.connect();
  const entry = await w.box.add('c', 'oi');
  w.wire = [];
  w.box.refuse(entry.clientId, 'client_id_expired');
  await w.box.retry(entry.clientId);
  assert.notEqual(w.wire[0]?.clientId, entry.clientId);
  w.answer();
  assert.equal(w.box.entries().length, 0);
});

test('what another tab finished leaves this one; what this one just wrote stays', async () => {
  const w = new World();
  const entry = await w.box.add('c', 'oi');
  const other = w.open();
  await other.load();
  assert.equal(other.entries().length, 1);
  other.acknowledge(entry.clientId);
  await w.settle();
  await w.box.load();
  assert.equal(w.box.entries().length, 0);

  let open = () => {};
  w.disk.gate = new Promise((resolve) => {
    open = resolve;
  });
  const slow = w.box.load();
  await w.box.add('c', 'nova');
  open();
  await slow;
  assert.deepEqual(
    w.box.entries().map((e) => e.text),
    ['nova'],
  );
});

test('a message seen in the log is not sent again', async () => {
  const w = new World();
  const entry = await w.box.add('c', 'oi');
  w.box.seen(entry.clientId);
  w.connect();
  assert.equal(w.wire.length, 0);
});

type Step =
  | { do: 'write'; conversation: string }
  | { do: 'connect' | 'answer' | 'refuse' | 'pass' }
  | { do: 'disconnect' | 'reload'; reached: boolean };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('write' as const),
      conversation: fc.constantFrom('a', 'b'),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constantFrom('connect' as const, 'answer' as const, 'pass' as const),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('refuse' as const) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constantFrom('disconnect' as const, 'reload' as const),
      reached: fc.boolean(),
    }),
  },
);

test('whatever happens: none lost, none doubled, each conversation in order', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
      const w = new World();
      const written: Record<string, string[]> = { a: [], b: [] };
      for (const s of steps) {
        if (s.do === 'write') {
          const text = `${s.conversation}${written[s.conversation]?.length}`;
          written[s.conversation]?.push(text);
          await w.box.add(s.conversation, text);
        } else if (s.do === 'connect') w.connect();
        else if (s.do === 'answer') w.answer();
        else if (s.do === 'refuse') w.refuse();
        else if (s.do === 'pass') w.pass(1_000);
        else if (s.do === 'disconnect') w.disconnect(s.reached);
        else if (s.do === 'reload') await w.reload(s.reached);
        await w.settle();
      }
      w.pass(5_000);
      w.connect();
      for (let i = 0; i < 200 && w.box.entries().length > 0; i++) {
        w.answer();
        w.pass(1_000);
        await w.settle();
      }
      for (const c of ['a', 'b']) {
        assert.deepEqual(
          w.server.log.filter((m) => m.conversation === c).map((m) => m.text),
          written[c],
        );
      }
      assert.equal(w.disk.rows.size, 0);
    }),
    { numRuns: 400 },
  );
});

test('UUIDv7: version, variant, time, and order', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 2 ** 47 }),
      fc.uint8Array({ minLength: 10, maxLength: 10 }),
      (ms, random) => {
        const id = uuidv7(ms, random);
        assert.match(id, /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
        assert.equal(uuidTime(id), ms);
        assert.ok(uuidv7(ms + 1, random) > id);
      },
    ),
  );
  assert.notEqual(uuidv7(), uuidv7());
});
