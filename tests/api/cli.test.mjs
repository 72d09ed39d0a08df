// The command line: accounts, configuration, backups, migrations, diagnosis.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { Client } from '../lib/client.mjs';
import { ok, problem } from '../lib/expect.mjs';
import { addPerson, cast, connect, freshEmail, PASSWORD, signIn } from '../lib/people.mjs';
import { freePort, run, Server, tempDir } from '../lib/server.mjs';
import { Socket } from '../lib/socket.mjs';

let server;
let people;
before(async () => {
  server = await Server.start();
  people = await cast(server, ['ana', 'helena', 'admin']);
});
after(() => server?.done());

test('version and help', async () => {
  assert.match((await run(['version'])).stdout, /\d+\.\d+\.\d+/);
  const help = await run(['--help']);
  assert.equal(help.code, 0);
  for (const name of [
    'serve',
    'migrate',
    'demo',
    'user',
    'audit',
    'backup',
    'restore',
    'diagnose',
  ]) {
    assert.match(help.stdout, new RegExp(`\\b${name}\\b`));
  }
  assert.equal((await run(['dance'])).code, 2);
  assert.equal((await run([])).code, 2);
});

test('user list shows accounts and no secret', async () => {
  const { stdout } = await server.cli(['user', 'list']);
  for (const who of ['ana', 'helena', 'admin']) assert.ok(stdout.includes(people[who].email));
  assert.doesNotMatch(stdout, /argon2/i);
});

test('user add refuses what the API would refuse', async () => {
  const file = path.join(tempDir(), 'pw');
  const add = (role, email, password, ...more) => {
    fs.writeFileSync(file, password);
    return server.cli(
      [
        'user',
        'add',
        '--role',
        role,
        '--name',
        'Fulana',
        '--email',
        email,
        '--password-file',
        file,
        ...more,
      ],
      { ok: false },
    );
  };
  const twice = freshEmail();
  assert.equal((await add('patient', twice, PASSWORD)).code, 0);
  assert.equal((await add('patient', twice, PASSWORD)).code, 1);
  assert.notEqual((await add('patient', 'x', PASSWORD)).code, 0);
  assert.notEqual((await add('patient', freshEmail(), 'curta')).code, 0);
  assert.notEqual((await add('patient', freshEmail(), 'password123')).code, 0);
  assert.notEqual((await add('king', freshEmail(), PASSWORD)).code, 0);
  assert.notEqual((await add('doctor', freshEmail(), PASSWORD)).code, 0, 'a doctor without a CRM');
  assert.notEqual(
    (await add('doctor', freshEmail(), PASSWORD, '--crm', '1', '--uf', 'XX')).code,
    0,
  );
});

test('a password file with a final newline is the password without it', async () => {
  const email = freshEmail();
  const { code } = await server.cli(
    [
      'user',
      'add',
      '--role',
      'patient',
      '--name',
      'De Entrada',
      '--email',
      email,
      '--password-file',
      '-',
    ],
    { input: `${PASSWORD}\n` },
  );
  assert.equal(code, 0);
  await signIn(server, { email });
});

test('user disable ends the sessions of a serving server within seconds', {
  timeout: 20_000,
}, async () => {
  const person = await addPerson(server, { role: 'patient', name: 'Vai Embora' });
  const client = await signIn(server, person);
  const socket = await Socket.open(client);
  await server.cli(['user', 'disable', person.email]);
  problem(await client.get('/me'), 401, 'unauthenticated');
  const timer = setTimeout(() => socket.terminate(), 6000);
  const { code } = await socket.closed;
  clearTimeout(timer);
  assert.ok([4403, 4401].includes(code), `the socket closed with ${code}`);
  assert.equal((await server.cli(['user', 'disable', 'ninguem@x.org'], { ok: false })).code, 1);
});

test('user reset-password prints a link that works once', async () => {
  const person = await addPerson(server, { role: 'patient', name: 'Esqueceu' });
  const { stdout } = await server.cli(['user', 'reset-password', person.email]);
  const token = /\/set-password#([A-Za-z0-9_-]{43})/.exec(stdout)?.[1];
  assert.ok(token, stdout);
  const set = () =>
    new Client(server).post('/auth/set-password', { token, password: 'Umbu-Cajá-2024!' });
  ok(await set(), 204);
  problem(await set(), 410, 'link_expired');
  await new Client(server).login(person.email, 'Umbu-Cajá-2024!');
});

