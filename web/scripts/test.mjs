// Runs the unit tests of the pure modules: node --test reads no TypeScript on Node 18, so each test
// file is bundled first into a temporary folder.

import { spawnSync } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const out = await mkdtemp(join(tmpdir(), 'acolhe-web-test-'));
const names = (await readdir(join(root, 'test'))).filter((n) => n.endsWith('.test.ts'));

await build({
  absWorkingDir: root,
  entryPoints: names.map((n) => join(root, 'test', n)),
  outdir: out,
  outExtension: { '.js': '.mjs' },
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node18',
  jsx: 'automatic',
  jsxImportSource: 'preact',
  sourcemap: 'inline',
  logLevel: 'warning',
  banner: {
    // Node 18 has require in no module and crypto in no global.
    js: [
      "import { createRequire as acolheRequire } from 'node:module';",
      "import { webcrypto as acolheCrypto } from 'node:crypto';",
      'const require = acolheRequire(import.meta.url);',
      'globalThis.crypto ??= acolheCrypto;',
    ].join('\n'),
  },
});

const files = names.map((n) => join(out, n.replace(/\.ts$/, '.mjs')));
const run = spawnSync(process.execPath, ['--enable-source-maps', '--test', ...files], {
  stdio: 'inherit',
});
await rm(out, { recursive: true, force: true });
process.exit(run.status ?? 1);
