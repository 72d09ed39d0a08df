// HTTP as it must not be written, sent straight to the socket: each is refused, the connection ends
// where its framing is in doubt, and nothing smuggled behind is ever answered.

import assert from 'node:assert/strict';
import net from 'node:net';
import { after, before, test } from 'node:test';
import { ok } from '../lib/expect.mjs';
import { register } from '../lib/people.mjs';
import { Server, sleep } from '../lib/server.mjs';

let server;
let ana;
before(async () => {
  server = await Server.start();
  ana = await register(server);
});
after(() => server?.done());

/** Sends bytes, gives every answer {status, head, body} until the server ends or `wait` is over. */
function exchange(bytes, { wait = 1500, pieces } = {}) {
  return new Promise((resolve) => {
    const socket = net.connect(server.port, '127.0.0.1');
    const chunks = [];
    let ended = false;
    const done = () => {
      clearTimeout(timer);
      socket.destroy();
      resolve({ answers: split(Buffer.concat(chunks)), ended });
    };
    const timer = setTimeout(done, wait);
    socket.on('data', (chunk) => {
      chunks.push(chunk);
      // answers to whole requests come at once; leave a moment for a second one
      clearTimeout(quiet);
      quiet = setTimeout(done, 250);
    });
    let quiet;
    socket.on('end', () => {
      ended = true;
      done();
    });
    socket.on('error', () => {
      ended = true;
      done();
    });
    socket.on('connect', async () => {
      for (const piece of pieces ?? [bytes]) {
        if (socket.destroyed) return;
        socket.write(piece);
        if (pieces) await sleep(2);
      }
    });
  });
}

function split(buffer) {
  const answers = [];
  let rest = buffer;
  for (;;) {
    const at = rest.indexOf('\r\n\r\n');
    if (at < 0) break;
    const head = rest.subarray(0, at).toString('latin1');
    const length = Number(/\r\ncontent-length: (\d+)/i.exec(head)?.[1] ?? 0);
    answers.push({
      status: Number(/^HTTP\/1\.1 (\d{3})/.exec(head)?.[1]),
      head,
      body: rest.subarray(at + 4, at + 4 + length).toString('utf8'),
    });
    rest = rest.subarray(at + 4 + length);
  }
  return answers;
}

const host = () => `Host: 127.0.0.1:${server.port}`;
const origin = () => `Origin: ${server.origin}`;
const json = 'Content-Type: application/json';
const smuggled = () => `GET /api/v1/clinic HTTP/1.1\r\n${host()}\r\n\r\n`;

/** The bytes are refused with one of the statuses (or the connection just ends), and only once. */
async function refuse(bytes, statuses, options) {
  const { answers, ended } = await exchange(bytes, options);
  assert.ok(
    answers.length <= 1,
    `answered ${answers.length} times: ${answers.map((a) => a.status)}`,
  );
  if (answers.length === 0) assert.ok(ended, 'neither answered nor ended');
  else assert.ok(statuses.includes(answers[0].status), `${answers[0].status}, not ${statuses}`);
}

