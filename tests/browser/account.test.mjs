// One's own account in the browser: password, social name, theme, signing out.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { launch, Person } from '../lib/browser.mjs';
import { addPerson, connect, PASSWORD, register, signIn } from '../lib/people.mjs';
import { Server } from '../lib/server.mjs';

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

/** A patient, signed in by the API and in a browser. */
async function person(t, name, options) {
  const api = await register(server, { name });
  const ana = await Person.open(browser, server, options);
  t.after(async () => {
    await ana.close();
    api.close();
  });
  await ana.signIn(api.email);
  return { api, ana };
}

test('the password is changed; a wrong present one is told as that', {
  timeout: 60_000,
}, async (t) => {
  const { api, ana } = await person(t, 'Troca Senha');
  const { page } = ana;
  await page.goto('/account');
  const change = async (now, next) => {
    await page.locator('input[name=current_password]').fill(now);
    await page.locator('input[name=new_password]').fill(next);
    await page.getByRole('button', { name: 'Trocar senha' }).click();
  };
  await change('nao-e-esta-senha', 'Pitanga-Vermelha-77');
  await page.getByTestId('error-summary').getByText('A senha atual não confere.').waitFor();
  await change(PASSWORD, 'password123');
  await page
    .getByTestId('error-summary')
    .getByText(/muito comum/)
    .waitFor();
  await change(PASSWORD, 'Pitanga-Vermelha-77');
  await page.getByText('Senha trocada').first().waitFor();
  assert.equal((await api.get('/me')).status, 401, 'the other session goes on');
  await page.reload();
  await page.locator('input[name=current_password]').waitFor();
  ana.quiet();
});

test('a social name is the one that others see', { timeout: 60_000 }, async (t) => {
  const { api, ana } = await person(t, 'Nome Civil');
  const doctor = await signIn(
    server,
    await addPerson(server, { role: 'doctor', name: 'Vê Nomes', verified: true }),
  );
  await connect(api, doctor);
  await ana.page.goto('/account');
  await ana.page.locator('input[name=social_name]').fill('Nome Social');
  await ana.page.getByRole('button', { name: 'Salvar' }).click();
  await ana.page.getByText('Salvo.').first().waitFor();
  const { items } = (await doctor.get('/conversations')).json;
  assert.equal(items[0].peer.name, 'Nome Social');
  doctor.close();
  ana.quiet();
});

test('a chosen appearance stays, whatever the device says', { timeout: 60_000 }, async (t) => {
  const { ana } = await person(t, 'Escolhe Tema', { colorScheme: 'light' });
  const background = () =>
    ana.page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
  await ana.page.goto('/account');
  await ana.page.locator('input[name=theme][value=dark]').waitFor();
  const light = await background();
  await ana.page.locator('input[name=theme][value=dark]').check();
  await ana.page.waitForFunction(
    (before) => getComputedStyle(document.documentElement).backgroundColor !== before,
    light,
  );
  const dark = await background();
  await ana.page.reload();
  await ana.page.locator('input[name=theme][value=dark]').waitFor();
  assert.equal(await background(), dark);
  ana.quiet();
});

test('signing out leaves nothing of the person on the device', { timeout: 60_000 }, async (t) => {
  const { api, ana } = await person(t, 'Vai Sair');
  const doctor = await signIn(
    server,
    await addPerson(server, { role: 'doctor', name: 'Fica Aqui', verified: true }),
  );
  const { conversation_id: room } = await connect(api, doctor);
  await ana.openRoom(room);
  await ana.page.getByTestId('composer').fill('rascunho secreto 8841');
  await ana.page.waitForTimeout(800);
  await ana.page.goto('/account');
  await ana.page.getByRole('button', { name: 'Sair' }).click();
  // there is a draft: it is asked about first
  await ana.page.getByRole('dialog').getByRole('button', { name: 'Apagar e sair' }).click();
  await ana.page.getByTestId('reason').waitFor();
  assert.equal((await ana.context.cookies()).length, 0, 'the cookie is still there');
  await ana.page.goto(`/conversations/${room}`);
  await ana.page.locator('input[name=password]').waitFor();
  const kept = await ana.page.evaluate(async () => {
    const rows = [];
    for (const { name } of await indexedDB.databases()) {
      const db = await new Promise((resolve, reject) => {
        const request = indexedDB.open(name);
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error);
      });
      for (const store of db.objectStoreNames) {
        const all = db.transaction(store).objectStore(store).getAll();
        rows.push(...(await new Promise((resolve) => (all.onsuccess = () => resolve(all.result)))));
      }
      db.close();
    }
    return rows.length;
  });
  assert.equal(kept, 0, 'something of the account is still stored');
  await ana.signIn(api.email);
  await ana.openRoom(room);
  assert.equal(await ana.page.getByTestId('composer').inputValue(), '');
  ana.quiet();
});
