// A disk that forgets what it was not told to sync, made of powerloss.so and powerloss-restore, and
// one that fails when it is told to.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { binary, run, Server } from '../lib/server.mjs';

const tools = path.join(path.dirname(binary()), 'tests', 'crash');
const shim = path.join(tools, 'powerloss.so');
const restore = path.join(tools, 'powerloss-restore');

/** A disk that forgets: the server's folder, its journal, and what happens at a power cut. */
export class ForgetfulDisk {
  constructor(server) {
    this.server = server;
    this.journal = `${server.dataDir}.journal`;
    this.failing = `${server.dataDir}.failing`;
    this.unsynced = 0;
    this.dropped = 0;
  }

  async up() {
    fs.rmSync(this.journal, { force: true });
    this.server.preload = shim;
    this.server.extraEnv.POWERLOSS_DIR = this.server.dataDir;
    this.server.extraEnv.POWERLOSS_JOURNAL = this.journal;
    this.server.extraEnv.POWERLOSS_FAIL = this.failing;
    await this.server.up();
  }

  /** `part`: a number that seeds which unsynced writes survive; none means that all are dropped. */
  async cut(part) {
    await this.server.kill();
    const args = [this.journal, this.server.dataDir];
    if (part !== undefined) args.push(String(part));
    const result = await run(args, { bin: restore });
    assert.equal(result.code, 0, result.stderr);
    const { unsynced, dropped } = JSON.parse(result.stdout);
    this.unsynced += unsynced;
    this.dropped += dropped;
  }

  /** From now on no sync succeeds, until `heal`. */
  fail() {
    fs.writeFileSync(this.failing, '');
  }

  heal() {
    fs.rmSync(this.failing, { force: true });
  }

  done() {
    this.heal();
    fs.rmSync(this.journal, { force: true });
  }
}

/** A server made without the shim, and its disk; both go when the test ends. */
export async function withDisk(t, env = {}) {
  assert.ok(fs.existsSync(shim) && fs.existsSync(restore), `${shim} is missing: build it first`);
  const server = await Server.start({ env });
  const disk = new ForgetfulDisk(server);
  t.after(async () => {
    await server.done();
    disk.done();
  });
  return { server, disk };
}
