// One draft per conversation, kept (sealed) on this device while it is being written, so that neither
// a reload nor the end of a session loses a sentence.

import { signal } from '@preact/signals';
import { onSession, person } from '../session/session.ts';
import { loadDrafts, saveDraft } from './vault.ts';

const SAVE_AFTER_MS = 300;

export const drafts = signal<ReadonlyMap<string, string>>(new Map());
/** False until the kept drafts are read: the composer waits, or it would overwrite one. */
export const draftsReady = signal(false);

const unsaved = new Map<string, string>();
let timer: ReturnType<typeof setTimeout> | undefined;

function flush(account: string): void {
  clearTimeout(timer);
  for (const [conversation, text] of unsaved) {
    saveDraft(account, conversation, text).catch(() => {});
  }
  unsaved.clear();
}

export function setDraft(conversation: string, text: string): void {
  const account = person.value?.id;
  if (!account) return;
  const next = new Map(drafts.value);
  if (text) next.set(conversation, text);
  else next.delete(conversation);
  drafts.value = next;
  unsaved.set(conversation, text);
  clearTimeout(timer);
  if (text) timer = setTimeout(() => flush(account), SAVE_AFTER_MS);
  else flush(account);
}

export function startDrafts(): void {
  onSession({
    started: (account) => {
      draftsReady.value = false;
      loadDrafts(account)
        .catch(() => new Map<string, string>())
        .then((kept) => {
          if (person.value?.id !== account) return;
          drafts.value = new Map([...kept, ...drafts.value]);
          draftsReady.value = true;
        });
    },
    ended: (account) => {
      flush(account);
      drafts.value = new Map();
    },
  });
  const saveNow = () => {
    if (person.value) flush(person.value.id);
  };
  addEventListener('pagehide', saveNow);
  document.addEventListener('visibilitychange', saveNow);
}
