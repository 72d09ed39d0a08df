-- Queries of the tests of src/db; their tables are in scratch.h.

-- name: thing_insert :exec
-- Every type, nullable and not.
-- param: id uuid
-- param: n int
-- param: maybe_n int?
-- param: name text
-- param: note text?
-- param: body blob
-- param: extra blob?
-- param: friend uuid?
INSERT INTO things (id, n, maybe_n, name, note, body, extra, friend)
VALUES (:id, :n, :maybe_n, :name, :note, :body, :extra, :friend);

-- name: thing_by_id :one
-- param: id uuid
-- column: n int
-- column: maybe_n int?
-- column: name text
-- column: note text?
-- column: body blob
-- column: extra blob?
-- column: friend uuid?
-- column: id uuid
SELECT n, maybe_n, name, note, body, extra, friend, id FROM things WHERE id = :id;

-- name: thing_list :many
-- The same parameter more than once.
-- param: name text
-- param: least int
-- column: name text
-- column: n int
SELECT name, n FROM things
 WHERE (:name = '' OR name = :name) AND n >= :least AND name <> ':name' ORDER BY n;

-- name: thing_add :exec
-- param: by int
-- param: least int
UPDATE things SET n = n + :by WHERE n >= :least;

-- name: thing_delete_all :exec
DELETE FROM things;

-- name: thing_wrong_name :one
-- The column is not called as declared.
-- column: total int
SELECT count(*) AS n FROM things;

-- name: thing_wrong_count :many
-- column: name text
SELECT name, n FROM things;

-- name: thing_wrong_type :many
-- column: name int
SELECT name FROM things;

-- name: thing_wrong_null :many
-- note may be NULL, which is not declared.
-- column: note text
SELECT note FROM things;

-- name: thing_wrong_sql :exec
DELETE FROM no_such_table;

-- name: thing_insert_as_read :one
-- A statement that writes although it is asked as a question.
-- column: n int
-- dialect: sqlite
INSERT INTO log (writer, n, body) VALUES (77, 77, x'') RETURNING n;
-- dialect: postgres
INSERT INTO log (writer, n, body) VALUES (77, 77, '') RETURNING n;
-- dialect: mysql
SELECT 1 AS n;

-- name: log_insert :exec
-- param: writer int
-- param: n int
-- param: body blob
INSERT INTO log (writer, n, body) VALUES (:writer, :n, :body);

-- name: log_list :many
-- In the order of commits, because each position is one more than the last.
-- column: writer int
-- column: n int
SELECT writer, n FROM log ORDER BY pos;

-- name: log_count :one
-- column: n int
SELECT count(*) AS n FROM log;
