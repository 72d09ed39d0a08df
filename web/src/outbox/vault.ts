// What may stay on this device while a person is signed in: unsent messages and drafts, in IndexedDB,
// sealed with AES-GCM under a key that scripts can use but never read out. Each account has its own
// key; rows are bound to account, kind and id, so none can be passed off as another.

import { Database } from './database.ts';
import type { OutboxEntry, OutboxStore } from './queue.ts';

type Kind = 'outbox' | 'drafts';

interface Sealed {
  id: string;
  account: string;
  iv: Uint8Array<ArrayBuffer>;
  data: ArrayBuffer;
}

interface KeyRow {
  account: string;
  key: CryptoKey;
}

const db = new Database('acolhe', 1, (d) => {
  d.createObjectStore('keys', { keyPath: 'account' });
  for (const kind of ['outbox', 'drafts']) {
    d.createObjectStore(kind, { keyPath: 'id' }).createIndex('account', 'account');
  }
});
const keys = new Map<string, Promise<CryptoKey>>();

async function makeKey(account: string): Promise<CryptoKey> {
  const find = (store: IDBObjectStore) => store.get(account);
  const kept = await db.run<KeyRow | undefined>('keys', 'readonly', find);
  if (kept) return kept.key;
  const key = await crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, false, [
    'encrypt',
    'decrypt',
  ]);
  // Two tabs may get here together: add() fails for the second one, which takes the first one's key.
  try {
    await db.run('keys', 'readwrite', (store) => store.add({ account, key }));
    return key;
  } catch {
    const other = await db.run<KeyRow | undefined>('keys', 'readonly', find);
    if (!other) throw new Error('no key');
    return other.key;
  }
}

function keyOf(account: string): Promise<CryptoKey> {
  let found = keys.get(account);
  if (!found) {
    found = makeKey(account);
    keys.set(account, found);
    found.catch(() => keys.delete(account));
  }
  return found;
}

function rowsOf(kind: Kind, account: string): Promise<Sealed[]> {
  return db.run<Sealed[]>(kind, 'readonly', (store) => store.index('account').getAll(account));
}

function bound(kind: Kind, account: string, id: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(`${kind}|${account}|${id}`);
}

async function seal(kind: Kind, account: string, id: string, value: unknown): Promise<void> {
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const data = await crypto.subtle.encrypt(
    { name: 'AES-GCM', iv, additionalData: bound(kind, account, id) },
    await keyOf(account),
    new TextEncoder().encode(JSON.stringify(value)),
  );
  await db.run(kind, 'readwrite', (store) => store.put({ id, account, iv, data }));
}

/** Opens a row; one that does not open (another key, damage) is treated as absent. */
async function unseal<T>(kind: Kind, row: Sealed): Promise<T | null> {
  try {
    const plain = await crypto.subtle.decrypt(
      { name: 'AES-GCM', iv: row.iv, additionalData: bound(kind, row.account, row.id) },
      await keyOf(row.account),
      row.data,
    );
    return JSON.parse(new TextDecoder().decode(plain)) as T;
  } catch {
    return null;
  }
}

/** The outbox of one account; onWrite tells other tabs. */
export function outboxStore(account: () => string | null, onWrite: () => void): OutboxStore {
  return {
    async load() {
      const id = account();
      if (!id) return [];
      const rows = await rowsOf('outbox', id);
      const opened = await Promise.all(rows.map((row) => unseal<OutboxEntry>('outbox', row)));
      return opened.filter((entry) => entry !== null);
    },
    async save(entry) {
      const id = account();
      if (!id) return;
      await seal('outbox', id, entry.clientId, entry);
      onWrite();
    },
    async remove(clientId) {
      await db.run('outbox', 'readwrite', (store) => store.delete(clientId));
      onWrite();
    },
  };
}

export async function saveDraft(
  account: string,
  conversation: string,
  text: string,
): Promise<void> {
  const id = `${account}/${conversation}`;
  if (text.trim() === '') await db.run('drafts', 'readwrite', (store) => store.delete(id));
  else await seal('drafts', account, id, text);
}

export async function loadDrafts(account: string): Promise<Map<string, string>> {
  const drafts = new Map<string, string>();
  for (const row of await rowsOf('drafts', account)) {
    const text = await unseal<string>('drafts', row);
    if (text) drafts.set(row.id.slice(account.length + 1), text);
  }
  return drafts;
}

/** At sign-out: everything of the account, key included. */
export async function wipe(account: string): Promise<void> {
  for (const kind of ['outbox', 'drafts'] as const) {
    for (const row of await rowsOf(kind, account)) {
      await db.run(kind, 'readwrite', (store) => store.delete(row.id));
    }
  }
  await db.run('keys', 'readwrite', (store) => store.delete(account));
  keys.delete(account);
}