test('the folder and the key are only the owner’s', () => {
  assert.equal(fs.statSync(server.dataDir).mode & 0o077, 0);
  assert.equal(fs.statSync(path.join(server.dataDir, 'keys')).mode & 0o777, 0o600);
  assert.equal(fs.statSync(path.join(server.dataDir, 'clinic.db')).mode & 0o077, 0);
});

test('config check says what is used, hides secrets and finds mistakes', async () => {
  const good = await server.cli(['config', 'check']);
  assert.match(good.stdout, new RegExp(`127\\.0\\.0\\.1:${server.port}`));
  for (const env of [
    { ACOLHE_LISTEN: 'nowhere' },
    { ACOLHE_LISTEN: '127.0.0.1:99999' },
    { ACOLHE_PUBLIC_URL: 'ftp://x' },
    { ACOLHE_PUBLIC_URL: 'http://clinica.exemplo' },
    { ACOLHE_SESSION_IDLE_S: 'many' },
    { ACOLHE_DATABASE_URL: 'oracle://x' },
    { ACOLHE_NO_SUCH_THING: '1' },
  ]) {
    const bad = await server.cli(['config', 'check'], { ok: false, env });
    assert.notEqual(bad.code, 0, `${JSON.stringify(env)} was accepted: ${bad.stdout}`);
    assert.ok(`${bad.stdout}${bad.stderr}`.includes(Object.keys(env)[0]), 'it is not named');
  }
});

test('a server with a bad configuration does not start, and says why', async () => {
  const bad = await server.cli(['serve'], {
    ok: false,
    env: { ACOLHE_PUBLIC_URL: 'http://clinica.exemplo' },
  });
  assert.notEqual(bad.code, 0);
  assert.match(`${bad.stdout}${bad.stderr}`, /ACOLHE_PUBLIC_URL/);
});

test('migrate can be run twice, and beside a serving server', async () => {
  const dataDir = tempDir();
  const env = { ACOLHE_DATA_DIR: dataDir };
  for (let i = 0; i < 2; i++) {
    const result = await run(['migrate'], { env });
    assert.equal(result.code, 0, result.stderr);
  }
  fs.rmSync(dataDir, { recursive: true });
  assert.equal((await server.cli(['migrate'])).code, 0);
});

test('a database newer than the program is refused', async (t) => {
  const dataDir = tempDir();
  t.after(() => fs.rmSync(dataDir, { recursive: true }));
  const env = { ACOLHE_DATA_DIR: dataDir };
  await run(['migrate'], { env });
  const { sql } = await import('../lib/sqlite.mjs');
  const tables = sql({ dataDir }, "SELECT name FROM sqlite_master WHERE type = 'table'").flat();
  const table = tables.find((name) => /migration|schema/.test(name));
  assert.ok(table, `no table of migrations among ${tables}`);
  const columns = sql({ dataDir }, `SELECT name FROM pragma_table_info('${table}')`).flat();
  const values = columns.map((name) => (name === 'version' ? '9999' : `"${name}"`));
  sql({ dataDir }, `INSERT INTO "${table}" SELECT ${values.join()} FROM "${table}" LIMIT 1`);
  const result = await run(['migrate'], { env });
  assert.equal(result.code, 1, result.stdout);
});

test('diagnose finds nothing wrong here, and finds what is', async (t) => {
  const well = await server.cli(['diagnose'], { ok: false });
  assert.equal(well.code, 0, `${well.stdout}${well.stderr}`);
  const dataDir = tempDir();
  t.after(() => fs.rmSync(dataDir, { recursive: true }));
  await run(['migrate'], { env: { ACOLHE_DATA_DIR: dataDir } });
  const keys = path.join(dataDir, 'keys');
  if (!fs.existsSync(keys)) fs.writeFileSync(keys, 'not a key\n');
  fs.chmodSync(keys, 0o644);
  const ill = await run(['diagnose'], {
    env: { ACOLHE_DATA_DIR: dataDir, ACOLHE_LISTEN: '127.0.0.1:0' },
  });
  assert.notEqual(ill.code, 0, `a key readable by all is fine?\n${ill.stdout}`);
});

