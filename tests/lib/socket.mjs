// WebSocket clients: Socket speaks the protocol of api.md over npm `ws`; RawSocket writes bytes of
// the test's own making, for what a well-behaved library never sends.

import { createHash, randomBytes } from 'node:crypto';
import net from 'node:net';
import WebSocket from 'ws';

export const REALTIME = '/api/v1/realtime';
export const PROTOCOL = 'acolhe.v1';

/** A UUID version 7 for `at` (Unix ms). */
export function uuid7(at = Date.now()) {
  const bytes = randomBytes(16);
  bytes.writeUIntBE(at, 0, 6);
  bytes[6] = 0x70 | (bytes[6] & 0x0f);
  bytes[8] = 0x80 | (bytes[8] & 0x3f);
  const hex = bytes.toString('hex');
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    hex.slice(12, 16),
    hex.slice(16, 20),
    hex.slice(20),
  ].join('-');
}

/** The answer to an upgrade that was not given: {status, code}. Throws when it was. */
export function refused(server, options) {
  return new Promise((resolve, reject) => {
    const ws = open(server, options);
    ws.on('open', () => {
      ws.terminate();
      reject(new Error('the upgrade was accepted'));
    });
    ws.on('unexpected-response', (request, response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part) => (text += part));
      response.on('end', () => {
        request.destroy();
        let code;
        try {
          code = JSON.parse(text).code;
        } catch {
          code = undefined;
        }
        resolve({ status: response.statusCode, code, headers: response.headers, text });
      });
    });
    ws.on('error', (error) => reject(error));
  });
}

function open(server, { cookie, origin, protocols = [PROTOCOL], path = REALTIME, headers = {} }) {
  const all = { ...headers };
  if (cookie) all.Cookie = cookie;
  const options = { headers: all, perMessageDeflate: false, skipUTF8Validation: false };
  if (origin !== null) options.origin = origin ?? server.origin;
  return new WebSocket(`ws://127.0.0.1:${server.port}${path}`, protocols, options);
}

export class Socket {
  constructor(ws) {
    this.ws = ws;
    this.inbox = []; // what no `next` has taken yet
    this.all = []; // everything, in order of arrival
    this.waiting = [];
    this.ended = null;
    ws.on('message', (data, isBinary) => {
      const message = isBinary ? { binary: data } : JSON.parse(data.toString('utf8'));
      this.all.push(message);
      const at = this.waiting.findIndex((waiter) => waiter.match(message));
      if (at >= 0) {
        const [waiter] = this.waiting.splice(at, 1);
        clearTimeout(waiter.timer);
        waiter.resolve(message);
      } else this.inbox.push(message);
    });
    ws.on('error', () => {});
    this.closed = new Promise((resolve) => {
      ws.on('close', (code, reason) => {
        this.ended = { code, reason: reason.toString() };
        for (const waiter of this.waiting.splice(0)) {
          clearTimeout(waiter.timer);
          waiter.reject(new Error(`closed with ${code} while waiting for ${waiter.what}`));
        }
        resolve(this.ended);
      });
    });
  }

  static open(client, options = {}) {
    const { server } = client;
    const ws = open(server, { cookie: client.cookie, ...options });
    const socket = new Socket(ws);
    return new Promise((resolve, reject) => {
      ws.once('open', () => resolve(socket));
      ws.once('unexpected-response', (request, response) => {
        request.destroy();
        reject(new Error(`upgrade refused with ${response.statusCode}`));
      });
      ws.once('error', reject);
    });
  }

  send(message) {
    this.ws.send(typeof message === 'string' ? message : JSON.stringify(message));
  }

  /** The first message, past or coming, that has all the members of `want` (or that it accepts). */
  next(want, timeout = 4000) {
    const match =
      typeof want === 'function'
        ? want
        : (message) => Object.entries(want).every(([key, value]) => message[key] === value);
    const what = typeof want === 'function' ? want.toString() : JSON.stringify(want);
    const at = this.inbox.findIndex(match);
    if (at >= 0) return Promise.resolve(this.inbox.splice(at, 1)[0]);
    if (this.ended) return Promise.reject(new Error(`closed (${this.ended.code}), no ${what}`));
    return new Promise((resolve, reject) => {
      const waiter = { match, resolve, reject, what };
      waiter.timer = setTimeout(() => {
        this.waiting.splice(this.waiting.indexOf(waiter), 1);
        const seen = this.all
          .slice(-8)
          .map((m) => JSON.stringify(m))
          .join('\n  ');
        reject(new Error(`nothing like ${what} in ${timeout} ms; last seen:\n  ${seen}`));
      }, timeout);
      this.waiting.push(waiter);
    });
  }

  /** True when nothing that matches came before a full round trip of the socket was over. */
  async silent(want, settle = 150) {
    await new Promise((resolve) => setTimeout(resolve, settle));
    const match =
      typeof want === 'function'
        ? want
        : (message) => Object.entries(want).every(([key, value]) => message[key] === value);
    return !this.inbox.some(match);
  }

