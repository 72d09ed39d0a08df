// What a bad or broken client sends on the socket, and that the others go on being served.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import { after, before, test } from 'node:test';
import { ok, UNKNOWN_ID } from '../lib/expect.mjs';
import { cast, connect } from '../lib/people.mjs';
import { Server, sleep, until } from '../lib/server.mjs';
import { frame, RawSocket, Socket, uuid7 } from '../lib/socket.mjs';

let server;
let people;
let room;
before(async () => {
  server = await Server.start();
  people = await cast(server, ['ana', 'helena', 'bruno']);
  room = (await connect(people.ana, people.helena)).conversation_id;
});
after(() => server?.done());

async function raw(t) {
  const socket = await RawSocket.open(people.ana);
  t.after(() => socket.destroy());
  return socket;
}

const TEXT = 1;
const BINARY = 2;
const send = () =>
  JSON.stringify({ op: 'send', conversation: room, client_id: uuid7(), text: 'inteira' });

/** The server is alive and takes messages. */
async function alive() {
  const socket = await Socket.open(people.ana);
  assert.equal((await socket.say(room, 'ainda aqui')).op, 'ack');
  await socket.close();
}

const broken = [
  ['an unmasked frame', () => frame(TEXT, send(), { mask: false }), 1002],
  ['a reserved bit', () => frame(TEXT, send(), { rsv: 4 }), 1002],
  ['a reserved opcode', () => frame(3, 'x'), 1002],
  ['a reserved control opcode', () => frame(11, ''), 1002],
  ['a ping of 126 bytes', () => frame(9, 'x'.repeat(126)), 1002],
  ['a ping in pieces', () => frame(9, 'x', { fin: false }), 1002],
  ['a continuation of nothing', () => frame(0, 'x'), 1002],
  [
    'a new message inside another',
    () => Buffer.concat([frame(TEXT, 'a', { fin: false }), frame(TEXT, 'b')]),
    1002,
  ],
  ['a close of one byte', () => frame(8, 'x'), 1002],
  ['a close with code 1005', () => frame(8, Buffer.from([0x03, 0xed])), 1002],
  ['a close with code 999', () => frame(8, Buffer.from([0x03, 0xe7])), 1002],
  ['a binary message', () => frame(BINARY, send()), 1003],
  ['text that is not UTF-8', () => frame(TEXT, Buffer.from([0x7b, 0xc3, 0x28])), 1007],
  ['text with a surrogate', () => frame(TEXT, Buffer.from([0xed, 0xa0, 0x80])), 1007],
  ['UTF-8 cut off at the end', () => frame(TEXT, Buffer.from([0x61, 0xe2, 0x82])), 1007],
  ['a message of 64 KiB and one', () => frame(TEXT, 'x'.repeat(65537)), 1009],
  ['a declared length of 2^32', () => frame(TEXT, 'x', { length: 2 ** 32 }), 1009],
];
for (const [what, bytes, code] of broken) {
  test(`${what} closes with ${code}`, async (t) => {
    const socket = await raw(t);
    socket.write(bytes());
    assert.equal(await socket.closeCode(), code);
    await alive();
  });
}

test('a declared length of 2^63 is refused at once', async (t) => {
  const socket = await raw(t);
  socket.write(Buffer.from([0x81, 0xff, 0x80, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4]));
  assert.ok([1002, 1009].includes(await socket.closeCode()));
});

test('pieces that together pass 64 KiB close with 1009', async (t) => {
  const socket = await raw(t);
  socket.write(frame(TEXT, 'x'.repeat(40000), { fin: false }));
  socket.write(frame(0, 'x'.repeat(40000)));
  assert.equal(await socket.closeCode(), 1009);
});

test('a message in pieces, byte by byte, with pings between, is one message', async (t) => {
  const socket = await raw(t);
  const text = send();
  const half = Math.floor(text.length / 2);
  const bytes = Buffer.concat([
    frame(TEXT, text.slice(0, half), { fin: false }),
    frame(9, 'ping!'),
    frame(0, '', { fin: false }),
    frame(0, text.slice(half)),
  ]);
  for (const byte of bytes) socket.write(Buffer.from([byte]));
  assert.equal((await socket.text()).op, 'ack');
  await until(
    () => socket.frames.some((f) => f.opcode === 10 && f.payload.toString() === 'ping!'),
    {
      what: 'a pong with the same payload',
    },
  );
});

