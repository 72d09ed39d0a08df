// The role matrix, made from the server's own tables: every route and realtime operation, as
// anonymous, patient, another patient, doctor, unrelated doctor, unverified doctor, receptionist,
// admin, and with a revoked session.
//
// What is expected follows from the row's access rule (who may knock at all: else 401 or 403) and
// from whose the object is (a foreign one: 404). A row that this file has no example for fails.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Client } from '../lib/client.mjs';
import { UNKNOWN_ID } from '../lib/expect.mjs';
import { cast, connect, freshEmail, PASSWORD, register, signIn } from '../lib/people.mjs';
import { httpRows, realtimeRows } from '../lib/routes.mjs';
import { Server } from '../lib/server.mjs';
import { refused, Socket, uuid7 } from '../lib/socket.mjs';

let server;
let personas; // name -> {client, role}
let rooms; // ah: ana and helena; bi: bruno and ivo; bo: bruno and otavio (verified then)
let terms;

before(async () => {
  server = await Server.start();
  const people = await cast(server);
  const { ana, bruno, helena, ivo, otavio, rita, admin } = people;
  const ah = await connect(ana, helena);
  const bi = await connect(bruno, ivo);
  await admin.post(`/admin/doctors/${otavio.user.id}/verify`);
  const bo = await connect(bruno, otavio);
  await admin.post(`/admin/doctors/${otavio.user.id}/unverify`);
  rooms = { ah, bi, bo };
  const revoked = await signIn(server, ana);
  const { id } = (await revoked.get('/me')).json.session;
  await ana.delete(`/auth/sessions/${id}`);
  personas = {
    anonymous: { client: new Client(server), role: null },
    patient: { client: ana, role: 'patient', room: ah, foreign: bi },
    'another patient': { client: bruno, role: 'patient', room: bi, foreign: ah },
    doctor: { client: helena, role: 'doctor', room: ah, foreign: bi },
    'unrelated doctor': { client: ivo, role: 'doctor', room: bi, foreign: ah },
    'unverified doctor': {
      client: otavio,
      role: 'doctor',
      unverified: true,
      room: bo,
      foreign: ah,
    },
    receptionist: { client: rita, role: 'receptionist', foreign: ah },
    admin: { client: admin, role: 'admin', foreign: ah },
    revoked: { client: revoked, role: null, room: ah, foreign: bi },
  };
  terms = (await ana.get('/clinic')).json.terms_version;
});
after(() => server?.done());

/** 0 when the persona may knock, else the status that turns them away. */
function turnedAway(access, persona) {
  if (access === 'public') return 0;
  if (!persona.role) return 401;
  const open = {
    signed_in: true,
    doctor: persona.role === 'doctor',
    care: persona.role === 'patient' || (persona.role === 'doctor' && !persona.unverified),
    admin: persona.role === 'admin',
  }[access];
  assert.notEqual(open, undefined, `an access rule the matrix does not know: ${access}`);
  return open ? 0 : 403;
}

const practice = {
  hours: [],
  usual_reply_minutes: 60,
  timezone: 'America/Sao_Paulo',
  about: '',
};
/** A fresh request of care that the persona can answer. */
async function waiting(persona) {
  const other = await register(server);
  try {
    if (persona.role === 'doctor') {
      const asked = await other.post('/relationships', { doctor_id: persona.client.user.id });
      return asked.json.id;
    }
    const { client } = personas['unrelated doctor'];
    const asked = await client.post('/relationships', { patient_email: persona.client.email });
    return asked.json.id;
  } finally {
    other.close();
  }
}

/** A session of the persona that may be thrown away. */
async function twin(persona) {
  return signIn(server, persona.client);
}

const ok = (...statuses) => statuses;
const conversation = (suffix, query = '') => ({
  own: (p) => p.room.conversation_id,
  foreign: (p) => p.foreign.conversation_id,
  path: (id) => `/conversations/${id}${suffix}${query}`,
  good: ok(200),
});
const relationship = (name) => ({
  own: (p) => (name === 'end' ? p.room.id : waiting(p)),
  foreign: (p) => p.foreign.id,
  path: (id) => `/relationships/${id}/${name}`,
  good: ok(200, 409), // 409: it is not in a state for that
});
const account = (name, object = 'patient') => ({
  own: () => personas[object].client.user.id,
  foreign: () => UNKNOWN_ID,
  path: (id) => `/admin/${object === 'patient' ? 'users' : 'doctors'}/${id}${name}`,
  good: ok(200, 201),
});

