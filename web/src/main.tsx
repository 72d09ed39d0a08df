// Starts the client: language, theme and clock, the rooms that listen for a session, the router, and the
// service worker that keeps the shell for a start without a connection.

import { render } from 'preact';
import { App } from './app.tsx';
import { startLocale } from './i18n/index.ts';
import { startDrafts } from './outbox/drafts.ts';
import { startOutbox } from './outbox/outbox.ts';
import { startClock } from './parts/now.ts';
import { startTheme } from './parts/theme.ts';
import { updateReady } from './parts/toast.tsx';
import { startStore } from './realtime/store.ts';
import { followLink, startRouter } from './router.ts';
import { startSession } from './session/session.ts';

/** The one script address that code may make: everything else is refused by Trusted Types. */
interface ScriptPolicy {
  createScriptURL(url: string): string;
}

function workerUrl(): string {
  const factory = (
    globalThis as {
      trustedTypes?: { createPolicy(name: string, rules: ScriptPolicy): ScriptPolicy };
    }
  ).trustedTypes;
  const policy = factory?.createPolicy('acolhe', {
    createScriptURL(url) {
      if (url !== '/sw.js') throw new TypeError('refused');
      return url;
    },
  });
  return policy ? policy.createScriptURL('/sw.js') : '/sw.js';
}

async function startWorker(): Promise<void> {
  if (!('serviceWorker' in navigator)) return;
  try {
    const hadOne = navigator.serviceWorker.controller !== null;
    await navigator.serviceWorker.register(workerUrl(), { scope: '/' });
    navigator.serviceWorker.addEventListener('controllerchange', () => {
      if (hadOne) updateReady.value = true;
    });
  } catch {
    // Without a worker the client only needs a connection to open.
  }
}

startLocale();
startTheme();
startClock();
startRouter();
startDrafts();
startOutbox();
startStore();
startSession();

const root = document.getElementById('app');
if (root) {
  root.replaceChildren();
  root.addEventListener('click', followLink);
  render(<App />, root);
}
addEventListener('load', () => void startWorker());
