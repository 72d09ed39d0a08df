// kill -9 at random moments under load: 30 rounds in `make test`, 200 in `make test-long`.

import assert from 'node:assert/strict';
import test from 'node:test';
import { Server, sleep } from '../lib/server.mjs';
import { random, Trial } from './trial.mjs';

const rounds = Number(process.env.ACOLHE_TEST_ROUNDS ?? 30);
const seed = Number(process.env.ACOLHE_TEST_SEED ?? 1);

test(`kill -9 at a random moment, ${rounds} rounds, seed ${seed}`, {
  timeout: 60_000 + rounds * 20_000,
}, async (t) => {
  const dice = random(seed);
  const server = await Server.start();
  t.after(() => server.done());
  const trial = new Trial(server);
  await trial.prepare();
  let acked = 0;
  let cutOff = 0;
  for (let round = 1; round <= rounds; round++) {
    await trial.reconnect();
    const faults = await trial.check();
    assert.deepEqual(faults.slice(0, 10), [], `round ${round}, seed ${seed}`);
    trial.start_load();
    await sleep(50 + dice() * 400);
    await server.kill();
    await trial.settle();
    cutOff += trial.members.reduce((sum, member) => sum + member.open.size, 0);
    acked = trial.ackedCount;
    await server.up();
  }
  await trial.reconnect();
  assert.deepEqual(
    (await trial.check({ whole: true })).slice(0, 10),
    [],
    `at the end, seed ${seed}`,
  );
  await trial.settle();
  t.diagnostic(`${rounds} kills, ${acked} messages acknowledged before one, ${cutOff} cut off`);
  assert.ok(acked > rounds * 20, `only ${acked} messages were acknowledged: no load to speak of`);
  assert.ok(cutOff > 0, 'no message was in flight at any kill');
});
