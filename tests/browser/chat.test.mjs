// Two people in two browsers, a real server: from sign-up to history, and through every kind of loss.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { launch, NO_SERVER, Person } from '../lib/browser.mjs';
import {
  addPerson,
  connect,
  freshCpf,
  freshEmail,
  PASSWORD,
  register,
  signIn,
} from '../lib/people.mjs';
import { Server, sleep } from '../lib/server.mjs';
import { Socket } from '../lib/socket.mjs';

let server;
let browser;
before(async () => {
  server = await Server.start();
  browser = await launch();
});
after(async () => {
  await browser?.close();
  await server?.done();
});

let number = 0;
/** A patient and a doctor in contact, each in a browser, the conversation open in both. */
async function pair(t, { patient = {}, doctor = {} } = {}) {
  number += 1;
  const ana = await register(server, { name: `Ana Par ${number}` });
  const helena = await signIn(
    server,
    await addPerson(server, {
      role: 'doctor',
      name: `Helena Par ${number}`,
      verified: true,
      email: freshEmail('h'),
    }),
  );
  const { conversation_id: room, id: relationship } = await connect(ana, helena);
  const a = await Person.open(browser, server, patient);
  const d = await Person.open(browser, server, doctor);
  t.after(async () => {
    await a.close();
    await d.close();
    ana.close();
    helena.close();
  });
  await a.signIn(ana.email);
  await d.signIn(helena.user.email);
  await a.openRoom(room);
  await d.openRoom(room);
  await a.connected();
  await d.connected();
  return { ana, helena, room, relationship, a, d };
}

test('sign up, ask, accept, write, typing, delivered, read, reload, history', {
  timeout: 90_000,
}, async (t) => {
  const email = freshEmail('ana');
  const doctor = await addPerson(server, { role: 'doctor', name: 'Helena Prado', verified: true });
  const account = await signIn(server, doctor);
  await account.patch('/me', { locale: 'en' }); // each reads in their own language
  account.close();
  const a = await Person.open(browser, server);
  const d = await Person.open(browser, server, { locale: 'en-US' });
  t.after(async () => {
    await a.close();
    await d.close();
  });

  // the patient signs up
  await a.page.goto('/sign-up');
  await a.page.getByTestId('emergency').getByText('192').first().waitFor();
  await a.page.locator('button[type=submit]').click();
  await a.page.getByTestId('error-summary').waitFor();
  await a.page.getByLabel('Nome completo').fill('Ana Souza');
  await a.page.locator('input[name=email]').fill(email);
  await a.page.locator('input[name=password]').fill(PASSWORD);
  await a.page.locator('input[name=birth_date]').fill('12/04/1990');
  await a.page.locator('input[name=cpf]').fill(freshCpf());
  await a.page.locator('input[name=phone]').fill('11912345678');
  await a.page.getByRole('checkbox').check();
  await a.page.locator('button[type=submit]').click();
  await a.page.locator('.shell').waitFor();

  // finds the doctor and asks
  await a.page.goto('/doctors');
  await a.page.locator('#doctor-search').fill('helena');
  await a.page
    .getByRole('link', { name: /Helena Prado/ })
    .first()
    .click();
  await a.page.getByRole('button', { name: 'Pedir contato' }).click();
  await a.page.getByTestId('asked').waitFor();

  // the doctor accepts
  await d.signIn(doctor.email);
  await d.page.goto('/requests');
  await d.page.getByRole('button', { name: /^Accept.*Ana Souza/ }).click();
  await d.page.getByRole('link', { name: /^Open.*Ana Souza/ }).click();
  await d.page.getByTestId('composer').waitFor();
  await d.page.getByTestId('message').first().waitFor();

  // the patient, who waits at the list, sees it come without a reload
  await a.page.goto('/conversations');
  await a.page.getByTestId('conversation').first().click();
  await a.page.getByTestId('safety').getByText('192').first().waitFor();

  // they write; every state is seen
  await a.write('Bom dia, doutora');
  await d.bubble('Bom dia, doutora').waitFor();
  await a.state('Bom dia, doutora', 'read');
  await d.page.getByTestId('composer').pressSequentially('Good', { delay: 20 });
  await a.page
    .getByTestId('typing')
    .getByText(/Helena Prado está escrevendo/)
    .waitFor();
  await d.page.getByTestId('composer').press('Control+A');
  await d.write('Bom dia, Ana');
  await a.bubble('Bom dia, Ana').waitFor();
  await d.state('Bom dia, Ana', 'read');
  await d.page.getByTestId('presence').getByText('Connected now').waitFor();

  // the doctor looks elsewhere: delivered, not read
  await d.page.goto('/account');
  await a.write('Ainda está aí?');
  await a.state('Ainda está aí?', 'delivered');
  await sleep(500);
  await a.state('Ainda está aí?', 'delivered');
  await d.page.goto('/conversations');
  await d.page.getByTestId('conversation').getByText('1', { exact: true }).waitFor();
  await d.page.getByTestId('conversation').first().click();
  await a.state('Ainda está aí?', 'read');

  // reload: all is there, once and in order
  await a.page.reload();
  await a.bubble('Ainda está aí?').waitFor();
  const texts = await a.page.getByTestId('message').locator('.text').allInnerTexts();
  assert.deepEqual(
    texts.map((text) => text.trim()),
    ['Bom dia, doutora', 'Bom dia, Ana', 'Ainda está aí?'],
  );
  await a.state('Bom dia, doutora', 'read');
  a.quiet();
  d.quiet();
});

