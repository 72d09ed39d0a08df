// The protocol of docs/protocol.md, operation by operation, and its guarantees.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { ok, TIME, UNKNOWN_ID } from '../lib/expect.mjs';
import { cast, connect, register } from '../lib/people.mjs';
import { Server, until } from '../lib/server.mjs';
import { refused, Socket, uuid7 } from '../lib/socket.mjs';

let server;
let people;
before(async () => {
  server = await Server.start();
  people = await cast(server);
});
after(() => server?.done());

/** A new patient beside helena, their conversation, one socket each. */
async function pair(t, doctor = people.helena) {
  const patient = await register(server, { name: 'Ana Par' });
  const { id, conversation_id: room } = await connect(patient, doctor);
  const a = await Socket.open(patient);
  const d = await Socket.open(doctor);
  t.after(() => {
    a.terminate();
    d.terminate();
    patient.close();
  });
  return { patient, doctor, relationship: id, room, a, d };
}

// ---- opening ----

test('the upgrade needs a session, this origin and the subprotocol', async () => {
  const { cookie } = people.ana;
  assert.equal((await refused(server, {})).status, 401);
  assert.equal((await refused(server, { cookie: `acolhe=${'A'.repeat(43)}` })).status, 401);
  for (const origin of [null, 'null', 'https://mal.exemplo', `${server.origin}.mal.exemplo`]) {
    assert.equal((await refused(server, { cookie, origin })).status, 403, String(origin));
  }
  assert.equal((await refused(server, { cookie, protocols: [] })).status, 400);
  assert.equal((await refused(server, { cookie, protocols: ['acolhe.v2'] })).status, 400);
  const socket = await Socket.open(people.ana, { protocols: ['outro', 'acolhe.v1'] });
  assert.equal(socket.ws.protocol, 'acolhe.v1');
  assert.equal(socket.ws.extensions, '');
  socket.terminate();
});

test('a plain GET there is no upgrade', async () => {
  const answer = await people.ana.get('/realtime', { headers: { origin: server.origin } });
  assert.equal(answer.status, 400, answer.text);
  const outside = await people.ana.get('/realtime', { headers: { cookie: null } });
  assert.ok([400, 401].includes(outside.status));
});

test('receptionists and admins may connect, and have nothing to say there', async () => {
  for (const who of ['rita', 'admin']) {
    let socket;
    try {
      socket = await Socket.open(people[who]);
    } catch {
      assert.equal((await refused(server, { cookie: people[who].cookie })).status, 403);
      continue;
    }
    socket.send({ op: 'send', conversation: UNKNOWN_ID, client_id: uuid7(), text: 'x' });
    assert.equal((await socket.next({ op: 'error' })).code, 'not_found');
    socket.terminate();
  }
});

// ---- send, ack, delivery ----

test('a message is acknowledged and reaches every other socket of both', async (t) => {
  const { patient, room, a, d } = await pair(t);
  const phone = await Socket.open(patient);
  const tablet = await Socket.open(people.helena);
  t.after(() => {
    phone.terminate();
    tablet.terminate();
  });
  const client_id = uuid7();
  const ack = await a.say(room, 'Bom dia, doutora 🌱', client_id);
  assert.deepEqual(Object.keys(ack).sort(), ['at', 'client_id', 'conversation', 'op', 'seq']);
  assert.equal(ack.seq, 2);
  assert.match(ack.at, TIME);
  for (const socket of [phone, d, tablet]) {
    const message = await socket.next({ op: 'message', client_id });
    assert.deepEqual(message, {
      op: 'message',
      conversation: room,
      seq: 2,
      client_id,
      from: patient.user.id,
      kind: 'text',
      text: 'Bom dia, doutora 🌱',
      at: ack.at,
    });
  }
  assert.ok(await a.silent({ op: 'message' }), 'the sending socket got its own message');
});