test('a close is answered with its code, and the connection ends', async (t) => {
  const socket = await raw(t);
  socket.write(frame(8, Buffer.from([0x03, 0xe8])));
  assert.equal(await socket.closeCode(), 1000);
  await Promise.race([socket.ended, sleep(3000).then(() => assert.fail('still open'))]);
});

test('every frame of the server is unmasked, final and without reserved bits', async (t) => {
  const socket = await raw(t);
  socket.write(frame(TEXT, send()));
  await socket.text();
  assert.ok(socket.frames.every((f) => !f.masked && f.fin));
  assert.doesNotMatch(socket.head, /sec-websocket-extensions/i);
});

// ---- wrong inside a good frame: an error, and the socket stays ----

const wrong = [
  ['not JSON', '{"op":', ['malformed']],
  ['not an object', '[1]', ['malformed']],
  ['a number', '5', ['malformed']],
  ['no op', '{}', ['malformed']],
  ['an unknown op', '{"op":"fly"}', ['malformed']],
  ['an op that is a number', '{"op":5}', ['malformed']],
  ['a server’s op', '{"op":"ack"}', ['malformed']],
  ['no members', '{"op":"send"}', ['malformed', 'validation']],
  [
    'an id that is none',
    '{"op":"typing","conversation":"x"}',
    ['malformed', 'validation', 'not_found'],
  ],
  ['a number as an id', '{"op":"typing","conversation":7}', ['validation']],
  ['an unknown conversation', `{"op":"typing","conversation":"${UNKNOWN_ID}"}`, ['not_found']],
];
for (const [what, text, codes] of wrong) {
  test(`${what} is answered with an error`, async () => {
    const socket = await Socket.open(people.ana);
    const error = await socket.error(text);
    assert.ok(codes.includes(error.code), `${error.code} for ${text}`);
    assert.equal(typeof error.detail, 'string');
    assert.doesNotMatch(error.detail, /sqlite|select|\.c:/i);
    assert.equal((await socket.say(room, 'aberto')).op, 'ack');
    await socket.close();
  });
}

test('unknown, doubled and mistyped members of each operation are refused', async () => {
  const id = () => uuid7();
  const base = {
    send: () => ({ op: 'send', conversation: room, client_id: id(), text: 'x' }),
    edit: () => ({ op: 'edit', conversation: room, seq: 1, text: 'x' }),
    delete: () => ({ op: 'delete', conversation: room, seq: 1 }),
    received: () => ({ op: 'received', conversation: room, seq: 1 }),
    read: () => ({ op: 'read', conversation: room, seq: 1 }),
    typing: () => ({ op: 'typing', conversation: room }),
    sync: () => ({ op: 'sync', conversation: room, after: 0 }),
  };
  for (const make of Object.values(base)) {
    const socket = await Socket.open(people.ana);
    const { op } = make();
    const refuse = async (text, what) => {
      const { code } = await socket.error(text);
      assert.ok(['malformed', 'validation'].includes(code), `${op} with ${what}: ${code}`);
    };
    await refuse({ ...make(), from: people.helena.user.id }, 'an unknown member');
    await refuse(JSON.stringify(make()).replace('{', `{"op":"${op}",`), 'a doubled member');
    const { conversation, ...without } = make();
    assert.equal(conversation, room);
    await refuse(without, 'no conversation');
    for (const [member, value] of [
      ['seq', '1'],
      ['seq', 1.5],
      ['seq', -1],
      ['seq', 0],
      ['seq', 2 ** 64],
      ['after', -1],
      ['after', null],
      ['text', 5],
      ['text', null],
      ['client_id', 'x'],
    ]) {
      if (member in make()) await refuse({ ...make(), [member]: value }, `${member} = ${value}`);
    }
    await socket.close();
  }
});

test('a NUL or half a surrogate in a text is refused or kept whole, never cut', async () => {
  const socket = await Socket.open(people.ana);
  for (const part of ['\\u0000', '\\ud800', 'a\\udc00b']) {
    const client_id = uuid7();
    socket.send(
      `{"op":"send","conversation":"${room}","client_id":"${client_id}","text":"x${part}y"}`,
    );
    const answer = await socket.next((m) => ['ack', 'error'].includes(m.op));
    assert.equal(answer.op, 'error', `${part} was stored`);
    assert.ok(['malformed', 'validation'].includes(answer.code));
  }
  await socket.close();
});

