// /metrics: on a listener of its own, never on the public one; nothing in it tells about a person.

import assert from 'node:assert/strict';
import net from 'node:net';
import { test } from 'node:test';
import { register } from '../lib/people.mjs';
import { Server } from '../lib/server.mjs';
import { Socket } from '../lib/socket.mjs';

async function freePort() {
  const server = net.createServer().listen(0, '127.0.0.1');
  await new Promise((done) => server.once('listening', done));
  const { port } = server.address();
  await new Promise((done) => server.close(done));
  return port;
}

const value = (text, name) => Number(new RegExp(`^${name} (-?\\d+)$`, 'm').exec(text)?.[1]);

test('metrics are Prometheus text on the private listener alone', async (t) => {
  const port = await freePort();
  const own = await Server.start({ env: { ACOLHE_METRICS_LISTEN: `127.0.0.1:${port}` } });
  t.after(() => own.done());
  const ana = await register(own, { name: 'Ana Metrica' });
  const socket = await Socket.open(ana);

  const answer = await fetch(`http://127.0.0.1:${port}/metrics`);
  assert.equal(answer.status, 200);
  assert.match(answer.headers.get('content-type'), /^text\/plain; version=0\.0\.4/);
  const text = await answer.text();
  for (const line of text.trim().split('\n')) {
    assert.match(line, /^(# (HELP|TYPE) \w+ .+|\w+ -?\d+)$/, line);
  }
  assert.equal(value(text, 'acolhe_websockets'), 1);
  assert.ok(value(text, 'acolhe_http_requests_total') >= 2, text);
  assert.ok(value(text, 'process_resident_memory_bytes') > 1_000_000, text);
  assert.doesNotMatch(text, /Ana|@|127\.0\.0\.1/);
  await socket.close();

  assert.equal((await fetch(`http://127.0.0.1:${port}/api/v1/clinic`)).status, 404);
  assert.doesNotMatch(await (await fetch(`${own.origin}/metrics`)).text(), /acolhe_websockets/);
});
