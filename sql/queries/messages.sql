-- The message log. Bodies are sealed before they get here.

-- name: message_insert :exec
-- param: conversation int
-- param: seq int
-- param: client_id uuid
-- param: side int
-- param: kind int
-- param: at int
-- param: body blob
INSERT INTO messages (conversation, seq, client_id, side, kind, version, at, body)
VALUES (:conversation, :seq, :client_id, :side, :kind, 1, :at, :body);

-- name: message_by_client :one
-- Was this client id stored before?
-- param: client_id uuid
-- param: conversation int
-- param: side int
-- column: seq int
-- column: at int
SELECT seq, at FROM messages
 WHERE client_id = :client_id AND conversation = :conversation AND side = :side;

-- name: message_by_seq :one
-- param: conversation int
-- param: seq int
-- column: seq int
-- column: client_id uuid
-- column: side int
-- column: kind int
-- column: version int
-- column: at int
-- column: edited_at int?
-- column: deleted_at int?
-- column: body blob
SELECT seq, client_id, side, kind, version, at, edited_at, deleted_at, body
  FROM messages WHERE conversation = :conversation AND seq = :seq;

-- name: message_page_after :many
-- Ascending from just after a sequence number.
-- param: conversation int
-- param: after int
-- param: before int
-- param: row_limit int
-- column: seq int
-- column: client_id uuid
-- column: side int
-- column: kind int
-- column: version int
-- column: at int
-- column: edited_at int?
-- column: deleted_at int?
-- column: body blob
SELECT seq, client_id, side, kind, version, at, edited_at, deleted_at, body
  FROM messages WHERE conversation = :conversation AND seq > :after AND seq < :before
 ORDER BY seq LIMIT :row_limit;

-- name: message_page_before :many
-- Descending from just before a sequence number.
-- param: conversation int
-- param: after int
-- param: before int
-- param: row_limit int
-- column: seq int
-- column: client_id uuid
-- column: side int
-- column: kind int
-- column: version int
-- column: at int
-- column: edited_at int?
-- column: deleted_at int?
-- column: body blob
SELECT seq, client_id, side, kind, version, at, edited_at, deleted_at, body
  FROM messages WHERE conversation = :conversation AND seq > :after AND seq < :before
 ORDER BY seq DESC LIMIT :row_limit;

-- name: message_unread :one
-- How many texts of the other side lie after a watermark, counted up to a bound.
-- param: conversation int
-- param: after int
-- param: side int
-- param: row_limit int
-- column: n int
SELECT count(*) AS n FROM (
    SELECT 1 AS x FROM messages WHERE conversation = :conversation AND seq > :after AND side <> :side
       AND kind = 1 AND deleted_at IS NULL LIMIT :row_limit) AS t;

-- name: message_replace :exec
-- An edit or a deletion: compare-and-swap on the version; the old body is kept by message_keep.
-- param: conversation int
-- param: seq int
-- param: version int
-- param: edited_at int?
-- param: deleted_at int?
-- param: body blob
UPDATE messages SET version = version + 1, edited_at = :edited_at, deleted_at = :deleted_at,
       body = :body
 WHERE conversation = :conversation AND seq = :seq AND version = :version;

-- name: message_keep :exec
-- param: conversation int
-- param: seq int
-- param: version int
-- param: at int
-- param: body blob
INSERT INTO message_versions (conversation, seq, version, at, body)
VALUES (:conversation, :seq, :version, :at, :body);
