// A disk whose syncs fail: nothing is acknowledged any more, people are told so in time, and what
// was acknowledged before is there after the power is gone too.

import assert from 'node:assert/strict';
import test from 'node:test';
import { sleep } from '../lib/server.mjs';
import { withDisk } from './disk.mjs';
import { Trial } from './trial.mjs';

test('syncs fail under load: no ack without a sync, nothing acked is lost', {
  timeout: 120_000,
}, async (t) => {
  const { server, disk } = await withDisk(t);
  const trial = new Trial(server);
  await trial.prepare();
  await server.stop();
  for (let round = 1; round <= 3; round++) {
    await disk.up();
    await trial.reconnect();
    assert.deepEqual((await trial.check()).slice(0, 10), [], `round ${round}`);
    trial.start_load();
    await sleep(200);
    trial.dying = true;
    disk.fail();
    await sleep(300); // what was being synced has its answer
    const acked = trial.ackedCount;
    assert.ok(acked > 0);
    // those who still write get an answer, and it is not an ack
    for (const member of trial.members) member.say();
    await sleep(500);
    assert.equal(trial.ackedCount, acked, 'an ack without a sync');
    assert.ok(trial.unavailable > 0, 'nobody was told');
    const { client } = trial.rooms[0].members[0];
    const from = Date.now();
    const change = await client.patch('/me', { social_name: `Nome ${round}` });
    assert.equal(change.status, 503, change.text);
    assert.equal(change.code, 'unavailable');
    assert.ok(Date.now() - from < 2000, `the answer took ${Date.now() - from} ms`);
    const read = await client.get('/me');
    assert.ok([200, 503].includes(read.status), `${read.status}`);
    await disk.cut();
    await trial.settle();
    disk.heal();
    trial.dying = false;
  }
  await disk.up();
  await trial.reconnect();
  assert.deepEqual((await trial.check({ whole: true })).slice(0, 10), [], 'at the end');
  await trial.settle();
  t.diagnostic(`${trial.ackedCount} acknowledged, ${trial.unavailable} told to come again`);
});
