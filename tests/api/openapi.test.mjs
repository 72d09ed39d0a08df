// docs/openapi.yaml and the server agree: the same operations, and each answers as described.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Client } from '../lib/client.mjs';
import { UNKNOWN_ID } from '../lib/expect.mjs';
import { cast, freshEmail, PASSWORD, register, signIn } from '../lib/people.mjs';
import { httpRows, openapi, operations } from '../lib/routes.mjs';
import { disagreements, resolve } from '../lib/schema.mjs';
import { Server } from '../lib/server.mjs';
import { Socket } from '../lib/socket.mjs';

let server;
let people;
const document = openapi();
const described = new Map(operations(document).map((entry) => [entry.key, entry]));
const seen = new Map(); // operation -> statuses that were checked

before(async () => {
  server = await Server.start();
  people = await cast(server);
});
after(() => server?.done());

/** One call that must be answered with `status`, as the file describes it. */
async function call(key, status, client, { path, query = '', body, headers, bare } = {}) {
  const entry = described.get(key);
  assert.ok(entry, `${key} is not in openapi.yaml`);
  const target = (path ?? entry.path) + query;
  const answer = await client.request(entry.method.toUpperCase(), target, { body, headers, bare });
  assert.equal(answer.status, status, `${key}: ${answer.status} ${answer.text}`);
  const response = resolve(
    document,
    entry.operation.responses[status] ?? entry.operation.responses.default,
  );
  assert.ok(response, `${key}: ${status} is not described`);
  const type = (answer.headers['content-type'] ?? '').split(';')[0];
  if (response.content) {
    const described_type = Object.keys(response.content);
    assert.ok(
      described_type.includes(type),
      `${key} ${status}: ${type}, described ${described_type}`,
    );
    if (type.endsWith('json')) {
      assert.deepEqual(
        disagreements(document, response.content[type].schema, answer.json),
        [],
        `${key} ${status}`,
      );
    }
  } else if (status === 204) assert.equal(answer.text, '');
  for (const name of Object.keys(response.headers ?? {})) {
    assert.ok(answer.headers[name.toLowerCase()] !== undefined, `${key} ${status}: no ${name}`);
  }
  if (!seen.has(key)) seen.set(key, new Set());
  seen.get(key).add(status);
  return answer.text ? answer.json : null;
}

