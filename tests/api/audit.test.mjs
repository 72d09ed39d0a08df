// The audit trail: what is in it, that it holds no secret, and that meddling with it is found.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Client } from '../lib/client.mjs';
import { ok, problem, TIME } from '../lib/expect.mjs';
import { cast, connect, PASSWORD, register } from '../lib/people.mjs';
import { Server, until } from '../lib/server.mjs';
import { Socket } from '../lib/socket.mjs';
import { sql } from '../lib/sqlite.mjs';

let server;
let people;
before(async () => {
  server = await Server.start();
  people = await cast(server, ['ana', 'bruno', 'helena', 'admin']);
});
after(() => server?.done());

async function rows(query = '') {
  const all = [];
  let cursor = null;
  do {
    const page = ok(
      await people.admin.get(
        `/admin/audit?limit=100${query}${cursor ? `&cursor=${encodeURIComponent(cursor)}` : ''}`,
      ),
    );
    all.push(...page.items);
    cursor = page.next_cursor;
  } while (cursor);
  return all;
}

/** Waits for a row (reads are written off the path of the answer). */
function row(what, match) {
  return until(async () => (await rows()).find(match), { timeout: 6000, every: 100, what });
}

test('sign-ins and refusals are rows', async () => {
  const ana = await register(server);
  const answer = await new Client(server).post('/auth/login', {
    email: ana.email,
    password: 'nao-e-essa',
  });
  problem(answer, 401);
  const refusal = await row('a refused sign-in', (r) => r.outcome === 'invalid_credentials');
  assert.match(refusal.at, TIME);
  assert.equal(refusal.address, '127.0.0.1');
  assert.equal(refusal.request_id, answer.headers['x-request-id']);
  const client = new Client(server);
  const login = await client.post('/auth/login', { email: ana.email, password: PASSWORD });
  await row(
    'a sign-in',
    (r) => r.request_id === login.headers['x-request-id'] && r.outcome === 'ok',
  );
});

test('changes of accounts and relationships are rows, with who did them', async () => {
  const ana = await register(server);
  const { id } = await connect(ana, people.helena);
  await row('the acceptance', (r) => r.object_id === id && r.actor === people.helena.user.id);
  await row('the request', (r) => r.object_id === id && r.actor === ana.user.id);
  ok(await people.admin.post(`/admin/users/${ana.user.id}/disable`));
  const disabled = await row(
    'the disabling',
    (r) => r.object_id === ana.user.id && r.actor === people.admin.user.id,
  );
  assert.equal(disabled.outcome, 'ok');
});

test('reading a conversation is a row; so is being refused one', async () => {
  const { conversation_id: room } = await connect(people.ana, people.helena);
  ok(await people.helena.get(`/conversations/${room}/messages`));
  await row(
    'the read',
    (r) => r.object_id === room && r.actor === people.helena.user.id && r.outcome === 'ok',
  );
  problem(await people.bruno.get(`/conversations/${room}/messages`), 404);
  const refused = await row(
    'the refusal',
    (r) => r.object_id === room && r.actor === people.bruno.user.id,
  );
  assert.notEqual(refused.outcome, 'ok');
});

test('many reads of one record in a quarter of an hour are one row', async () => {
  const ana = await register(server);
  const { conversation_id: room } = await connect(ana, people.helena);
  for (let i = 0; i < 5; i++) ok(await ana.get(`/conversations/${room}/messages`));
  await row('the read', (r) => r.object_id === room && r.actor === ana.user.id);
  const reads = (await rows(`&object=${room}`)).filter(
    (r) => r.actor === ana.user.id && /read/.test(r.action),
  );
  assert.equal(reads.length, 1, JSON.stringify(reads.map((r) => r.action)));
});

test('no text of a message, no password and no token is in it', async () => {
  const ana = await register(server, { name: 'Ana Sigilo' });
  const { conversation_id: room } = await connect(ana, people.helena);
  const socket = await Socket.open(ana);
  const needle = 'FrutaProibida4419';
  await socket.say(room, needle);
  ok(await ana.get(`/conversations/${room}/search?q=${needle}`));
  await socket.close();
  await row('the reading', (r) => r.object_id === room && r.actor === ana.user.id);
  const text = (await server.cli(['audit', 'export'])).stdout;
  for (const secret of [needle, PASSWORD, ana.csrf, ana.cookies.get('acolhe')]) {
    assert.ok(!text.includes(secret), 'a secret is in the audit trail');
  }
});

