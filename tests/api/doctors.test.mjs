// Finding a doctor, and a doctor's own practice: office hours and usual reply time.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Client } from '../lib/client.mjs';
import { invalid, ok, problem, UNKNOWN_ID, UUID7 } from '../lib/expect.mjs';
import { addPerson, cast, freshEmail, PASSWORD, signIn } from '../lib/people.mjs';
import { Server } from '../lib/server.mjs';

let server;
let people;
before(async () => {
  server = await Server.start();
  people = await cast(server);
});
after(() => server?.done());

const ids = (page) => page.items.map((item) => item.id);
const plan = (change = {}) => ({
  hours: [
    { weekday: 1, start: '08:00', end: '12:00' },
    { weekday: 1, start: '14:00', end: '18:00' },
    { weekday: 3, start: '09:30', end: '11:00' },
  ],
  usual_reply_minutes: 120,
  timezone: 'America/Sao_Paulo',
  about: 'Clínica geral.',
  ...change,
});

/** A doctor made by the admin with specialties, verified, signed in by the one-time link. */
async function specialist(name, specialties) {
  const email = freshEmail('doctor');
  const crm = String(Math.floor(1e8 + Math.random() * 8e8));
  const body = { role: 'doctor', name, email, crm, uf: 'MG', specialties };
  const made = ok(await people.admin.post('/admin/users', body), 201);
  ok(await people.admin.post(`/admin/doctors/${made.user.id}/verify`));
  const token = made.set_password_url.split('#')[1];
  ok(await new Client(server).post('/auth/set-password', { token, password: PASSWORD }), 204);
  return signIn(server, { email });
}

test('only verified doctors are listed, to everybody who is signed in', async () => {
  for (const who of ['ana', 'helena', 'rita', 'admin']) {
    const found = ids(ok(await people[who].get('/doctors')));
    assert.ok(found.includes(people.helena.user.id) && found.includes(people.ivo.user.id), who);
    assert.ok(!found.includes(people.otavio.user.id), `${who} sees an unverified doctor`);
  }
  problem(await people.ana.get(`/doctors/${people.otavio.user.id}`), 404, 'not_found');
  problem(await people.ana.get(`/doctors/${UNKNOWN_ID}`), 404, 'not_found');
  problem(await people.ana.get(`/doctors/${people.bruno.user.id}`), 404, 'not_found');
  problem(await people.ana.get('/doctors/tudo'), 404, 'not_found');
});

test('a doctor as patients see one', async () => {
  const doctor = ok(await people.ana.get(`/doctors/${people.helena.user.id}`));
  assert.match(doctor.id, UUID7);
  assert.equal(doctor.name, 'Helena Prado');
  assert.equal(doctor.uf, 'SP');
  assert.match(doctor.crm, /^\d{1,10}$/);
  assert.equal(doctor.verified, true);
  assert.equal(doctor.email, undefined);
  assert.equal(doctor.phone, undefined);
});

test('a name is found whatever its accents and case', async () => {
  const jose = await specialist('José Çelik Ñandú', []);
  for (const q of ['jose', 'JOSÉ', 'celik', 'nandu', 'sé çe']) {
    const found = ids(ok(await people.ana.get(`/doctors?q=${encodeURIComponent(q)}`)));
    assert.deepEqual(found, [jose.user.id], q);
  }
  assert.deepEqual(ids(ok(await people.ana.get('/doctors?q=ninguem-assim'))), []);
});

test('a search is text, not a pattern', async () => {
  for (const q of ['%', '_', '*', "'", '"', '\\']) {
    const page = ok(await people.ana.get(`/doctors?q=${encodeURIComponent(q)}`));
    assert.deepEqual(page.items, [], q);
  }
});

test('specialties are public only with an RQE, and are searched', async () => {
  const cardio = await specialist('Clara Nunes', [
    { name: 'Cardiologia', rqe: '12345' },
    { name: 'Nutrologia', rqe: null },
  ]);
  const doctor = ok(await people.ana.get(`/doctors/${cardio.user.id}`));
  assert.deepEqual(doctor.specialties, [{ name: 'Cardiologia', rqe: '12345' }]);
  assert.deepEqual(ids(ok(await people.ana.get('/doctors?specialty=cardiologia'))), [
    cardio.user.id,
  ]);
  assert.deepEqual(ids(ok(await people.ana.get('/doctors?specialty=Nutrologia'))), []);
});

test('the list is paged: every doctor once, in order', async () => {
  const all = ok(await people.ana.get('/doctors?limit=100'));
  assert.equal(all.next_cursor, null);
  const seen = [];
  let cursor = null;
  do {
    const query = cursor ? `&cursor=${encodeURIComponent(cursor)}` : '';
    const page = ok(await people.ana.get(`/doctors?limit=1${query}`));
    assert.equal(page.items.length, 1);
    seen.push(...ids(page));
    cursor = page.next_cursor;
  } while (cursor && seen.length < 100);
  assert.deepEqual(seen, ids(all));
});

