// Every parameter, member and header of every operation of docs/openapi.yaml, and every member of
// every realtime operation, with values that hurt: none may be answered with a 5xx, none may change
// what it should not, and what comes back is always well-formed.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Client } from '../lib/client.mjs';
import { ok, UNKNOWN_ID } from '../lib/expect.mjs';
import { cast, connect, freshEmail, PASSWORD } from '../lib/people.mjs';
import { openapi, operations } from '../lib/routes.mjs';
import { resolve } from '../lib/schema.mjs';
import { Server } from '../lib/server.mjs';
import { Socket, uuid7 } from '../lib/socket.mjs';
import { sql } from '../lib/sqlite.mjs';

let server;
let people;
let room;
const document = openapi();

before(async () => {
  server = await Server.start();
  people = await cast(server);
  room = (await connect(people.ana, people.helena)).conversation_id;
});
after(() => server?.done());

const TEXTS = [
  '',
  ' ',
  "'",
  '"',
  "' OR 1=1--",
  "'; DROP TABLE users;--",
  '%27%20OR%201=1',
  '%n%s%x%1$s',
  '\u202e\u200f',
  '\u2028\u2029',
  '</script><script>',
  '../../etc/passwd',
  '\t\r\n',
  '\u0001\u001b[31m',
  '\ufeff\ufffe',
  '🌱'.repeat(300),
  'a'.repeat(5000),
  'e\u0301'.repeat(200),
  '-1',
  '0',
  '1e309',
  '9223372036854775808',
  'NaN',
  'null',
  '2026-13-45',
  '2026-02-30T25:61:61.000Z',
  UNKNOWN_ID,
  UNKNOWN_ID.toUpperCase(),
];
const VALUES = [
  ...TEXTS,
  null,
  true,
  0,
  -1,
  1.5,
  2 ** 53,
  1e300,
  [],
  {},
  [[]],
  [null],
  [{}],
  { a: { b: {} } },
];

/** A body that would do, by the names of its members. */
function sample(schema) {
  const known = {
    name: 'Nome Bom',
    email: freshEmail(),
    patient_email: people.ana.email,
    password: PASSWORD,
    current_password: 'nao-e-a-senha',
    new_password: `${PASSWORD}!`,
    birth_date: '1990-01-01',
    terms_version: '1',
    token: 'A'.repeat(43),
    role: 'receptionist',
    doctor_id: people.helena.user.id,
    hours: [],
    usual_reply_minutes: 60,
    timezone: 'America/Sao_Paulo',
    about: '',
  };
  return Object.fromEntries(
    (schema.required ?? []).filter((name) => name in known).map((name) => [name, known[name]]),
  );
}

function insider(path, method) {
  if (path.startsWith('/admin')) return people.admin;
  if (path === '/me/practice') return people.helena;
  return method === 'post' && path.startsWith('/auth/') ? new Client(server) : people.ana;
}

async function harmless(client, method, path, options, what) {
  const answer = await client.request(method, path, options);
  assert.ok(answer.status < 500, `${what}: ${answer.status} ${answer.text}`);
  if (answer.text && /json/.test(answer.headers['content-type'] ?? '')) {
    assert.doesNotThrow(() => answer.json, what);
  }
  assert.doesNotMatch(answer.text, /sqlite|syntax error|SELECT |\.c:\d/i, what);
  return answer;
}

const list = operations(document).filter(
  ({ path }) => !['/auth/logout', '/metrics'].includes(path),
);

