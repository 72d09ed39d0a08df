-- Sessions, one-time links and revocations. Tokens are only ever stored as hashes.

-- name: session_insert :exec
-- param: id uuid
-- param: token_hash blob
-- param: user_id uuid
-- param: now int
-- param: expires_at int
-- param: address text
-- param: user_agent text
INSERT INTO sessions (id, token_hash, user_id, created_at, last_seen_at, expires_at, address,
                      user_agent)
VALUES (:id, :token_hash, :user_id, :now, :now, :expires_at, :address, :user_agent);

-- name: session_by_token :one
-- A session and what its owner may do now.
-- param: token_hash blob
-- column: id uuid
-- column: user_id uuid
-- column: created_at int
-- column: last_seen_at int
-- column: expires_at int
-- column: ended_at int?
-- column: role int
-- column: state int
-- column: verified_at int?
SELECT s.id, s.user_id, s.created_at, s.last_seen_at, s.expires_at, s.ended_at, u.role, u.state,
       d.verified_at
  FROM sessions s JOIN users u ON u.id = s.user_id LEFT JOIN doctors d ON d.user_id = u.id
 WHERE s.token_hash = :token_hash;

-- name: session_by_id :one
-- param: id uuid
-- column: id uuid
-- column: user_id uuid
-- column: created_at int
-- column: last_seen_at int
-- column: expires_at int
-- column: ended_at int?
-- column: role int
-- column: state int
-- column: verified_at int?
SELECT s.id, s.user_id, s.created_at, s.last_seen_at, s.expires_at, s.ended_at, u.role, u.state,
       d.verified_at
  FROM sessions s JOIN users u ON u.id = s.user_id LEFT JOIN doctors d ON d.user_id = u.id
 WHERE s.id = :id;

-- name: session_touch :exec
-- The time of the last activity only rises.
-- param: id uuid
-- param: now int
UPDATE sessions SET last_seen_at = :now WHERE id = :id AND last_seen_at < :now;

-- name: session_list :many
-- The live sessions of one account, newest first.
-- param: user_id uuid
-- param: now int
-- param: idle_since int
-- column: id uuid
-- column: created_at int
-- column: last_seen_at int
-- column: expires_at int
-- column: address text
-- column: user_agent text
SELECT id, created_at, last_seen_at, expires_at, address, user_agent FROM sessions
 WHERE user_id = :user_id AND ended_at IS NULL AND expires_at > :now AND last_seen_at > :idle_since
 ORDER BY last_seen_at DESC LIMIT 100;

-- name: session_end :exec
-- param: id uuid
-- param: user_id uuid
-- param: now int
UPDATE sessions SET ended_at = :now WHERE id = :id AND user_id = :user_id AND ended_at IS NULL;

-- name: session_end_all :exec
-- Ends all sessions of an account but one (:keep; none when NULL).
-- param: user_id uuid
-- param: keep uuid?
-- param: now int
UPDATE sessions SET ended_at = :now
 WHERE user_id = :user_id AND ended_at IS NULL AND (:keep IS NULL OR id <> :keep);

-- name: link_insert :exec
-- param: token_hash blob
-- param: user_id uuid
-- param: purpose int
-- param: created_by uuid?
-- param: now int
-- param: expires_at int
INSERT INTO one_time_links (token_hash, user_id, purpose, created_by, created_at, expires_at)
VALUES (:token_hash, :user_id, :purpose, :created_by, :now, :expires_at);

-- name: link_by_token :one
-- param: token_hash blob
-- column: user_id uuid
-- column: purpose int
-- column: expires_at int
-- column: used_at int?
SELECT user_id, purpose, expires_at, used_at FROM one_time_links WHERE token_hash = :token_hash;

-- name: link_use :exec
-- Changes one row exactly once: the winner of a race is the one who saw a change.
-- param: token_hash blob
-- param: now int
UPDATE one_time_links SET used_at = :now
 WHERE token_hash = :token_hash AND used_at IS NULL AND expires_at > :now;

-- name: link_void_all :exec
-- A new link makes the older ones of the same account useless.
-- param: user_id uuid
-- param: purpose int
-- param: now int
UPDATE one_time_links SET used_at = :now
 WHERE user_id = :user_id AND purpose = :purpose AND used_at IS NULL;

-- name: revocation_insert :exec
-- param: kind int
-- param: user_id uuid
-- param: session_id uuid?
-- param: now int
INSERT INTO revocations (kind, user_id, session_id, at) VALUES (:kind, :user_id, :session_id, :now);

-- name: revocation_after :many
-- param: after int
-- column: id int
-- column: kind int
-- column: user_id uuid
-- column: session_id uuid?
SELECT id, kind, user_id, session_id FROM revocations WHERE id > :after ORDER BY id LIMIT 1000;

-- name: revocation_last :one
-- column: last int
SELECT coalesce(max(id), 0) AS last FROM revocations;
