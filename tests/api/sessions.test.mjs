// Sessions: their list, their ends, the marks that protect them, and the limits on trying.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Client } from '../lib/client.mjs';
import { median, ok, problem, TIME, UNKNOWN_ID, UUID7 } from '../lib/expect.mjs';
import { cast, freshEmail, PASSWORD, register, signIn } from '../lib/people.mjs';
import { Server, sleep } from '../lib/server.mjs';
import { refused, Socket } from '../lib/socket.mjs';

let server;
before(async () => {
  server = await Server.start();
});
after(() => server?.done());

test('the list says where one is signed in, and which is this one', async () => {
  const ana = await register(server);
  const other = await signIn(server, ana);
  const { items, next_cursor } = ok(await other.get('/auth/sessions'));
  assert.equal(next_cursor, null);
  assert.equal(items.length, 2);
  for (const item of items) {
    assert.match(item.id, UUID7);
    for (const key of ['created_at', 'last_seen_at', 'expires_at']) assert.match(item[key], TIME);
    assert.equal(item.address, '127.0.0.1');
  }
  assert.deepEqual(items.map((item) => item.current).sort(), [false, true]);
  const current = items.find((item) => item.current);
  assert.equal(current.id, ok(await other.get('/me')).session.id);
  assert.ok(!JSON.stringify(items).includes(other.cookies.get('acolhe')));
});

test('a session revoked elsewhere is dead, and its socket closes with 4401', async () => {
  const ana = await register(server);
  const other = await signIn(server, ana);
  const socket = await Socket.open(other);
  const { id } = ok(await other.get('/me')).session;
  ok(await ana.delete(`/auth/sessions/${id}`), 204);
  assert.equal((await socket.closed).code, 4401);
  problem(await other.get('/me'), 401, 'unauthenticated');
  ok(await ana.get('/me'));
  problem(await ana.delete(`/auth/sessions/${id}`), 404, 'not_found');
});

test('somebody else’s session cannot be ended', async () => {
  const ana = await register(server);
  const bruno = await register(server);
  const { id } = ok(await bruno.get('/me')).session;
  problem(await ana.delete(`/auth/sessions/${id}`), 404, 'not_found');
  problem(await ana.delete(`/auth/sessions/${UNKNOWN_ID}`), 404, 'not_found');
  problem(await ana.delete('/auth/sessions/nothing'), 404, 'not_found');
  ok(await bruno.get('/me'));
});

test('signing out kills the cookie and the socket', async () => {
  const ana = await register(server);
  const old = ana.cookies.get('acolhe');
  const socket = await Socket.open(ana);
  const answer = await ana.post('/auth/logout');
  ok(answer, 204);
  assert.match(answer.headers['set-cookie']?.[0] ?? '', /^acolhe=;.*Max-Age=0/i);
  assert.equal((await socket.closed).code, 4401);
  ana.cookies.set('acolhe', old);
  problem(await ana.get('/me'), 401, 'unauthenticated');
  assert.equal((await refused(server, { cookie: ana.cookie })).status, 401);
});

test('extend gives a later idle end and the same absolute one', async () => {
  const ana = await register(server);
  const before = ok(await ana.get('/me')).session;
  await sleep(20);
  const { session } = ok(await ana.post('/auth/extend'));
  assert.equal(session.id, before.id);
  assert.equal(session.expires_at, before.expires_at);
  assert.ok(session.idle_expires_at >= before.idle_expires_at);
  const span = Date.parse(session.idle_expires_at) - Date.now();
  assert.ok(Math.abs(span - 900_000) < 5_000, `idle end in ${span} ms`);
});

test('an idle session ends, its socket too; being used keeps it', {
  timeout: 30_000,
}, async (t) => {
  const short = await Server.start({ env: { ACOLHE_SESSION_IDLE_S: '2' } });
  t.after(() => short.done());
  const idle = await register(short);
  const busy = await register(short);
  const socket = await Socket.open(idle);
  for (let i = 0; i < 5; i++) {
    await sleep(600);
    ok(await busy.post('/auth/extend'));
  }
  problem(await idle.get('/me'), 401, 'unauthenticated');
  ok(await busy.get('/me'));
  const ended = await Promise.race([socket.closed, sleep(5000)]);
  assert.equal(ended?.code, 4401, 'the idle session’s socket is open');
});

test('the absolute end comes however busy one is', { timeout: 30_000 }, async (t) => {
  const short = await Server.start({ env: { ACOLHE_SESSION_ABSOLUTE_S: '3' } });
  t.after(() => short.done());
  const ana = await register(short);
  const socket = await Socket.open(ana);
  const end = Date.now() + 2_000;
  while (Date.now() < end) {
    ok(await ana.post('/auth/extend'));
    await sleep(250);
  }
  await sleep(1_500);
  problem(await ana.post('/auth/extend'), 401, 'unauthenticated');
  const ended = await Promise.race([socket.closed, sleep(5000)]);
  assert.equal(ended?.code, 4401);
});

test('sessions outlive a restart of the server', async (t) => {
  const own = await Server.start();
  t.after(() => own.done());
  const ana = await register(own);
  ana.agent.destroy();
  await own.restart();
  assert.equal(ok(await ana.get('/me')).user.id, ana.user.id);
});

// ---- the marks: CSRF token, Origin, Sec-Fetch-Site ----