test('query and path parameters', { timeout: 120_000 }, async (t) => {
  let tries = 0;
  for (const { method, path, operation } of list) {
    const parameters = (operation.parameters ?? []).map((p) => resolve(document, p));
    const client = insider(path, method);
    const bare = ['/healthz', '/readyz'].includes(path);
    const here = path.replace('{id}', path.startsWith('/conv') ? room : UNKNOWN_ID);
    for (const { name, in: where } of parameters) {
      for (const text of TEXTS) {
        const what = `${method} ${path}, ${name} = ${JSON.stringify(text.slice(0, 30))}`;
        if (where === 'query') {
          const target = `${here}?${name}=${encodeURIComponent(text)}`;
          await harmless(client, method.toUpperCase(), target, { bare }, what);
          tries += 1;
        } else if (where === 'path') {
          const target = path.replace('{id}', encodeURIComponent(text) || '%20');
          await harmless(client, method.toUpperCase(), target, { bare }, what);
          tries += 1;
        } else if (/^[\x20-\x7e]*$/.test(text)) {
          const headers = { [name]: text };
          await harmless(client, method.toUpperCase(), here, { headers }, what);
          tries += 1;
        }
      }
    }
    await harmless(client, method.toUpperCase(), `${here}?x=%ff%00&=&&%`, { bare }, `${path}?…`);
  }
  assert.ok(tries > 500);
  t.diagnostic(`${tries} tries`);
});

test('members of bodies', { timeout: 180_000 }, async (t) => {
  let tries = 0;
  for (const { method, path, operation } of list) {
    const body = operation.requestBody?.content['application/json'].schema;
    if (!body) continue;
    const schemas = (resolve(document, body).oneOf ?? [body]).map((s) => resolve(document, s));
    for (const schema of schemas) {
      const good = sample(schema);
      const client = insider(path, method);
      for (const name of Object.keys(schema.properties)) {
        for (const value of VALUES) {
          const what = `${method} ${path}, ${name} = ${JSON.stringify(value).slice(0, 40)}`;
          const target = path.replace('{id}', UNKNOWN_ID);
          const options = { body: { ...good, [name]: value } };
          const answer = await harmless(client, method.toUpperCase(), target, options, what);
          if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
            assert.ok(answer.status >= 400, `${what} was taken`);
          }
          tries += 1;
        }
      }
    }
  }
  assert.ok(tries > 500);
  t.diagnostic(`${tries} tries`);
});

test('members of realtime operations', { timeout: 60_000 }, async (t) => {
  const good = {
    send: () => ({ conversation: room, client_id: uuid7(), text: 'x' }),
    edit: () => ({ conversation: room, seq: 1, text: 'x' }),
    delete: () => ({ conversation: room, seq: 1 }),
    received: () => ({ conversation: room, seq: 1 }),
    read: () => ({ conversation: room, seq: 1 }),
    typing: () => ({ conversation: room }),
    sync: () => ({ conversation: room, after: 2 ** 40 }),
  };
  let tries = 0;
  for (const [op, members] of Object.entries(good)) {
    for (const name of ['op', ...Object.keys(members())]) {
      let socket = await Socket.open(people.ana);
      for (const [i, value] of VALUES.entries()) {
        if (i % 15 === 14) {
          socket.terminate(); // 20 errors in a minute end a socket
          socket = await Socket.open(people.ana);
        }
        socket.send({ op, ...members(), [name]: value });
        tries += 1;
      }
      // a frame that is answered proves that those before it were survived
      assert.equal((await socket.say(room, `depois de ${op}.${name}`)).op, 'ack');
      assert.doesNotMatch(JSON.stringify(socket.all), /sqlite|"unavailable"/, `${op}.${name}`);
      socket.terminate();
    }
  }
  t.diagnostic(`${tries} tries`);
});

test('after all of this the clinic is whole', async () => {
  assert.deepEqual(sql(server, 'PRAGMA integrity_check'), [['ok']]);
  assert.deepEqual(sql(server, 'PRAGMA foreign_key_check'), []);
  assert.equal((await server.cli(['audit', 'verify'])).code, 0);
  assert.equal(ok(await people.ana.get('/me')).user.role, 'patient');
  assert.equal(ok(await people.ana.get(`/conversations/${room}`)).state, 'open');
  assert.ok(!server.log().includes('\u001b[31m'), 'an escape sequence in the log');
  assert.doesNotMatch(server.log(), /internal error|assert/i);
});
