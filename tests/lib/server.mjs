// Starts the real server for a test: own port, own data folder, own log file, ended by its pid.
//
//   Server.start() -> spawn `acolhe serve` -> wait for /readyz -> tests -> stop() or kill()
//   server.cli([...]) runs another subcommand on the same data folder
//
// A server outlives no test process: what is still running at exit is killed by its own pid.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';

const running = new Set();
const folders = new Set();
process.on('exit', () => {
  for (const server of running) server.child?.kill('SIGKILL');
  if (process.env.ACOLHE_TEST_KEEP) return;
  for (const folder of folders) {
    for (const file of [folder, `${folder}.log`]) fs.rmSync(file, { recursive: true, force: true });
  }
});
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, () => process.exit(1));
}

/** The program under test. run.mjs passes it on as ACOLHE_BIN. */
export function binary() {
  const bin = process.env.ACOLHE_BIN;
  if (!bin) throw new Error('set ACOLHE_BIN (or use tests/run.mjs --binary PATH)');
  return path.resolve(bin);
}

/** A port that was free a moment ago on the loopback. */
export async function freePort() {
  const probe = net.createServer();
  probe.listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address();
  probe.close();
  await once(probe, 'close');
  return port;
}

export function tempDir(prefix = 'acolhe-test-') {
  const folder = fs.mkdtempSync(path.join(process.env.ACOLHE_TEST_TMP ?? os.tmpdir(), prefix));
  folders.add(folder);
  return folder;
}

export const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Polls `check` until it gives something true; the last error is told when time is up. */
export async function until(check, { timeout = 5000, every = 20, what = 'condition' } = {}) {
  const end = Date.now() + timeout;
  let last;
  for (;;) {
    try {
      const value = await check();
      if (value) return value;
      last = undefined;
    } catch (error) {
      last = error;
    }
    if (Date.now() > end) {
      throw new Error(
        `${what} did not come about in ${timeout} ms${last ? `: ${last.message}` : ''}`,
      );
    }
    await sleep(every);
  }
}

/** Environment without any ACOLHE_ variable of the caller, and with nothing that slows or leaks. */
function cleanEnv(extra) {
  const env = {};
  for (const [name, value] of Object.entries(process.env)) {
    if (!name.startsWith('ACOLHE_')) env[name] = value;
  }
  for (const [name, value] of Object.entries(extra)) {
    if (value === undefined || value === null) delete env[name];
    else env[name] = String(value);
  }
  return env;
}

/** Runs the program to its end: {code, signal, stdout, stderr}. Never throws for a bad exit. */
export async function run(args, { env = {}, input, timeout = 60_000, bin = binary() } = {}) {
  const child = spawn(bin, args, { env: cleanEnv(env), stdio: ['pipe', 'pipe', 'pipe'] });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text) => (stderr += text));
  child.stdin.on('error', () => {});
  child.stdin.end(input ?? '');
  const timer = setTimeout(() => child.kill('SIGKILL'), timeout);
  const [code, signal] = await once(child, 'close');
  clearTimeout(timer);
  return { code, signal, stdout, stderr };
}

/** One bare GET of the status, for readiness and start-up measurements. */
export function probe(port, target = '/readyz', timeout = 2000) {
  return new Promise((resolve, reject) => {
    const request = http.get(
      { host: '127.0.0.1', port, path: target, agent: false, timeout },
      (response) => {
        response.resume();
        response.on('end', () => resolve(response.statusCode));
        response.on('error', reject);
      },
    );
    request.on('timeout', () => request.destroy(new Error('timeout')));
    request.on('error', reject);
  });
}

export class Server {
  constructor({ dataDir, port, env = {}, args = [], rateLimits = false, preload } = {}) {
    this.ownsDir = !dataDir;
    this.dataDir = dataDir ?? tempDir();
    this.port = port;
    this.extraEnv = env;
    this.args = args;
    this.rateLimits = rateLimits;
    this.preload = preload;
    this.logFile = `${this.dataDir}.log`;
    this.child = null;
  }

  static async start(options = {}) {
    const server = new Server(options);
    server.port ??= await freePort();
    await server.up();
    return server;
  }

  get url() {
    return `http://127.0.0.1:${this.port}`;
  }

  get origin() {
    return this.extraEnv.ACOLHE_PUBLIC_URL ?? this.url;
  }

  get pid() {
    return this.child?.pid;
  }

  get env() {
    return {
      ACOLHE_DATA_DIR: this.dataDir,
      ACOLHE_LISTEN: `127.0.0.1:${this.port}`,
      ACOLHE_PUBLIC_URL: this.url,
      ...(this.rateLimits ? {} : { ACOLHE_RATE_LIMITS: 'off' }),
      ...this.extraEnv,
    };
  }

  /** Starts the process and waits until it answers. */
  async up({ timeout = 15_000, ready = true } = {}) {
    const log = fs.openSync(this.logFile, 'a');
    const env = cleanEnv(this.env);
    if (this.preload) env.LD_PRELOAD = this.preload;
    const child = spawn(binary(), ['serve', ...this.args], { env, stdio: ['ignore', log, log] });
    fs.closeSync(log);
    this.child = child;
    running.add(this);
    this.exited = new Promise((resolve) => {
      child.once('exit', (code, signal) => {
        running.delete(this);
        resolve({ code, signal });
      });
      child.once('error', (error) => resolve({ code: null, error }));
    });
    if (!ready) return this;
    let gone = null;
    this.exited.then((how) => {
      gone = how;
    });
    try {
      await until(
        async () => {
          if (gone) return true;
          return (await probe(this.port)) === 200;
        },
        { timeout, every: 10, what: 'a ready server' },
      );
      if (gone) throw new Error(`the server ended at start: ${JSON.stringify(gone)}`);
    } catch (error) {
      child.kill('SIGKILL');
      error.message += `\n${this.log().slice(-4000)}`;
      throw error;
    }
    return this;
  }

  log() {
    try {
      return fs.readFileSync(this.logFile, 'utf8');
    } catch {
      return '';
    }
  }

  /** Asks it to stop (SIGTERM) and gives how it ended. */
  async stop({ timeout = 15_000 } = {}) {
    if (!this.child || this.child.exitCode !== null || this.child.signalCode !== null) {
      return this.exited;
    }
    this.child.kill('SIGTERM');
    const timer = setTimeout(() => this.child.kill('SIGKILL'), timeout);
    const how = await this.exited;
    clearTimeout(timer);
    return how;
  }

  /** The plug pulled. */
  async kill() {
    this.child.kill('SIGKILL');
    return this.exited;
  }

  async restart(options) {
    await this.stop();
    await this.up(options);
  }

  /** Stops it and removes its folder. */
  async done() {
    const how = await this.stop();
    if (this.ownsDir && !process.env.ACOLHE_TEST_KEEP) {
      fs.rmSync(this.dataDir, { recursive: true, force: true });
      fs.rmSync(this.logFile, { force: true });
    }
    return how;
  }

  /** Another subcommand on the same installation; must succeed unless `ok` is false. */
  async cli(args, { ok = true, env = {}, ...options } = {}) {
    const result = await run(args, { env: { ...this.env, ...env }, ...options });
    if (ok && result.code !== 0) {
      throw new Error(
        `acolhe ${args.join(' ')} ended with ${result.code ?? result.signal}\n${result.stdout}${result.stderr}`,
      );
    }
    return result;
  }
}
