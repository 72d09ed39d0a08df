// Assertions that every test of the API shares.

import assert from 'node:assert/strict';

export const UUID7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
export const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;
export const UNKNOWN_ID = '0197a000-0000-7000-8000-000000000000';

const INNARDS = /sqlite|select |insert |\/src\/|\.c:\d|stack|errno|constraint/i;

/** A problem answer (RFC 9457) with that status and code, which tells nothing of the inside. */
export function problem(answer, status, code) {
  assert.equal(answer.status, status, `${answer.status} ${answer.text}`);
  assert.match(answer.headers['content-type'] ?? '', /^application\/problem\+json/);
  const body = answer.json;
  assert.equal(body.status, status);
  if (code) assert.equal(body.code, code);
  for (const member of ['type', 'title', 'code', 'detail']) {
    assert.equal(typeof body[member], 'string', `${member} of ${answer.text}`);
  }
  assert.doesNotMatch(answer.text, INNARDS);
  return body;
}

/** 422 with exactly these fields and codes, e.g. {email: 'invalid'}. */
export function invalid(answer, fields) {
  const body = problem(answer, 422, 'validation');
  const found = Object.fromEntries(body.errors.map((e) => [e.field, e.code]));
  assert.deepEqual(found, fields, answer.text);
}

export function ok(answer, status = 200) {
  assert.equal(answer.status, status, `${answer.status} ${answer.text}`);
  if (status === 204) {
    assert.equal(answer.text, '');
    return null;
  }
  assert.match(answer.headers['content-type'] ?? '', /^application\/json/);
  return answer.json;
}

export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1];
}
