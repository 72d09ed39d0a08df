// Signing up, signing in, one's own details and password.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Client } from '../lib/client.mjs';
import { invalid, median, ok, problem, TIME, UUID7 } from '../lib/expect.mjs';
import { cast, freshCpf, freshEmail, PASSWORD, register, signIn } from '../lib/people.mjs';
import { Server } from '../lib/server.mjs';

let server;
let terms;

before(async () => {
  server = await Server.start();
  terms = (await new Client(server).get('/clinic')).json.terms_version;
});
after(() => server?.done());

function person(overrides = {}) {
  return {
    name: 'João d’Ávila',
    email: freshEmail(),
    password: PASSWORD,
    birth_date: '1984-02-29',
    terms_version: terms,
    ...overrides,
  };
}

function post(body, options) {
  return new Client(server).post('/auth/register', body, options);
}

test('the clinic tells what a client must know before anybody signs in', async () => {
  const clinic = ok(await new Client(server).get('/clinic'));
  assert.equal(clinic.email_verification, false);
  assert.equal(clinic.emergency_number, '192');
  assert.deepEqual(clinic.limits, { message_chars: 4000, edit_window_s: 900 });
  assert.deepEqual(clinic.session, { idle_s: 900, absolute_s: 43200, warn_s: 60 });
  assert.equal(clinic.timezone, 'America/Sao_Paulo');
  assert.ok(clinic.name.length > 0 && terms.length > 0);
});

test('a patient signs up and is signed in', async () => {
  const client = new Client(server);
  const cpf = freshCpf();
  const body = person({ cpf, phone: '(11) 91234-5678', locale: 'en' });
  const answer = await client.post('/auth/register', body);
  const { user, csrf_token, session } = ok(answer, 201);
  assert.match(user.id, UUID7);
  assert.match(user.created_at, TIME);
  assert.equal(user.role, 'patient');
  assert.equal(user.name, body.name);
  assert.equal(user.display_name, body.name);
  assert.equal(user.social_name, null);
  assert.equal(user.email, body.email);
  assert.equal(user.locale, 'en');
  assert.equal(user.phone, '+5511912345678');
  assert.equal(user.birth_date, '1984-02-29');
  assert.equal(user.cpf_masked, `•••.${cpf.slice(3, 6)}.${cpf.slice(6, 9)}-••`);
  assert.ok(!answer.text.includes(cpf), 'the CPF itself is in the answer');
  assert.equal(user.state, 'active');
  assert.equal(user.doctor, undefined);
  assert.match(session.id, UUID7);
  assert.match(session.expires_at, TIME);
  client.csrf = csrf_token;
  const me = ok(await client.get('/me'));
  assert.deepEqual(me.user, user);
  assert.equal(me.csrf_token, csrf_token);
});