test('nobody else hears it', async (t) => {
  const { room, a, d } = await pair(t);
  const others = [];
  for (const who of ['bruno', 'ivo']) others.push(await Socket.open(people[who]));
  t.after(() => {
    for (const socket of others) socket.terminate();
  });
  await a.say(room, 'só entre nós');
  await d.next({ op: 'message' });
  for (const socket of others) {
    assert.ok(await socket.silent((m) => m.conversation === room), 'a stranger heard it');
  }
});

test('many messages from both sides: numbers without gaps, in order, on every socket', async (t) => {
  const { room, a, d } = await pair(t);
  const each = 200;
  const ids = { a: [], d: [] };
  for (let i = 0; i < each; i++) {
    ids.a.push(uuid7());
    ids.d.push(uuid7());
    a.send({ op: 'send', conversation: room, client_id: ids.a[i], text: `a ${i}` });
    d.send({ op: 'send', conversation: room, client_id: ids.d[i], text: `d ${i}` });
  }
  const seen = (socket) =>
    socket.all.filter((m) => m.op === 'ack' || (m.op === 'message' && m.kind === 'text'));
  await until(() => seen(a).length === 2 * each && seen(d).length === 2 * each, {
    what: 'all acks and messages',
    timeout: 10_000,
  });
  const expected = Array.from({ length: 2 * each }, (_, i) => i + 2);
  for (const socket of [a, d]) {
    assert.deepEqual(
      seen(socket)
        .map((m) => m.seq)
        .sort((x, y) => x - y),
      expected,
    );
    for (const op of ['ack', 'message']) {
      const order = seen(socket)
        .filter((m) => m.op === op)
        .map((m) => m.seq);
      assert.deepEqual(
        order,
        [...order].sort((x, y) => x - y),
        `${op}s out of order`,
      );
    }
  }
  const acks = a.all.filter((m) => m.op === 'ack').map((m) => m.client_id);
  assert.deepEqual(acks, ids.a, 'a sender’s messages keep their order');
});

test('a resent client_id gets the first ack again and is stored once', async (t) => {
  const { patient, room, a, d } = await pair(t);
  const client_id = uuid7();
  const first = await a.say(room, 'uma vez', client_id);
  await d.next({ op: 'message', client_id });
  const again = await a.say(room, 'uma vez', client_id);
  assert.deepEqual(again, first);
  const elsewhere = await Socket.open(patient);
  t.after(() => elsewhere.terminate());
  assert.deepEqual(await elsewhere.say(room, 'com outro texto', client_id), first);
  assert.ok(await d.silent({ op: 'message', client_id }), 'delivered twice');
  const { items } = ok(await patient.get(`/conversations/${room}/messages`));
  assert.deepEqual(
    items.map((m) => m.text),
    ['relationship.opened', 'uma vez'],
  );
});

test('the same client_id in flight many times at once is one message', async (t) => {
  const { patient, room, a, d } = await pair(t);
  const client_id = uuid7();
  const sockets = [a];
  for (let i = 0; i < 3; i++) sockets.push(await Socket.open(patient));
  t.after(() => {
    for (const socket of sockets) socket.terminate();
  });
  for (let i = 0; i < 5; i++) {
    for (const socket of sockets) {
      socket.send({ op: 'send', conversation: room, client_id, text: 'muitas vezes' });
    }
  }
  for (const socket of sockets) {
    for (let i = 0; i < 5; i++) assert.equal((await socket.next({ op: 'ack', client_id })).seq, 2);
  }
  await d.next({ op: 'message', client_id });
  assert.ok(await d.silent({ op: 'message' }));
  assert.equal(ok(await patient.get(`/conversations/${room}`)).last_seq, 2);
});

test('somebody else’s client_id is not mine', async (t) => {
  const one = await pair(t);
  const two = await pair(t, people.ivo);
  const client_id = uuid7();
  assert.equal((await one.a.say(one.room, 'primeira', client_id)).op, 'ack');
  const answer = await two.a.say(two.room, 'segunda', client_id);
  // either it is a message of its own, or it is refused: never the other's ack
  if (answer.op === 'ack') {
    assert.equal(answer.conversation, two.room);
    const { items } = ok(await two.patient.get(`/conversations/${two.room}/messages`));
    assert.ok(items.some((m) => m.text === 'segunda'));
  } else assert.ok(['validation', 'not_found'].includes(answer.code), answer.code);
});

