// The people of the tests, made the way an administrator makes them: with the command line.

import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { Client } from './client.mjs';

export const PASSWORD = 'Jabuticaba-Madura-91';

let counter = 0;
/** An address nobody had before in this process. */
export function freshEmail(prefix = 'pessoa') {
  counter += 1;
  return `${prefix}.${process.pid}.${counter}.${randomBytes(3).toString('hex')}@teste.local`;
}

/** A valid CPF made from nine digits (domain.md's rule). */
export function cpfOf(nine) {
  const digits = [...String(nine).padStart(9, '0')].map(Number);
  for (const n of [10, 11]) {
    const sum = digits.reduce((total, digit, i) => total + digit * (n - i), 0) % 11;
    digits.push(sum < 2 ? 0 : 11 - sum);
  }
  return digits.join('');
}

export function freshCpf() {
  return cpfOf(100_000_000 + (randomBytes(4).readUInt32BE() % 800_000_000));
}

function passwordFile(server, password) {
  const file = path.join(
    path.dirname(server.dataDir),
    `${path.basename(server.dataDir)}.${randomBytes(4).toString('hex')}.pw`,
  );
  fs.writeFileSync(file, password, { mode: 0o600 });
  return file;
}

/** One account by `acolhe user add`; doctors may be verified at once. */
export async function addPerson(
  server,
  { role, name, email = freshEmail(role), password = PASSWORD, crm, uf, verified = false },
) {
  const file = passwordFile(server, password);
  const args = ['user', 'add', '--role', role, '--name', name, '--email', email];
  args.push('--password-file', file);
  if (role === 'doctor') {
    args.push('--crm', crm ?? String(100000 + (randomBytes(4).readUInt32BE() % 899999)));
    args.push('--uf', uf ?? 'SP');
  }
  try {
    await server.cli(args);
    if (verified) await server.cli(['user', 'verify-doctor', email]);
  } finally {
    fs.rmSync(file, { force: true });
  }
  return { role, name, email, password };
}

export async function signIn(server, person) {
  const client = new Client(server);
  await client.login(person.email, person.password ?? PASSWORD);
  return client;
}

/** A patient through the public form. */
export async function register(server, overrides = {}) {
  const client = new Client(server);
  const clinic = (await client.get('/clinic')).json;
  const body = {
    name: 'Paciente de Teste',
    email: freshEmail('paciente'),
    password: PASSWORD,
    birth_date: '1990-04-12',
    terms_version: clinic.terms_version,
    ...overrides,
  };
  const answer = await client.post('/auth/register', body);
  if (answer.status !== 201) throw new Error(`register: ${answer.status} ${answer.text}`);
  client.adopt(answer);
  client.email = body.email;
  return client;
}

/**
 * Everybody the role matrix knows, signed in:
 * ana and bruno (patients), helena and ivo (verified doctors), otavio (not verified), rita, admin.
 */
export async function cast(server, names) {
  const all = {
    ana: { role: 'patient', name: 'Ana Souza' },
    bruno: { role: 'patient', name: 'Bruno Conceição' },
    helena: { role: 'doctor', name: 'Helena Prado', verified: true },
    ivo: { role: 'doctor', name: 'Ivo Sá', verified: true, uf: 'RJ' },
    otavio: { role: 'doctor', name: 'Otávio Reis' },
    rita: { role: 'receptionist', name: 'Rita Lima' },
    admin: { role: 'admin', name: 'Áurea Admin' },
  };
  const people = {};
  for (const key of names ?? Object.keys(all)) {
    const person = await addPerson(server, all[key]);
    people[key] = await signIn(server, person);
    people[key].email = person.email;
    people[key].password = person.password;
  }
  return people;
}

/** Patient asks, doctor accepts; gives the active relationship. */
export async function connect(patient, doctor) {
  const asked = await patient.post('/relationships', { doctor_id: doctor.user.id });
  if (asked.status !== 201 && asked.status !== 200) {
    throw new Error(`ask: ${asked.status} ${asked.text}`);
  }
  const accepted = await doctor.post(`/relationships/${asked.json.id}/accept`);
  if (accepted.status !== 200) throw new Error(`accept: ${accepted.status} ${accepted.text}`);
  return accepted.json;
}