test('the session cookie on plain-http loopback', async () => {
  const answer = await post(person());
  const [cookie, ...more] = answer.headers['set-cookie'];
  assert.equal(more.length, 0);
  assert.match(cookie, /^acolhe=[A-Za-z0-9_-]{43};/);
  assert.match(cookie, /;\s*HttpOnly/i);
  assert.match(cookie, /;\s*SameSite=(Lax|Strict)/i);
  assert.match(cookie, /;\s*Path=\//i);
  assert.doesNotMatch(cookie, /;\s*Domain=/i);
  assert.doesNotMatch(cookie, /;\s*Secure/i);
});

test('behind https the cookie is __Host- and Secure, and HSTS is sent', async (t) => {
  const secure = await Server.start({ env: { ACOLHE_PUBLIC_URL: 'https://clinica.exemplo' } });
  t.after(() => secure.done());
  const client = new Client(secure);
  const answer = await client.post('/auth/register', person(), {
    headers: { host: 'clinica.exemplo' },
  });
  ok(answer, 201);
  assert.match(answer.headers['set-cookie'][0], /^__Host-acolhe=[^;]+;/);
  assert.match(answer.headers['set-cookie'][0], /;\s*Secure/i);
  assert.match(answer.headers['set-cookie'][0], /;\s*Path=\/(;|$)/i);
  const hsts = answer.headers['strict-transport-security'];
  assert.ok(Number(/max-age=(\d+)/.exec(hsts ?? '')?.[1]) >= 31536000, hsts);
  assert.match(hsts, /includeSubDomains/i);
});

test('every required member is asked for', async () => {
  for (const field of ['name', 'email', 'password', 'birth_date', 'terms_version']) {
    const body = person();
    delete body[field];
    invalid(await post(body), { [field]: 'required' });
  }
});

const wrong = [
  ['no name', { name: '' }, { name: 'required' }],
  ['a name of spaces', { name: '    ' }, { name: 'required' }],
  ['a long name', { name: 'a'.repeat(201) }, { name: 'too_long' }],
  ['an e-mail without a domain', { email: 'ana.souza' }, { email: 'invalid' }],
  ['an e-mail with a space', { email: 'a na@x.org' }, { email: 'invalid' }],
  ['a short password', { password: 'abc12' }, { password: 'too_short' }],
  ['a common password', { password: 'password123' }, { password: 'common_password' }],
  ['a password of 1025', { password: 'x'.repeat(1025) }, { password: 'too_long' }],
  ['a wrong CPF digit', { cpf: '52998224726' }, { cpf: 'invalid' }],
  ['a CPF of equal digits', { cpf: '111.111.111-11' }, { cpf: 'invalid' }],
  ['a date that is not', { birth_date: '1983-02-29' }, { birth_date: 'invalid' }],
  ['a date to come', { birth_date: '2999-01-01' }, { birth_date: 'in_future' }],
  ['a landline too long', { phone: '+55119123456789' }, { phone: 'invalid' }],
  ['a locale not kept', { locale: 'fr' }, { locale: 'invalid' }],
  ['other terms', { terms_version: '1900-01' }, { terms_version: 'mismatch' }],
];
for (const [what, change, fields] of wrong) {
  test(`sign-up refuses ${what}`, async () => {
    invalid(await post(person(change)), fields);
  });
}

test('a minor is registered by a responsible adult', async () => {
  const year = new Date().getUTCFullYear();
  invalid(await post(person({ birth_date: `${year - 17}-12-31` })), { birth_date: 'under_age' });
  ok(await post(person({ birth_date: `${year - 19}-01-01` })), 201);
});

test('all wrong fields are told at once', async () => {
  const wrong = person({ email: 'ana.souza', cpf: '52998224726', phone: '+5511' });
  invalid(await post(wrong), { email: 'invalid', cpf: 'invalid', phone: 'invalid' });
});

test('members that are unknown, doubled or privileged are refused', async () => {
  for (const extra of [{ role: 'admin' }, { verified: true }, { id: UUID7.source }, { x: 1 }]) {
    const answer = await post(person(extra));
    assert.ok([400, 422].includes(answer.status), answer.text);
  }
  const text = JSON.stringify(person());
  problem(await post(text.replace('{', '{"name":"Outro Nome",')), 400, 'malformed');
});

test('a CPF written with points is the same CPF', async () => {
  const cpf = freshCpf();
  const dotted = cpf.replace(/(...)(...)(...)(..)/, '$1.$2.$3-$4');
  ok(await post(person({ cpf: dotted })), 201);
  problem(await post(person({ cpf })), 409, 'account_exists');
});

test('a CPF is not asked for', async () => {
  assert.equal(ok(await post(person()), 201).user.cpf_masked, null);
});

test('an e-mail is one account, whatever its case', async () => {
  const body = person();
  ok(await post(body), 201);
  problem(await post({ ...body, email: body.email.toUpperCase() }), 409, 'account_exists');
  ok(await new Client(server).login(body.email.toUpperCase(), PASSWORD));
});

test('names are stored as NFC, any script', async () => {
  const { user } = ok(await post(person({ name: 'Jose\u0301 李小龙' })), 201);
  assert.equal(user.name, 'José 李小龙');
});

test('long passwords of any characters work and none is cut', async () => {
  const password = `${'çé漢🌱 '.repeat(16)}fim`;
  const body = person({ password });
  ok(await post(body), 201);
  ok(await new Client(server).login(body.email, password));
  const cut = await new Client(server).post('/auth/login', {
    email: body.email,
    password: password.slice(0, -1),
  });
  problem(cut, 401, 'invalid_credentials');
});

test('text that attacks comes back as the text it is', async () => {
  for (const name of [
    '<img src=x onerror=alert(1)>',
    "Robert'); DROP TABLE account;--",
    '%n%s%x%1$s',
    'a</script>"\\b',
  ]) {
    const { user } = ok(await post(person({ name })), 201);
    assert.equal(user.name, name);
  }
});

test('text that is not text is refused', async () => {
  for (const name of ['"a\\u0000b"', '"a\\ud800b"']) {
    const text = JSON.stringify(person()).replace(/"name":"[^"]*"/, `"name":${name}`);
    const answer = await post(text);
    assert.ok([400, 422].includes(answer.status), `${name}: ${answer.status} ${answer.text}`);
  }
});

test('a body must be a JSON object in JSON', async () => {
  problem(await post('{"name":'), 400, 'malformed');
  problem(await post('[]'), 400, 'malformed');
  problem(await post(Buffer.from('{"name":"\xff"}', 'latin1')), 400, 'malformed');
  for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data']) {
    const answer = await post(person(), { headers: { 'content-type': type } });
    problem(answer, 415, 'unsupported_media_type');
  }
  problem(await post(person(), { headers: { 'content-type': null } }), 415);
  ok(await post(person(), { headers: { 'content-type': 'application/json; charset=utf-8' } }), 201);
});

