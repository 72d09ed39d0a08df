// The administrator: accounts, one-time links, verification. Never a message.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Client } from '../lib/client.mjs';
import { invalid, ok, problem, TIME, UNKNOWN_ID, UUID7 } from '../lib/expect.mjs';
import { cast, freshEmail, PASSWORD, register, signIn } from '../lib/people.mjs';
import { Server } from '../lib/server.mjs';

let server;
let people;
let admin;
before(async () => {
  server = await Server.start();
  people = await cast(server);
  admin = people.admin;
});
after(() => server?.done());

let number = 200000;
const doctorBody = (change = {}) => ({
  role: 'doctor',
  name: 'Nina Nova',
  email: freshEmail('nina'),
  crm: String(number++),
  uf: 'BA',
  ...change,
});
const tokenOf = (link) => new URL(link).hash.slice(1);
const setPassword = (token, password = PASSWORD) =>
  new Client(server).post('/auth/set-password', { token, password });

test('the admin adds a doctor, who sets a password by the link and signs in', async () => {
  const body = doctorBody({
    phone: '71912345678',
    locale: 'pt-BR',
    specialties: [{ name: 'Pediatria', rqe: '777' }],
  });
  const made = ok(await admin.post('/admin/users', body), 201);
  assert.match(made.user.id, UUID7);
  assert.equal(made.user.role, 'doctor');
  assert.equal(made.user.doctor.verified, false);
  assert.equal(made.user.doctor.crm, body.crm);
  assert.deepEqual(made.user.doctor.specialties, body.specialties);
  assert.equal(made.user.phone, '+5571912345678');
  const link = new URL(made.set_password_url);
  assert.equal(link.origin, server.origin);
  assert.equal(link.pathname, '/set-password');
  assert.equal(link.search, '', 'a secret in the query would reach logs');
  assert.match(tokenOf(link), /^[A-Za-z0-9_-]{43}$/);
  assert.match(made.expires_at, TIME);
  assert.ok(Date.parse(made.expires_at) > Date.now());
  problem(
    await new Client(server).post('/auth/login', { email: body.email, password: PASSWORD }),
    401,
    'invalid_credentials',
  );
  ok(await setPassword(tokenOf(link)), 204);
  const nina = await signIn(server, body);
  assert.equal(nina.user.id, made.user.id);
  problem(await setPassword(tokenOf(link), 'Outra-Senha-Boa-8'), 410, 'link_expired');
  await signIn(server, body);
});

test('a one-time link: bad ones, bad passwords, used twice at once', async () => {
  for (const token of ['A'.repeat(43), 'x', '']) {
    const answer = await setPassword(token);
    assert.ok([410, 422].includes(answer.status), `${token}: ${answer.text}`);
  }
  const made = ok(await admin.post('/admin/users', doctorBody()), 201);
  const token = tokenOf(made.set_password_url);
  invalid(await setPassword(token, 'curta'), { password: 'too_short' });
  invalid(await setPassword(token, 'password123'), { password: 'common_password' });
  const answers = await Promise.all(
    [1, 2, 3, 4].map((i) => setPassword(token, `${PASSWORD}-${i}`)),
  );
  const done = answers.filter((answer) => answer.status === 204);
  assert.equal(done.length, 1, answers.map((a) => a.status).join());
});

test('links run out, and a new one ends the one before', async (t) => {
  const made = ok(await admin.post('/admin/users', doctorBody()), 201);
  const renewed = ok(await admin.post(`/admin/users/${made.user.id}/reset-password`), 201);
  problem(await setPassword(tokenOf(made.set_password_url)), 410, 'link_expired');
  const span = Date.parse(renewed.expires_at) - Date.now();
  assert.ok(span > 0 && span <= 31 * 60_000, `a reset link lives ${span / 60_000} minutes`);
  ok(await setPassword(tokenOf(renewed.set_password_url)), 204);
  t.diagnostic(`a reset link lives ${Math.round(span / 60_000)} minutes`);
});

