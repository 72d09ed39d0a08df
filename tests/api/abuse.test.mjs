// What somebody with an account can do to the others and to the trail by staying within the rules
// of each single request: races with a change of password, long messages, refusals in numbers.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { Client } from '../lib/client.mjs';
import { cast, connect, freshEmail } from '../lib/people.mjs';
import { Server, sleep, until } from '../lib/server.mjs';
import { Socket } from '../lib/socket.mjs';
import { sql } from '../lib/sqlite.mjs';

let server;
let people;
before(async () => {
  server = await Server.start({ env: { ACOLHE_PASSWORD_WORKERS: 4 } });
  people = await cast(server, ['ana', 'bruno', 'helena', 'ivo', 'admin', 'rita']);
});
after(() => server?.done());

async function fill(socket, room, text, count) {
  for (let i = 0; i < count; i += 20) {
    await Promise.all(
      Array.from({ length: Math.min(20, count - i) }, () => socket.say(room, text)),
    );
  }
}

test('no session opened with the old password outlives its change', async () => {
  const owner = people.bruno;
  let password = owner.password;
  for (let round = 0; round < 4; round++) {
    const next = `Jabuticaba-Verde-${round}7`;
    const change = owner.post('/auth/password', {
      current_password: password,
      new_password: next,
    });
    const thieves = [];
    for (let i = 0; i < 8; i++) {
      await sleep(10);
      const thief = new Client(server);
      thieves.push(thief.post('/auth/login', { email: owner.email, password }).then(() => thief));
    }
    assert.equal((await change).status, 204);
    for (const thief of await Promise.all(thieves)) {
      assert.equal((await thief.get('/me')).status, 401);
      thief.close();
    }
    password = next;
  }
  const answers = await Promise.all(
    ['Primeira-Troca-123', 'Segunda-Troca-1234'].map(async (new_password) => {
      const client = new Client(server);
      await client.login(owner.email, password);
      return () => client.post('/auth/password', { current_password: password, new_password });
    }),
  ).then((changes) => Promise.all(changes.map((change) => change())));
  assert.equal(answers.filter((answer) => answer.status === 204).length, 1);
});

test('a wrong present password leaves a row', async () => {
  const { ana } = people;
  const answer = await ana.post('/auth/password', {
    current_password: 'nao-era-essa-1',
    new_password: 'Outra-Jabuticaba-55',
  });
  assert.equal(answer.status, 422);
  await until(
    () =>
      sql(
        server,
        `SELECT 1 FROM audit WHERE action = 'password.change' AND outcome = 'invalid_credentials'
           AND actor_id = x'${ana.user.id.replaceAll('-', '')}'`,
      ).length === 1,
    { what: 'the row' },
  );
});

test('long messages can be synced and searched, and do not hold up the others', async (t) => {
  const { ana, helena } = people;
  const room = (await connect(ana, helena)).conversation_id;
  const socket = await Socket.open(ana);
  t.after(() => socket.terminate());
  await fill(socket, room, '😀'.repeat(4000), 80);
  await fill(socket, room, 'ﷺ'.repeat(4000), 120); // each letter folds to eighteen
  const doctor = await Socket.open(helena);
  t.after(() => doctor.terminate());
  doctor.send({ op: 'sync', conversation: room, after: 0 });
  const synced = await doctor.next({ op: 'synced' }, 15_000);
  const seqs = doctor.all.filter((m) => m.op === 'message').map((m) => m.seq);
  assert.deepEqual(
    seqs,
    Array.from({ length: synced.seq }, (_, i) => i + 1),
  );
  const found = await helena.get(`/conversations/${room}/search?q=zzzz`);
  assert.equal(found.status, 200);
  assert.deepEqual(found.json, { items: [], has_more: true });
  await until(
    () =>
      sql(
        server,
        `SELECT 1 FROM audit WHERE action = 'conversation.read' AND outcome = 'ok'
           AND address = '127.0.0.1' AND actor_id = x'${helena.user.id.replaceAll('-', '')}'`,
      ).length === 1,
    { what: 'the row of the sync' },
  );
});

test('who ended a relationship is no longer watched', async (t) => {
  const { ana, ivo } = people;
  const relationship = await connect(ana, ivo);
  const path = `/conversations/${relationship.conversation_id}`;
  const socket = await Socket.open(ana);
  t.after(() => socket.terminate());
  assert.equal((await ivo.get(path)).json.peer_online, true);
  assert.equal((await ana.post(`/relationships/${relationship.id}/end`)).status, 200);
  assert.equal((await ivo.get(path)).json.peer_online, false);
});

test('one person has at most 64 sockets', async (t) => {
  const sockets = [];
  t.after(() => {
    for (const socket of sockets) socket.terminate();
  });
  for (let i = 0; i < 65; i++) sockets.push(await Socket.open(people.ivo));
  assert.equal((await sockets[64].closed).code, 1013);
  assert.ok(sockets.slice(0, 64).every((socket) => !socket.ended));
});

test('who signed in very often can still be sent away', async () => {
  const { rita, admin } = people;
  const socket = await Socket.open(rita);
  const now = Date.now() * 1000;
  sql(
    server,
    `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 70000)
     INSERT INTO sessions (id, token_hash, user_id, created_at, last_seen_at, expires_at, address,
                           user_agent)
     SELECT randomblob(16), randomblob(32), x'${rita.user.id.replaceAll('-', '')}', ${now}, ${now},
            ${now + 3_600_000_000}, '127.0.0.1', '' FROM n`,
    'SELECT 1',
  );
  assert.equal((await admin.post(`/admin/users/${rita.user.id}/disable`)).status, 200);
  assert.equal((await socket.closed).code, 4403);
  assert.equal((await rita.get('/me')).status, 401);
});

test('who is disabled while a request waits to write changes nothing', async () => {
  const { admin } = people;
  const other = spawn(
    'python3',
    [
      '-c',
      `
import sqlite3, sys, time
db = sqlite3.connect(sys.argv[1], timeout=10)
db.isolation_level = None
db.execute('BEGIN IMMEDIATE')
print('locked', flush=True)
time.sleep(0.7)
db.execute("UPDATE users SET state = 2 WHERE id = x'${admin.user.id.replaceAll('-', '')}'")
db.execute('COMMIT')`,
      path.join(server.dataDir, 'clinic.db'),
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  await once(other.stdout, 'data');
  const email = freshEmail('eva');
  const answer = await admin.post('/admin/users', { role: 'admin', name: 'Eva', email });
  assert.equal(answer.status, 401);
  assert.deepEqual(sql(server, `SELECT 1 FROM users WHERE email = '${email}'`), []);
});

test('refusals are limited too, and a sign-in reaches nobody else’s limits', async (t) => {
  const limited = await Server.start({ rateLimits: true });
  t.after(() => limited.done());
  const { ana } = await cast(limited, ['ana']);
  const counts = {};
  for (let i = 0; i < 80; i++) {
    const { status } = await ana.post('/auth/logout', {}, { headers: { 'x-csrf-token': 'x' } });
    counts[status] = (counts[status] ?? 0) + 1;
  }
  assert.ok(counts[429] > 0, JSON.stringify(counts));
  assert.equal(counts[403] + counts[429], 80);
  const stranger = new Client(limited);
  for (let i = 0; i < 12; i++) {
    await stranger.post('/auth/login', { email: ana.user.id, password: 'x' });
  }
  const changed = await ana.post('/auth/password', {
    current_password: ana.password,
    new_password: 'Outra-Jabuticaba-55',
  });
  assert.equal(changed.status, 204);
});
