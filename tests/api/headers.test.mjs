// What every answer carries, what every route refuses, and that asking changes nothing.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Client } from '../lib/client.mjs';
import { ok, problem, UNKNOWN_ID } from '../lib/expect.mjs';
import { cast, connect } from '../lib/people.mjs';
import { httpRows } from '../lib/routes.mjs';
import { Server } from '../lib/server.mjs';
import { rowCounts } from '../lib/sqlite.mjs';

let server;
let people;
let room;
let relationship;
before(async () => {
  server = await Server.start();
  people = await cast(server);
  const active = await connect(people.ana, people.helena);
  room = active.conversation_id;
  relationship = active.id;
});
after(() => server?.done());

function guarded(answer, what) {
  const { headers } = answer;
  const is = (name, pattern) =>
    assert.match(headers[name] ?? '(none)', pattern, `${name} on ${what}`);
  is('x-content-type-options', /^nosniff$/);
  is('referrer-policy', /^(no-referrer|same-origin|strict-origin)$/);
  is('cross-origin-opener-policy', /^same-origin$/);
  is('cross-origin-resource-policy', /^same-origin$/);
  is('permissions-policy', /camera=\(\).*/);
  is('x-request-id', /^\S{8,}$/);
  const policy = headers['content-security-policy'] ?? '';
  assert.match(policy, /(^|;\s*)default-src 'none'/, `CSP on ${what}: ${policy}`);
  assert.match(policy, /frame-ancestors 'none'/, `CSP on ${what}`);
  assert.match(policy, /base-uri 'none'/, `CSP on ${what}`);
  assert.doesNotMatch(
    policy,
    /unsafe-|\*|https?:|script-src[^;]*data:/,
    `CSP on ${what}: ${policy}`,
  );
  assert.equal(headers['x-powered-by'], undefined);
  assert.doesNotMatch(headers.server ?? '', /\d/, 'a version in Server');
}

test('every answer carries the guarding headers, errors too', async () => {
  const { ana, bruno } = people;
  const nobody = new Client(server);
  const answers = {
    'a record': await ana.get('/me'),
    'a public answer': await nobody.get('/clinic'),
    'a 401': await nobody.get('/me'),
    'a 404 of the API': await ana.get('/nothing'),
    'a foreign id': await bruno.get(`/conversations/${room}`),
    'a 403': await ana.get('/admin/users'),
    'a csrf refusal': await ana.post('/auth/extend', {}, { headers: { 'x-csrf-token': null } }),
    'a 204': await (await cast(server, ['ana'])).ana.post('/auth/logout'),
    'a 405': await ana.request('DELETE', '/me'),
    'a 415': await ana.patch('/me', 'x', { headers: { 'content-type': 'text/plain' } }),
    'a 422': await ana.patch('/me', { name: '' }),
    'a 400': await ana.patch('/me', '{'),
    'a 413': await ana.patch('/me', Buffer.alloc(70_000, 0x20)),
    healthz: await nobody.get('/healthz', { bare: true }),
    readyz: await nobody.get('/readyz', { bare: true }),
    'the page': await nobody.get('/', { bare: true }),
    'a deep page': await nobody.get(`/conversations/${room}`, { bare: true }),
    'an asset that is not': await nobody.get('/assets/none.js', { bare: true }),
    'a refused upgrade': await nobody.get('/realtime'),
  };
  for (const [what, answer] of Object.entries(answers)) guarded(answer, what);
  assert.equal(answers['a 413'].status, 413);
  assert.equal(answers['a 405'].status, 405);
});

test('nothing of the API is kept by a cache', async () => {
  for (const path of ['/me', '/doctors', `/conversations/${room}/messages`, '/nothing']) {
    const { headers } = await people.ana.get(path);
    assert.match(headers['cache-control'] ?? '', /no-store/, path);
  }
});

test('the page and its assets: right types, hashed names cached for ever, no inline script', async () => {
  const nobody = new Client(server);
  const page = await nobody.get('/', { bare: true });
  assert.equal(page.status, 200);
  assert.match(page.headers['content-type'], /^text\/html/);
  assert.match(page.headers['cache-control'] ?? '', /no-cache|no-store|max-age=0/);
  assert.doesNotMatch(page.text, /<script(?![^>]*\bsrc=)[^>]*>|\son\w+=|style=/i);
  const assets = [...page.text.matchAll(/(?:src|href)="(\/[^"]+)"/g)].map((m) => m[1]);
  assert.ok(
    assets.some((path) => path.endsWith('.js')) && assets.some((path) => path.endsWith('.css')),
  );
  for (const path of assets) {
    const asset = await nobody.get(path, { bare: true });
    assert.equal(asset.status, 200, path);
    guarded(asset, path);
    if (path.startsWith('/assets/')) {
      assert.match(path, /[-.][0-9A-Za-z_-]{8,}\.\w+$/, 'no hash in the name');
      assert.match(asset.headers['cache-control'], /immutable/);
    }
  }
  for (const path of ['/sw.js', '/manifest.webmanifest', '/favicon.svg']) {
    const answer = await nobody.get(path, { bare: true });
    assert.equal(answer.status, 200, path);
    assert.doesNotMatch(answer.headers['content-type'], /html/, path);
  }
  for (const path of [
    '/.git/config',
    '/../etc/passwd',
    '/assets/../../keys',
    '/clinic.db',
    '/keys',
  ]) {
    const answer = await nobody.get(path, { bare: true });
    assert.ok(answer.status >= 400 || /<!doctype html/i.test(answer.text), path);
    assert.doesNotMatch(answer.text, /root:|\[core\]|SQLite format/);
  }
});

