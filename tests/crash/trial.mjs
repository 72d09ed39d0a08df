// One installation that is made to chat, cut down and looked at again, round after round.
//
//   prepare() -> people and conversations, made once
//   load(ms)  -> every pair writes both ways, `window` in flight each, until told or cut down
//   check()   -> what the server holds against what it promised
//
// What is checked after each cut: every acknowledged message is there once, with the number it was
// acknowledged with and the text that was sent; numbers have no gaps; nothing is there that nobody
// sent; one sender's messages stand in the order of sending; what readers saw is stored, and they
// saw it in order; watermarks are within bounds and never fall; the audit chain verifies. Messages
// whose answer was cut off are sent again under the same id, and must not be stored twice.

import assert from 'node:assert/strict';
import WebSocket from 'ws';
import { addPerson, connect, register, signIn } from '../lib/people.mjs';
import { sleep } from '../lib/server.mjs';
import { PROTOCOL, REALTIME, uuid7 } from '../lib/socket.mjs';

/** A small seeded generator (mulberry32): the same seed gives the same moments. */
export function random(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

class Member {
  constructor(trial, room, client) {
    this.trial = trial;
    this.room = room;
    this.client = client;
    this.order = []; // client ids in the order of sending
    this.open = new Map(); // client id -> text, not yet acknowledged
    this.view = []; // [seq, client_id] as this socket received them, this round
    this.acks = []; // seq of acks in order of arrival, this round
    this.claimed = { delivered: 0, read: 0 }; // the highest this member ever claimed
    this.ws = null;
  }

  async open_socket() {
    this.view = [];
    this.acks = [];
    const { server } = this.trial;
    const ws = new WebSocket(`ws://127.0.0.1:${server.port}${REALTIME}`, [PROTOCOL], {
      headers: { Cookie: this.client.cookie },
      origin: server.origin,
      perMessageDeflate: false,
    });
    this.ws = ws;
    ws.on('message', (data) => this.receive(JSON.parse(data.toString('utf8'))));
    this.closed = new Promise((resolve) => ws.on('close', resolve));
    await new Promise((resolve, reject) => {
      ws.once('open', resolve);
      ws.once('error', reject);
      ws.once('unexpected-response', (_request, response) =>
        reject(new Error(`upgrade refused with ${response.statusCode}`)),
      );
    });
    ws.on('error', () => {});
  }

  put(message) {
    if (this.ws?.readyState === WebSocket.OPEN) this.ws.send(JSON.stringify(message));
  }

  say() {
    const client_id = uuid7();
    const text = `${this.client.user.role} ${this.order.length} ${client_id.slice(-12)} olá, ação ✓`;
    this.order.push(client_id);
    this.open.set(client_id, text);
    this.room.sent.set(client_id, { text, from: this.client.user.id });
    this.put({ op: 'send', conversation: this.room.id, client_id, text });
  }

  /** The answers that were cut off: the same ids again, in the same order. */
  resend() {
    for (const [client_id, text] of this.open) {
      this.put({ op: 'send', conversation: this.room.id, client_id, text });
    }
  }

  receive(message) {
    if (message.op !== 'error' && message.conversation !== this.room.id) return;
    if (message.op === 'ack') {
      const before = this.room.acked.get(message.client_id);
      if (before !== undefined && before !== message.seq) {
        this.trial.broken(`ack of ${message.client_id} said ${before}, now ${message.seq}`);
      }
      this.room.acked.set(message.client_id, message.seq);
      if (this.open.delete(message.client_id) && !this.trial.resending) {
        this.acks.push(message.seq);
        if (this.trial.loading) this.say();
      }
    } else if (message.op === 'message') {
      this.view.push([message.seq, message.client_id, message.text]);
      if (message.seq % 8 === 0) {
        this.claimed.delivered = Math.max(this.claimed.delivered, message.seq);
        this.put({ op: 'received', conversation: this.room.id, seq: message.seq });
      }
      if (message.seq % 32 === 0) {
        this.claimed.read = Math.max(this.claimed.read, message.seq);
        this.put({ op: 'read', conversation: this.room.id, seq: message.seq });
      }
    } else if (message.op === 'error' && this.trial.dying && message.code === 'unavailable') {
      this.trial.unavailable += 1;
    } else if (message.op === 'error') {
      this.trial.broken(`error to ${this.client.user.role}: ${JSON.stringify(message)}`);
    }
  }
}

export class Trial {
  constructor(server, { pairs = 4, window = 8 } = {}) {
    this.server = server;
    this.pairs = pairs;
    this.window = window;
    this.rooms = [];
    this.loading = false;
    this.resending = false;
    this.dying = false; // the disk fails: "unavailable" is the right answer
    this.unavailable = 0;
    this.faults = [];
  }

  broken(what) {
    this.faults.push(what);
  }

  get members() {
    return this.rooms.flatMap((room) => room.members);
  }

  get ackedCount() {
    return this.rooms.reduce((sum, room) => sum + room.acked.size, 0);
  }

  async prepare() {
    for (let i = 0; i < this.pairs; i++) {
      const patient = await register(this.server, { name: `Paciente ${i}` });
      const doctor = await signIn(
        this.server,
        await addPerson(this.server, { role: 'doctor', name: `Doutora ${i}`, verified: true }),
      );
      const { conversation_id } = await connect(patient, doctor);
      const room = {
        id: conversation_id,
        sent: new Map(),
        acked: new Map(),
        stored: [], // stored[seq - 1] = client id, verified so far
        where: new Map(), // client id -> seq
        marks: new Map(),
      };
      room.members = [new Member(this, room, patient), new Member(this, room, doctor)];
      this.rooms.push(room);
    }
  }

  /** Opens the sockets, sends again what was cut off, and waits until all of that is answered. */
  async reconnect() {
    this.resending = true;
    await Promise.all(this.members.map((member) => member.open_socket()));
    for (const member of this.members) member.resend();
    const end = Date.now() + 10_000;
    while (this.members.some((member) => member.open.size > 0)) {
      if (Date.now() > end) {
        this.broken('messages sent again were not answered in 10 s');
        break;
      }
      await sleep(5);
    }
    this.resending = false;
  }

  /** Full load until `stopped` resolves (the cut) or for ever. */
  start_load() {
    this.loading = true;
    for (const member of this.members) {
      for (let i = 0; i < this.window; i++) member.say();
    }
  }

  /** After the cut: no socket may go on. */
  async settle() {
    this.loading = false;
    for (const member of this.members) member.client.agent.destroy();
    await Promise.all(
      this.members.map((member) => {
        member.ws.terminate();
        return member.closed;
      }),
    );
  }

  async read(room, after) {
    const { client } = room.members[0];
    const items = [];
    for (;;) {
      const from = after + items.length;
      const answer = await client.get(`/conversations/${room.id}/messages?after=${from}&limit=100`);
      assert.equal(answer.status, 200, answer.text);
      items.push(...answer.json.items);
      if (!answer.json.has_more) return items;
      assert.ok(answer.json.items.length > 0, 'has_more with an empty page');
    }
  }

  /** Gives the list of broken promises; empty is good. `whole` reads every message again. */
  async check({ whole = false } = {}) {
    const faults = this.faults.splice(0);
    for (const room of this.rooms) {
      await this.check_stored(room, whole, faults);
      this.check_promises(room, faults);
      await this.check_marks(room, faults);
    }
    const audit = await this.server.cli(['audit', 'verify'], { ok: false });
    if (audit.code !== 0) faults.push(`audit verify: ${audit.stdout}${audit.stderr}`.trim());
    return faults;
  }

  async check_stored(room, whole, faults) {
    const known = room.stored;
    const from = whole ? 0 : known.length;
    const items = await this.read(room, from);
    if (whole && items.length < known.length) {
      faults.push(`${known.length - items.length} messages that were seen stored are gone`);
    }
    items.forEach((item, i) => {
      const seq = from + i + 1;
      if (item.seq !== seq) faults.push(`a gap: expected ${seq}, found ${item.seq}`);
      if (item.kind === 'notice') {
        known[seq - 1] ??= item.client_id ?? 'notice';
        return;
      }
      const sent = room.sent.get(item.client_id);
      if (!sent) faults.push(`invented: ${item.client_id} at ${seq}`);
      else if (sent.text !== item.text) faults.push(`another text at ${seq}: ${item.text}`);
      else if (sent.from !== item.from) faults.push(`another sender at ${seq}`);
      const other = room.where.get(item.client_id);
      if (other !== undefined && other !== seq) {
        faults.push(`stored twice: ${item.client_id} at ${other} and ${seq}`);
      }
      room.where.set(item.client_id, seq);
      if (seq <= known.length && known[seq - 1] !== item.client_id) {
        faults.push(`${seq} was ${known[seq - 1]}, is ${item.client_id}`);
      }
      known[seq - 1] = item.client_id;
    });
  }

  check_promises(room, faults) {
    let lost = 0;
    for (const [client_id, seq] of room.acked) {
      if (room.stored[seq - 1] !== client_id) lost += 1;
    }
    if (lost > 0) faults.push(`LOST: ${lost} acknowledged messages are not where they were`);
    for (const member of room.members) {
      let last = 0;
      for (const client_id of member.order) {
        const seq = room.where.get(client_id);
        if (seq === undefined) continue;
        if (seq < last) faults.push(`${client_id} stands before what was sent before it`);
        last = seq;
      }
      last = 0;
      for (const [seq, client_id, text] of member.view) {
        if (seq <= last) faults.push(`a reader saw ${seq} after ${last}`);
        last = seq;
        if (room.stored[seq - 1] !== client_id) faults.push(`a reader saw ${seq}, now lost`);
        const sent = room.sent.get(client_id);
        if (sent && sent.text !== text) faults.push(`a reader saw another text at ${seq}`);
      }
      for (let i = 1; i < member.acks.length; i++) {
        if (member.acks[i] <= member.acks[i - 1]) faults.push('acks of one socket out of order');
      }
    }
  }

  async check_marks(room, faults) {
    for (const [i, member] of room.members.entries()) {
      const other = room.members[1 - i];
      const answer = await member.client.get(`/conversations/${room.id}`);
      assert.equal(answer.status, 200, answer.text);
      const { last_seq, delivered_seq, read_seq, own_read_seq, unread } = answer.json;
      const before = room.marks.get(member) ?? { delivered_seq: 0, read_seq: 0 };
      if (last_seq !== room.stored.length) {
        faults.push(`last_seq is ${last_seq}, ${room.stored.length} are stored`);
      }
      if (!(read_seq <= delivered_seq && delivered_seq <= last_seq)) {
        faults.push(`watermarks: read ${read_seq}, delivered ${delivered_seq}, last ${last_seq}`);
      }
      if (delivered_seq < before.delivered_seq || read_seq < before.read_seq) {
        faults.push(`a watermark fell: ${JSON.stringify(before)} -> ${delivered_seq}, ${read_seq}`);
      }
      const most = Math.max(other.claimed.delivered, other.claimed.read);
      // writing a message shows that one has seen what was there; more than that is invented
      const own = Math.max(
        0,
        ...other.order.slice(-2 * this.window).map((id) => room.where.get(id) ?? 0),
      );
      if (delivered_seq > Math.max(most, own))
        faults.push(`delivered ${delivered_seq} was never claimed`);
      if (own_read_seq > last_seq || unread < 0 || unread > last_seq) {
        faults.push(`own_read_seq ${own_read_seq}, unread ${unread}, last ${last_seq}`);
      }
      room.marks.set(member, { delivered_seq, read_seq });
    }
  }
}
