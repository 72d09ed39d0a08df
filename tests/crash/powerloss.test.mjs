// The plug pulled: after kill -9 every write that no fsync covers is undone (powerloss.c). With
// synchronous=FULL nothing acknowledged may be lost; with NORMAL the same test must see it lost,
// which shows that the test can fail.

import assert from 'node:assert/strict';
import test from 'node:test';
import { PASSWORD, register, signIn } from '../lib/people.mjs';
import { freePort, Server, sleep } from '../lib/server.mjs';
import { ForgetfulDisk, withDisk } from './disk.mjs';
import { random, Trial } from './trial.mjs';

const rounds = Number(process.env.ACOLHE_TEST_ROUNDS ?? 30);
const seed = Number(process.env.ACOLHE_TEST_SEED ?? 1);
test(`power cut at a random moment with synchronous=FULL, ${rounds} rounds, seed ${seed}`, {
  timeout: 60_000 + rounds * 20_000,
}, async (t) => {
  const dice = random(seed + 1);
  const { server, disk } = await withDisk(t);
  const trial = new Trial(server);
  await trial.prepare();
  await server.stop();
  for (let round = 1; round <= rounds; round++) {
    await disk.up();
    await trial.reconnect();
    const faults = await trial.check();
    assert.deepEqual(faults.slice(0, 10), [], `round ${round}, seed ${seed}`);
    trial.start_load();
    await sleep(50 + dice() * 300);
    // every other round a random half of the unsynced writes reaches the disk
    await disk.cut(round % 2 === 0 ? Math.floor(dice() * 1e9) : undefined);
    await trial.settle();
  }
  await disk.up();
  await trial.reconnect();
  assert.deepEqual(
    (await trial.check({ whole: true })).slice(0, 10),
    [],
    `at the end, seed ${seed}`,
  );
  await trial.settle();
  t.diagnostic(`${rounds} cuts, ${trial.ackedCount} acknowledged, ${disk.dropped} writes dropped`);
  assert.ok(disk.dropped > 0, 'no unsynced write was ever dropped');
});

test(`the same with synchronous=NORMAL loses acknowledged messages, seed ${seed}`, {
  timeout: 120_000,
}, async (t) => {
  const dice = random(seed + 2);
  const { server, disk } = await withDisk(t, { ACOLHE_TEST_SQLITE_SYNCHRONOUS: 'normal' });
  const trial = new Trial(server);
  await trial.prepare();
  await server.stop();
  let lost = false;
  let round = 0;
  while (!lost && round < 6) {
    round += 1;
    await disk.up();
    await trial.reconnect();
    trial.start_load();
    await sleep(100 + dice() * 400);
    await disk.cut();
    await trial.settle();
    await disk.up();
    lost = (await trial.check()).some((fault) => fault.startsWith('LOST'));
    await server.stop();
  }
  t.diagnostic(`lost in round ${round} of at most 6; ${disk.dropped} writes dropped`);
  assert.ok(lost, 'nothing was lost with NORMAL: the test could not see a loss');
});

test('power cut right after the first sign-up: the keys and the account are there', {
  timeout: 60_000,
}, async (t) => {
  const server = new Server({});
  server.port = await freePort();
  const disk = new ForgetfulDisk(server);
  t.after(async () => {
    await server.done();
    disk.done();
  });
  await disk.up();
  const patient = await register(server);
  await disk.cut();
  patient.close();
  await disk.up();
  const again = await signIn(server, { email: patient.email, password: PASSWORD });
  assert.equal(again.user.id, patient.user.id);
  again.close();
});
