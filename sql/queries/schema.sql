-- The list of applied migrations, kept by src/db/migrate.c in every database.

-- name: schema_create :exec
-- The text of each migration is kept whole: what was applied can be compared exactly and read later.
CREATE TABLE IF NOT EXISTS schema_migrations (
    version    BIGINT       NOT NULL PRIMARY KEY,
    name       VARCHAR(100) NOT NULL,
    text       TEXT         NOT NULL,
    applied_at BIGINT       NOT NULL
);
-- dialect: sqlite
CREATE TABLE IF NOT EXISTS schema_migrations (
    version    INTEGER NOT NULL PRIMARY KEY,
    name       TEXT    NOT NULL,
    text       TEXT    NOT NULL,
    applied_at INTEGER NOT NULL
) STRICT;
-- dialect: mysql
CREATE TABLE IF NOT EXISTS schema_migrations (
    version    BIGINT       NOT NULL PRIMARY KEY,
    name       VARCHAR(100) NOT NULL,
    text       LONGTEXT     NOT NULL,
    applied_at BIGINT       NOT NULL
);

-- name: schema_exists :one
-- Is there a list at all? An empty database has none.
-- column: found int
SELECT count(*) AS found FROM information_schema.tables
 WHERE table_name = 'schema_migrations' AND table_schema = current_schema();
-- dialect: sqlite
SELECT count(*) AS found FROM sqlite_schema WHERE type = 'table' AND name = 'schema_migrations';
-- dialect: mysql
SELECT count(*) AS found FROM information_schema.tables
 WHERE table_name = 'schema_migrations' AND table_schema = database();

-- name: schema_applied :many
-- column: version int
-- column: name text
-- column: text text
SELECT version, name, text FROM schema_migrations ORDER BY version;

-- name: schema_record :exec
-- param: version int
-- param: name text
-- param: text text
-- param: now int
INSERT INTO schema_migrations (version, name, text, applied_at)
VALUES (:version, :name, :text, :now);