// For each route: a body that is good, the answers that show that one was let in, and for a route
// with an id one of one's own and a foreign one.
const examples = {
  'GET /clinic': { good: ok(200) },
  'GET /healthz': { good: ok(200) },
  'GET /readyz': { good: ok(200) },
  'POST /auth/register': {
    body: () => ({
      name: 'Nova',
      email: freshEmail(),
      password: PASSWORD,
      birth_date: '1990-01-01',
      terms_version: terms,
    }),
    good: ok(201),
    fresh: true,
  },
  'POST /auth/login': {
    body: () => ({ email: freshEmail(), password: PASSWORD }),
    good: ok('invalid_credentials'),
  },
  'POST /auth/set-password': {
    body: () => ({ token: 'A'.repeat(43), password: PASSWORD }),
    good: ok(410),
  },
  'POST /auth/password': {
    body: () => ({ current_password: 'nao-e-esta-1', new_password: `${PASSWORD}x` }),
    good: ok(422),
  },
  'POST /auth/logout': { good: ok(204), throwaway: true },
  'POST /auth/extend': { good: ok(200) },
  'GET /auth/sessions': { good: ok(200) },
  'DELETE /auth/sessions/{id}': {
    own: async (p) => (await (await twin(p)).get('/me')).json.session.id,
    foreign: async (p) => {
      const other =
        p.client === personas['another patient'].client
          ? personas.patient
          : personas['another patient'];
      return (await other.client.get('/me')).json.session.id;
    },
    path: (id) => `/auth/sessions/${id}`,
    good: ok(204),
  },
  'GET /me': { good: ok(200) },
  'PATCH /me': { body: () => ({ locale: 'pt-BR' }), good: ok(200) },
  'PUT /me/practice': { body: () => practice, good: ok(200) },
  'GET /doctors': { good: ok(200) },
  'GET /doctors/{id}': {
    own: () => personas.doctor.client.user.id,
    foreign: () => personas['unverified doctor'].client.user.id,
    path: (id) => `/doctors/${id}`,
    good: ok(200),
  },
  'GET /relationships': { good: ok(200) },
  'POST /relationships': {
    body: (p) =>
      p.role === 'doctor'
        ? { patient_email: personas.patient.client.email }
        : { doctor_id: personas.doctor.client.user.id },
    good: ok(200, 201),
  },
  'POST /relationships/{id}/accept': relationship('accept'),
  'POST /relationships/{id}/decline': relationship('decline'),
  'POST /relationships/{id}/end': { ...relationship('end'), own: null },
  'GET /conversations': { good: ok(200) },
  'GET /conversations/{id}': conversation(''),
  'GET /conversations/{id}/messages': conversation('/messages'),
  'GET /conversations/{id}/search': conversation('/search', '?q=nada'),
  'GET /realtime': { good: ok(101), call: upgrade },
  'GET /admin/users': { good: ok(200) },
  'POST /admin/users': {
    body: () => ({ role: 'receptionist', name: 'Nova', email: freshEmail() }),
    good: ok(201),
  },
  'GET /admin/users/{id}': account(''),
  'POST /admin/users/{id}/disable': {
    ...account('/disable'),
    own: async () => (await register(server)).user.id,
  },
  'POST /admin/users/{id}/enable': account('/enable'),
  'POST /admin/users/{id}/reset-password': account('/reset-password'),
  'POST /admin/doctors/{id}/verify': account('/verify', 'doctor'),
  'POST /admin/doctors/{id}/unverify': account('/unverify', 'unverified doctor'),
  'GET /admin/audit': { good: ok(200) },
};
for (const name of ['disable', 'enable', 'reset-password']) {
  const example = examples[`POST /admin/users/{id}/${name}`];
  if (name !== 'disable') example.good = ok(200, 201, 409);
}
examples['POST /relationships/{id}/end'].own = (p) => p.room.id;

/** The status of an upgrade: 101, or why not. */
async function upgrade(persona) {
  try {
    (await Socket.open(persona.client)).terminate();
    return { status: 101 };
  } catch {
    return refused(server, { cookie: persona.client.cookie });
  }
}

async function ask(row, example, persona, id) {
  if (example.call) return example.call(persona);
  const client =
    example.throwaway && persona.role
      ? await twin(persona)
      : example.fresh
        ? new Client(server)
        : persona.client;
  const path = id ? example.path(id) : row.full;
  const answer = await client.request(row.method, path, {
    body: example.body?.(persona),
    bare: !id,
  });
  if (client !== persona.client) client.close();
  return answer;
}

function letIn(example, answer) {
  return example.good.includes(answer.status) || example.good.includes(answer.code);
}

test('every route as everybody', { timeout: 120_000 }, async (t) => {
  const rows = (await httpRows()).filter((row) => !row.path.startsWith('/test/'));
  assert.ok(rows.length >= 30, `only ${rows.length} routes`);
  // what ends things comes last, so that the others find them
  const order = (row) => ['POST /relationships/{id}/end'].indexOf(row.key);
  rows.sort((a, b) => order(a) - order(b));
  let cells = 0;
  for (const row of rows) {
    const example = examples[row.key];
    assert.ok(example, `${row.key} has no example in the matrix`);
    assert.ok(row.access, `${row.key} has no access rule`);
    for (const [name, persona] of Object.entries(personas)) {
      const away = turnedAway(row.access, persona);
      const what = `${row.key} (${row.access}) as ${name}`;
      if (!example.own) {
        const answer = await ask(row, example, persona);
        cells += 1;
        if (away) {
          assert.equal(answer.status, away, `${what}: ${answer.status} ${answer.text}`);
          assert.equal(answer.code, away === 401 ? 'unauthenticated' : 'forbidden', what);
        } else assert.ok(letIn(example, answer), `${what}: ${answer.status} ${answer.text}`);
        continue;
      }
      const foreign = await ask(
        row,
        example,
        persona,
        await example.foreign({ ...persona, foreign: persona.foreign ?? rooms.ah }),
      );
      cells += 1;
      assert.equal(
        foreign.status,
        away || 404,
        `${what}, a foreign one: ${foreign.status} ${foreign.text}`,
      );
      if (away) {
        const own = await ask(
          row,
          example,
          persona,
          persona.room ? await example.foreign(persona) : UNKNOWN_ID,
        );
        assert.equal(own.status, away, `${what}, any: ${own.status}`);
        continue;
      }
      const own = await ask(row, example, persona, await example.own(persona));
      cells += 1;
      assert.ok(letIn(example, own), `${what}, one’s own: ${own.status} ${own.text}`);
    }
  }
  t.diagnostic(`${rows.length} routes, ${Object.keys(personas).length} personas, ${cells} cells`);
});

