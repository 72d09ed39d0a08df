// The server's own table of routes and realtime operations, as `acolhe routes` prints it, and the
// OpenAPI file. The matrix and the sweeps are made from these, so that nothing can be forgotten.

import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { run } from './server.mjs';

const ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..', '..');
export const BASE = '/api/v1';

/** Rows {kind: "http"|"realtime", method, path, op, access}; paths without the base, with {id}. */
export async function table() {
  const { code, stdout, stderr } = await run(['routes']);
  if (code !== 0) throw new Error(`acolhe routes: ${stderr}`);
  return stdout
    .trim()
    .split('\n')
    .map((line) => {
      const row = JSON.parse(line);
      if (row.path) {
        row.full = row.path.replace(/:(\w+)/g, '{$1}');
        row.path = row.full.startsWith(`${BASE}/`) ? row.full.slice(BASE.length) : row.full;
        row.key = `${row.method} ${row.path}`;
      }
      return row;
    });
}

export async function httpRows() {
  return (await table()).filter((row) => row.kind === 'http');
}

export async function realtimeRows() {
  return (await table()).filter((row) => row.kind !== 'http');
}

export function openapi() {
  return parse(fs.readFileSync(path.join(ROOT, 'docs', 'openapi.yaml'), 'utf8'));
}

/** Every operation of the file as {key: "GET /me", operation}. */
export function operations(document) {
  const list = [];
  for (const [where, item] of Object.entries(document.paths)) {
    for (const [method, operation] of Object.entries(item)) {
      if (!['get', 'post', 'put', 'patch', 'delete'].includes(method)) continue;
      list.push({ key: `${method.toUpperCase()} ${where}`, method, path: where, operation });
    }
  }
  return list;
}