test('a long history loads upward without gaps or doubles', { timeout: 90_000 }, async (t) => {
  const { ana, room, a } = await pair(t);
  const socket = await Socket.open(ana);
  for (let i = 1; i <= 180; i++) await socket.say(room, `linha ${i}`);
  await socket.close();
  await a.page.reload();
  await a.bubble('linha 180').waitFor();
  await a.page.getByRole('log').hover();
  for (let i = 0; i < 60; i++) {
    if ((await a.bubble('linha 1').count()) > 0) break;
    await a.page.mouse.wheel(0, -3000);
    await sleep(100);
  }
  await a.bubble('linha 1').waitFor();
  const seqs = await a.page
    .getByTestId('message')
    .evaluateAll((items) => items.map((item) => Number(item.dataset.seq)));
  assert.deepEqual(
    seqs,
    Array.from({ length: 181 }, (_, i) => i + 1),
  );
  a.quiet();
});

test('the server killed and started again in mid-conversation', { timeout: 120_000 }, async (t) => {
  const own = await Server.start();
  t.after(() => own.done());
  const keep = server;
  server = own;
  t.after(() => {
    server = keep;
  });
  const { a, d } = await pair(t, { patient: { allow: NO_SERVER }, doctor: { allow: NO_SERVER } });
  await a.write('antes');
  await d.bubble('antes').waitFor();
  await a.state('antes', 'read');
  await own.kill();
  await a.page.locator('[data-testid=connection]:not([data-state=connected])').first().waitFor();
  await a.write('durante a queda');
  await a.bubble('durante a queda').waitFor();
  await a.state('durante a queda', 'queued');
  await own.up();
  await a.connected();
  await d.connected();
  await d.bubble('durante a queda').waitFor({ timeout: 30_000 });
  await a.state('durante a queda', 'read');
  await d.write('de volta');
  await a.bubble('de volta').waitFor();
  for (const person of [a, d]) {
    assert.equal(await person.bubble('durante a queda').count(), 1);
    await person.page.reload();
    await person.bubble('de volta').waitFor();
    assert.equal(await person.bubble('durante a queda').count(), 1, 'doubled');
    assert.equal(await person.bubble('antes').count(), 1);
    person.quiet();
  }
});

test('a message written offline arrives once, even after the page was closed', {
  timeout: 90_000,
}, async (t) => {
  const { room, a, d } = await pair(t, { patient: { allow: NO_SERVER } });
  await a.write('com rede');
  await a.state('com rede', 'read');
  await a.context.setOffline(true);
  await a.page.locator('[data-testid=connection][data-state=offline]').first().waitFor();
  await a.write('sem rede um');
  await a.write('sem rede dois');
  await a.state('sem rede dois', 'queued');
  await sleep(300);
  assert.equal(await d.bubble('sem rede um').count(), 0);
  await a.page.close();
  await a.context.setOffline(false);
  a.page = await a.context.newPage();
  await a.openRoom(room);
  await d.bubble('sem rede dois').waitFor({ timeout: 30_000 });
  await a.state('sem rede dois', 'read');
  for (const person of [a, d]) {
    assert.equal(await person.bubble('sem rede um').count(), 1);
    assert.equal(await person.bubble('sem rede dois').count(), 1);
  }
  const texts = await d.page.getByTestId('message').locator('.text').allInnerTexts();
  assert.deepEqual(texts.map((s) => s.trim()).slice(-2), ['sem rede um', 'sem rede dois']);
  a.quiet();
  d.quiet();
});

test('a session revoked elsewhere closes the socket and shows why', {
  timeout: 60_000,
}, async (t) => {
  const { ana, a } = await pair(t);
  await a.page.getByTestId('composer').fill('um rascunho');
  const other = await Person.open(browser, server);
  t.after(() => other.close());
  await other.signIn(ana.email);
  await other.page.goto('/account/sessions');
  await other.page.getByTestId('session').first().waitFor();
  // the client's own session: all but this one
  const sessions = (await ana.get('/auth/sessions')).json.items;
  assert.ok(sessions.length >= 3);
  const endButtons = other.page.getByTestId('session').getByRole('button');
  while ((await endButtons.count()) > 0) {
    const before = await endButtons.count();
    await endButtons.first().click();
    await other.page.waitForFunction(
      (n) => document.querySelectorAll('[data-testid=session] button').length < n,
      before,
    );
  }
  await a.page.getByTestId('reason').waitFor();
  assert.match(a.page.url(), /\/sign-in/);
  await a.page.getByText('encerrada em outro lugar').waitFor();
  // back where one was, the draft kept
  await a.page.locator('input[name=email]').fill(ana.email);
  await a.page.locator('input[name=password]').fill(PASSWORD);
  await a.page.locator('button[type=submit]').click();
  await a.page.getByTestId('composer').waitFor();
  assert.equal(await a.page.getByTestId('composer').inputValue(), 'um rascunho');
  a.quiet();
  other.quiet();
});