  /** Sends a text and waits for its ack. */
  async say(conversation, text, client_id = uuid7()) {
    this.send({ op: 'send', conversation, client_id, text });
    return this.next((m) => (m.op === 'ack' || m.op === 'error') && m.client_id === client_id);
  }

  /** Sends an operation that must be answered by an error, and gives the error. */
  async error(message) {
    this.send(message);
    return this.next({ op: 'error' });
  }

  close() {
    this.ws.close(1000);
    return this.closed;
  }

  terminate() {
    this.ws.terminate();
  }
}

/** One masked client frame. */
export function frame(opcode, payload, { fin = true, rsv = 0, mask = true, length } = {}) {
  const body = Buffer.from(payload ?? '');
  const size = length ?? body.length;
  const head = [(fin ? 0x80 : 0) | (rsv << 4) | opcode];
  const bit = mask ? 0x80 : 0;
  if (size < 126) head.push(bit | size);
  else if (size < 65536) head.push(bit | 126, size >> 8, size & 255);
  else {
    const long = Buffer.alloc(8);
    long.writeBigUInt64BE(BigInt(size));
    head.push(bit | 127, ...long);
  }
  if (!mask) return Buffer.concat([Buffer.from(head), body]);
  const key = randomBytes(4);
  const masked = Buffer.from(body);
  for (let i = 0; i < masked.length; i++) masked[i] ^= key[i & 3];
  return Buffer.concat([Buffer.from(head), key, masked]);
}

export class RawSocket {
  /** Upgrades by hand; `frames` then fill with {opcode, fin, payload}. */
  static async open(client, { path = REALTIME, protocol = PROTOCOL } = {}) {
    const key = randomBytes(16).toString('base64');
    const lines = [
      `GET ${path} HTTP/1.1`,
      `Host: 127.0.0.1:${client.server.port}`,
      'Upgrade: websocket',
      'Connection: Upgrade',
      `Sec-WebSocket-Key: ${key}`,
      'Sec-WebSocket-Version: 13',
      `Origin: ${client.server.origin}`,
    ];
    if (protocol) lines.push(`Sec-WebSocket-Protocol: ${protocol}`);
    if (client.cookie) lines.push(`Cookie: ${client.cookie}`);
    const raw = new RawSocket();
    raw.socket = net.connect(client.server.port, '127.0.0.1');
    raw.socket.setNoDelay(true);
    raw.socket.on('error', () => {});
    raw.buffer = Buffer.alloc(0);
    raw.frames = [];
    raw.head = null;
    raw.ended = new Promise((resolve) => raw.socket.on('close', () => resolve(true)));
    const upgraded = new Promise((resolve, reject) => {
      raw.socket.on('data', (chunk) => {
        raw.buffer = Buffer.concat([raw.buffer, chunk]);
        if (!raw.head) {
          const end = raw.buffer.indexOf('\r\n\r\n');
          if (end < 0) return;
          raw.head = raw.buffer.subarray(0, end).toString('latin1');
          raw.buffer = raw.buffer.subarray(end + 4);
          const accept = createHash('sha1')
            .update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`)
            .digest('base64');
          if (!raw.head.startsWith('HTTP/1.1 101')) reject(new Error(raw.head.split('\r\n')[0]));
          else if (!raw.head.includes(accept)) reject(new Error('wrong Sec-WebSocket-Accept'));
          else resolve();
        }
        raw.take();
      });
      raw.socket.on('close', () => reject(new Error('closed before the upgrade')));
    });
    raw.socket.write(`${lines.join('\r\n')}\r\n\r\n`);
    await upgraded;
    return raw;
  }

  take() {
    for (;;) {
      const b = this.buffer;
      if (b.length < 2) return;
      let size = b[1] & 127;
      let at = 2;
      if (size === 126) {
        if (b.length < 4) return;
        size = b.readUInt16BE(2);
        at = 4;
      } else if (size === 127) {
        if (b.length < 10) return;
        size = Number(b.readBigUInt64BE(2));
        at = 10;
      }
      if (b.length < at + size) return;
      this.frames.push({
        fin: (b[0] & 0x80) !== 0,
        opcode: b[0] & 15,
        masked: (b[1] & 0x80) !== 0,
        payload: Buffer.from(b.subarray(at, at + size)),
      });
      this.buffer = b.subarray(at + size);
    }
  }

  write(bytes) {
    this.socket.write(bytes);
  }

  /** The close code the server gave, or null when it just ended the connection. */
  async closeCode(timeout = 4000) {
    const end = Date.now() + timeout;
    while (Date.now() < end) {
      const close = this.frames.find((f) => f.opcode === 8);
      if (close) return close.payload.length >= 2 ? close.payload.readUInt16BE(0) : 1005;
      if (this.socket.destroyed) return null;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    throw new Error('the socket is still open');
  }

  /** The first text frame as JSON. */
  async text(timeout = 4000) {
    const end = Date.now() + timeout;
    while (Date.now() < end) {
      const at = this.frames.findIndex((f) => f.opcode === 1);
      if (at >= 0) return JSON.parse(this.frames.splice(at, 1)[0].payload.toString('utf8'));
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    throw new Error('no text frame');
  }

  destroy() {
    this.socket.destroy();
  }
}
