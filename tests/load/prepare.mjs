// Makes the people of a load test and signs them in: pairs of one patient and one doctor, each pair
// with its open conversation. Gives the plan that loadgen reads (see plan.h).

import { addPerson, connect, register, signIn } from '../lib/people.mjs';

/** The plan for `count` pairs on a running server (with its rate limits off). */
export async function prepare(server, count, { parallel = 2, onProgress = () => {} } = {}) {
  const pairs = new Array(count);
  let next = 0;
  async function work() {
    while (next < count) {
      const i = next++;
      const patient = await register(server, { name: `Paciente ${i}` });
      const doctor = await signIn(
        server,
        await addPerson(server, { role: 'doctor', name: `Doutor ${i}`, verified: true }),
      );
      const { conversation_id } = await connect(patient, doctor);
      pairs[i] = { conversation: conversation_id, patient: patient.cookie, doctor: doctor.cookie };
      patient.close();
      doctor.close();
      onProgress(i + 1);
    }
  }
  await Promise.all(Array.from({ length: parallel }, work));
  return { host: '127.0.0.1', port: String(server.port), origin: server.origin, pairs };
}
