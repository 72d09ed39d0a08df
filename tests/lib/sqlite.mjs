// Looks into, and meddles with, a data folder's database from outside, by Python's sqlite3 module
// (the build needs Python anyway; Node 18 has no SQLite of its own).

import { spawnSync } from 'node:child_process';
import path from 'node:path';

const SCRIPT = `
import json, sqlite3, sys
db = sqlite3.connect(sys.argv[1], timeout=10)
db.isolation_level = None
def text(v): return v.hex() if isinstance(v, bytes) else v
for statement in json.load(sys.stdin):
    rows = [[text(v) for v in row] for row in db.execute(statement).fetchall()]
print(json.dumps(rows))
`;

/** Runs the statements and gives the rows of the last one; blobs come as hex. */
export function sql(server, ...statements) {
  const file = path.join(server.dataDir, 'clinic.db');
  const result = spawnSync('python3', ['-c', SCRIPT, file], {
    input: JSON.stringify(statements),
    encoding: 'utf8',
  });
  if (result.status !== 0) throw new Error(`${statements.join('; ')}: ${result.stderr}`);
  return JSON.parse(result.stdout);
}

/** How many rows each table has, the audit trail apart. */
export function rowCounts(server) {
  const tables = sql(server, "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
    .map(([name]) => name)
    .filter((name) => !name.startsWith('sqlite_') && name !== 'audit');
  const counts = {};
  for (const name of tables) [[counts[name]]] = sql(server, `SELECT count(*) FROM "${name}"`);
  return counts;
}