test('an Idempotency-Key gives the same answer, and refuses another body', async () => {
  const { admin } = await cast(server, ['admin']);
  const body = { role: 'receptionist', name: 'Rita', email: freshEmail('rita') };
  const options = { headers: { 'idempotency-key': 'chave-1' } };
  const first = await admin.post('/admin/users', body, options);
  ok(first, 201);
  const again = await admin.post('/admin/users', body, options);
  assert.equal(again.status, 201, again.text);
  assert.equal(again.json.user.id, first.json.user.id);
  const other = { ...body, email: freshEmail('rita') };
  problem(await admin.post('/admin/users', other, options), 422, 'idempotency_mismatch');
  ok(await admin.post('/admin/users', other, { headers: { 'idempotency-key': 'chave-2' } }), 201);
});

test('sign-in gives a new session and never adopts a planted cookie', async () => {
  const ana = await register(server);
  const planted = 'A'.repeat(43);
  const client = new Client(server);
  client.cookies.set('acolhe', planted);
  await client.login(ana.email, PASSWORD);
  assert.notEqual(client.cookies.get('acolhe'), planted);
  assert.notEqual(client.cookies.get('acolhe'), ana.cookies.get('acolhe'));
  ok(await client.get('/me'));
});

test('unknown people and wrong passwords get the same answer', async () => {
  const ana = await register(server);
  const client = new Client(server);
  const known = await client.post('/auth/login', { email: ana.email, password: 'errada-mesmo' });
  const unknown = await client.post('/auth/login', { email: freshEmail(), password: PASSWORD });
  problem(known, 401, 'invalid_credentials');
  problem(unknown, 401, 'invalid_credentials');
  assert.equal(known.text, unknown.text);
  const names = (answer) => answer.rawHeaders.filter((_, i) => i % 2 === 0);
  assert.deepEqual(names(known), names(unknown));
});

