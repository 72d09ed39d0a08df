// "Received" and "read" only ever rise, and a burst of messages needs one of each, not one per message.
// Pure but for the timer, which is handed in by tests.

export type Mark = 'received' | 'read';

const RECEIVED_AFTER_MS = 150;

export class Watermarks {
  private readonly said: Record<Mark, Map<string, number>> = {
    received: new Map(),
    read: new Map(),
  };
  private readonly due = new Map<string, number>();
  private timer: ReturnType<typeof setTimeout> | undefined;
  private readonly say: (mark: Mark, conversation: string, seq: number) => boolean;

  constructor(say: (mark: Mark, conversation: string, seq: number) => boolean) {
    this.say = say;
  }

  private raise(mark: Mark, conversation: string, seq: number): boolean {
    if (seq <= (this.said[mark].get(conversation) ?? 0)) return true;
    if (!this.say(mark, conversation, seq)) return false;
    this.said[mark].set(conversation, seq);
    return true;
  }

  /** A device of this person has every message up to seq. */
  received(conversation: string, seq: number): void {
    this.due.set(conversation, Math.max(seq, this.due.get(conversation) ?? 0));
    this.timer ??= setTimeout(() => this.flush(), RECEIVED_AFTER_MS);
  }

  flush(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    for (const [conversation, seq] of this.due) this.raise('received', conversation, seq);
    this.due.clear();
  }

  /** Every message up to seq was on a visible, focused screen. False if it could not be said. */
  read(conversation: string, seq: number): boolean {
    if (!this.raise('read', conversation, seq)) return false;
    // Read includes received.
    if ((this.due.get(conversation) ?? 0) <= seq) this.due.delete(conversation);
    if (seq > (this.said.received.get(conversation) ?? 0)) {
      this.said.received.set(conversation, seq);
    }
    return true;
  }

  /** A new connection: what was said may have been lost, so it may be said again. */
  reset(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.due.clear();
    this.said.received.clear();
    this.said.read.clear();
  }
}