test('limits and cursors out of range are refused', async () => {
  for (const query of [
    'limit=0',
    'limit=101',
    'limit=-1',
    'limit=x',
    'limit=4294967297',
    'limit=',
  ]) {
    const answer = await people.ana.get(`/doctors?${query}`);
    problem(answer, 422, 'validation');
  }
  for (const cursor of ['x', '%00', 'A'.repeat(300)]) {
    const answer = await people.ana.get(`/doctors?cursor=${cursor}`);
    assert.ok([400, 422].includes(answer.status), `${cursor}: ${answer.status} ${answer.text}`);
  }
  const doubled = await people.ana.get('/doctors?limit=1&limit=2');
  assert.ok([400, 422].includes(doubled.status), doubled.text);
});

test('a doctor sets hours and reply time, and patients see them', async () => {
  const set = ok(await people.helena.put('/me/practice', plan()));
  assert.deepEqual(set.hours, plan().hours);
  assert.equal(set.usual_reply_minutes, 120);
  const seen = ok(await people.ana.get(`/doctors/${people.helena.user.id}`));
  assert.deepEqual(seen.hours, plan().hours);
  assert.equal(seen.usual_reply_minutes, 120);
  assert.equal(seen.timezone, 'America/Sao_Paulo');
  assert.equal(seen.about, 'Clínica geral.');
  assert.equal(typeof seen.open_now, 'boolean');
});

test('open all week is open now, in any zone; no hours are never open', async () => {
  const always = Array.from({ length: 7 }, (_, i) => ({
    weekday: i + 1,
    start: '00:00',
    end: '24:00',
  }));
  const answer = await people.ivo.put(
    '/me/practice',
    plan({ hours: always, timezone: 'America/Manaus' }),
  );
  if (answer.status === 200) assert.equal(answer.json.open_now, true);
  else {
    const nearly = always.map((h) => ({ ...h, end: '23:59' }));
    assert.equal(ok(await people.ivo.put('/me/practice', plan({ hours: nearly }))).open_now, true);
  }
  const never = ok(await people.ivo.put('/me/practice', plan({ hours: [] })));
  assert.equal(never.open_now, false);
  assert.equal(never.next_open_at, null);
});

test('the next opening is told in UTC and lies in the plan', async () => {
  // an hour that is not now, on every weekday, in a zone without DST
  const now = new Date();
  const hour = (now.getUTCHours() + 2) % 23;
  const text = String(hour).padStart(2, '0');
  const hours = Array.from({ length: 7 }, (_, i) => ({
    weekday: i + 1,
    start: `${text}:00`,
    end: `${text}:45`,
  }));
  const doctor = ok(await people.ivo.put('/me/practice', plan({ hours, timezone: 'Etc/UTC' })));
  assert.equal(doctor.open_now, false);
  const next = new Date(doctor.next_open_at);
  assert.ok(next > now && next - now <= 25 * 3600_000, doctor.next_open_at);
  assert.equal(next.getUTCHours(), hour);
  assert.equal(next.getUTCMinutes(), 0);
});

test('a practice that makes no sense is refused', async () => {
  const put = (change) => people.helena.put('/me/practice', plan(change));
  const bad = [
    { hours: [{ weekday: 0, start: '08:00', end: '12:00' }] },
    { hours: [{ weekday: 8, start: '08:00', end: '12:00' }] },
    { hours: [{ weekday: 1, start: '12:00', end: '08:00' }] },
    { hours: [{ weekday: 1, start: '08:00', end: '08:00' }] },
    { hours: [{ weekday: 1, start: '8h', end: '12:00' }] },
    { hours: [{ weekday: 1, start: '25:00', end: '26:00' }] },
    {
      hours: [
        { weekday: 1, start: '08:00', end: '12:00' },
        { weekday: 1, start: '11:00', end: '13:00' },
      ],
    },
    { timezone: 'Marte/Olympus' },
    { timezone: '../../etc/passwd' },
    { usual_reply_minutes: 0 },
    { usual_reply_minutes: -5 },
    { about: 'x'.repeat(2001) },
  ];
  for (const change of bad) problem(await put(change), 422, 'validation');
  invalid(await put({ usual_reply_minutes: '10' }), { usual_reply_minutes: 'invalid' });
  const { hours } = ok(await people.ana.get(`/doctors/${people.helena.user.id}`));
  assert.deepEqual(hours, plan().hours);
});

test('a practice is a doctor’s', async () => {
  for (const who of ['ana', 'rita', 'admin']) {
    problem(await people[who].put('/me/practice', plan()), 403, 'forbidden');
  }
  invalid(await people.helena.put('/me/practice', plan({ timezone: undefined })), {
    timezone: 'required',
  });
});

test('a doctor whose verification is taken back is not listed any more', async () => {
  const temporary = await addPerson(server, { role: 'doctor', name: 'Lia Breve', verified: true });
  const lia = await signIn(server, temporary);
  ok(await people.ana.get(`/doctors/${lia.user.id}`));
  const { doctor } = ok(await people.admin.post(`/admin/doctors/${lia.user.id}/unverify`));
  assert.equal(doctor.verified, false);
  problem(await people.ana.get(`/doctors/${lia.user.id}`), 404, 'not_found');
});

test('a doctor account that is disabled is not listed any more', async () => {
  const temporary = await addPerson(server, { role: 'doctor', name: 'Davi Breve', verified: true });
  const davi = await signIn(server, temporary);
  ok(await people.admin.post(`/admin/users/${davi.user.id}/disable`));
  problem(await people.ana.get(`/doctors/${davi.user.id}`), 404, 'not_found');
});