const framing = [
  [
    'two Content-Lengths that differ',
    (h) =>
      `POST /api/v1/auth/login HTTP/1.1\r\n${h}\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}`,
  ],
  [
    'two Content-Lengths that agree',
    (h) =>
      `POST /api/v1/auth/login HTTP/1.1\r\n${h}\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\n{}`,
  ],
  [
    'a list as Content-Length',
    (h) => `POST /api/v1/auth/login HTTP/1.1\r\n${h}\r\nContent-Length: 2, 2\r\n\r\n{}`,
  ],
  [
    'a signed Content-Length',
    (h) => `POST /api/v1/auth/login HTTP/1.1\r\n${h}\r\nContent-Length: +2\r\n\r\n{}`,
  ],
  [
    'a negative Content-Length',
    (h) => `POST /api/v1/auth/login HTTP/1.1\r\n${h}\r\nContent-Length: -2\r\n\r\n{}`,
  ],
  [
    'a hexadecimal Content-Length',
    (h) => `POST /api/v1/auth/login HTTP/1.1\r\n${h}\r\nContent-Length: 0x2\r\n\r\n{}`,
  ],
  [
    'an empty Content-Length',
    (h) => `POST /api/v1/auth/login HTTP/1.1\r\n${h}\r\nContent-Length: \r\n\r\n{}`,
  ],
  [
    'a Content-Length with a space inside',
    (h) => `POST /api/v1/auth/login HTTP/1.1\r\n${h}\r\nContent-Length: 2 0\r\n\r\n{}`,
  ],
  [
    'Transfer-Encoding beside Content-Length',
    (h) =>
      `POST /api/v1/auth/login HTTP/1.1\r\n${h}\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
  ],
  [
    'Content-Length beside Transfer-Encoding',
    (h) =>
      `POST /api/v1/auth/login HTTP/1.1\r\n${h}\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n`,
  ],
  ['a folded header', (h) => `GET /api/v1/clinic HTTP/1.1\r\n${h}\r\nX-A: b\r\n c\r\n\r\n`],
  ['a space before the colon', (h) => `GET /api/v1/clinic HTTP/1.1\r\n${h}\r\nX-A : b\r\n\r\n`],
  ['a space before a header', (h) => `GET /api/v1/clinic HTTP/1.1\r\n ${h}\r\n\r\n`],
  ['a header without a colon', (h) => `GET /api/v1/clinic HTTP/1.1\r\n${h}\r\nnothing\r\n\r\n`],
  ['an empty header name', (h) => `GET /api/v1/clinic HTTP/1.1\r\n${h}\r\n: x\r\n\r\n`],
  [
    'a control character in a header',
    (h) => `GET /api/v1/clinic HTTP/1.1\r\n${h}\r\nX-A: a\x01b\r\n\r\n`,
  ],
  ['a NUL in a header', (h) => `GET /api/v1/clinic HTTP/1.1\r\n${h}\r\nX-A: a\0b\r\n\r\n`],
  ['a bare CR in a header', (h) => `GET /api/v1/clinic HTTP/1.1\r\n${h}\r\nX-A: a\rb\r\n\r\n`],
  ['bare LF line ends', (h) => `GET /api/v1/clinic HTTP/1.1\n${h}\n\n`],
  ['a bare LF among CRLFs', (h) => `GET /api/v1/clinic HTTP/1.1\r\n${h}\r\nX-A: b\nX-B: c\r\n\r\n`],
  ['no Host', () => 'GET /api/v1/clinic HTTP/1.1\r\n\r\n'],
  ['two Hosts', (h) => `GET /api/v1/clinic HTTP/1.1\r\n${h}\r\n${h}\r\n\r\n`],
  ['a Host with a path', () => 'GET /api/v1/clinic HTTP/1.1\r\nHost: a/b\r\n\r\n'],
  ['a space in the target', (h) => `GET /api/v1/cli nic HTTP/1.1\r\n${h}\r\n\r\n`],
  ['two spaces after the method', (h) => `GET  /api/v1/clinic HTTP/1.1\r\n${h}\r\n\r\n`],
  ['a tab after the method', (h) => `GET\t/api/v1/clinic HTTP/1.1\r\n${h}\r\n\r\n`],
  ['a NUL in the target', (h) => `GET /api/v1/cli\0nic HTTP/1.1\r\n${h}\r\n\r\n`],
  ['an encoded NUL', (h) => `GET /api/v1/cli%00nic HTTP/1.1\r\n${h}\r\n\r\n`],
  ['a broken percent escape', (h) => `GET /api/v1/%zz HTTP/1.1\r\n${h}\r\n\r\n`],
  ['an encoded slash', (h) => `GET /api%2Fv1/clinic HTTP/1.1\r\n${h}\r\n\r\n`],
  ['encoded bytes that are not UTF-8', (h) => `GET /api/v1/%ff%fe HTTP/1.1\r\n${h}\r\n\r\n`],
  ['a dot-dot segment', (h) => `GET /api/v1/../v1/clinic HTTP/1.1\r\n${h}\r\n\r\n`],
  ['an encoded dot-dot segment', (h) => `GET /api/v1/%2e%2e/v1/clinic HTTP/1.1\r\n${h}\r\n\r\n`],
  ['a target without a slash', (h) => `GET api HTTP/1.1\r\n${h}\r\n\r\n`],
  [
    'the absolute form of another host',
    (h) => `GET http://mal.exemplo/api/v1/clinic HTTP/1.1\r\n${h}\r\n\r\n`,
  ],
  ['CONNECT', (h) => `CONNECT mal.exemplo:443 HTTP/1.1\r\n${h}\r\n\r\n`],
  ['bytes of TLS', () => Buffer.from('160301020001000001fc03030d0a0d0a', 'hex')],
  ['no version', (h) => `GET /api/v1/clinic\r\n${h}\r\n\r\n`],
  ['a method with a control character', (h) => `GE\x01T /api/v1/clinic HTTP/1.1\r\n${h}\r\n\r\n`],
];
for (const [what, make] of framing) {
  test(`refused: ${what}`, async () => {
    const head = make(host());
    const bytes = Buffer.isBuffer(head)
      ? head
      : Buffer.from(
          `${head.replace('\r\n\r\n', `\r\n${json}\r\n${origin()}\r\n\r\n`)}${smuggled()}`,
          'latin1',
        );
    await refuse(bytes, [400, 404, 405, 501]);
  });
}

