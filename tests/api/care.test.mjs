// The life of a care relationship: asked, accepted, declined, ended, asked again.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { invalid, ok, problem, TIME, UNKNOWN_ID, UUID7 } from '../lib/expect.mjs';
import { cast, connect, register } from '../lib/people.mjs';
import { Server, until } from '../lib/server.mjs';
import { Socket, uuid7 } from '../lib/socket.mjs';

let server;
let people;
before(async () => {
  server = await Server.start();
  people = await cast(server);
});
after(() => server?.done());

const ask = (patient, doctor) => patient.post('/relationships', { doctor_id: doctor.user.id });
const step = (who, relationship, name) => who.post(`/relationships/${relationship.id}/${name}`);

test('a patient asks, only the doctor can accept, and the conversation opens', async () => {
  const ana = await register(server, { name: 'Ana Um' });
  const { helena } = people;
  const asked = ok(await ask(ana, helena), 201);
  assert.match(asked.id, UUID7);
  assert.equal(asked.state, 'requested');
  assert.equal(asked.requested_by, ana.user.id);
  assert.deepEqual(asked.patient, { id: ana.user.id, name: 'Ana Um' });
  assert.equal(asked.doctor.id, helena.user.id);
  assert.equal(asked.doctor.name, 'Helena Prado');
  assert.equal(asked.doctor.uf, 'SP');
  assert.equal(asked.conversation_id, null);
  assert.match(asked.created_at, TIME);
  assert.equal(ok(await ask(ana, helena), 200).id, asked.id, 'asking again changes nothing');
  const own = await step(ana, asked, 'accept');
  assert.ok([403, 409].includes(own.status), `one accepted one’s own request: ${own.text}`);
  const accepted = ok(await step(helena, asked, 'accept'));
  assert.equal(accepted.state, 'active');
  assert.match(accepted.conversation_id, UUID7);
  const conversation = ok(await ana.get(`/conversations/${accepted.conversation_id}`));
  assert.equal(conversation.state, 'open');
  assert.equal(conversation.relationship_id, asked.id);
  assert.equal(conversation.peer.id, helena.user.id);
  assert.equal(conversation.peer.role, 'doctor');
  const { items } = ok(await ana.get(`/conversations/${conversation.id}/messages`));
  assert.equal(items.length, 1);
  assert.equal(items[0].kind, 'notice');
  assert.equal(items[0].text, 'relationship.opened');
  assert.equal(items[0].from, helena.user.id);
  assert.equal(items[0].seq, 1);
  problem(await step(helena, asked, 'accept'), 409, 'bad_state');
});

test('a doctor asks by e-mail, the patient accepts', async () => {
  const ana = await register(server);
  const email = ana.email.toUpperCase();
  const asked = ok(await people.helena.post('/relationships', { patient_email: email }), 201);
  assert.equal(asked.requested_by, people.helena.user.id);
  problem(await step(people.helena, asked, 'accept'), 409, 'bad_state');
  assert.equal(ok(await step(ana, asked, 'accept')).state, 'active');
});

test('asking when the other side has asked already is accepting', async () => {
  const ana = await register(server);
  ok(await ask(ana, people.helena), 201);
  const both = ok(await people.helena.post('/relationships', { patient_email: ana.email }));
  assert.equal(both.state, 'active');
  assert.match(both.conversation_id, UUID7);
});

test('a declined request can be made again, in the same relationship', async () => {
  const ana = await register(server);
  const asked = ok(await ask(ana, people.helena), 201);
  const declined = ok(await step(people.helena, asked, 'decline'));
  assert.equal(declined.state, 'declined');
  assert.equal(declined.conversation_id, null);
  problem(await step(people.helena, asked, 'accept'), 409, 'bad_state');
  problem(await step(people.helena, asked, 'end'), 409, 'bad_state');
  const again = ok(await ask(ana, people.helena));
  assert.equal(again.id, asked.id);
  assert.equal(again.state, 'requested');
  assert.equal(ok(await step(people.helena, asked, 'accept')).state, 'active');
});