test('a HEAD is a GET without its body', async () => {
  for (const path of ['/', '/healthz']) {
    const get = await people.ana.get(path, { bare: true });
    const head = await people.ana.request('HEAD', path, { bare: true });
    assert.equal(head.status, get.status, path);
    assert.equal(head.text, '');
    assert.equal(head.headers['content-length'], get.headers['content-length']);
  }
});

test('methods that a route does not take: 405 with Allow; TRACE never', async () => {
  const rows = await httpRows();
  const byPath = new Map();
  for (const row of rows) {
    if (!byPath.has(row.full)) byPath.set(row.full, []);
    byPath.get(row.full).push(row.method);
  }
  for (const [path, methods] of byPath) {
    const target = path.replace(/\{\w+\}/g, UNKNOWN_ID);
    for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'TRACE', 'PROPFIND']) {
      if (methods.includes(method)) continue;
      const answer = await people.ana.request(method, target, { bare: true });
      assert.equal(answer.status, 405, `${method} ${path}: ${answer.status}`);
      const allow = (answer.headers.allow ?? '').split(/\s*,\s*/);
      for (const name of methods)
        assert.ok(allow.includes(name), `${method} ${path}: Allow is ${allow}`);
      assert.ok(!allow.includes('TRACE'));
    }
  }
});

/** Somebody whom the row's own rule lets in. */
function insider(row) {
  return { admin: people.admin, doctor: people.helena }[row.access] ?? people.ana;
}

function target(row) {
  const id = row.path.startsWith('/conversations')
    ? room
    : row.path.startsWith('/relationships')
      ? relationship
      : UNKNOWN_ID;
  return row.full.replace(/\{\w+\}/g, id);
}

test('every route that changes something refuses foreign pages and missing tokens', async () => {
  const rows = (await httpRows()).filter((row) => !['GET', 'HEAD'].includes(row.method));
  assert.ok(rows.length > 15);
  const before = rowCounts(server);
  for (const row of rows) {
    const open = row.access === 'public';
    const who = open ? new Client(server) : insider(row);
    const send = (headers) => who.request(row.method, target(row), { bare: true, headers });
    const foreign = [
      { origin: 'https://mal.exemplo' },
      { origin: 'null' },
      { 'sec-fetch-site': 'cross-site' },
    ];
    if (!open) {
      foreign.push(
        { origin: null },
        { 'x-csrf-token': null },
        { 'x-csrf-token': people.bruno.csrf },
      );
    }
    for (const headers of foreign) {
      const answer = await send(headers);
      assert.equal(
        answer.status,
        403,
        `${row.key} ${JSON.stringify(headers)}: ${answer.status} ${answer.text}`,
      );
      problem(answer, 403, 'csrf_failed');
    }
  }
  assert.deepEqual(rowCounts(server), before, 'a refused request changed something');
});

test('every route that takes a body takes JSON only', async () => {
  const rows = (await httpRows()).filter((row) => ['POST', 'PUT', 'PATCH'].includes(row.method));
  for (const row of rows) {
    const who = row.access === 'public' ? new Client(server) : insider(row);
    for (const type of [
      'text/plain',
      'application/x-www-form-urlencoded',
      'multipart/form-data; boundary=x',
    ]) {
      const answer = await who.request(row.method, target(row), {
        bare: true,
        body: 'a=1',
        headers: { 'content-type': type },
      });
      assert.equal(answer.status, 415, `${row.key} ${type}: ${answer.status} ${answer.text}`);
    }
  }
});

test('no GET changes state', async () => {
  const rows = (await httpRows()).filter((row) => row.method === 'GET');
  const before = rowCounts(server);
  for (const row of rows) {
    for (const who of Object.values(people)) {
      const answer = await who.request('GET', target(row), { bare: true });
      assert.ok(answer.status < 500, `${row.key}: ${answer.status} ${answer.text}`);
    }
  }
  assert.deepEqual(rowCounts(server), before);
});

test('a client’s own forwarding headers change nothing', async () => {
  const answer = await people.ana.get('/me', {
    headers: {
      'x-forwarded-for': '203.0.113.9',
      'x-forwarded-proto': 'https',
      'x-forwarded-host': 'mal.exemplo',
      forwarded: 'for=203.0.113.9;host=mal.exemplo;proto=https',
    },
  });
  ok(answer);
  assert.equal(answer.headers['strict-transport-security'], undefined);
  assert.ok(!answer.text.includes('mal.exemplo') && !answer.text.includes('203.0.113'));
});

test('request ids are the server’s own', async () => {
  const seen = new Set();
  for (let i = 0; i < 20; i++) {
    const { headers } = await people.ana.get('/me', { headers: { 'x-request-id': 'mine' } });
    assert.notEqual(headers['x-request-id'], 'mine');
    seen.add(headers['x-request-id']);
  }
  assert.equal(seen.size, 20);
});
