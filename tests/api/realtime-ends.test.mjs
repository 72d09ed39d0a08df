// How a conversation, a right and a socket end: closed relationships, disabled accounts, changed
// passwords, a stopping server, an idle session.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { ok, UNKNOWN_ID } from '../lib/expect.mjs';
import { cast, connect, register, signIn } from '../lib/people.mjs';
import { Server, sleep, until } from '../lib/server.mjs';
import { refused, Socket, uuid7 } from '../lib/socket.mjs';

let server;
let people;
before(async () => {
  server = await Server.start();
  people = await cast(server, ['helena', 'admin']);
});
after(() => server?.done());

/** A new patient beside helena, their conversation, one socket each. */
async function pair(t) {
  const patient = await register(server, { name: 'Ana Par' });
  const { id, conversation_id: room } = await connect(patient, people.helena);
  const a = await Socket.open(patient);
  const d = await Socket.open(people.helena);
  t.after(() => {
    a.terminate();
    d.terminate();
    patient.close();
  });
  return { patient, relationship: id, room, a, d };
}

test('a closed conversation takes no messages, and is still read', async (t) => {
  const { patient, room, relationship, a, d } = await pair(t);
  const { seq } = await a.say(room, 'antes');
  ok(await patient.post(`/relationships/${relationship}/end`));
  for (const socket of [a, d]) {
    const client_id = uuid7();
    const error = await socket.say(room, 'depois', client_id);
    assert.equal(error.code, 'conversation_closed');
    assert.equal(error.client_id, client_id);
  }
  assert.equal(
    (await a.error({ op: 'edit', conversation: room, seq, text: 'x' })).code,
    'conversation_closed',
  );
  a.send({ op: 'typing', conversation: room });
  assert.ok(await d.silent({ op: 'typing' }), 'typing in a closed conversation');
  a.send({ op: 'sync', conversation: room, after: 0 });
  assert.equal((await a.next({ op: 'synced' })).seq, 3);
});

test('a disabled account’s sockets close with 4403, its messages stop', async (t) => {
  const { patient, room, a } = await pair(t);
  const second = await Socket.open(patient);
  ok(await people.admin.post(`/admin/users/${patient.user.id}/disable`));
  assert.equal((await a.closed).code, 4403);
  assert.equal((await second.closed).code, 4403);
  assert.equal((await refused(server, { cookie: patient.cookie })).status, 401);
  assert.equal((await patient.get('/me')).status, 401);
  assert.equal(ok(await people.helena.get(`/conversations/${room}`)).last_seq, 1);
});

test('changing the password closes the other sessions’ sockets only', async () => {
  const ana = await register(server);
  const other = await signIn(server, ana);
  const mine = await Socket.open(ana);
  const theirs = await Socket.open(other);
  const body = { current_password: 'Jabuticaba-Madura-91', new_password: 'Pitanga-Vermelha-77' };
  ok(await ana.post('/auth/password', body), 204);
  assert.equal((await theirs.closed).code, 4401);
  await sleep(100);
  assert.equal(mine.ended, null);
  mine.terminate();
});

test('a stopping server closes with 1001, and what was acknowledged, no more and no less, is there after', async (t) => {
  const own = await Server.start();
  t.after(() => own.done());
  const cast2 = await cast(own, ['ana', 'helena']);
  const { conversation_id: room } = await connect(cast2.ana, cast2.helena);
  const socket = await Socket.open(cast2.ana);
  const acked = [];
  socket.ws.on('message', (data) => {
    const m = JSON.parse(data);
    if (m.op === 'ack') acked.push(m.client_id);
  });
  let i = 0;
  const pump = setInterval(() => {
    for (let k = 0; k < 10 && socket.ended === null; k++, i++) {
      socket.send({ op: 'send', conversation: room, client_id: uuid7(), text: `m ${i}` });
    }
  }, 1);
  t.after(() => clearInterval(pump));
  await until(() => acked.length > 100);
  cast2.ana.agent.destroy();
  cast2.helena.agent.destroy();
  const how = await own.stop();
  assert.equal(how.code, 0, JSON.stringify(how));
  assert.equal((await socket.closed).code, 1001);
  await own.up();
  const stored = new Set();
  for (let from = 0; ; from += 100) {
    const page = ok(await cast2.ana.get(`/conversations/${room}/messages?after=${from}&limit=100`));
    for (const m of page.items) if (m.kind === 'text') stored.add(m.client_id);
    if (!page.has_more) break;
  }
  // and the other way round: whatever was committed was said before the close
  assert.deepEqual(acked.sort(), [...stored].sort());
});

test('an operation of the user keeps the session; a ping does not', {
  timeout: 30_000,
}, async (t) => {
  const short = await Server.start({ env: { ACOLHE_SESSION_IDLE_S: '2' } });
  t.after(() => short.done());
  const ana = await register(short);
  const bruno = await register(short);
  const busy = await Socket.open(ana);
  const pinging = await Socket.open(bruno);
  for (let i = 0; i < 8; i++) {
    await sleep(500);
    busy.send({ op: 'typing', conversation: UNKNOWN_ID });
    if (!pinging.ended) pinging.ws.ping();
  }
  assert.equal(busy.ended, null, 'the socket of a busy session was closed');
  const ended = await Promise.race([pinging.closed, sleep(4000)]);
  assert.equal(ended?.code, 4401, 'pings kept a session alive');
  busy.terminate();
});