test('either side ends it: the conversation closes and keeps its record; asking reopens it', async () => {
  for (const ender of ['patient', 'doctor']) {
    const ana = await register(server);
    const active = await connect(ana, people.helena);
    const conversation = active.conversation_id;
    const socket = await Socket.open(ana);
    await socket.say(conversation, 'antes do fim');
    const who = ender === 'patient' ? ana : people.helena;
    const ended = ok(await step(who, active, 'end'));
    assert.equal(ended.state, 'ended');
    assert.equal(ended.conversation_id, conversation);
    assert.equal(ok(await ana.get(`/conversations/${conversation}`)).state, 'closed');
    const refusal = await socket.say(conversation, 'depois do fim');
    assert.equal(refusal.code, 'conversation_closed');
    const { items } = ok(await people.helena.get(`/conversations/${conversation}/messages`));
    assert.deepEqual(
      items.map((item) => item.text),
      ['relationship.opened', 'antes do fim', 'relationship.ended'],
    );
    assert.equal(items[2].from, who.user.id);
    problem(await step(ana, active, 'end'), 409, 'bad_state');

    const other = ender === 'patient' ? people.helena : ana;
    const again = ok(await ask(ana, people.helena));
    assert.equal(again.id, active.id);
    assert.equal(again.state, 'requested');
    assert.equal(again.conversation_id, conversation);
    assert.equal(
      (await socket.say(conversation, 'ainda não')).code,
      'conversation_closed',
      `${other.user.role} has not accepted yet`,
    );
    const reopened = ok(await step(people.helena, active, 'accept'));
    assert.equal(reopened.conversation_id, conversation, 'the same conversation');
    assert.equal((await socket.say(conversation, 'de novo')).op, 'ack');
    const after = ok(await ana.get(`/conversations/${conversation}/messages`));
    assert.deepEqual(
      after.items.map((item) => item.seq),
      [1, 2, 3, 4, 5],
    );
    await socket.close();
  }
});

test('both are told live of what happens to it', async () => {
  const ana = await register(server);
  const patient = await Socket.open(ana);
  const doctor = await Socket.open(people.ivo);
  const asked = ok(await ask(ana, people.ivo), 201);
  await doctor.next({ op: 'event', topic: 'relationship', id: asked.id });
  const accepted = ok(await step(people.ivo, asked, 'accept'));
  await patient.next({ op: 'event', topic: 'relationship', id: asked.id });
  await patient.next((m) => m.op === 'message' && m.text === 'relationship.opened');
  assert.equal((await patient.say(accepted.conversation_id, 'oi')).op, 'ack');
  ok(await step(ana, asked, 'end'));
  await doctor.next({ op: 'event', topic: 'relationship', id: asked.id });
  await doctor.next((m) => m.op === 'message' && m.text === 'relationship.ended');
  await patient.close();
  await doctor.close();
});

test('only verified doctors can ask and be asked', async () => {
  problem(await ask(people.ana, people.otavio), 404, 'not_found');
  const answer = await people.otavio.post('/relationships', { patient_email: people.ana.email });
  problem(answer, 403, 'forbidden');
});

test('those who do not exist, or are not what is asked for, are not found', async () => {
  const { ana, bruno, helena, rita, admin } = people;
  problem(await ana.post('/relationships', { doctor_id: UNKNOWN_ID }), 404, 'not_found');
  problem(await ask(ana, bruno), 404, 'not_found');
  problem(await ask(ana, admin), 404, 'not_found');
  const invite = (patient_email) => helena.post('/relationships', { patient_email });
  problem(await invite('ninguem@teste.local'), 404, 'not_found');
  problem(await invite(rita.email), 404, 'not_found');
  problem(await invite(people.ivo.email), 404, 'not_found');
});

test('the body is of the asker’s role', async () => {
  const { ana, helena } = people;
  const wrong = await ana.post('/relationships', { patient_email: 'a@b.org' });
  assert.ok([400, 422].includes(wrong.status), wrong.text);
  const other = await helena.post('/relationships', { doctor_id: people.ivo.user.id });
  assert.ok([400, 422].includes(other.status), other.text);
  invalid(await ana.post('/relationships', {}), { doctor_id: 'required' });
  invalid(await helena.post('/relationships', {}), { patient_email: 'required' });
  const bad = await ana.post('/relationships', { doctor_id: 'x' });
  assert.ok([404, 422].includes(bad.status), bad.text);
});