test('words of a client cannot forge a line', async () => {
  const email = 'x\r\n{"forged":1}\u001b[31m@teste.local';
  await new Client(server).post('/auth/login', { email, password: 'p' });
  const ana = await register(server, { name: 'Linha\u2028Nova \u001b[2J' }).catch(() => null);
  ana?.close();
  await people.ana.get('/me', { headers: { 'user-agent': 'a\tb "c" {"d"}' } });
  for (const line of (await server.cli(['audit', 'export'])).stdout.trim().split('\n')) {
    assert.doesNotThrow(() => JSON.parse(line), line);
  }
  assert.doesNotMatch(server.log(), /^\{"forged"/m);
  assert.ok(!server.log().includes('\u001b[31m') && !server.log().includes('\u001b[2J'));
});

test('the list is the latest first, filtered and paged', async () => {
  const all = await rows();
  assert.ok(all.length > 20);
  const keys = all.map((r) => `${r.at} ${String(r.seq).padStart(12, '0')}`);
  assert.deepEqual(keys, [...keys].sort().reverse());
  const mine = await rows(`&actor=${people.admin.user.id}`);
  assert.ok(mine.length > 0 && mine.every((r) => r.actor === people.admin.user.id));
  const { action } = mine[0];
  assert.ok((await rows(`&action=${action}`)).every((r) => r.action === action));
  const middle = all[Math.floor(all.length / 2)].at;
  assert.ok((await rows(`&from=${middle}`)).every((r) => r.at >= middle));
  assert.ok((await rows(`&to=${middle}`)).every((r) => r.at <= middle));
  problem(await people.admin.get('/admin/audit?from=ontem'), 422, 'validation');
  problem(await people.admin.get('/admin/audit?actor=x'), 422, 'validation');
});

test('the export is the whole chain as JSON lines, and verifies while it serves', async () => {
  const { stdout } = await server.cli(['audit', 'export']);
  const lines = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  assert.deepEqual(
    lines.map((r) => r.seq),
    lines.map((_, i) => i + 1),
  );
  for (const member of ['node', 'at', 'action', 'outcome']) {
    assert.ok(
      lines.every((r) => r[member] !== undefined),
      member,
    );
  }
  const verified = await server.cli(['audit', 'verify']);
  assert.equal(verified.code, 0);
});

test('the database itself refuses to change or remove a row', () => {
  assert.throws(() => sql(server, "UPDATE audit SET outcome = 'ok'"), /append-only/);
  assert.throws(() => sql(server, 'DELETE FROM audit'), /append-only/);
});

const meddling = [
  ['a changed outcome', "UPDATE audit SET outcome = 'ok?' WHERE seq = 7"],
  ['a changed time', 'UPDATE audit SET at = at + 1 WHERE seq = 7'],
  [
    'a changed actor',
    "UPDATE audit SET actor_id = x'00112233445566778899aabbccddeeff' WHERE seq = 7",
  ],
  ['a changed detail', "UPDATE audit SET detail = detail || ' ' WHERE seq = 7"],
  ['a removed row', 'DELETE FROM audit WHERE seq = 7'],
  ['a removed first row', 'DELETE FROM audit WHERE seq = 1'],
  [
    'two rows exchanged',
    `UPDATE audit SET seq = 1000000 WHERE seq = 7;UPDATE audit SET seq = 7 WHERE seq = 8;
     UPDATE audit SET seq = 8 WHERE seq = 1000000`,
  ],
  [
    'a row slipped in',
    `UPDATE audit SET seq = seq + 1000000 WHERE seq > 7;
     INSERT INTO audit SELECT node, 8, at, actor_id, action, object_type, object_id, outcome,
       address, request_id, detail, prev_hash, hash FROM audit WHERE seq = 7;
     UPDATE audit SET seq = seq - 999999 WHERE seq > 1000000`,
  ],
];
test('meddling with the file is found', { timeout: 60_000 }, async (t) => {
  const own = await Server.start();
  t.after(() => own.done());
  const cast2 = await cast(own, ['ana', 'helena', 'admin']);
  await connect(cast2.ana, cast2.helena);
  await own.stop();
  assert.equal((await own.cli(['audit', 'verify'])).code, 0);
  const fs = await import('node:fs');
  const path = await import('node:path');
  const file = path.join(own.dataDir, 'clinic.db');
  const good = fs.readFileSync(file);
  for (const [what, statements] of meddling) {
    fs.writeFileSync(file, good);
    for (const suffix of ['-wal', '-shm']) fs.rmSync(file + suffix, { force: true });
    sql(
      own,
      'DROP TRIGGER audit_no_update',
      'DROP TRIGGER audit_no_delete',
      ...statements
        .split(';')
        .map((s) => s.trim())
        .filter(Boolean),
      'PRAGMA wal_checkpoint(TRUNCATE)',
    );
    const found = await own.cli(['audit', 'verify'], { ok: false });
    assert.equal(found.code, 1, `${what} was not found: ${found.stdout}${found.stderr}`);
  }
});