test('a mutation needs the token of its own session and this site’s origin', async () => {
  const ana = await register(server);
  const bruno = await register(server);
  const extend = (headers) => ana.post('/auth/extend', {}, { headers });
  ok(await extend({}));
  for (const headers of [
    { 'x-csrf-token': null },
    { 'x-csrf-token': '' },
    { 'x-csrf-token': 'A'.repeat(43) },
    { 'x-csrf-token': bruno.csrf },
    { origin: null },
    { origin: 'null' },
    { origin: 'https://mal.exemplo' },
    { origin: `${server.origin}.mal.exemplo` },
    { origin: server.origin.replace('http:', 'https:') },
    { origin: `http://127.0.0.1:${server.port + 1}` },
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site' },
  ]) {
    problem(await extend(headers), 403, 'csrf_failed');
  }
  ok(await extend({ 'sec-fetch-site': 'same-origin' }));
});

test('a public POST from a foreign page is refused', async () => {
  const ana = await register(server);
  const login = (headers) =>
    new Client(server).post('/auth/login', { email: ana.email, password: PASSWORD }, { headers });
  problem(await login({ origin: 'https://mal.exemplo' }), 403, 'csrf_failed');
  problem(await login({ 'sec-fetch-site': 'cross-site' }), 403, 'csrf_failed');
  ok(await login({ origin: null }));
});

test('no foreign origin is ever allowed to read', async () => {
  const ana = await register(server);
  for (const origin of ['https://mal.exemplo', 'null', server.origin]) {
    const answer = await ana.get('/me', { headers: { origin } });
    assert.equal(answer.headers['access-control-allow-origin'], undefined);
    assert.equal(answer.headers['access-control-allow-credentials'], undefined);
  }
  const preflight = await ana.request('OPTIONS', '/me', {
    headers: { origin: 'https://mal.exemplo', 'access-control-request-method': 'PATCH' },
  });
  assert.equal(preflight.headers['access-control-allow-origin'], undefined);
});

// ---- limits on trying ----

test('sign-in attempts are limited for one account, with Retry-After', {
  timeout: 60_000,
}, async (t) => {
  const strict = await Server.start({ rateLimits: true });
  t.after(() => strict.done());
  const ana = await register(strict);
  const client = new Client(strict);
  let limited = null;
  for (let i = 0; i < 60 && !limited; i++) {
    const answer = await client.post('/auth/login', { email: ana.email, password: `errada ${i}` });
    if (answer.status === 429) limited = answer;
    else problem(answer, 401, 'invalid_credentials');
  }
  assert.ok(limited, '60 wrong passwords in a row were all tried');
  problem(limited, 429, 'rate_limited');
  const wait = Number(limited.headers['retry-after']);
  assert.ok(Number.isInteger(wait) && wait >= 1 && wait <= 3600, limited.headers['retry-after']);
  for (const name of ['ratelimit-limit', 'ratelimit-remaining', 'ratelimit-reset']) {
    assert.match(limited.headers[name] ?? '', /^\d+$/, name);
  }
  // the one who is signed in goes on working
  ok(await ana.get('/me'));
});

test('a client’s own words about its address change no limit', { timeout: 60_000 }, async (t) => {
  const strict = await Server.start({ rateLimits: true });
  t.after(() => strict.done());
  const ana = await register(strict);
  const client = new Client(strict);
  let limited = false;
  for (let i = 0; i < 80 && !limited; i++) {
    const headers = {
      'x-forwarded-for': `203.0.113.${i}`,
      'x-real-ip': `203.0.113.${i}`,
      forwarded: `for=203.0.113.${i}`,
    };
    const body = { email: ana.email, password: `errada ${i}` };
    limited = (await client.post('/auth/login', body, { headers })).status === 429;
  }
  assert.ok(limited, 'a made-up X-Forwarded-For escaped the limit');
  const { items } = ok(await ana.get('/auth/sessions'));
  assert.ok(items.every((item) => item.address === '127.0.0.1'));
});

test('signing up is limited per address', { timeout: 60_000 }, async (t) => {
  const strict = await Server.start({ rateLimits: true });
  t.after(() => strict.done());
  const client = new Client(strict);
  const terms_version = (await client.get('/clinic')).json.terms_version;
  let limited = false;
  for (let i = 0; i < 120 && !limited; i++) {
    const answer = await new Client(strict).post('/auth/register', {
      name: 'Muitas Contas',
      email: freshEmail(),
      password: PASSWORD,
      birth_date: '1990-01-01',
      terms_version,
    });
    limited = answer.status === 429;
    if (limited) assert.ok(Number(answer.headers['retry-after']) >= 1);
  }
  assert.ok(limited, '120 accounts from one address in a row');
});

test('hashing passwords does not hold up the others', { timeout: 60_000 }, async () => {
  const { ana } = await cast(server, ['ana']);
  const alone = [];
  for (let i = 0; i < 20; i++) {
    const from = process.hrtime.bigint();
    ok(await ana.get('/me'));
    alone.push(Number(process.hrtime.bigint() - from) / 1e6);
  }
  let busy = true;
  const hashing = Promise.all(
    Array.from({ length: 4 }, async () => {
      const client = new Client(server);
      while (busy) await client.post('/auth/login', { email: freshEmail(), password: PASSWORD });
    }),
  );
  const beside = [];
  for (let i = 0; i < 20; i++) {
    const from = process.hrtime.bigint();
    ok(await ana.get('/me'));
    beside.push(Number(process.hrtime.bigint() - from) / 1e6);
  }
  busy = false;
  await hashing;
  assert.ok(
    median(beside) < 60,
    `/me took ${median(beside).toFixed(1)} ms beside sign-ins, ${median(alone).toFixed(1)} alone`,
  );
});
