// Builds the client into web/dist (or the folder given as the first argument or in OUT_DIR) and keeps
// it honest: content-hashed assets, a service worker that knows exactly which files are the shell,
// files.json (what the server embeds), routes.json (what the browser tests walk), and a size limit.

import { createHash } from 'node:crypto';
import { cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { minify } from 'terser';

const LIMIT_BYTES = 60 * 1024;
const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const out = resolve(process.argv[2] ?? process.env.OUT_DIR ?? join(root, 'dist'));
const src = join(root, 'src');

const common = {
  bundle: true,
  minify: true,
  format: 'esm',
  target: ['chrome111', 'firefox115', 'safari16.4'],
  charset: 'utf8',
  legalComments: 'none',
  logLevel: 'warning',
  define: { 'process.env.NODE_ENV': '"production"' },
};

const types = {
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  json: 'application/json',
  webmanifest: 'application/manifest+json',
  svg: 'image/svg+xml',
  png: 'image/png',
};

async function filesUnder(dir) {
  const found = [];
  for (const entry of await readdir(dir, { withFileTypes: true })) {
    const path = join(dir, entry.name);
    if (entry.isDirectory()) found.push(...(await filesUnder(path)));
    else found.push(path);
  }
  return found.sort();
}

async function bundleShell() {
  const result = await build({
    ...common,
    absWorkingDir: root,
    entryPoints: { main: join(src, 'main.tsx'), style: join(src, 'styles/main.css') },
    entryNames: 'assets/[name]-[hash]',
    outdir: out,
    metafile: true,
    // h() calls with children as arguments are smaller than the automatic runtime's objects.
    tsconfigRaw: {
      compilerOptions: { jsx: 'react', jsxFactory: 'h', jsxFragmentFactory: 'Fragment' },
    },
    inject: [join(root, 'scripts/jsx.js')],
  });
  const named = { js: '', css: '' };
  for (const path of Object.keys(result.metafile.outputs)) {
    const url = `/${relative(out, resolve(root, path))}`;
    if (url.endsWith('.js')) {
      named.js = url;
      await squeeze(resolve(root, path));
    }
    if (url.endsWith('.css')) named.css = url;
  }
  return named;
}

/** A second, slower minifier: three hundredths off what every first visit downloads. */
async function squeeze(path) {
  const { code } = await minify(await readFile(path, 'utf8'), {
    module: true,
    ecma: 2020,
    compress: { passes: 3 },
    format: { comments: false },
  });
  await writeFile(path, code);
}

/** routes.ts is plain data, so it can be bundled alone and imported here. */
async function readRoutes() {
  const bundled = await build({
    ...common,
    entryPoints: [join(src, 'routes.ts')],
    write: false,
    platform: 'neutral',
  });
  const code = Buffer.from(bundled.outputFiles[0].contents).toString('base64');
  return (await import(`data:text/javascript;base64,${code}`)).routes;
}

async function buildWorker(shell) {
  const hash = createHash('sha256');
  for (const path of shell) {
    hash.update(path);
    hash.update(await readFile(join(out, path === '/' ? 'index.html' : path)));
  }
  await build({
    ...common,
    format: 'iife',
    entryPoints: { sw: join(src, 'sw.ts') },
    outdir: out,
    define: {
      __VERSION__: JSON.stringify(hash.digest('hex').slice(0, 12)),
      __SHELL__: JSON.stringify(shell),
    },
  });
}

async function main() {
  await rm(out, { recursive: true, force: true });
  await mkdir(out, { recursive: true });
  await cp(join(root, 'public'), out, { recursive: true });

  const assets = await bundleShell();
  const html = (await readFile(join(src, 'index.html'), 'utf8'))
    .replace('__CSS__', assets.css)
    .replace('__JS__', assets.js);
  await writeFile(join(out, 'index.html'), html);
  const manifest = JSON.parse(await readFile(join(src, 'manifest.json'), 'utf8'));
  await writeFile(join(out, 'manifest.webmanifest'), JSON.stringify(manifest));
  await buildWorker([
    '/',
    assets.js,
    assets.css,
    '/favicon.svg',
    '/manifest.webmanifest',
    '/icons/icon-192.png',
  ]);

  const files = [];
  let total = 0;
  for (const path of await filesUnder(out)) {
    const bytes = await readFile(path);
    const url = `/${relative(out, path)}`;
    const gzip = gzipSync(bytes, { level: 9 }).length;
    // A browser never loads these; an installer does, once.
    if (!url.startsWith('/icons/')) total += gzip;
    files.push({
      path: url,
      type: types[url.split('.').pop()] ?? 'application/octet-stream',
      bytes: bytes.length,
      gzip_bytes: gzip,
      immutable: url.startsWith('/assets/'),
      sha256: createHash('sha256').update(bytes).digest('hex'),
    });
  }
  // These two describe the client to the server's build and to the tests; they are not part of it.
  await writeFile(join(out, 'routes.json'), `${JSON.stringify(await readRoutes(), null, 1)}\n`);
  await writeFile(join(out, 'files.json'), `${JSON.stringify({ files }, null, 1)}\n`);

  for (const f of files) console.log(`${String(f.gzip_bytes).padStart(7)}  ${f.path}`);
  console.log(
    `${String(total).padStart(7)}  bytes gzipped, without the icons of an installation (limit ${LIMIT_BYTES})`,
  );
  if (total > LIMIT_BYTES) {
    console.error('The client is larger than its limit.');
    process.exit(1);
  }
}

await main();