test('ids whose time is more than 30 days off are refused', async (t) => {
  const { room, a } = await pair(t);
  const day = 24 * 3600_000;
  for (const days of [-31, 31, -4000]) {
    const answer = await a.say(room, 'velha', uuid7(Date.now() + days * day));
    assert.equal(answer.code, 'client_id_expired', `${days} days`);
  }
  for (const days of [-29, 29]) {
    assert.equal((await a.say(room, 'boa', uuid7(Date.now() + days * day))).op, 'ack');
  }
  const four = 'f47ac10b-58cc-4372-a567-0e02b2c3d479';
  a.send({ op: 'send', conversation: room, client_id: four, text: 'x' });
  assert.ok(
    ['validation', 'malformed', 'client_id_expired'].includes((await a.next({ op: 'error' })).code),
  );
});

test('texts: 1 to 4,000 scalar values, kept as typed, none cut', async (t) => {
  const { room, a, d } = await pair(t);
  for (const text of ['x', 'é'.repeat(4000), '🌱'.repeat(4000), ' com espaços \n e linhas ']) {
    const client_id = uuid7();
    assert.equal((await a.say(room, text, client_id)).op, 'ack', `${text.length} units`);
    assert.equal((await d.next({ op: 'message', client_id })).text, text);
  }
  const combined = uuid7();
  await a.say(room, 'corac\u0327a\u0303o', combined);
  assert.equal((await d.next({ op: 'message', client_id: combined })).text, 'corac\u0327a\u0303o');
  for (const text of ['', 'x'.repeat(4001), '🌱'.repeat(4001)]) {
    assert.equal((await a.say(room, text)).code, 'validation', `${text.length} units`);
  }
  for (const text of [
    '<img src=x onerror=alert(1)>',
    '\u2028</script>"\\',
    '%n%s',
    "'; DROP TABLE message;--",
  ]) {
    const client_id = uuid7();
    await a.say(room, text, client_id);
    assert.equal((await d.next({ op: 'message', client_id })).text, text);
  }
});

// ---- edit and delete ----

test('one edits and deletes one’s own messages; the record keeps the place', async (t) => {
  const { patient, room, a, d } = await pair(t);
  const { seq } = await a.say(room, 'tomei 2 comprimdos');
  a.send({ op: 'edit', conversation: room, seq, text: 'tomei 2 comprimidos' });
  for (const socket of [a, d]) {
    const edited = await socket.next({ op: 'edited', conversation: room, seq });
    assert.equal(edited.text, 'tomei 2 comprimidos');
    assert.match(edited.at, TIME);
  }
  let { items } = ok(await patient.get(`/conversations/${room}/messages`));
  assert.equal(items[1].text, 'tomei 2 comprimidos');
  assert.match(items[1].edited_at, TIME);
  a.send({ op: 'delete', conversation: room, seq });
  for (const socket of [a, d]) {
    const deleted = await socket.next({ op: 'deleted', conversation: room, seq });
    assert.equal(deleted.text, undefined);
  }
  ({ items } = ok(await patient.get(`/conversations/${room}/messages`)));
  assert.equal(items[1].seq, seq);
  assert.equal(items[1].text, '');
  assert.equal(items[1].deleted, true);
  assert.ok(!JSON.stringify(items).includes('comprimidos'));
  a.send({ op: 'edit', conversation: room, seq, text: 'de volta?' });
  assert.equal((await a.next({ op: 'error' })).code, 'not_found');
});

