// Conversations over HTTP: the list, history by number, unread counts, search.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { ok, problem, TIME, UNKNOWN_ID } from '../lib/expect.mjs';
import { cast, connect, register } from '../lib/people.mjs';
import { Server } from '../lib/server.mjs';
import { Socket } from '../lib/socket.mjs';

let server;
let people;
let room; // ana and helena, 130 messages
let patient;
let doctor;

before(async () => {
  server = await Server.start();
  people = await cast(server);
  room = (await connect(people.ana, people.helena)).conversation_id;
  patient = await Socket.open(people.ana);
  doctor = await Socket.open(people.helena);
  for (let i = 2; i <= 130; i++) {
    const ack = await (i % 2 ? doctor : patient).say(room, `mensagem ${i}`);
    assert.equal(ack.seq, i);
  }
});
after(async () => {
  patient?.terminate();
  doctor?.terminate();
  await server?.done();
});

const history = (query, who = people.ana) => who.get(`/conversations/${room}/messages?${query}`);
const seqs = (page) => page.items.map((item) => item.seq);
const range = (from, to) => Array.from({ length: to - from + 1 }, (_, i) => from + i);

test('history is paged by number, ascending, bounds exclusive', async () => {
  const last = ok(await history(''));
  assert.deepEqual(seqs(last), range(81, 130));
  assert.equal(last.has_more, true);
  assert.deepEqual(seqs(ok(await history('before=81&limit=100'))), range(1, 80));
  assert.equal(ok(await history('before=81&limit=100')).has_more, false);
  assert.deepEqual(seqs(ok(await history('before=81&limit=80'))), range(1, 80));
  assert.equal(ok(await history('before=81&limit=80')).has_more, false);
  assert.deepEqual(seqs(ok(await history('before=3'))), [1, 2]);
  assert.deepEqual(seqs(ok(await history('before=1'))), []);
  const first = ok(await history('after=0&limit=10'));
  assert.deepEqual(seqs(first), range(1, 10));
  assert.equal(first.has_more, true);
  const end = ok(await history('after=125'));
  assert.deepEqual(seqs(end), range(126, 130));
  assert.equal(end.has_more, false);
  assert.deepEqual(ok(await history('after=130')), { items: [], has_more: false });
  assert.deepEqual(ok(await history('after=999999')), { items: [], has_more: false });
  assert.deepEqual(seqs(ok(await history('after=10&before=15'))), [11, 12, 13, 14]);
});

test('a message of the history is whole, and the same to both', async () => {
  const { items } = ok(await history('after=1&limit=2'));
  assert.deepEqual(ok(await history('after=1&limit=2', people.helena)).items, items);
  const [message] = items;
  assert.equal(message.conversation, room);
  assert.equal(message.seq, 2);
  assert.equal(message.from, people.ana.user.id);
  assert.equal(message.kind, 'text');
  assert.equal(message.text, 'mensagem 2');
  assert.match(message.at, TIME);
  assert.ok(!message.deleted && !message.edited_at);
});

test('bounds that make no sense are refused', async () => {
  for (const query of [
    'limit=0',
    'limit=101',
    'limit=18446744073709551617',
    'before=0',
    'before=-1',
    'before=x',
    'after=-1',
    'after=1.5',
    'after=9223372036854775808',
  ]) {
    problem(await history(query), 422, 'validation');
  }
});

test('others find no conversation there', async () => {
  for (const path of ['', '/messages', '/search?q=mensagem']) {
    for (const who of ['bruno', 'ivo']) {
      problem(await people[who].get(`/conversations/${room}${path}`), 404, 'not_found');
    }
    for (const who of ['rita', 'admin']) {
      problem(await people[who].get(`/conversations/${room}${path}`), 403, 'forbidden');
    }
    problem(await people.ana.get(`/conversations/${UNKNOWN_ID}${path}`), 404, 'not_found');
    problem(await people.ana.get(`/conversations/x${path}`), 404, 'not_found');
  }
});

test('the conversation as each side sees it', async () => {
  const seen = ok(await people.ana.get(`/conversations/${room}`));
  assert.equal(seen.last_seq, 130);
  assert.equal(seen.state, 'open');
  assert.equal(seen.peer.id, people.helena.user.id);
  assert.equal(seen.peer.name, 'Helena Prado');
  assert.equal(seen.peer.uf, 'SP');
  assert.equal(seen.last_message.seq, 130);
  assert.equal('peer_online' in seen, false, 'a patient is not told who is connected');
  const other = ok(await people.helena.get(`/conversations/${room}`));
  assert.equal(other.peer.id, people.ana.user.id);
  assert.equal(other.peer.role, 'patient');
  assert.equal(other.peer.crm, undefined);
  assert.equal(other.peer_online, true);
});