test('backup, verify, restore: the clinic goes on elsewhere', { timeout: 60_000 }, async (t) => {
  const { conversation_id: room } = await connect(people.ana, people.helena);
  const socket = await Socket.open(people.ana);
  for (let i = 0; i < 20; i++) await socket.say(room, `guardada ${i}`);
  const folder = tempDir();
  const passphrase = path.join(folder, 'passphrase');
  fs.writeFileSync(passphrase, 'uma frase bem longa para a chave\n', { mode: 0o600 });
  const file = path.join(folder, 'copy.acolhe');
  const secret = { ACOLHE_BACKUP_PASSPHRASE_FILE: passphrase };
  await server.cli(['backup', file], { env: secret });
  await socket.say(room, 'depois da cópia');
  await socket.close();
  assert.equal(fs.statSync(file).mode & 0o077, 0, 'the backup is readable by others');
  const key = fs.readFileSync(path.join(server.dataDir, 'keys'), 'utf8').match(/[0-9a-f]{64}/)[0];
  const bytes = fs.readFileSync(file);
  assert.ok(
    !bytes.includes(key) && !bytes.includes(Buffer.from(key, 'hex')),
    'the key is in the clear',
  );
  assert.equal((await server.cli(['verify', file], { env: secret })).code, 0);

  fs.writeFileSync(`${passphrase}.wrong`, 'outra frase bem longa tambem\n', { mode: 0o600 });
  const wrong = { ACOLHE_BACKUP_PASSPHRASE_FILE: `${passphrase}.wrong` };
  assert.notEqual((await server.cli(['verify', file], { env: wrong, ok: false })).code, 0);
  const damaged = Buffer.from(bytes);
  damaged[Math.floor(damaged.length / 2)] ^= 1;
  fs.writeFileSync(`${file}.damaged`, damaged);
  assert.notEqual(
    (await server.cli(['verify', `${file}.damaged`], { env: secret, ok: false })).code,
    0,
    'one flipped bit was not noticed',
  );
  assert.notEqual(
    (await server.cli(['restore', file], { env: secret, ok: false })).code,
    0,
    'restored over a live clinic',
  );

  const elsewhere = new Server({ dataDir: path.join(folder, 'data'), port: await freePort() });
  t.after(async () => {
    await elsewhere.done();
    fs.rmSync(folder, { recursive: true, force: true });
  });
  await elsewhere.cli(['restore', file], { env: secret });
  await elsewhere.up();
  const ana = await signIn(elsewhere, people.ana);
  const { items } = ok(await ana.get(`/conversations/${room}/messages?limit=100`));
  assert.equal(items.length, 21);
  assert.equal(items[20].text, 'guardada 19');
  assert.equal((await elsewhere.cli(['audit', 'verify'])).code, 0);
});

test('the first admin can come from the environment, never with a default password', async (t) => {
  const folder = tempDir();
  const file = path.join(folder, 'pw');
  fs.writeFileSync(file, `${PASSWORD}\n`, { mode: 0o600 });
  const own = await Server.start({
    env: { ACOLHE_ADMIN_EMAIL: 'chefe@clinica.local', ACOLHE_ADMIN_PASSWORD_FILE: file },
  });
  t.after(async () => {
    await own.done();
    fs.rmSync(folder, { recursive: true, force: true });
  });
  const chief = await signIn(own, { email: 'chefe@clinica.local' });
  assert.equal(chief.user.role, 'admin');
});

test('a demo is made only where it was asked for, and prints its sign-ins', {
  timeout: 30_000,
}, async (t) => {
  const own = await Server.start({ args: ['--demo'] });
  t.after(() => own.done());
  const log = own.log();
  for (const name of ['ana', 'bruno', 'helena', 'otavio', 'rita', 'admin']) {
    assert.ok(log.includes(`${name}@demo.local`), `${name} is not printed`);
  }
  const file = path.join(own.dataDir, 'demo-password');
  assert.equal(fs.statSync(file).mode & 0o777, 0o600);
  const password = fs.readFileSync(file, 'utf8').trim();
  assert.ok(password.length >= 12 && log.includes(password));
  for (const name of ['ana', 'helena', 'otavio', 'rita', 'admin']) {
    await signIn(own, { email: `${name}@demo.local`, password });
  }
  const none = await new Client(server).post('/auth/login', { email: 'ana@demo.local', password });
  problem(none, 401, 'invalid_credentials');
});