test('a changed password makes open links useless', async () => {
  const ana = await register(server);
  const link = ok(await admin.post(`/admin/users/${ana.user.id}/reset-password`), 201);
  const change = { current_password: PASSWORD, new_password: 'Cagaita-Madura-52' };
  ok(await ana.post('/auth/password', change), 204);
  problem(await setPassword(tokenOf(link.set_password_url)), 410, 'link_expired');
});

test('a reset ends all sessions and the old password', async () => {
  const ana = await register(server);
  const { set_password_url } = ok(
    await admin.post(`/admin/users/${ana.user.id}/reset-password`),
    201,
  );
  ok(await setPassword(tokenOf(set_password_url), 'Graviola-Doce-31'), 204);
  problem(await ana.get('/me'), 401, 'unauthenticated');
  const old = { email: ana.email, password: PASSWORD };
  problem(await new Client(server).post('/auth/login', old), 401, 'invalid_credentials');
  await new Client(server).login(ana.email, 'Graviola-Doce-31');
});

test('receptionists and admins are added; patients sign themselves up', async () => {
  for (const role of ['receptionist', 'admin']) {
    const body = { role, name: 'Gente Nova', email: freshEmail(role) };
    const { user } = ok(await admin.post('/admin/users', body), 201);
    assert.equal(user.role, role);
    assert.equal(user.doctor, undefined);
  }
  const patient = { role: 'patient', name: 'Não Assim', email: freshEmail() };
  problem(await admin.post('/admin/users', patient), 422, 'validation');
});

test('what is missing or wrong in a new account is told', async () => {
  const post = (change) => admin.post('/admin/users', doctorBody(change));
  invalid(await post({ crm: undefined }), { crm: 'required' });
  invalid(await post({ uf: undefined }), { uf: 'required' });
  invalid(await post({ crm: '12A' }), { crm: 'invalid' });
  invalid(await post({ crm: '12345678901' }), { crm: 'invalid' });
  invalid(await post({ uf: 'XX' }), { uf: 'invalid' });
  invalid(await post({ email: 'sem.arroba' }), { email: 'invalid' });
  invalid(await post({ name: undefined }), { name: 'required' });
  problem(await post({ role: 'king' }), 422, 'validation');
  problem(await post({ specialties: [{ name: 'X', rqe: 'abc' }] }), 422, 'validation');
  const extra = await post({ verified: true });
  assert.ok([400, 422].includes(extra.status), extra.text);
  const receptionist = {
    role: 'receptionist',
    name: 'Com CRM',
    email: freshEmail(),
    crm: '1',
    uf: 'SP',
  };
  problem(await admin.post('/admin/users', receptionist), 422, 'validation');
});

test('an e-mail and a CRM belong to one account', async () => {
  const body = doctorBody();
  ok(await admin.post('/admin/users', body), 201);
  problem(await admin.post('/admin/users', { ...body, crm: '1' }), 409, 'account_exists');
  problem(await admin.post('/admin/users', doctorBody({ crm: body.crm })), 409, 'account_exists');
  ok(await admin.post('/admin/users', doctorBody({ crm: body.crm, uf: 'CE' })), 201);
});

test('accounts are listed, filtered and paged', async () => {
  const list = async (query) => ok(await admin.get(`/admin/users?limit=100&${query}`)).items;
  const doctors = await list('role=doctor');
  assert.ok(doctors.length >= 3 && doctors.every((user) => user.role === 'doctor' && user.doctor));
  const waiting = await list('role=doctor&verified=false');
  assert.ok(waiting.some((user) => user.id === people.otavio.user.id));
  assert.ok(!waiting.some((user) => user.id === people.helena.user.id));
  assert.ok((await list('verified=true')).every((user) => user.doctor.verified));
  const found = await list('q=conceicao');
  assert.deepEqual(
    found.map((user) => user.id),
    [people.bruno.user.id],
  );
  const byMail = await list(`q=${encodeURIComponent(people.rita.email.toUpperCase())}`);
  assert.deepEqual(
    byMail.map((user) => user.id),
    [people.rita.user.id],
  );
  problem(await admin.get('/admin/users?role=king'), 422, 'validation');
  problem(await admin.get('/admin/users?verified=maybe'), 422, 'validation');
  problem(await admin.get('/admin/users?state=x'), 422, 'validation');
  const all = (await list('')).map((user) => user.id);
  const seen = [];
  let cursor = null;
  do {
    const query = cursor ? `&cursor=${encodeURIComponent(cursor)}` : '';
    const page = ok(await admin.get(`/admin/users?limit=3${query}`));
    seen.push(...page.items.map((user) => user.id));
    cursor = page.next_cursor;
  } while (cursor && seen.length < 300);
  assert.deepEqual(seen, all);
});