test('deep nesting and huge numbers are only malformed', async () => {
  const socket = await Socket.open(people.ana);
  for (const text of [
    '['.repeat(30000),
    `{"a":${'{"a":'.repeat(5000)}1${'}'.repeat(5001)}`,
    `{"op":${'9'.repeat(5000)}}`,
  ]) {
    assert.equal((await socket.error(text)).code, 'malformed');
  }
  await socket.close();
});

test('more than 20 errors in a minute close with 1008', async () => {
  const socket = await Socket.open(people.ana);
  for (let i = 0; i < 30; i++) socket.send('{"op":"fly"}');
  assert.equal((await socket.closed).code, 1008);
  const errors = socket.all.filter((m) => m.op === 'error').length;
  assert.ok(errors >= 20 && errors <= 21, `${errors} errors were answered`);
  await alive();
});

// ---- load of the bad kind ----

function privateKb() {
  const text = fs.readFileSync(`/proc/${server.pid}/smaps_rollup`, 'utf8');
  return [...text.matchAll(/^Private_\w+:\s+(\d+) kB/gm)].reduce((sum, m) => sum + Number(m[1]), 0);
}

test('a reader that never reads is dropped with its bound, others are served', {
  timeout: 60_000,
}, async (t) => {
  const reader = await raw(t);
  reader.socket.pause();
  const before = privateKb();
  const writer = await Socket.open(people.helena);
  let acked = 0;
  writer.ws.on('message', (data) => {
    if (JSON.parse(data).op === 'ack') acked += 1;
  });
  const text = 'x'.repeat(4000);
  let sent = 0;
  let highest = 0;
  const slow = [];
  for (let i = 0; i < 40; i++) {
    for (let k = 0; k < 100; k++, sent++) {
      writer.send({ op: 'send', conversation: room, client_id: uuid7(), text });
    }
    await until(() => acked === sent, { timeout: 20_000, what: 'acks beside a slow reader' });
    highest = Math.max(highest, privateKb() - before);
    const from = Date.now();
    ok(await people.bruno.get('/me'));
    slow.push(Date.now() - from);
  }
  assert.ok(highest < 64 * 1024, `memory grew by ${highest} kB`);
  assert.ok(Math.max(...slow) < 1000, `others waited ${Math.max(...slow)} ms`);
  reader.socket.resume();
  await Promise.race([
    reader.ended,
    sleep(5000).then(() => assert.fail('the slow reader is still on')),
  ]);
  const close = reader.frames.find((f) => f.opcode === 8);
  if (close) assert.equal(close.payload.readUInt16BE(0), 1013);
  writer.terminate();
  await alive();
});

test('a flood of pings and of tiny pieces costs only its sender', {
  timeout: 30_000,
}, async (t) => {
  const socket = await raw(t);
  const before = privateKb();
  const pings = Buffer.concat(Array.from({ length: 1000 }, () => frame(9, 'x'.repeat(100))));
  for (let i = 0; i < 20; i++) socket.write(pings);
  const pieces = await raw(t);
  pieces.write(frame(TEXT, 'a', { fin: false }));
  const crumbs = Buffer.concat(Array.from({ length: 1000 }, () => frame(0, '', { fin: false })));
  for (let i = 0; i < 20; i++) pieces.write(crumbs);
  await sleep(300);
  ok(await people.bruno.get('/me'));
  assert.ok(privateKb() - before < 64 * 1024);
  await alive();
});

test('sockets that end without a word leave nothing behind', { timeout: 30_000 }, async () => {
  for (let i = 0; i < 100; i++) {
    const socket = await RawSocket.open(people.ana);
    socket.write(frame(TEXT, send()).subarray(0, i % 40));
    socket.destroy();
  }
  const doctor = await Socket.open(people.helena);
  await until(
    async () => ok(await people.helena.get(`/conversations/${room}`)).peer_online === false,
    {
      timeout: 5000,
      what: 'the patient gone',
    },
  );
  doctor.terminate();
  await alive();
});

test('a refused upgrade leaves the connection in order', async () => {
  const { status } = await people.ana.get('/realtime', {
    headers: {
      origin: server.origin,
      upgrade: 'websocket',
      connection: 'Upgrade',
      'sec-websocket-key': 'bm90IDE2IGJ5dGVz',
      'sec-websocket-version': '13',
    },
  });
  assert.equal(status, 400);
  ok(await people.ana.get('/me'));
});