test('unknown people and wrong passwords take the same time', { timeout: 60_000 }, async () => {
  const ana = await register(server);
  const client = new Client(server);
  const took = { known: [], unknown: [] };
  for (let i = 0; i < 60; i++) {
    for (const kind of i % 2 ? ['known', 'unknown'] : ['unknown', 'known']) {
      const email = kind === 'known' ? ana.email : freshEmail();
      const from = process.hrtime.bigint();
      await client.post('/auth/login', { email, password: `errada ${i}` });
      took[kind].push(Number(process.hrtime.bigint() - from) / 1e6);
    }
  }
  const known = median(took.known);
  const unknown = median(took.unknown);
  assert.ok(known > 5 && unknown > 5, `a password hash takes longer: ${known}, ${unknown} ms`);
  const apart = Math.abs(known - unknown) / Math.max(known, unknown);
  assert.ok(apart < 0.2, `medians ${known.toFixed(1)} and ${unknown.toFixed(1)} ms differ`);
});

test('an e-mail or password that cannot be right is refused without more words', async () => {
  const client = new Client(server);
  const login = (body) => client.post('/auth/login', body);
  invalid(await login({ password: PASSWORD }), { email: 'required' });
  invalid(await login({ email: 'a@b.org' }), { password: 'required' });
  invalid(await login({ email: 'a@b.org', password: 5 }), { password: 'invalid' });
});

test('one changes one’s own details, and only those', async () => {
  const ana = await register(server);
  const changed = ok(await ana.patch('/me', { social_name: 'Anita', phone: '+351912345678' }));
  assert.equal(changed.user.social_name, 'Anita');
  assert.equal(changed.user.display_name, 'Anita');
  assert.equal(changed.user.phone, '+351912345678');
  assert.equal(changed.csrf_token, ana.csrf);
  assert.equal(ok(await ana.get('/me')).user.social_name, 'Anita');
  const back = ok(await ana.patch('/me', { social_name: null, phone: null, locale: 'en' }));
  assert.equal(back.user.display_name, back.user.name);
  assert.equal(back.user.phone, null);
  assert.equal(back.user.locale, 'en');
  problem(await ana.patch('/me', { name: '' }), 422, 'validation');
  invalid(await ana.patch('/me', { phone: '123' }), { phone: 'invalid' });
  for (const body of [{ role: 'admin' }, { email: 'x@y.org' }, { cpf: '52998224725' }]) {
    const answer = await ana.patch('/me', body);
    assert.ok([400, 422].includes(answer.status), answer.text);
  }
  assert.equal(ok(await ana.get('/me')).user.role, 'patient');
});

test('a password change asks for the old one and ends the other sessions', async () => {
  const ana = await register(server);
  const other = await signIn(server, ana);
  const change = (current_password, new_password) =>
    ana.post('/auth/password', { current_password, new_password });
  invalid(await change('nao-e-esta-9', 'Pitanga-Vermelha-77'), { current_password: 'mismatch' });
  ok(await other.get('/me'));
  invalid(await change(PASSWORD, 'password123'), { new_password: 'common_password' });
  ok(await change(PASSWORD, 'Pitanga-Vermelha-77'), 204);
  problem(await other.get('/me'), 401, 'unauthenticated');
  ok(await ana.get('/me'));
  const old = await new Client(server).post('/auth/login', {
    email: ana.email,
    password: PASSWORD,
  });
  problem(old, 401, 'invalid_credentials');
  await new Client(server).login(ana.email, 'Pitanga-Vermelha-77');
});

test('without a session nothing of one’s own is open', async () => {
  const client = new Client(server);
  for (const path of ['/me', '/auth/sessions', '/doctors', '/relationships', '/conversations']) {
    problem(await client.get(path), 401, 'unauthenticated');
  }
  client.cookies.set('acolhe', 'B'.repeat(43));
  problem(await client.get('/me'), 401, 'unauthenticated');
  client.cookies.set('acolhe', 'x');
  problem(await client.get('/me'), 401, 'unauthenticated');
});

test('a fresh installation has no account that opens', async () => {
  const client = new Client(server);
  for (const email of ['admin@demo.local', 'admin@localhost', 'ana@demo.local', 'admin@acolhe']) {
    for (const password of ['admin', 'demo', 'acolhe', 'password']) {
      const answer = await client.post('/auth/login', { email, password });
      assert.ok([401, 422].includes(answer.status), `${email}/${password}: ${answer.status}`);
    }
  }
});