test('the file and the server’s table name the same operations', async () => {
  const served = (await httpRows()).map((row) => row.key).filter((key) => !/\/test\//.test(key));
  const private_ones = ['GET /metrics'];
  const file = [...described.keys()];
  assert.deepEqual(
    served.filter((key) => !file.includes(key)),
    [],
    'served, not described',
  );
  assert.deepEqual(
    file.filter((key) => !served.includes(key) && !private_ones.includes(key)),
    [],
    'described, not served',
  );
});

test('every operation answers as it is described', { timeout: 60_000 }, async () => {
  const { ana, bruno, helena, admin, otavio } = people;
  const nobody = new Client(server);
  const clinic = await call('GET /clinic', 200, nobody);

  // accounts
  const person = {
    name: 'Carla Nova',
    email: freshEmail(),
    password: PASSWORD,
    birth_date: '1970-01-31',
    terms_version: clinic.terms_version,
  };
  const carla = new Client(server);
  carla.csrf = (await call('POST /auth/register', 201, carla, { body: person })).csrf_token;
  await call('POST /auth/register', 409, nobody, { body: person });
  await call('POST /auth/register', 422, nobody, { body: { ...person, email: 'x' } });
  await call('POST /auth/register', 415, nobody, {
    body: 'x',
    headers: { 'content-type': 'text/plain' },
  });
  await call('POST /auth/login', 200, new Client(server), {
    body: { email: person.email, password: PASSWORD },
  });
  await call('POST /auth/login', 401, nobody, {
    body: { email: person.email, password: 'errada-99' },
  });
  await call('POST /auth/login', 422, nobody, { body: { email: person.email } });
  await call('GET /me', 200, carla);
  await call('GET /me', 401, nobody);
  await call('PATCH /me', 200, carla, { body: { social_name: 'Carlota', phone: '11912345678' } });
  await call('PATCH /me', 422, carla, { body: { name: '' } });
  await call('PATCH /me', 403, carla, { body: {}, headers: { 'x-csrf-token': null } });
  await call('POST /auth/extend', 200, carla);
  await call('POST /auth/password', 204, carla, {
    body: { current_password: PASSWORD, new_password: `${PASSWORD}!` },
  });
  await call('POST /auth/password', 422, carla, {
    body: { current_password: 'errada-99', new_password: PASSWORD },
  });
  const twin = await signIn(server, { email: person.email, password: `${PASSWORD}!` });
  const sessions = await call('GET /auth/sessions', 200, carla);
  const other = sessions.items.find((item) => !item.current);
  await call('DELETE /auth/sessions/{id}', 204, carla, { path: `/auth/sessions/${other.id}` });
  await call('DELETE /auth/sessions/{id}', 404, carla, { path: `/auth/sessions/${other.id}` });
  twin.close();
  await call('POST /auth/logout', 204, carla);
  await call('POST /auth/logout', 401, carla);

  // doctors
  await call('PUT /me/practice', 200, helena, {
    body: {
      hours: [{ weekday: 2, start: '08:00', end: '12:00' }],
      usual_reply_minutes: 60,
      timezone: 'America/Sao_Paulo',
      about: 'Clínica geral',
    },
  });
  await call('PUT /me/practice', 422, helena, {
    body: { hours: [], usual_reply_minutes: 0, timezone: 'x', about: '' },
  });
  await call('PUT /me/practice', 403, ana, { body: {} });
  await call('GET /doctors', 200, ana);
  await call('GET /doctors', 422, ana, { query: '?limit=0' });
  await call('GET /doctors', 401, nobody);
  await call('GET /doctors/{id}', 200, ana, { path: `/doctors/${helena.user.id}` });
  await call('GET /doctors/{id}', 404, ana, { path: `/doctors/${otavio.user.id}` });

  // care
  const asked = await call('POST /relationships', 201, ana, {
    body: { doctor_id: helena.user.id },
  });
  await call('POST /relationships', 200, ana, { body: { doctor_id: helena.user.id } });
  await call('POST /relationships', 404, ana, { body: { doctor_id: UNKNOWN_ID } });
  await call('POST /relationships', 403, admin, { body: { doctor_id: helena.user.id } });
  const step = (name, status, who) =>
    call(`POST /relationships/{id}/${name}`, status, who, {
      path: `/relationships/${asked.id}/${name}`,
    });
  await step('accept', 404, bruno);
  await step('decline', 200, helena);
  await step('decline', 409, helena);
  await call('POST /relationships', 200, ana, { body: { doctor_id: helena.user.id } });
  const active = await step('accept', 200, helena);
  await step('accept', 409, helena);
  await call('GET /relationships', 200, ana);
  await call('GET /relationships', 200, helena);

  // conversations
  const room = active.conversation_id;
  const socket = await Socket.open(ana);
  const { seq } = await socket.say(room, 'A pressão está boa');
  socket.send({ op: 'edit', conversation: room, seq, text: 'A pressão está ótima' });
  await socket.next({ op: 'edited' });
  const gone = await socket.say(room, 'engano');
  socket.send({ op: 'delete', conversation: room, seq: gone.seq });
  await socket.next({ op: 'deleted' });
  await call('GET /conversations', 200, ana);
  await call('GET /conversations', 200, helena);
  for (const [who, status] of [
    [ana, 200],
    [helena, 200],
    [bruno, 404],
    [admin, 403],
  ]) {
    await call('GET /conversations/{id}', status, who, { path: `/conversations/${room}` });
    await call('GET /conversations/{id}/messages', status, who, {
      path: `/conversations/${room}/messages`,
    });
    await call('GET /conversations/{id}/search', status, who, {
      path: `/conversations/${room}/search`,
      query: '?q=pressao',
    });
  }
  await call('GET /conversations/{id}/messages', 422, ana, {
    path: `/conversations/${room}/messages`,
    query: '?after=-1',
  });
  await call('GET /conversations/{id}/search', 422, ana, {
    path: `/conversations/${room}/search`,
    query: '?q=x',
  });
  await call('GET /realtime', 400, ana, { headers: { origin: server.origin } });
  await socket.close();
  await step('end', 200, ana);
  await step('end', 409, ana);

  // admin
  const doctor = {
    role: 'doctor',
    name: 'Nina Nova',
    email: freshEmail(),
    crm: '313131',
    uf: 'AM',
    specialties: [{ name: 'Pediatria', rqe: null }],
  };
  const made = await call('POST /admin/users', 201, admin, { body: doctor });
  await call('POST /admin/users', 409, admin, { body: doctor });
  await call('POST /admin/users', 422, admin, { body: { ...doctor, role: 'patient' } });
  await call('POST /admin/users', 403, ana, { body: doctor });
  await call('GET /admin/users', 200, admin, { query: '?role=doctor&verified=false&limit=100' });
  await call('GET /admin/users', 422, admin, { query: '?role=king' });
  await call('GET /admin/users/{id}', 200, admin, { path: `/admin/users/${made.user.id}` });
  await call('GET /admin/users/{id}', 404, admin, { path: `/admin/users/${UNKNOWN_ID}` });
  for (const [key, path] of [
    ['POST /admin/users/{id}/disable', `/admin/users/${made.user.id}/disable`],
    ['POST /admin/users/{id}/enable', `/admin/users/${made.user.id}/enable`],
    ['POST /admin/doctors/{id}/verify', `/admin/doctors/${made.user.id}/verify`],
    ['POST /admin/doctors/{id}/unverify', `/admin/doctors/${made.user.id}/unverify`],
  ]) {
    await call(key, 200, admin, { path });
    await call(key, 404, admin, { path: path.replace(made.user.id, UNKNOWN_ID) });
    await call(key, 403, ana, { path });
  }
  const reset = await call('POST /admin/users/{id}/reset-password', 201, admin, {
    path: `/admin/users/${made.user.id}/reset-password`,
  });
  const token = reset.set_password_url.split('#')[1];
  await call('POST /auth/set-password', 422, nobody, { body: { token, password: 'x' } });
  await call('POST /auth/set-password', 204, nobody, { body: { token, password: PASSWORD } });
  await call('POST /auth/set-password', 410, nobody, { body: { token, password: PASSWORD } });
  await call('GET /admin/audit', 200, admin);
  await call('GET /admin/audit', 422, admin, { query: '?limit=x' });

  // for machines
  await call('GET /healthz', 200, nobody, { bare: true });
  await call('GET /readyz', 200, nobody, { bare: true });
  carla.close();
});

test('a limit reached is answered as it is described', { timeout: 60_000 }, async (t) => {
  const strict = await Server.start({ rateLimits: true });
  t.after(() => strict.done());
  const ana = await register(strict);
  for (let i = 0; i < 80; i++) {
    const answer = await ana.post('/auth/login', { email: ana.email, password: `errada ${i}` });
    if (answer.status !== 429) continue;
    await call('POST /auth/login', 429, ana, { body: { email: ana.email, password: 'errada' } });
    return;
  }
  assert.fail('no limit was reached');
});

test('every described success was seen', () => {
  const elsewhere = ['GET /metrics', 'GET /realtime']; // private listener; 101 is the realtime tests'
  const missing = [];
  for (const [key, { operation }] of described) {
    if (elsewhere.includes(key)) continue;
    for (const status of Object.keys(operation.responses)) {
      if (/^2/.test(status) && !seen.get(key)?.has(Number(status)))
        missing.push(`${key} ${status}`);
    }
  }
  assert.deepEqual(missing, []);
});

test('the metrics are not on the public listener', async () => {
  const answer = await people.ana.get('/metrics', { bare: true });
  assert.notEqual(answer.headers['content-type']?.split(';')[0], 'text/plain');
});
