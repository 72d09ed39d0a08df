// Every page of the client's own route list: accessible in light and dark, on a desk and on a phone,
// in both languages, without a complaint of the browser.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { launch, Person } from '../lib/browser.mjs';
import { cast, connect, freshEmail, register } from '../lib/people.mjs';
import { Server } from '../lib/server.mjs';
import { Socket } from '../lib/socket.mjs';

const require = createRequire(import.meta.url);
const axe = fs.readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');
const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..', '..');
const routes = JSON.parse(fs.readFileSync(path.join(root, 'web', 'dist', 'routes.json'), 'utf8'));

let server;
let browser;
let people;
let room;
before(async () => {
  server = await Server.start();
  people = await cast(server);
  const { ana, helena, bruno, otavio } = people;
  room = (await connect(ana, helena)).conversation_id;
  await helena.put('/me/practice', {
    hours: [
      { weekday: 1, start: '08:00', end: '12:00' },
      { weekday: 4, start: '14:00', end: '18:00' },
    ],
    usual_reply_minutes: 120,
    timezone: 'America/Sao_Paulo',
    about: 'Clínica geral e família.',
  });
  const a = await Socket.open(ana);
  const d = await Socket.open(helena);
  await a.say(room, 'Bom dia, doutora. Veja https://exemplo.org');
  await d.say(room, 'Bom dia, Ana!');
  const { seq } = await a.say(room, 'engano');
  a.send({ op: 'delete', conversation: room, seq });
  await a.next({ op: 'deleted' });
  await a.close();
  await d.close();
  await bruno.post('/relationships', { doctor_id: helena.user.id });
  assert.ok(otavio);
  browser = await launch();
});
after(async () => {
  await browser?.close();
  await server?.done();
});

/** Who opens a page: everybody who may, one of each role. */
function visitors(route) {
  const everyone = { patient: 'ana', doctor: 'helena', receptionist: 'rita', admin: 'admin' };
  if (route.access === 'anonymous') return [null];
  if (route.access === 'anyone') return [null, 'ana'];
  return route.access.map((role) => everyone[role]);
}

function address(route) {
  const id = route.name === 'doctor' ? people.helena.user.id : room;
  return (
    route.path.replace(/:\w+/g, id) + (route.name === 'setPassword' ? '#um-token-que-nao-vale' : '')
  );
}

/** The page has come to rest: nothing says that it loads. */
async function rest(page) {
  await page.locator('main h1').first().waitFor();
  await page.waitForFunction(() => !document.querySelector('main .loading, main [aria-busy=true]'));
}

/** A window as tall as the page: what a fixed bar hides for the moment is judged where it can be seen. */
async function whole(page) {
  const { width, height } = page.viewportSize();
  const full = await page.evaluate(() => document.documentElement.scrollHeight);
  if (full > height) await page.setViewportSize({ width, height: full });
  return () => page.setViewportSize({ width, height });
}

async function check(page, what) {
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() =>
    globalThis.axe.run(document, {
      runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
    }),
  );
  const bad = violations.filter((v) => ['serious', 'critical'].includes(v.impact));
  assert.deepEqual(
    bad.map(
      (v) =>
        `${v.id}: ${v.nodes
          .map((n) => n.html)
          .slice(0, 3)
          .join(' | ')}`,
    ),
    [],
    what,
  );
}

const signedIn = new Map();
/** One browser context per person and look. */
async function visitor(key, look) {
  const name = `${key}/${look.name}`;
  if (!signedIn.has(name)) {
    const person = await Person.open(browser, server, look.options);
    if (key) await person.signIn(people[key].email);
    signedIn.set(name, person);
  }
  return signedIn.get(name);
}