test('other versions are refused', async () => {
  for (const version of ['HTTP/0.9', 'HTTP/2.0', 'HTTP/1.2', 'HTTP/1.10', 'http/1.1', 'HTTP/1,1']) {
    await refuse(`GET /api/v1/clinic ${version}\r\n${host()}\r\n\r\n`, [400, 505]);
  }
});

test('lengths past every bound are refused before a byte of the body', async () => {
  for (const length of [
    '65537',
    '2147483647',
    '4294967298',
    '9223372036854775808',
    '18446744073709551618',
  ]) {
    const head = `POST /api/v1/auth/login HTTP/1.1\r\n${host()}\r\n${json}\r\nContent-Length: ${length}\r\n\r\n`;
    await refuse(head, [400, 413]);
  }
});

test('chunked: taken when it is right, refused when it is not', async () => {
  const head = `POST /api/v1/auth/login HTTP/1.1\r\n${host()}\r\n${json}\r\n${origin()}\r\nTransfer-Encoding: chunked\r\n\r\n`;
  const body = JSON.stringify({ email: 'a@b.org', password: 'errada-99' });
  const good = `${head}${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`;
  const { answers } = await exchange(good + smuggled());
  assert.ok([401, 501].includes(answers[0].status), `${answers[0].status} ${answers[0].body}`);
  if (answers[0].status === 401) assert.equal(answers[1]?.status, 200, 'the next request was lost');
  for (const bad of [
    `${head}5\r\n{}\r\n0\r\n\r\n`,
    `${head}zz\r\n{}\r\n0\r\n\r\n`,
    `${head}-1\r\n{}\r\n0\r\n\r\n`,
    `${head}2\n{}\n0\n\n`,
    `${head}2\r\n{}0\r\n\r\n`,
    `${head}FFFFFFFFFFFFFFFF\r\n`,
    `${head}10000000000000002\r\n{}\r\n0\r\n\r\n`,
    `${head}11170\r\n${'x'.repeat(70000)}\r\n0\r\n\r\n`,
  ]) {
    await refuse(bad + smuggled(), [400, 413, 501]);
  }
});

test('other transfer codings are not guessed at', async () => {
  for (const coding of [
    'gzip',
    'gzip, chunked',
    'chunked, gzip',
    'identity',
    'xchunked',
    'chunked, chunked',
    '\x0bchunked',
    '',
  ]) {
    const head = `POST /api/v1/auth/login HTTP/1.1\r\n${host()}\r\n${json}\r\nTransfer-Encoding: ${coding}\r\n\r\n0\r\n\r\n`;
    await refuse(head + smuggled(), [400, 501]);
  }
});

