// The figures of `make bench`, measured here and now, as a Markdown table.
//
//   bench/run [--binary build/acolhe] [--echo build-test/acolhe] [--loadgen PATH] [--pairs 50] [--quick]
//
// In the same run it measures the limits of the machine: fdatasync per second on the same disk, and
// a bare echo over the same framing (a build with test hooks has it). Every figure of the
// project's goals is printed as met or not met. It takes about a minute and a half.

import { execFileSync, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { prepare } from '../tests/load/prepare.mjs';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');

function parse(argv) {
  const settings = { binary: 'build/acolhe', pairs: '50' };
  for (let i = 0; i < argv.length; i++) {
    const name = argv[i].replace(/^--/, '');
    if (name === 'quick') settings.quick = true;
    else if (['binary', 'echo', 'loadgen', 'pairs'].includes(name) && argv[i + 1]) {
      settings[name] = argv[++i];
    } else {
      console.error(`bench: what is ${argv[i]}?`);
      process.exit(2);
    }
  }
  return settings;
}

const settings = parse(process.argv.slice(2));
process.chdir(root);
const binary = path.resolve(settings.binary);
const build = path.dirname(binary);
const loadgen = path.resolve(settings.loadgen ?? path.join(build, 'tests', 'load', 'loadgen'));
const seconds = settings.quick ? 2 : 6;
const pairs = Number(settings.pairs);

/** The program with test hooks, for the echo: built if it is not there. */
function echoBinary() {
  if (settings.echo) return path.resolve(settings.echo);
  const here = path.resolve('build-test/acolhe');
  if (fs.existsSync(here)) return here;
  console.error('bench: building the echo (a build with test hooks) …');
  const folder = path.resolve('build-bench');
  if (!fs.existsSync(path.join(folder, 'build.ninja'))) {
    execFileSync('meson', ['setup', folder, '-Dtests=false', '-Dtest_hooks=true'], {
      stdio: 'ignore',
    });
  }
  execFileSync('ninja', ['-C', folder], { stdio: 'ignore' });
  return path.join(folder, 'acolhe');
}

// The data must lie on a real disk, not in memory as /tmp may.
const data = path.join(build, 'bench-data');
fs.rmSync(data, { recursive: true, force: true });
fs.mkdirSync(data, { recursive: true });
process.env.ACOLHE_TEST_TMP = data;
process.env.ACOLHE_BIN = binary;
const { Server, freePort, probe } = await import('../tests/lib/server.mjs');

function say(text) {
  process.stderr.write(`bench: ${text}\n`);
}

function load(mode, plan, ...more) {
  const file = path.join(data, 'plan.json');
  fs.writeFileSync(file, JSON.stringify(plan), { mode: 0o600 });
  const args = [mode, '--plan', file, '--pairs', String(pairs), ...more.map(String)];
  const result = spawnSync(loadgen, args, { encoding: 'utf8' });
  if (result.status !== 0) throw new Error(`loadgen ${mode}: ${result.stderr || result.signal}`);
  return JSON.parse(result.stdout);
}

/** 4 KiB written and synced, one after the other: appended, and over bytes that are there. */
function syncRates() {
  const file = path.join(data, 'sync');
  const page = Buffer.alloc(4096, 0x5a);
  const pages = 256;
  fs.writeFileSync(file, Buffer.alloc(pages * page.length));
  const fd = fs.openSync(file, 'r+');
  fs.fsyncSync(fd);
  const measure = (place) => {
    const took = [];
    const end = process.hrtime.bigint() + BigInt(settings.quick ? 5e8 : 15e8);
    for (let at = process.hrtime.bigint(); at < end; ) {
      fs.writeSync(fd, page, 0, page.length, place(took.length) * page.length);
      fs.fdatasyncSync(fd);
      const now = process.hrtime.bigint();
      took.push(Number(now - at) / 1e6);
      at = now;
    }
    const rate = 1000 / (took.reduce((sum, ms) => sum + ms, 0) / took.length);
    took.sort((a, b) => a - b);
    return { rate, p50: took[took.length >> 1], p99: took[Math.floor(took.length * 0.99)] };
  };
  const rates = { inPlace: measure((i) => i % pages), appended: measure((i) => pages + i) };
  fs.closeSync(fd);
  fs.rmSync(file);
  return rates;
}

/** From exec to the first 200 of /healthz, in milliseconds. */
async function startUp(server) {
  const from = process.hrtime.bigint();
  await server.up({ ready: false });
  for (;;) {
    try {
      if ((await probe(server.port, '/healthz', 1000)) === 200) break;
    } catch {
      // not listening yet
    }
    if (process.hrtime.bigint() - from > 10_000_000_000n)
      throw new Error('the server does not start');
  }
  return Number(process.hrtime.bigint() - from) / 1e6;
}

function median(values) {
  return [...values].sort((a, b) => a - b)[values.length >> 1];
}

function machine() {
  const cpu = os.cpus()[0]?.model ?? 'unknown';
  const version = spawnSync(binary, ['version'], { encoding: 'utf8' }).stdout.split('\n')[0];
  const commit = spawnSync('git', ['log', '-1', '--format=%h'], { encoding: 'utf8' }).stdout.trim();
  const memory = Math.round(os.totalmem() / 2 ** 30);
  return (
    `${cpu}, ${os.cpus().length} cores, ${memory} GiB · Linux ${os.release()} · ` +
    `${new Date().toISOString().slice(0, 16)}Z · ${version}, tree at ${commit} · load average ${os.loadavg()[0].toFixed(1)} before · the load runs on the same machine`
  );
}

const machineLine = machine();
const loadBefore = os.loadavg()[0];
const whole = (n) => Math.round(n).toLocaleString('en-US');
const figures = {};
const server = new Server({ port: await freePort() });
try {
  say('the disk …');
  figures.sync = syncRates();

  say('start-up …');
  figures.firstStart = await startUp(server);
  await server.stop();
  const starts = [];
  for (let i = 0; i < 7; i++) {
    starts.push(await startUp(server));
    await server.stop();
  }
  figures.start = median(starts);

  say(`${pairs} pairs of people …`);
  await server.up();
  const plan = await prepare(server, pairs);

  say('messages as fast as they go …');
  const relay = load('relay', plan, '--window', 8, '--warmup', 1, '--seconds', seconds);
  figures.relay = Math.min(relay.acked_per_s, relay.delivered_per_s);

  say('1,000 messages/s by the clock …');
  figures.open = load('openloop', plan, '--rate', 1000, '--warmup', 1, '--seconds', seconds + 2);

  say('history …');
  const http = load('http', plan, '--connections', 16, '--warmup', 1, '--seconds', seconds - 1);
  figures.http = http.requests_per_s;
  figures.httpBytes = http.bytes_per_answer;
  await server.stop();

  say('idle sockets …');
  await server.up(); // a fresh process: nothing that the load left behind can be reused
  figures.idle = load('idle', plan, '--sockets', 1000, '--pid', server.pid);
  await server.stop();

  say('the bare echo …');
  process.env.ACOLHE_BIN = echoBinary();
  await server.up();
  const echo = load('echo', plan, '--window', 8, '--warmup', 1, '--seconds', seconds - 2);
  figures.echo = echo.acked_per_s;
  await server.stop();
} finally {
  await server.done();
  fs.rmSync(data, { recursive: true, force: true });
}

figures.size = fs.statSync(binary).size;

const { delivery, ack } = figures.open;
const share = (a, b) => `${((100 * a) / b).toFixed(0)} %`;
const ms = (l) =>
  `${l.p50_ms.toFixed(2)} / ${l.p99_ms.toFixed(2)} / ${l.p999_ms.toFixed(2)} / ${l.max_ms.toFixed(2)} ms`;
const goals = [
  [
    'durable acked and delivered messages/s',
    whole(figures.relay),
    '≥ 20,000',
    figures.relay >= 20000,
  ],
  [
    'p99 from send to delivery at 1,000/s',
    `${delivery.p99_ms.toFixed(2)} ms`,
    '≤ 5 ms',
    delivery.p99_ms <= 5,
  ],
  [
    'memory per idle signed-in socket',
    `${whole(figures.idle.bytes_per_socket)} B`,
    '≤ 4 KB',
    figures.idle.bytes_per_socket <= 4096,
  ],
  ['history requests/s', whole(figures.http), '≥ 5,000', figures.http >= 5000],
  ['start-up', `${figures.start.toFixed(0)} ms`, '≤ 100 ms', figures.start <= 100],
];

console.log(`${machineLine}\n`);
console.log('| measured | figure | beside the machine’s limits |');
console.log('|---|---|---|');
for (const row of [
  [
    'fdatasync of 4 KiB, same disk: in place / appended',
    `${whole(figures.sync.inPlace.rate)} / ${whole(figures.sync.appended.rate)} per second`,
    `limit of commits without grouping; in place p50 / p99 ${figures.sync.inPlace.p50.toFixed(2)} / ${figures.sync.inPlace.p99.toFixed(2)} ms`,
  ],
  [
    `bare echo, ${pairs} sockets × 8 in flight`,
    `${whole(figures.echo)}/s`,
    'limit of the framing (1 frame in, 1 out)',
  ],
  [
    `messages, ${pairs} pairs × 8 in flight, acked after the commit and delivered`,
    `${whole(figures.relay)}/s`,
    `${share(figures.relay, figures.echo)} of the echo · ${(figures.relay / figures.sync.inPlace.rate).toFixed(1)} per fdatasync in place`,
  ],
  [
    'send → delivery at 1,000/s, open loop: p50 / p99 / p99.9 / max',
    ms(delivery),
    `${delivery.count} messages, from their scheduled time`,
  ],
  [
    'send → ack, the same run',
    ms(ack),
    `generator late by at most ${figures.open.generator_late_max_ms.toFixed(2)} ms, counted in`,
  ],
  [
    'idle signed-in socket, private memory of the process',
    `${whole(figures.idle.bytes_per_socket)} B`,
    `${whole(figures.idle.sockets)} sockets of ${figures.idle.accounts} accounts beside ${figures.idle.accounts} others; kernel buffers apart`,
  ],
  [
    'history of 50 messages, 16 kept connections',
    `${whole(figures.http)}/s`,
    `${whole(figures.httpBytes)} B each`,
  ],
  [
    'start-up: exec → /healthz',
    `${figures.start.toFixed(0)} ms`,
    `median of 7; the very first, with migration and key, ${figures.firstStart.toFixed(0)} ms`,
  ],
  ['binary', `${(figures.size / 1e6).toFixed(2)} MB`, 'the web client inside'],
]) {
  console.log(`| ${row.join(' | ')} |`);
}
console.log('\n| reach now | figure | goal | |');
console.log('|---|---|---|---|');
for (const [what, figure, goal, met] of goals) {
  console.log(`| ${what} | ${figure} | ${goal} | ${met ? 'met' : '**not met**'} |`);
}
if (loadBefore > os.cpus().length / 2) {
  console.log(
    `\nOther work was running (load average ${loadBefore.toFixed(1)} on ${os.cpus().length} cores): ` +
      'the latencies hold its share too. Measure again when the machine is idle.',
  );
}
