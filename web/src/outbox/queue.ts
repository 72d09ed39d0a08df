// The outbox: what the person has sent but the server has not acknowledged. It is pure (storage,
// transport and clock are handed in), because "never doubled, never lost" has to be provable.
//
//   add → stored → transmit ──ack──→ removed
//           ↑         │ disconnect, rate limit, no answer
//           └─────────┘ same client_id every time
//
// One message per conversation is under way at a time, so they arrive in the order they were written;
// a refused one stays, marked, until the person tries again or discards it.

export interface OutboxEntry {
  readonly clientId: string;
  readonly conversation: string;
  readonly text: string;
  readonly createdAt: number;
  /** queued: waits; sending: given to the socket; failed: refused, with the code. */
  state: 'queued' | 'sending' | 'failed';
  failure?: string;
}

/** What is kept on disk, for one account. */
export interface OutboxStore {
  load(): Promise<OutboxEntry[]>;
  save(entry: OutboxEntry): Promise<void>;
  remove(clientId: string): Promise<void>;
}

export interface OutboxDeps {
  store: OutboxStore;
  /** Hands one message to the socket; false if there is none. */
  transmit(entry: OutboxEntry): boolean;
  makeId(): string;
  now(): number;
  later(ms: number, task: () => void): void;
  onChange(): void;
}

/** Codes after which the same message may be sent again by itself. */
const TRANSIENT = new Set(['rate_limited', 'unavailable']);
const PAUSE_MS = 2_000;

export class Outbox {
  private readonly deps: OutboxDeps;
  private list: OutboxEntry[] = [];
  /** Ids that are finished: a late load or a second tab must not bring them back. */
  private readonly finished = new Set<string>();
  private readonly wasStored = new Set<string>();
  private connected = false;
  private pausedUntil = 0;

  constructor(deps: OutboxDeps) {
    this.deps = deps;
  }

  entries(conversation?: string): OutboxEntry[] {
    return conversation === undefined
      ? [...this.list]
      : this.list.filter((e) => e.conversation === conversation);
  }

  find(clientId: string): OutboxEntry | undefined {
    return this.list.find((e) => e.clientId === clientId);
  }

  /** Reads what is on disk; entries already known keep their state. Callable again (another tab wrote). */
  async load(): Promise<void> {
    // Only what was on disk before this read can be missing from it because another tab finished it.
    const before = new Set(this.wasStored);
    const stored = await this.deps.store.load();
    const known = new Map(this.list.map((e) => [e.clientId, e]));
    const onDisk = new Set(stored.map((e) => e.clientId));
    for (const entry of stored) {
      if (known.has(entry.clientId) || this.finished.has(entry.clientId)) continue;
      this.list.push({ ...entry, state: entry.state === 'failed' ? 'failed' : 'queued' });
      this.wasStored.add(entry.clientId);
    }
    this.list = this.list.filter((e) => onDisk.has(e.clientId) || !before.has(e.clientId));
    this.sort();
    this.deps.onChange();
    this.pump();
  }

  private sort(): void {
    this.list.sort((a, b) => a.createdAt - b.createdAt || (a.clientId < b.clientId ? -1 : 1));
  }

  /** Queues a message. It is on disk before the first try to send it. */
  async add(conversation: string, text: string): Promise<OutboxEntry> {
    const last = this.list[this.list.length - 1]?.createdAt ?? 0;
    const entry: OutboxEntry = {
      clientId: this.deps.makeId(),
      conversation,
      text,
      createdAt: Math.max(this.deps.now(), last + 1),
      state: 'queued',
    };
    this.list.push(entry);
    this.deps.onChange();
    await this.keep(entry);
    this.pump();
    return entry;
  }

  private async keep(entry: OutboxEntry): Promise<void> {
    try {
      await this.deps.store.save({ ...entry });
      this.wasStored.add(entry.clientId);
      // It may have been finished or discarded while it was being written.
      if (this.finished.has(entry.clientId)) await this.deps.store.remove(entry.clientId);
    } catch {
      // No storage (private window, full disk): the message lives as long as the page.
    }
  }

  private finish(clientId: string): OutboxEntry | undefined {
    const entry = this.find(clientId);
    this.finished.add(clientId);
    if (!entry) return undefined;
    this.list = this.list.filter((e) => e !== entry);
    this.deps.store.remove(clientId).catch(() => {});
    this.deps.onChange();
    this.pump();
    return entry;
  }

  setConnected(connected: boolean): void {
    this.connected = connected;
    for (const entry of this.list) {
      if (entry.state === 'sending') entry.state = 'queued';
    }
    this.deps.onChange();
    this.pump();
  }

  /** The server has it. Returns the entry the first time, so that it can be shown as sent. */
  acknowledge(clientId: string): OutboxEntry | undefined {
    return this.finish(clientId);
  }

  /** The message was seen in the log (sent by another tab, or acknowledged while away). */
  seen(clientId: string): void {
    if (this.find(clientId)) this.finish(clientId);
  }

  refuse(clientId: string, code: string, retryAfterMs?: number): void {
    const entry = this.find(clientId);
    if (!entry) return;
    if (TRANSIENT.has(code)) {
      entry.state = 'queued';
      const wait = Math.max(retryAfterMs ?? PAUSE_MS, 100);
      this.pausedUntil = this.deps.now() + wait;
      this.deps.later(wait + 10, () => this.pump());
    } else {
      entry.state = 'failed';
      entry.failure = code;
      void this.keep(entry);
    }
    this.deps.onChange();
    this.pump();
  }

  /** The person asks to try a refused message again. An expired id needs a new one. */
  async retry(clientId: string): Promise<void> {
    const entry = this.find(clientId);
    if (entry?.state !== 'failed') return;
    if (entry.failure === 'client_id_expired') {
      this.finish(clientId);
      await this.add(entry.conversation, entry.text);
      return;
    }
    entry.state = 'queued';
    delete entry.failure;
    this.deps.onChange();
    await this.keep(entry);
    this.pump();
  }

  discard(clientId: string): void {
    const entry = this.find(clientId);
    if (entry && entry.state !== 'sending') this.finish(clientId);
  }

  /** Forgets everything in memory (sign-out, or the session ended). */
  reset(): void {
    this.list = [];
    this.finished.clear();
    this.wasStored.clear();
    this.connected = false;
    this.deps.onChange();
  }

  private pump(): void {
    if (!this.connected || this.deps.now() < this.pausedUntil) return;
    const busy = new Set<string>();
    for (const entry of this.list) if (entry.state === 'sending') busy.add(entry.conversation);
    let changed = false;
    for (const entry of this.list) {
      if (entry.state !== 'queued' || busy.has(entry.conversation)) continue;
      if (!this.deps.transmit(entry)) break;
      entry.state = 'sending';
      busy.add(entry.conversation);
      changed = true;
    }
    if (changed) this.deps.onChange();
  }
}