test('nobody edits or deletes the other’s message, a notice, or one that is not', async (t) => {
  const { room, a, d } = await pair(t);
  const { seq } = await a.say(room, 'minha');
  for (const [socket, target] of [
    [d, seq],
    [d, 1],
    [a, 1],
    [a, 999],
  ]) {
    for (const op of ['edit', 'delete']) {
      const text = op === 'edit' ? { text: 'sua' } : {};
      const error = await socket.error({ op, conversation: room, seq: target, ...text });
      assert.equal(error.code, 'not_found', `${op} of ${target}`);
    }
  }
  const bruno = await Socket.open(people.bruno);
  t.after(() => bruno.terminate());
  const error = await bruno.error({ op: 'edit', conversation: room, seq, text: 'x' });
  assert.equal(error.code, 'not_found');
});

// ---- watermarks ----

test('delivered and read only rise, and are told to all', async (t) => {
  const { patient, doctor, room, a, d } = await pair(t);
  for (let i = 0; i < 5; i++) await a.say(room, `m${i}`);
  const marks = async () => {
    const { delivered_seq, read_seq } = ok(await patient.get(`/conversations/${room}`));
    return [delivered_seq, read_seq];
  };
  d.send({ op: 'received', conversation: room, seq: 4 });
  for (const socket of [a, d]) {
    const told = await socket.next({ op: 'delivered', conversation: room });
    assert.equal(told.seq, 4);
    assert.equal(told.by, doctor.user.id);
    assert.match(told.at, TIME);
  }
  assert.deepEqual(await marks(), [4, 0]);
  d.send({ op: 'read', conversation: room, seq: 3 });
  assert.equal((await a.next({ op: 'read', conversation: room })).seq, 3);
  assert.deepEqual(await marks(), [4, 3]);
  d.send({ op: 'received', conversation: room, seq: 2 });
  d.send({ op: 'read', conversation: room, seq: 1 });
  assert.ok(await a.silent((m) => m.op === 'delivered' || m.op === 'read'), 'a mark fell');
  assert.deepEqual(await marks(), [4, 3]);
  d.send({ op: 'read', conversation: room, seq: 6 });
  assert.equal((await a.next({ op: 'read', conversation: room })).seq, 6);
  assert.deepEqual(await marks(), [6, 6]);
  // past the end there is nothing to have received or read
  d.send({ op: 'received', conversation: room, seq: 7 });
  d.send({ op: 'read', conversation: room, seq: 2 ** 40 });
  assert.ok(await a.silent((m) => m.op === 'delivered' || m.op === 'read'));
  assert.deepEqual(await marks(), [6, 6]);
});

// ---- typing and presence ----

test('typing is told to the other, and kept nowhere', async (t) => {
  const { patient, room, a, d } = await pair(t);
  a.send({ op: 'typing', conversation: room });
  const told = await d.next({ op: 'typing', conversation: room });
  assert.equal(told.by, patient.user.id);
  d.send({ op: 'typing', conversation: room });
  assert.equal((await a.next({ op: 'typing' })).by, people.helena.user.id);
  assert.equal(ok(await patient.get(`/conversations/${room}`)).last_seq, 1);
});

test('presence is told to doctors about their patients, never the other way', async (t) => {
  const patient = await register(server, { name: 'Pia' });
  const { conversation_id: room } = await connect(patient, people.helena);
  const d = await Socket.open(people.helena);
  const stranger = await Socket.open(people.ivo);
  const about = (online) => (m) =>
    m.op === 'presence' && m.user === patient.user.id && m.online === online;
  const a = await Socket.open(patient);
  t.after(() => {
    for (const socket of [a, d, stranger]) socket.terminate();
  });
  const came = await d.next(about(true));
  assert.match(came.at, TIME);
  assert.equal(ok(await people.helena.get(`/conversations/${room}`)).peer_online, true);
  const second = await Socket.open(patient);
  await a.close();
  assert.ok(await d.silent(about(false)), 'gone, though a second device is there');
  const secondDoctor = await Socket.open(people.helena);
  assert.ok(await second.silent((m) => m.op === 'presence'), 'a patient is told of presence');
  await second.close();
  await d.next(about(false));
  assert.equal(ok(await people.helena.get(`/conversations/${room}`)).peer_online, false);
  assert.ok(await stranger.silent((m) => m.op === 'presence' && m.user === patient.user.id));
  secondDoctor.terminate();
});

// ---- sync ----