const phone = { viewport: { width: 360, height: 740 }, isMobile: true, hasTouch: true };
const looks = [
  {
    name: 'light, desk',
    options: { colorScheme: 'light', viewport: { width: 1280, height: 800 } },
  },
  { name: 'dark, desk', options: { colorScheme: 'dark', viewport: { width: 1280, height: 800 } } },
  { name: 'light, phone, English', options: { colorScheme: 'light', locale: 'en-US', ...phone } },
  { name: 'dark, phone', options: { colorScheme: 'dark', ...phone } },
];

for (const look of looks) {
  test(`axe finds nothing serious on any page: ${look.name}`, { timeout: 240_000 }, async (t) => {
    assert.ok(routes.length >= 15, `${routes.length} routes`);
    let pages = 0;
    for (const route of routes) {
      for (const key of visitors(route)) {
        const person = await visitor(key, look);
        await person.page.goto(address(route));
        await rest(person.page);
        const what = `${route.name} (${route.path}) as ${key ?? 'nobody'}, ${look.name}`;
        const shrink = await whole(person.page);
        await check(person.page, what);
        await shrink();
        const { width, inner } = await person.page.evaluate(() => ({
          width: document.documentElement.scrollWidth,
          inner: innerWidth,
        }));
        assert.ok(width <= inner, `${what} scrolls sideways: ${width} of ${inner}`);
        pages += 1;
      }
    }
    for (const [name, person] of signedIn) {
      if (name.endsWith(`/${look.name}`)) {
        person.quiet();
        await person.close();
        signedIn.delete(name);
      }
    }
    t.diagnostic(`${pages} pages`);
  });
}

test('dialogs and errors are accessible too', { timeout: 90_000 }, async (t) => {
  for (const colorScheme of ['light', 'dark']) {
    const nobody = await Person.open(browser, server, { colorScheme });
    t.after(() => nobody.close());
    await nobody.page.goto('/sign-up');
    await nobody.page.locator('button[type=submit]').click();
    await nobody.page.getByTestId('error-summary').waitFor();
    await check(nobody.page, `sign-up with errors, ${colorScheme}`);
    const admin = await Person.open(browser, server, { colorScheme });
    t.after(() => admin.close());
    await admin.signIn(people.admin.email);
    await admin.page.goto('/admin/users');
    await admin.page.getByRole('button', { name: 'Nova conta' }).click();
    await admin.page.getByRole('dialog').waitFor();
    await check(admin.page, `the dialog of a new account, ${colorScheme}`);
    const ana = await Person.open(browser, server, { colorScheme });
    t.after(() => ana.close());
    await ana.signIn(people.ana.email);
    await ana.openRoom(room);
    await ana.page.locator('.message-more').first().click();
    await ana.page.getByRole('button', { name: 'Buscar na conversa' }).click();
    await check(ana.page, `options and search in a conversation, ${colorScheme}`);
  }
});