test('nobody else can act on it or see it', async () => {
  const ana = await register(server);
  const asked = ok(await ask(ana, people.helena), 201);
  for (const name of ['accept', 'decline', 'end']) {
    problem(await step(people.bruno, asked, name), 404, 'not_found');
    problem(await step(people.ivo, asked, name), 404, 'not_found');
    problem(await step(people.rita, asked, name), 403, 'forbidden');
    problem(await step(people.admin, asked, name), 403, 'forbidden');
    problem(await people.ana.post(`/relationships/${UNKNOWN_ID}/${name}`), 404, 'not_found');
    problem(await people.ana.post(`/relationships/x/${name}`), 404, 'not_found');
  }
  for (const who of ['bruno', 'ivo']) {
    const { items } = ok(await people[who].get('/relationships?limit=100'));
    assert.ok(!items.some((item) => item.id === asked.id));
  }
  assert.equal(ok(await step(people.helena, asked, 'accept')).state, 'active');
});

test('a hundred of them are paged: the latest change first, each once', async () => {
  const { ivo } = people;
  for (let i = 0; i < 6; i++) {
    const patient = await register(server);
    ok(await ask(patient, ivo), 201);
    patient.close();
  }
  const all = ok(await ivo.get('/relationships?limit=100')).items;
  const times = all.map((item) => item.updated_at);
  assert.deepEqual(times, [...times].sort().reverse());
  const seen = [];
  let cursor = null;
  do {
    const query = cursor ? `&cursor=${encodeURIComponent(cursor)}` : '';
    const page = ok(await ivo.get(`/relationships?limit=2${query}`));
    assert.ok(page.items.length <= 2);
    seen.push(...page.items.map((item) => item.id));
    cursor = page.next_cursor;
  } while (cursor && seen.length < 200);
  assert.deepEqual(
    seen,
    all.map((item) => item.id),
  );
});

test('accepting twice at the same time opens one conversation', async () => {
  const ana = await register(server);
  const asked = ok(await ask(ana, people.helena), 201);
  const answers = await Promise.all(
    Array.from({ length: 6 }, () => step(people.helena, asked, 'accept')),
  );
  const good = answers.filter((answer) => answer.status === 200);
  assert.equal(good.length, 1, answers.map((a) => a.status).join());
  const { conversation_id } = good[0].json;
  const { items } = ok(await ana.get('/conversations'));
  assert.deepEqual(
    items.map((item) => item.id),
    [conversation_id],
  );
  assert.equal(items[0].last_seq, 1);
});

test('asking many times at once makes one relationship', async () => {
  const ana = await register(server);
  const answers = await Promise.all(Array.from({ length: 6 }, () => ask(ana, people.helena)));
  const made = answers.filter((answer) => answer.status === 201);
  assert.equal(made.length, 1, answers.map((a) => `${a.status}`).join());
  assert.equal(new Set(answers.map((answer) => ok(answer, answer.status).id)).size, 1);
});

test('an unverified doctor loses the conversation’s pen, not its record', async () => {
  const ana = await register(server);
  const active = await connect(ana, people.ivo);
  const socket = await Socket.open(people.ivo);
  assert.equal((await socket.say(active.conversation_id, 'antes')).op, 'ack');
  ok(await people.admin.post(`/admin/doctors/${people.ivo.user.id}/unverify`));
  const late = uuid7();
  socket.send({
    op: 'send',
    conversation: active.conversation_id,
    client_id: late,
    text: 'depois',
  });
  const answer = await socket.next((m) => m.client_id === late || m.op === 'error');
  assert.equal(answer.op, 'error', 'an unverified doctor could go on writing');
  ok(await people.admin.post(`/admin/doctors/${people.ivo.user.id}/verify`));
  // a right that was given reaches open sockets within moments, one that was taken at once
  await until(async () => (await socket.say(active.conversation_id, 'de volta')).op === 'ack');
  await socket.close();
});