test('drafts are kept for each conversation over a reload', { timeout: 60_000 }, async (t) => {
  const { room, a } = await pair(t);
  await a.page.getByTestId('composer').fill('meio escrito');
  await sleep(800);
  await a.page.reload();
  await a.page.getByTestId('composer').waitFor();
  await a.page.waitForFunction(
    () => document.querySelector('[data-testid=composer]').value === 'meio escrito',
  );
  await a.write('agora sim');
  await a.state('agora sim', 'read');
  await a.openRoom(room);
  assert.equal(await a.page.getByTestId('composer').inputValue(), '');
  a.quiet();
});

test('one’s own other device follows along', { timeout: 60_000 }, async (t) => {
  const { ana, room, a, d } = await pair(t);
  const phone = await Person.open(browser, server, { viewport: { width: 360, height: 740 } });
  t.after(() => phone.close());
  await phone.signIn(ana.email);
  await phone.openRoom(room);
  await a.write('do computador');
  await phone.bubble('do computador').waitFor();
  await d.write('resposta');
  await phone.bubble('resposta').waitFor();
  await phone.write('do telefone');
  await a.bubble('do telefone').waitFor();
  assert.equal(await a.bubble('do telefone').count(), 1);
  phone.quiet();
});

test('a message is edited and deleted, for both', { timeout: 60_000 }, async (t) => {
  const { a, d } = await pair(t);
  await a.write('tomei dois');
  await d.bubble('tomei dois').waitFor();
  await a.state('tomei dois', 'read');
  const more = () =>
    a.page.locator('[data-testid=message][data-own=true] .message-more').first().click();
  await more();
  await a.page.getByRole('button', { name: 'Editar' }).click();
  await a.page.getByTestId('composer').fill('tomei três');
  await a.page.getByTestId('composer').press('Enter');
  await d.bubble('tomei três').waitFor();
  await d.page.getByText('editada').waitFor();
  await more();
  await a.page.getByRole('button', { name: 'Apagar' }).click();
  await a.page.getByRole('dialog').getByRole('button', { name: 'Apagar' }).click();
  await d.page.getByText('Mensagem apagada').first().waitFor();
  assert.equal(await d.bubble('tomei três').count(), 0);
  a.quiet();
  d.quiet();
});

test('the conversation is searched, and found messages are shown in place', {
  timeout: 60_000,
}, async (t) => {
  const { a, d } = await pair(t);
  for (const text of ['A pressão subiu', 'nada', 'pressao boa']) {
    await a.write(text);
    await a.state(text, 'read');
  }
  await d.page.getByRole('button', { name: 'Buscar na conversa' }).click();
  await d.page.getByRole('searchbox').fill('PRESSAO');
  await d.page.getByText('2 resultados').first().waitFor();
  d.quiet();
});

test('ending the contact closes the conversation for both, and it reopens', {
  timeout: 60_000,
}, async (t) => {
  const { helena, relationship, a, d } = await pair(t);
  await a.write('até logo');
  await a.state('até logo', 'read');
  await a.page.goto('/requests');
  await a.page.getByRole('button', { name: /^Encerrar contato/ }).click();
  await a.page.getByRole('dialog').getByRole('button', { name: 'Encerrar contato' }).click();
  await d.page.getByTestId('closed').waitFor();
  await d.bubble('até logo').waitFor();
  await a.page.goto('/conversations');
  await a.page.getByTestId('conversation').first().click();
  await a.page.getByTestId('closed').getByRole('button', { name: 'Pedir contato de novo' }).click();
  await a.page.getByText('A conversa reabre quando for aceito').waitFor();
  assert.equal((await helena.post(`/relationships/${relationship}/accept`)).status, 200);
  await a.page.getByTestId('composer').waitFor();
  await d.page.getByTestId('composer').waitFor();
  await d.write('olá de novo');
  await a.bubble('olá de novo').waitFor();
  a.quiet();
  d.quiet();
});

test('words that attack are shown as words', { timeout: 60_000 }, async (t) => {
  const { a, d } = await pair(t);
  const attacks = [
    '<img src=x onerror=alert(1)>',
    '<script>alert(2)</script>',
    'javascript:alert(3)',
    '"><svg onload=alert(4)>',
  ];
  for (const text of attacks) {
    await a.write(text);
    await d.bubble(text).waitFor();
  }
  await a.write('veja https://exemplo.org/a?b=1 e javascript:alert(5)');
  const link = d.page.getByRole('log').getByRole('link');
  await link.waitFor();
  assert.equal(await link.count(), 1);
  assert.equal(await link.getAttribute('href'), 'https://exemplo.org/a?b=1');
  assert.match((await link.getAttribute('rel')) ?? '', /noopener/);
  assert.equal(
    await d.page.locator('[data-testid=message] img, [data-testid=message] script').count(),
    0,
  );
  a.quiet();
  d.quiet();
});
