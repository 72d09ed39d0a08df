// The WebSocket: one connection, kept up as long as somebody is signed in. It knows states and timing,
// nothing of conversations. Browsers do not show pings to scripts, so a dead line is noticed by an
// operation that stays unanswered, and by the browser's own offline event.

import { signal } from '@preact/signals';
import type { ClientOp, ServerOp } from '../api/types.ts';
import { backoffMs } from './backoff.ts';

export type ConnectionState =
  | { is: 'idle' }
  | { is: 'connecting' }
  | { is: 'connected'; back: boolean }
  | { is: 'waiting'; until: number }
  | { is: 'offline' };

interface Handlers {
  onOpen(): void;
  onDown(): void;
  onOp(op: ServerOp): void;
  /** The server ended the session (4401) or the account (4403). */
  onEnded(reason: 'revoked' | 'disabled'): void;
  /** The handshake was refused: the session may be gone, which the browser does not tell. */
  onRefused(): void;
}

const OPEN_DEADLINE_MS = 10_000;
const ANSWER_DEADLINE_MS = 12_000;
const BACK_SHOWN_MS = 4_000;
/** A connection that lived this long starts the back-off afresh. */
const STABLE_MS = 10_000;

export const connection = signal<ConnectionState>({ is: 'idle' });

let handlers: Handlers | null = null;
let socket: WebSocket | null = null;
let attempt = 0;
let everOpen = false;
let retryTimer: ReturnType<typeof setTimeout> | undefined;
let openTimer: ReturnType<typeof setTimeout> | undefined;
let answerTimer: ReturnType<typeof setTimeout> | undefined;
let stableTimer: ReturnType<typeof setTimeout> | undefined;
let backTimer: ReturnType<typeof setTimeout> | undefined;

function clearTimers(): void {
  for (const timer of [retryTimer, openTimer, answerTimer, stableTimer, backTimer]) {
    clearTimeout(timer);
  }
  answerTimer = undefined;
}

function drop(): void {
  clearTimers();
  const old = socket;
  socket = null;
  if (!old) return;
  old.onopen = old.onmessage = old.onclose = old.onerror = null;
  old.close();
}

function retryLater(): void {
  if (!handlers) return;
  if (!navigator.onLine) {
    connection.value = { is: 'offline' };
    return;
  }
  const wait = backoffMs(attempt++);
  connection.value = { is: 'waiting', until: Date.now() + wait };
  retryTimer = setTimeout(open, wait);
}

function open(): void {
  if (!handlers) return;
  drop();
  connection.value = { is: 'connecting' };
  const url = new URL('/api/v1/realtime', location.href);
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
  const ws = new WebSocket(url, 'acolhe.v1');
  socket = ws;
  let opened = false;
  openTimer = setTimeout(() => ws.close(), OPEN_DEADLINE_MS);
  ws.onopen = () => {
    opened = true;
    clearTimeout(openTimer);
    stableTimer = setTimeout(() => {
      attempt = 0;
    }, STABLE_MS);
    connection.value = { is: 'connected', back: everOpen };
    if (everOpen) {
      backTimer = setTimeout(() => {
        if (socket === ws) connection.value = { is: 'connected', back: false };
      }, BACK_SHOWN_MS);
    }
    everOpen = true;
    handlers?.onOpen();
  };
  ws.onmessage = (event) => {
    clearTimeout(answerTimer);
    answerTimer = undefined;
    let op: ServerOp;
    try {
      op = JSON.parse(String(event.data)) as ServerOp;
    } catch {
      return;
    }
    handlers?.onOp(op);
  };
  ws.onclose = (event) => {
    if (socket !== ws) return;
    drop();
    if (opened) handlers?.onDown();
    if (event.code === 4401 || event.code === 4403) {
      handlers?.onEnded(event.code === 4401 ? 'revoked' : 'disabled');
      return;
    }
    if (!opened && navigator.onLine) handlers?.onRefused();
    retryLater();
  };
}

function goneOffline(): void {
  if (!handlers) return;
  const wasOpen = socket?.readyState === WebSocket.OPEN;
  drop();
  if (wasOpen) handlers.onDown();
  connection.value = { is: 'offline' };
}

function tryNow(): void {
  if (!handlers || connection.value.is === 'connected' || connection.value.is === 'connecting')
    return;
  attempt = 0;
  open();
}

export const realtime = {
  start(next: Handlers): void {
    handlers = next;
    attempt = 0;
    everOpen = false;
    addEventListener('offline', goneOffline);
    addEventListener('online', tryNow);
    if (navigator.onLine) open();
    else connection.value = { is: 'offline' };
  },

  stop(): void {
    handlers = null;
    drop();
    removeEventListener('offline', goneOffline);
    removeEventListener('online', tryNow);
    connection.value = { is: 'idle' };
  },

  tryNow,

  /** False if there is no open connection: the caller keeps what it wanted to say. */
  send(op: ClientOp): boolean {
    if (socket?.readyState !== WebSocket.OPEN) return false;
    socket.send(JSON.stringify(op));
    if ((op.op === 'send' || op.op === 'sync') && answerTimer === undefined) {
      const ws = socket;
      answerTimer = setTimeout(() => {
        if (socket !== ws) return;
        drop();
        handlers?.onDown();
        retryLater();
      }, ANSWER_DEADLINE_MS);
    }
    return true;
  },
};