test('one account is shown, without a secret of it', async () => {
  const answer = await admin.get(`/admin/users/${people.ana.user.id}`);
  assert.deepEqual(ok(answer), people.ana.user);
  assert.doesNotMatch(answer.text, /argon2|hash/i);
  problem(await admin.get(`/admin/users/${UNKNOWN_ID}`), 404, 'not_found');
  problem(await admin.get('/admin/users/x'), 404, 'not_found');
});

test('a disabled account cannot sign in or go on; enabled, it can', async () => {
  const ana = await register(server);
  const disabled = ok(await admin.post(`/admin/users/${ana.user.id}/disable`));
  assert.equal(disabled.state, 'disabled');
  problem(await ana.get('/me'), 401, 'unauthenticated');
  const wrong = await new Client(server).post('/auth/login', {
    email: ana.email,
    password: 'errada-9',
  });
  const right = await new Client(server).post('/auth/login', {
    email: ana.email,
    password: PASSWORD,
  });
  problem(right, 401, 'invalid_credentials');
  assert.equal(right.text, wrong.text);
  assert.ok(
    ok(await admin.get('/admin/users?state=disabled')).items.some((u) => u.id === ana.user.id),
  );
  assert.equal(ok(await admin.post(`/admin/users/${ana.user.id}/enable`)).state, 'active');
  problem(await ana.get('/me'), 401, 'unauthenticated');
  await signIn(server, ana);
});

test('an admin does not lock the last door behind oneself', async () => {
  const answer = await admin.post(`/admin/users/${admin.user.id}/disable`);
  assert.ok([403, 409, 422].includes(answer.status), `${answer.status} ${answer.text}`);
  ok(await admin.get('/me'));
});

test('verification belongs to doctors', async () => {
  const { otavio, ana } = people;
  assert.equal(
    ok(await admin.post(`/admin/doctors/${otavio.user.id}/verify`)).doctor.verified,
    true,
  );
  ok(await ana.get(`/doctors/${otavio.user.id}`));
  assert.equal(
    ok(await admin.post(`/admin/doctors/${otavio.user.id}/unverify`)).doctor.verified,
    false,
  );
  problem(await admin.post(`/admin/doctors/${ana.user.id}/verify`), 404, 'not_found');
  problem(await admin.post(`/admin/doctors/${UNKNOWN_ID}/verify`), 404, 'not_found');
});

test('nobody else is an admin', async () => {
  for (const who of ['ana', 'helena', 'otavio', 'rita']) {
    const { user } = people.bruno;
    problem(await people[who].get('/admin/users'), 403, 'forbidden');
    problem(await people[who].get(`/admin/users/${user.id}`), 403, 'forbidden');
    problem(await people[who].post('/admin/users', doctorBody()), 403, 'forbidden');
    problem(await people[who].post(`/admin/users/${user.id}/disable`), 403, 'forbidden');
    problem(await people[who].post(`/admin/users/${user.id}/reset-password`), 403, 'forbidden');
    problem(
      await people[who].post(`/admin/doctors/${people.otavio.user.id}/verify`),
      403,
      'forbidden',
    );
    problem(await people[who].get('/admin/audit'), 403, 'forbidden');
  }
  ok(await people.bruno.get('/me'));
});