test('unread counts what the other wrote since one’s own mark', async () => {
  const ana = await register(server);
  const { conversation_id } = await connect(ana, people.ivo);
  const a = await Socket.open(ana);
  const d = await Socket.open(people.ivo);
  const view = async (who) => ok(await who.get(`/conversations/${conversation_id}`));
  for (let i = 0; i < 3; i++) await a.say(conversation_id, `pergunta ${i}`);
  let seen = await view(people.ivo);
  assert.equal(seen.unread, 3);
  d.send({ op: 'read', conversation: conversation_id, seq: 3 });
  await a.next({ op: 'read', conversation: conversation_id, seq: 3 });
  seen = await view(people.ivo);
  assert.equal(seen.unread, 1);
  assert.equal(seen.own_read_seq, 3);
  seen = await view(ana);
  assert.equal(seen.read_seq, 3);
  assert.ok(seen.delivered_seq >= 3, 'read implies delivered');
  d.send({ op: 'read', conversation: conversation_id, seq: 4 });
  await a.next({ op: 'read', conversation: conversation_id, seq: 4 });
  assert.equal((await view(people.ivo)).unread, 0);
  await d.say(conversation_id, 'resposta');
  assert.equal((await view(people.ivo)).unread, 0, 'one’s own messages are not unread');
  assert.ok((await view(ana)).unread >= 1);
  a.terminate();
  d.terminate();
});

test('the list holds one’s conversations, the latest activity first', async () => {
  const { helena } = people;
  const first = await register(server, { name: 'Primeira' });
  const second = await register(server, { name: 'Segunda' });
  const one = (await connect(first, helena)).conversation_id;
  const two = (await connect(second, helena)).conversation_id;
  const order = async () =>
    ok(await helena.get('/conversations?limit=100')).items.map((item) => item.id);
  assert.deepEqual((await order()).slice(0, 2), [two, one]);
  const socket = await Socket.open(first);
  await socket.say(one, 'agora eu');
  assert.deepEqual((await order()).slice(0, 2), [one, two]);
  const seen = [];
  let cursor = null;
  do {
    const query = cursor ? `&cursor=${encodeURIComponent(cursor)}` : '';
    const page = ok(await helena.get(`/conversations?limit=1${query}`));
    seen.push(...page.items.map((item) => item.id));
    cursor = page.next_cursor;
  } while (cursor && seen.length < 100);
  assert.deepEqual(seen, await order());
  assert.deepEqual(ok(await people.bruno.get('/conversations')), { items: [], next_cursor: null });
  for (const who of ['rita', 'admin']) {
    problem(await people[who].get('/conversations'), 403, 'forbidden');
  }
  socket.terminate();
});

test('search finds whatever the accents and the case, the newest first', async () => {
  const ana = await register(server);
  const { conversation_id } = await connect(ana, people.ivo);
  const socket = await Socket.open(ana);
  const texts = [
    'A pressão está alta',
    'PRESSAO normal hoje',
    'Coração e pressa\u0303o',
    'nada a ver',
    'a 100% de certeza_disso',
  ];
  for (const text of texts) await socket.say(conversation_id, text);
  const search = async (q, who = ana) =>
    ok(await who.get(`/conversations/${conversation_id}/search?q=${encodeURIComponent(q)}`));
  for (const q of ['pressão', 'pressao', 'PRESSÃO', 'pressa\u0303o']) {
    const found = await search(q);
    assert.deepEqual(seqs(found), [4, 3, 2], q);
    assert.equal(found.has_more, false);
  }
  assert.deepEqual(seqs(await search('coracao', people.ivo)), [4]);
  assert.deepEqual(seqs(await search('0%')), [6]);
  assert.deepEqual(seqs(await search('%%')), []);
  assert.deepEqual(seqs(await search('relationship')), [], 'notices are not searched');
  for (const q of ['', 'a', 'x'.repeat(101)]) {
    problem(await ana.get(`/conversations/${conversation_id}/search?q=${q}`), 422, 'validation');
  }
  problem(await ana.get(`/conversations/${conversation_id}/search`), 422, 'validation');

  const secret = (await socket.say(conversation_id, 'segredo apagado')).seq;
  socket.send({ op: 'delete', conversation: conversation_id, seq: secret });
  await socket.next({ op: 'deleted', seq: secret });
  assert.deepEqual(seqs(await search('segredo')), [], 'a deleted message is found');
  const wrong = (await socket.say(conversation_id, 'texto com erro')).seq;
  socket.send({ op: 'edit', conversation: conversation_id, seq: wrong, text: 'texto corrigido' });
  await socket.next({ op: 'edited', seq: wrong });
  assert.deepEqual(seqs(await search('erro')), []);
  assert.deepEqual(seqs(await search('corrigido')), [wrong]);
  socket.terminate();
});

test('bodies are not in the database file as they were written', async () => {
  const needle = 'AgulhaNoPalheiro7731';
  const ack = await patient.say(room, needle);
  assert.equal(ack.op, 'ack');
  const fs = await import('node:fs');
  const path = await import('node:path');
  const walk = (folder) =>
    fs.readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
      const full = path.join(folder, entry.name);
      return entry.isDirectory() ? walk(full) : entry.isFile() ? [full] : [];
    });
  const files = walk(server.dataDir);
  assert.ok(files.length > 0);
  for (const file of files) {
    const bytes = fs.readFileSync(file);
    assert.equal(bytes.includes(needle), false, `the text of a message is readable in ${file}`);
    assert.equal(
      bytes.includes(people.ana.cookies.get('acolhe')),
      false,
      `a session is in ${file}`,
    );
  }
  assert.equal(server.log().includes(needle), false, 'the text of a message is in the log');
  assert.equal(server.log().includes(people.ana.cookies.get('acolhe')), false);
});