test('a head past 8 KiB or 64 fields is refused', async () => {
  await refuse(
    `GET /api/v1/clinic HTTP/1.1\r\n${host()}\r\nX-A: ${'a'.repeat(9000)}\r\n\r\n`,
    [400, 431],
  );
  await refuse(`GET /${'a'.repeat(9000)} HTTP/1.1\r\n${host()}\r\n\r\n`, [400, 414, 431]);
  const fields = Array.from({ length: 70 }, (_, i) => `X-${i}: a`).join('\r\n');
  await refuse(`GET /api/v1/clinic HTTP/1.1\r\n${host()}\r\n${fields}\r\n\r\n`, [400, 431]);
});

test('single fields must be single', async () => {
  const login = (extra) =>
    `POST /api/v1/auth/login HTTP/1.1\r\n${host()}\r\n${extra}\r\nContent-Length: 2\r\n\r\n{}`;
  await refuse(login(`${json}\r\nContent-Type: text/plain`), [400]);
  await refuse(login(`${json}\r\n${origin()}\r\nOrigin: https://mal.exemplo`), [400, 403]);
});

test('a request byte by byte is a request; two together are two, in order', async () => {
  const text = smuggled();
  const { answers } = await exchange(null, {
    pieces: [...text].map((c) => Buffer.from(c)),
    wait: 4000,
  });
  assert.deepEqual(
    answers.map((a) => a.status),
    [200],
  );
  const second = `GET /healthz HTTP/1.1\r\n${host()}\r\n\r\n`;
  const both = await exchange(text + second + text);
  assert.deepEqual(
    both.answers.map((a) => a.status),
    [200, 200, 200],
  );
  assert.match(both.answers[0].body, /terms_version/);
  assert.match(both.answers[2].body, /terms_version/);
});

test('Connection: close is done as asked, HTTP/1.0 too', async () => {
  const { answers, ended } = await exchange(
    `GET /healthz HTTP/1.1\r\n${host()}\r\nConnection: close\r\n\r\n`,
    { wait: 3000 },
  );
  assert.equal(answers[0].status, 200);
  assert.ok(ended || /connection: close/i.test(answers[0].head));
  const old = await exchange(`GET /healthz HTTP/1.0\r\n${host()}\r\n\r\n`);
  assert.ok(old.answers.length === 1 && [200, 400, 505].includes(old.answers[0].status));
});

test('half a request holds nobody up', async () => {
  const idle = [];
  for (let i = 0; i < 50; i++) {
    const socket = net.connect(server.port, '127.0.0.1');
    socket.on('error', () => {});
    socket.write(`POST /api/v1/auth/login HTTP/1.1\r\n${host()}\r\n`);
    idle.push(socket);
  }
  const from = Date.now();
  ok(await ana.get('/me'));
  assert.ok(Date.now() - from < 500);
  for (const socket of idle) socket.destroy();
});

test('a head that never ends is cut off in time', { timeout: 30_000 }, async () => {
  const from = Date.now();
  const ended = await new Promise((resolve) => {
    const socket = net.connect(server.port, '127.0.0.1');
    socket.write('GET / HTTP/1.1\r\n');
    // a byte now and then must not put the end off: the deadline is total
    const drip = setInterval(() => socket.write('X'), 1000);
    const give_up = setTimeout(() => socket.destroy(), 20_000);
    socket.on('data', () => {});
    socket.on('error', () => {});
    socket.on('close', () => {
      clearInterval(drip);
      clearTimeout(give_up);
      resolve(Date.now() - from);
    });
  });
  assert.ok(ended < 15_000, `cut off after ${ended} ms`);
});

test('after all of this the server serves', async () => {
  ok(await ana.get('/me'));
});
