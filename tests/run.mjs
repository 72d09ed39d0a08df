#!/usr/bin/env node
// Runs the tests that need a real server: node tests/run.mjs <api|browser|crash|all> --binary PATH
//
//   --binary PATH   the program under test, built with -Dtest_hooks=true (build-test/acolhe)
//   --rounds N      crash rounds of each kind (default 30)
//   --seed N        the crash tests' random seed (default: the time; it is printed)
//   FILE…           only these files of the suite (by part of the name)
//
// It only chooses files and passes the settings on; the running and the summary are node --test's.

import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const here = path.dirname(fileURLToPath(import.meta.url));
const suites = ['api', 'browser', 'crash'];

function usage(message) {
  console.error(`run.mjs: ${message}`);
  console.error(
    'usage: node tests/run.mjs <api|browser|crash|all> --binary PATH [--rounds N] [--seed N] [FILE…]',
  );
  process.exit(2);
}

function parse(argv) {
  const settings = { rounds: '30', seed: String(Date.now() % 1_000_000_000), only: [] };
  for (let i = 0; i < argv.length; i++) {
    const arg = argv[i];
    if (arg === '--binary' || arg === '--rounds' || arg === '--seed') {
      i += 1;
      if (argv[i] === undefined) usage(`${arg} needs a value`);
      settings[arg.slice(2)] = argv[i];
    } else if (arg.startsWith('--')) usage(`unknown option ${arg}`);
    else if (!settings.suite) settings.suite = arg;
    else settings.only.push(arg);
  }
  if (!settings.binary) usage('--binary is missing');
  if (settings.suite !== 'all' && !suites.includes(settings.suite)) usage('which suite?');
  for (const name of ['rounds', 'seed']) {
    if (!/^\d+$/.test(settings[name])) usage(`--${name} takes a number`);
  }
  return settings;
}

const settings = parse(process.argv.slice(2));
const binary = path.resolve(settings.binary);
if (!fs.existsSync(binary)) usage(`${settings.binary} does not exist`);

const files = suites
  .filter((suite) => settings.suite === 'all' || settings.suite === suite)
  .flatMap((suite) =>
    fs
      .readdirSync(path.join(here, suite))
      .filter((name) => name.endsWith('.test.mjs'))
      .sort()
      .map((name) => path.join(here, suite, name)),
  )
  .filter(
    (file) => settings.only.length === 0 || settings.only.some((part) => file.includes(part)),
  );
if (files.length === 0) usage('no test file matches');

const { status, signal } = spawnSync(
  process.execPath,
  ['--test', '--test-reporter=spec', ...files],
  {
    stdio: 'inherit',
    env: {
      ...process.env,
      ACOLHE_BIN: binary,
      ACOLHE_TEST_ROUNDS: settings.rounds,
      ACOLHE_TEST_SEED: settings.seed,
    },
  },
);
if (signal) console.error(`run.mjs: ended by ${signal}`);
process.exit(status ?? 1);
