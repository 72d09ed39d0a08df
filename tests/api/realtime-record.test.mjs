// What the record keeps of edits and deletions, when they are too late, and how much one may send.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { ok } from '../lib/expect.mjs';
import { cast, connect, register } from '../lib/people.mjs';
import { Server, sleep, until } from '../lib/server.mjs';
import { Socket, uuid7 } from '../lib/socket.mjs';
import { sql } from '../lib/sqlite.mjs';

let server;
let people;
before(async () => {
  server = await Server.start();
  people = await cast(server, ['helena']);
});
after(() => server?.done());

async function room(t, on = server, doctor = people.helena) {
  const patient = await register(on);
  const { conversation_id } = await connect(patient, doctor);
  const socket = await Socket.open(patient);
  t.after(() => {
    socket.terminate();
    patient.close();
  });
  return { patient, conversation: conversation_id, socket };
}

/** The numbers of a conversation's messages and of its kept versions, as the database has them. */
function stored(conversation) {
  const id = conversation.replaceAll('-', '');
  const [[no]] = sql(server, `SELECT no FROM conversations WHERE id = x'${id}'`);
  const [[versions]] = sql(
    server,
    `SELECT count(*) FROM message_versions WHERE conversation = ${no}`,
  );
  const [[messages]] = sql(server, `SELECT count(*) FROM messages WHERE conversation = ${no}`);
  return { no, versions, messages };
}

test('every version of an edited and deleted message is kept', async (t) => {
  const { conversation, socket } = await room(t);
  const { seq } = await socket.say(conversation, 'primeira');
  for (const text of ['segunda', 'terceira']) {
    socket.send({ op: 'edit', conversation, seq, text });
    await socket.next({ op: 'edited', seq, text });
  }
  assert.equal(stored(conversation).versions, 2);
  socket.send({ op: 'delete', conversation, seq });
  await socket.next({ op: 'deleted', seq });
  assert.deepEqual(
    { ...stored(conversation), no: 0 },
    { no: 0, versions: 3, messages: 2 },
    'the original is gone from the record',
  );
});

test('after 15 minutes a message is edited and deleted no more', async (t) => {
  const { conversation, socket } = await room(t);
  const { no } = stored(conversation);
  const minute = 60_000_000;
  const age = (seq, minutes) =>
    sql(
      server,
      `UPDATE messages SET at = at - ${minutes * minute} WHERE conversation = ${no} AND seq = ${seq}`,
    );
  const young = await socket.say(conversation, 'de há 14 minutos');
  const old = await socket.say(conversation, 'de há 16 minutos');
  age(young.seq, 14);
  age(old.seq, 16);
  for (const op of ['edit', 'delete']) {
    const text = op === 'edit' ? { text: 'mudada' } : {};
    const error = await socket.error({ op, conversation, seq: old.seq, ...text });
    assert.equal(error.code, 'too_late', op);
    socket.send({ op, conversation, seq: young.seq, ...text });
    await socket.next({ op: op === 'edit' ? 'edited' : 'deleted', seq: young.seq });
  }
});

test('a flood is slowed down with a time to come back, and nothing acked is lost', {
  timeout: 60_000,
}, async (t) => {
  const strict = await Server.start({ rateLimits: true });
  t.after(() => strict.done());
  const few = await cast(strict, ['helena']);
  const { patient, conversation, socket } = await room(t, strict, few.helena);
  const ids = Array.from({ length: 600 }, () => uuid7());
  const send = (client_id) =>
    socket.send({ op: 'send', conversation, client_id, text: `m ${client_id}` });
  for (const id of ids) send(id);
  const answers = () => socket.all.filter((m) => m.op === 'ack' || m.op === 'error');
  await until(() => answers().length === ids.length, { timeout: 10_000, what: 'all answers' });
  const refused = answers().filter((m) => m.op === 'error');
  assert.ok(refused.length > 0, '600 messages at once were all taken');
  for (const error of refused) {
    assert.equal(error.code, 'rate_limited');
    assert.ok(error.retry_after_ms > 0 && error.retry_after_ms <= 60_000);
    assert.ok(ids.includes(error.client_id));
  }
  assert.equal(socket.ended, null, 'being too fast is not an error that ends a socket');
  // one that comes back when told to is served
  const again = refused.at(-1).client_id;
  await sleep(Math.max(...refused.map((m) => m.retry_after_ms)) + 50);
  send(again);
  await socket.next({ op: 'ack', client_id: again });
  const acked = answers().filter((m) => m.op === 'ack').length;
  assert.equal(ok(await patient.get(`/conversations/${conversation}`)).last_seq, acked + 1);
});
