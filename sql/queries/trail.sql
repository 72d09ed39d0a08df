-- The audit trail and idempotency keys.

-- name: audit_head :one
-- param: node uuid
-- column: seq int
-- column: hash blob
SELECT seq, hash FROM audit WHERE node = :node ORDER BY seq DESC LIMIT 1;

-- name: audit_insert :exec
-- param: node uuid
-- param: seq int
-- param: at int
-- param: actor_id uuid?
-- param: action text
-- param: object_type text
-- param: object_id uuid?
-- param: outcome text
-- param: address text
-- param: request_id text
-- param: detail text
-- param: prev_hash blob
-- param: hash blob
INSERT INTO audit (node, seq, at, actor_id, action, object_type, object_id, outcome, address,
                   request_id, detail, prev_hash, hash)
VALUES (:node, :seq, :at, :actor_id, :action, :object_type, :object_id, :outcome, :address,
        :request_id, :detail, :prev_hash, :hash);

-- name: audit_walk :many
-- Every row in chain order, for verification and export.
-- param: from_at int
-- param: to_at int
-- column: node uuid
-- column: seq int
-- column: at int
-- column: actor_id uuid?
-- column: action text
-- column: object_type text
-- column: object_id uuid?
-- column: outcome text
-- column: address text
-- column: request_id text
-- column: detail text
-- column: prev_hash blob
-- column: hash blob
SELECT node, seq, at, actor_id, action, object_type, object_id, outcome, address, request_id,
       detail, prev_hash, hash
  FROM audit WHERE at >= :from_at AND at < :to_at ORDER BY node, seq;

-- name: audit_list :many
-- For the administrator, newest first; NULL filters are off.
-- param: actor_id uuid?
-- param: action text?
-- param: object_id uuid?
-- param: from_at int
-- param: to_at int
-- param: before_at int
-- param: before_seq int
-- param: row_limit int
-- column: node uuid
-- column: seq int
-- column: at int
-- column: actor_id uuid?
-- column: action text
-- column: object_type text
-- column: object_id uuid?
-- column: outcome text
-- column: address text
-- column: request_id text
-- column: detail text
SELECT node, seq, at, actor_id, action, object_type, object_id, outcome, address, request_id,
       detail
  FROM audit
 WHERE at >= :from_at AND at < :to_at
   AND (:actor_id IS NULL OR actor_id = :actor_id)
   AND (:action IS NULL OR action = :action)
   AND (:object_id IS NULL OR object_id = :object_id)
   AND (at < :before_at OR (at = :before_at AND seq < :before_seq))
 ORDER BY at DESC, seq DESC LIMIT :row_limit;

-- name: idempotency_find :one
-- param: account_id uuid
-- param: route text
-- param: key text
-- param: since int
-- column: request_hash blob
-- column: status int
-- column: wrapped_key blob
-- column: answer blob
SELECT request_hash, status, wrapped_key, answer FROM idempotency_keys
 WHERE account_id = :account_id AND route = :route AND key = :key AND created_at > :since;

-- name: idempotency_insert :exec
-- param: account_id uuid
-- param: route text
-- param: key text
-- param: request_hash blob
-- param: status int
-- param: wrapped_key blob
-- param: answer blob
-- param: now int
INSERT INTO idempotency_keys (account_id, route, key, request_hash, status, wrapped_key, answer,
                              created_at)
VALUES (:account_id, :route, :key, :request_hash, :status, :wrapped_key, :answer, :now);

-- name: idempotency_expire :exec
-- param: before int
DELETE FROM idempotency_keys WHERE created_at <= :before;