test('sync gives what came after, in its present form and in order', async (t) => {
  const { patient, room, a, d } = await pair(t);
  const seqs = [];
  for (let i = 0; i < 6; i++) seqs.push((await a.say(room, `texto ${i}`)).seq);
  a.send({ op: 'edit', conversation: room, seq: seqs[1], text: 'mudado' });
  await a.next({ op: 'edited' });
  a.send({ op: 'delete', conversation: room, seq: seqs[2] });
  await a.next({ op: 'deleted' });
  const late = await Socket.open(patient);
  t.after(() => late.terminate());
  late.send({ op: 'sync', conversation: room, after: 0 });
  const synced = await late.next({ op: 'synced', conversation: room });
  assert.equal(synced.seq, 7);
  const got = late.all.filter((m) => m.op === 'message');
  assert.deepEqual(
    got.map((m) => m.seq),
    [1, 2, 3, 4, 5, 6, 7],
  );
  assert.equal(got[0].kind, 'notice');
  assert.equal(got[2].text, 'mudado');
  assert.match(got[2].edited_at, TIME);
  assert.equal(got[3].deleted, true);
  assert.equal(got[3].text, '');
  late.send({ op: 'sync', conversation: room, after: 5 });
  await late.next({ op: 'synced', seq: 7 });
  assert.deepEqual(
    late.all
      .filter((m) => m.op === 'message')
      .map((m) => m.seq)
      .slice(7),
    [6, 7],
  );
  late.send({ op: 'sync', conversation: room, after: 7 });
  assert.equal((await late.next({ op: 'synced' })).seq, 7);
  assert.ok(await d.silent({ op: 'synced' }));
});

test('a long sync is whole, and live messages meanwhile are not lost', {
  timeout: 60_000,
}, async (t) => {
  const { patient, room, a, d } = await pair(t);
  const many = 1500;
  for (let i = 0; i < many; i++) {
    a.send({
      op: 'send',
      conversation: room,
      client_id: uuid7(),
      text: `história ${i} ${'x'.repeat(200)}`,
    });
  }
  await until(() => d.all.filter((m) => m.op === 'message' && m.kind === 'text').length === many, {
    timeout: 20_000,
    what: 'the history',
  });
  const late = await Socket.open(patient);
  t.after(() => late.terminate());
  late.send({ op: 'sync', conversation: room, after: 0 });
  const live = [];
  for (let i = 0; i < 100; i++) {
    live.push(uuid7());
    d.send({ op: 'send', conversation: room, client_id: live[i], text: `ao vivo ${i}` });
  }
  const synced = await late.next({ op: 'synced' }, 20_000);
  await until(() => live.every((id) => late.all.some((m) => m.client_id === id)), {
    timeout: 10_000,
    what: 'the live messages',
  });
  const numbers = new Map();
  for (const m of late.all.filter((m) => m.op === 'message')) {
    const before = numbers.get(m.seq);
    if (before) assert.equal(before, m.client_id, `two messages with number ${m.seq}`);
    numbers.set(m.seq, m.client_id);
  }
  assert.ok(synced.seq >= many + 1);
  const all = [...numbers.keys()].sort((x, y) => x - y);
  assert.deepEqual(
    all,
    Array.from({ length: many + 101 }, (_, i) => i + 1),
    'a gap after sync',
  );
  const inSync = late.all.slice(
    0,
    late.all.findIndex((m) => m.op === 'synced'),
  );
  const history = inSync.filter((m) => m.op === 'message' && m.text.startsWith('história'));
  const order = history.map((m) => m.seq);
  assert.deepEqual(
    order,
    [...order].sort((x, y) => x - y),
  );
});

test('sync of somebody else’s conversation is not found', async (t) => {
  const { room } = await pair(t);
  const bruno = await Socket.open(people.bruno);
  t.after(() => bruno.terminate());
  for (const conversation of [room, UNKNOWN_ID]) {
    const error = await bruno.error({ op: 'sync', conversation, after: 0 });
    assert.equal(error.code, 'not_found');
  }
});