// ---- realtime ----

const operations = {
  send: { members: () => ({ client_id: uuid7(), text: 'oi' }), answer: 'ack' },
  edit: { members: () => ({ seq: 1, text: 'x' }), answer: 'error' }, // a notice: not_found, as a foreign one
  delete: { members: () => ({ seq: 1 }), answer: 'error' },
  received: { members: () => ({ seq: 1 }), answer: 'delivered' },
  read: { members: () => ({ seq: 1 }), answer: 'read' },
  typing: { members: () => ({}), answer: null },
  sync: { members: () => ({ after: 0 }), answer: 'synced' },
};

test('every realtime operation as everybody', { timeout: 60_000 }, async (t) => {
  const rows = await realtimeRows();
  assert.ok(rows.length >= 7, `only ${rows.length} operations`);
  // the route matrix ended its rooms: open them again
  for (const { id } of Object.values(rooms)) {
    for (const { client } of Object.values(personas)) await client.post(`/relationships/${id}/end`);
  }
  const { client: bruno } = personas['another patient'];
  const { client: ana } = personas.patient;
  const { client: admin } = personas.admin;
  const { client: otavio } = personas['unverified doctor'];
  const ah = await connect(ana, personas.doctor.client);
  const bi = await connect(bruno, personas['unrelated doctor'].client);
  await admin.post(`/admin/doctors/${otavio.user.id}/verify`);
  const bo = await connect(bruno, otavio);
  await admin.post(`/admin/doctors/${otavio.user.id}/unverify`);
  const own = {
    patient: ah,
    'another patient': bi,
    doctor: ah,
    'unrelated doctor': bi,
    'unverified doctor': bo,
  };
  let cells = 0;
  for (const [name, persona] of Object.entries(personas)) {
    if (!persona.role) {
      const answer = await refused(server, { cookie: persona.client.cookie });
      assert.equal(answer.status, 401, name);
      cells += rows.length;
      continue;
    }
    let socket;
    try {
      socket = await Socket.open(persona.client);
    } catch {
      const answer = await refused(server, { cookie: persona.client.cookie });
      assert.equal(answer.status, 403, name);
      assert.ok(
        ['receptionist', 'admin', 'unverified doctor'].includes(name),
        `${name} cannot connect`,
      );
      cells += rows.length;
      continue;
    }
    const foreign = (own[name] === ah ? bi : ah).conversation_id;
    for (const row of rows) {
      const op = row.op ?? row.name ?? row.path;
      const example = operations[op];
      assert.ok(example, `${op} has no example in the matrix`);
      const away = turnedAway(row.access, persona);
      for (const conversation of op === 'send' ? [foreign, UNKNOWN_ID] : [foreign]) {
        const error = await socket.error({ op, conversation, ...example.members() });
        assert.ok(
          ['not_found', ...(away ? ['forbidden'] : [])].includes(error.code),
          `${op} on a foreign one as ${name}: ${error.code}`,
        );
        cells += 1;
      }
      if (!own[name]) continue;
      const room = own[name].conversation_id;
      socket.send({ op, conversation: room, ...example.members() });
      cells += 1;
      if (away) {
        const error = await socket.next({ op: 'error' });
        assert.ok(
          ['not_found', 'forbidden', 'conversation_closed'].includes(error.code),
          `${op} as ${name}: ${error.code}`,
        );
      } else if (example.answer === null) {
        assert.ok(await socket.silent({ op: 'error' }), `${op} as ${name}`);
      } else if (example.answer === 'error') {
        assert.equal((await socket.next({ op: 'error' })).code, 'not_found', `${op} as ${name}`);
      } else if (['delivered', 'read'].includes(example.answer)) {
        // a mark that does not rise is not told: what must not come is an error
        assert.ok(await socket.silent({ op: 'error' }), `${op} as ${name}`);
      } else await socket.next((m) => m.op === example.answer && m.conversation === room);
    }
    if (socket.ended)
      assert.notEqual(socket.ended.code, 1008, 'the matrix itself made too many errors');
    socket.terminate();
  }
  t.diagnostic(`${rows.length} operations, ${cells} cells`);
});