test('both languages, by browser and by choice', { timeout: 60_000 }, async (t) => {
  const pt = await Person.open(browser, server, { locale: 'pt-BR' });
  const en = await Person.open(browser, server, { locale: 'en-GB' });
  t.after(async () => {
    await pt.close();
    await en.close();
  });
  const lang = (person) => person.page.evaluate(() => document.documentElement.lang);
  await pt.page.goto('/sign-in');
  await pt.page.getByRole('heading', { name: 'Entrar' }).waitFor();
  assert.equal(await lang(pt), 'pt-BR');
  await en.page.goto('/sign-in');
  await en.page.getByRole('heading', { name: 'Sign in' }).waitFor();
  assert.equal(await lang(en), 'en');
  await en.page.getByRole('button', { name: 'Português' }).click();
  await en.page.getByRole('heading', { name: 'Entrar' }).waitFor();
  assert.equal(await lang(en), 'pt-BR');
  await en.page.reload();
  await en.page.getByRole('heading', { name: 'Entrar' }).waitFor();
  // no word of the other language is left on a page: the catalogue's keys are never shown
  await pt.page.getByRole('button', { name: 'English' }).click();
  await pt.page.getByRole('heading', { name: 'Sign in' }).waitFor();
  const text = await pt.page.locator('main').innerText();
  assert.doesNotMatch(text, /undefined|\[object|Senha|Entrar/);
  pt.quiet();
  en.quiet();
});

test('a phone: everything within reach, nothing sideways, the composer above the fold', {
  timeout: 60_000,
}, async (t) => {
  const ana = await Person.open(browser, server, { ...phone, deviceScaleFactor: 2 });
  t.after(() => ana.close());
  await ana.signIn(people.ana.email);
  await ana.openRoom(room);
  const box = await ana.page.getByTestId('composer').boundingBox();
  assert.ok(box.y + box.height <= 740, 'the composer is below the fold');
  const send = await ana.page.getByTestId('send').boundingBox();
  assert.ok(
    send.width >= 44 && send.height >= 44,
    `the send button is ${send.width}×${send.height}`,
  );
  await ana.page.getByTestId('composer').fill('do telefone, com o botão');
  await ana.page.getByTestId('send').tap();
  await ana.state('do telefone, com o botão', 'sent');
  const long = 'x'.repeat(600);
  await ana.page.getByTestId('composer').fill(long);
  await ana.page.getByTestId('send').tap();
  await ana.bubble(long).waitFor();
  const wide = await ana.page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  assert.ok(wide <= 0, `a long word pushes the page ${wide} px wide`);
  await ana.page.goto('/conversations');
  for (const link of await ana.page.locator('.nav-link').all()) {
    const { width, height } = await link.boundingBox();
    assert.ok(width >= 44 && height >= 44, `a navigation target of ${width}×${height}`);
  }
  ana.quiet();
});

test('200 % zoom and 320 px: no page scrolls sideways', { timeout: 60_000 }, async (t) => {
  const ana = await Person.open(browser, server, { viewport: { width: 320, height: 500 } });
  t.after(() => ana.close());
  await ana.signIn(people.ana.email);
  for (const route of routes) {
    if (Array.isArray(route.access) && !route.access.includes('patient')) continue;
    if (route.access === 'anonymous') continue;
    await ana.page.goto(address(route));
    await rest(ana.page);
    const wide = await ana.page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    assert.ok(wide <= 0, `${route.name} is ${wide} px too wide`);
  }
});

test('by keyboard alone: skip link, sign-in, writing; the focus is always seen', {
  timeout: 60_000,
}, async (t) => {
  const person = await register(server, { name: 'Só Teclado' });
  await connect(person, people.helena);
  const ana = await Person.open(browser, server);
  t.after(() => ana.close());
  const { page } = ana;
  await page.goto('/sign-in');
  await page.getByRole('heading', { name: 'Entrar' }).waitFor();
  const press = async (key, times = 1) => {
    for (let i = 0; i < times; i++) await page.keyboard.press(key);
  };
  const focused = () =>
    page.evaluate(() => {
      const e = document.activeElement;
      const style = getComputedStyle(e);
      return {
        name: e.getAttribute('name') ?? e.dataset.testid ?? e.className,
        seen: style.outlineStyle !== 'none' || style.boxShadow !== 'none',
      };
    });
  const tabTo = async (name) => {
    for (let i = 0; i < 40; i++) {
      await press('Tab');
      const at = await focused();
      assert.ok(at.seen, `the focus on ${at.name} is not seen`);
      if (at.name === name) return;
    }
    assert.fail(`${name} is not reached by Tab`);
  };
  await page.evaluate(() => document.activeElement?.blur());
  await tabTo('skip');
  await press('Enter');
  assert.equal(await page.evaluate(() => document.activeElement.id), 'main');
  await tabTo('email');
  await page.keyboard.type(person.email);
  await tabTo('password');
  await page.keyboard.type('Jabuticaba-Madura-91');
  await press('Enter');
  await page.locator('.shell').waitFor();
  await page.getByTestId('conversation').first().waitFor();
  for (let i = 0; i < 30; i++) {
    await press('Tab');
    if ((await focused()).name === 'conversation') break;
  }
  await press('Enter');
  await page.getByTestId('composer').waitFor();
  await tabTo('composer');
  await page.keyboard.type('só com teclas');
  await press('Enter');
  await ana.state('só com teclas', 'sent');
  ana.quiet();
});

test('the message log is a log, and messages say who and when', { timeout: 60_000 }, async (t) => {
  const ana = await Person.open(browser, server);
  t.after(() => ana.close());
  await ana.signIn(people.ana.email);
  await ana.openRoom(room);
  const log = ana.page.getByRole('log');
  await log.waitFor();
  // silent while the history is being laid out, then polite
  await ana.page.locator('[role=log]:not([aria-live=off])').waitFor();
  assert.ok([null, 'polite'].includes(await log.getAttribute('aria-live')));
  assert.ok([null, 'additions'].includes(await log.getAttribute('aria-relevant')));
  const text = await ana.bubble('Bom dia, Ana!').first().textContent();
  assert.match(text, /Helena Prado/);
  assert.match(text, /\d{1,2}:\d\d/);
  ana.quiet();
});

test('the shell opens without a network; no record is in any cache', {
  timeout: 60_000,
}, async (t) => {
  const ana = await Person.open(browser, server, { allow: /ERR_INTERNET_DISCONNECTED|WebSocket/ });
  t.after(() => ana.close());
  await ana.signIn(people.ana.email);
  await ana.openRoom(room);
  await ana.bubble('Bom dia, Ana!').first().waitFor();
  await ana.page.evaluate(() => navigator.serviceWorker.ready.then(() => true));
  await ana.page.reload();
  await ana.page.getByTestId('composer').waitFor();
  const cached = await ana.page.evaluate(async () => {
    const urls = [];
    for (const name of await caches.keys()) {
      for (const request of await (await caches.open(name)).keys())
        urls.push(new URL(request.url).pathname);
    }
    return urls;
  });
  assert.ok(cached.length > 0, 'nothing is cached: no shell');
  assert.deepEqual(
    cached.filter((url) => /^\/(api|healthz|readyz|metrics)/.test(url)),
    [],
  );
  const stored = await ana.page.evaluate(() =>
    JSON.stringify([{ ...localStorage }, { ...sessionStorage }]),
  );
  assert.doesNotMatch(stored, /Bom dia|@teste\.local/, 'the record is in plain browser storage');
  await ana.context.setOffline(true);
  await ana.page.reload();
  await ana.page.locator('main').waitFor();
  assert.match(await ana.page.locator('body').innerText(), /Acolhe/);
  ana.quiet();
});

test('it can be installed: manifest, icons, a worker', { timeout: 30_000 }, async (t) => {
  const nobody = await Person.open(browser, server);
  t.after(() => nobody.close());
  await nobody.page.goto('/sign-in');
  const manifest = await nobody.page.evaluate(async () => {
    const link = document.querySelector('link[rel=manifest]');
    return (await fetch(link.href)).json();
  });
  assert.equal(manifest.display, 'standalone');
  assert.ok(
    manifest.name && manifest.start_url && manifest.icons.some((icon) => /512/.test(icon.sizes)),
  );
  for (const icon of manifest.icons) {
    const status = await nobody.page.evaluate(async (src) => (await fetch(src)).status, icon.src);
    assert.equal(status, 200, icon.src);
  }
  nobody.quiet();
});

test('the session warns before it ends, one key extends it, its end keeps the draft', {
  timeout: 120_000,
}, async (t) => {
  const own = await Server.start({ env: { ACOLHE_SESSION_IDLE_S: '64' } });
  t.after(() => own.done());
  const few = await cast(own, ['ana', 'helena']);
  const { conversation_id } = await connect(few.ana, few.helena);
  const ana = await Person.open(browser, own);
  t.after(() => ana.close());
  await ana.signIn(few.ana.email);
  await ana.openRoom(conversation_id);
  await ana.page.getByTestId('composer').fill('ainda não enviei');
  await ana.page.getByTestId('session-warning').waitFor({ timeout: 30_000 });
  await check(ana.page, 'the session warning');
  await ana.page.keyboard.press('Enter');
  await ana.page.getByTestId('session-warning').waitFor({ state: 'detached' });
  // the end itself, brought about from outside
  const { id } = (await ana.page.evaluate(() => fetch('/api/v1/me').then((r) => r.json()))).session;
  await few.ana.login(few.ana.email, few.ana.password);
  assert.equal((await few.ana.delete(`/auth/sessions/${id}`)).status, 204);
  await ana.page.getByTestId('reason').waitFor();
  await ana.page.locator('input[name=email]').fill(few.ana.email);
  await ana.page.locator('input[name=password]').fill(few.ana.password);
  await ana.page.locator('button[type=submit]').click();
  await ana.page.getByTestId('composer').waitFor();
  assert.equal(await ana.page.getByTestId('composer').inputValue(), 'ainda não enviei');
  ana.quiet();
});

test('the admin adds and verifies a doctor, who sets a password and a practice that patients see', {
  timeout: 90_000,
}, async (t) => {
  const admin = await Person.open(browser, server);
  const doctor = await Person.open(browser, server);
  const patient = await Person.open(browser, server);
  t.after(async () => {
    for (const person of [admin, doctor, patient]) await person.close();
  });
  const email = freshEmail('nina');
  await admin.signIn(people.admin.email);
  await admin.page.goto('/admin/users');
  await admin.page.getByRole('button', { name: 'Nova conta' }).click();
  const dialog = admin.page.getByRole('dialog');
  await dialog.locator('input[name=name]').fill('Nina Navegadora');
  await dialog.locator('input[name=email]').fill(email);
  await dialog.locator('input[name=crm]').fill('919293');
  await dialog.locator('select[name=uf]').selectOption('BA');
  await dialog.locator('input[name=specialty]').fill('Pediatria');
  await dialog.locator('input[name=rqe]').fill('4455');
  await dialog.locator('button[type=submit]').click();
  const link = await admin.page.getByTestId('one-time-link').inputValue();

  await doctor.page.goto(link);
  for (const field of await doctor.page.locator('input[autocomplete=new-password]').all()) {
    await field.fill('Pitanga-Vermelha-77');
  }
  await doctor.page.locator('button[type=submit]').click();
  await doctor.page.getByTestId('reason').waitFor();
  await doctor.signIn(email, 'Pitanga-Vermelha-77');

  await admin.page.goto('/admin/doctors');
  await admin.page.getByRole('button', { name: /^Verificar.*Nina Navegadora/ }).click();
  await admin.page.getByRole('dialog').getByRole('button', { name: 'Verificar' }).click();
  await admin.page.getByRole('button', { name: /^Retirar.*Nina Navegadora/ }).waitFor();

  await doctor.page.goto('/practice');
  await doctor.page.getByRole('button', { name: /^Adicionar período.*sábado/ }).click();
  await doctor.page.getByLabel('sábado, período 1, início').fill('09:15');
  await doctor.page.getByLabel('sábado, período 1, fim').fill('11:45');
  await doctor.page.locator('button[type=submit]').click();
  await doctor.page.getByText('Atendimento salvo').first().waitFor();

  await patient.signIn(people.bruno.email);
  await patient.page.goto('/doctors');
  await patient.page.locator('#doctor-search').fill('navegadora');
  await patient.page
    .getByRole('link', { name: /Nina Navegadora/ })
    .first()
    .click();
  await patient.page.getByText('CRM/BA 919293').first().waitFor();
  await patient.page.getByText('RQE 4455').first().waitFor();
  await patient.page
    .getByText(/09:15|9h15/)
    .first()
    .waitFor();
  await admin.page.goto('/admin/audit');
  await admin.page.getByRole('table').waitFor();
  for (const person of [admin, doctor, patient]) person.quiet();
});
