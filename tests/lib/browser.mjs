// Real browsers for the browser tests: Debian's Chromium by playwright-core, one context per person,
// and an ear on everything that a browser complains about.

import assert from 'node:assert/strict';
import { chromium } from 'playwright-core';
import { PASSWORD } from './people.mjs';

const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium';

export function launch() {
  return chromium.launch({
    executablePath: CHROMIUM,
    args: [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}

// An answer that is not 2xx is logged by Chromium as an error of the page; it is none.
const ANSWERED = /the server responded with a status of 4\d\d/;
// What a page cannot help saying while there is no server or no network.
export const NO_SERVER =
  /ERR_CONNECTION|ERR_INTERNET_DISCONNECTED|ERR_EMPTY_RESPONSE|ERR_NETWORK|WebSocket connection to|ERR_SOCKET|status of 50\d/;

/** One person's browser: own cookies and storage. `complaints` gathers errors and CSP violations. */
export class Person {
  static async open(browser, server, options = {}) {
    const { allow, ...context } = options;
    const person = new Person();
    person.server = server;
    person.allow = allow;
    person.complaints = [];
    person.context = await browser.newContext({
      baseURL: server.url,
      locale: 'pt-BR',
      timezoneId: 'America/Sao_Paulo',
      reducedMotion: 'reduce',
      ...context,
    });
    person.context.setDefaultTimeout(10_000);
    await person.context.addInitScript(() => {
      addEventListener('securitypolicyviolation', (event) => {
        console.error(
          `CSP violation: ${event.violatedDirective} ${event.blockedURI} ${event.sample}`,
        );
      });
    });
    person.context.on('page', (page) => person.listen(page));
    person.page = await person.context.newPage();
    return person;
  }

  listen(page) {
    page.on('console', (message) => {
      if (message.type() === 'error') this.complain(message.text());
    });
    page.on('pageerror', (error) => this.complain(`${error.stack ?? error}`));
    page.on('dialog', (dialog) => {
      this.complain(`a dialog opened: ${dialog.message()}`);
      dialog.dismiss();
    });
  }

  complain(text) {
    if (ANSWERED.test(text) || this.allow?.test(text)) return;
    this.complaints.push(text);
  }

  quiet() {
    assert.deepEqual(this.complaints, [], 'the browser complained');
  }

  async signIn(email, password = PASSWORD) {
    const { page } = this;
    await page.goto('/sign-in');
    await page.locator('input[name=email]').fill(email);
    await page.locator('input[name=password]').fill(password);
    await page.locator('button[type=submit]').click();
    await page.locator('.shell').waitFor();
  }

  /** Opens a conversation and waits for its log. */
  async openRoom(room) {
    await this.page.goto(`/conversations/${room}`);
    await this.page.getByTestId('composer').waitFor();
  }

  async write(text) {
    await this.page.getByTestId('composer').fill(text);
    await this.page.getByTestId('composer').press('Enter');
  }

  /** The bubbles that hold exactly this text. */
  bubble(text) {
    return this.page.getByTestId('message').filter({
      has: this.page.locator('.text', { hasText: new RegExp(`^\\s*${literal(text)}\\s*$`) }),
    });
  }

  /** Waits until one's own message has come so far. */
  async state(text, state) {
    await this.bubble(text)
      .and(this.page.locator(`[data-state=${state}]`))
      .first()
      .waitFor();
  }

  connection(state) {
    return this.page.locator(`[data-testid=connection][data-state=${state}]`).first().waitFor();
  }

  async connected() {
    await this.page
      .locator(
        '[data-testid=connection][data-state=connected],[data-testid=connection][data-state=back]',
      )
      .first()
      .waitFor({ timeout: 30_000 });
  }

  close() {
    return this.context.close();
  }
}

function literal(text) {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
