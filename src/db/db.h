/*
 * db.h - the one small interface in front of every database engine.
 *
 *   store/<aggregate>.c --q_<query>(db, &params, …)--> generated wrapper (sql/queries/<file>.sql)
 *        --> db_run --> driver (sqlite.c, postgres.c, mysql.c): prepared once per connection
 *
 * SQL text exists only in sql/queries and sql/migrations. tools/sqlgen reads the queries and
 * writes db/queries.h: for each query a struct of parameters, a struct of its row and typed
 * functions. Values: int64, uuid (struct id), text and bytes (struct str; NULL pointer = SQL NULL).
 * A `struct db` is one connection and belongs to one thread at a time.
 */
#ifndef ACOLHE_DB_DB_H
#define ACOLHE_DB_DB_H

#include "base/arena.h"
#include "base/id.h"
#include "base/str.h"

enum db_type { DB_INT = 1, DB_TEXT, DB_BLOB, DB_UUID };

/* A nullable integer or uuid, as a parameter or in a row. */
struct db_int {
    bool set;
    int64_t v;
};
struct db_uuid {
    bool set;
    struct id v;
};

struct db_column {
    const char *name;
    enum db_type type;
    bool nullable; /* text/blob: NULL = STR_NONE; int/uuid: struct db_int / db_uuid */
    size_t offset; /* in the row or parameter struct */
};

enum db_dialect { DB_SQLITE, DB_POSTGRES, DB_MYSQL, DB_DIALECTS_ };
enum db_kind { DB_EXEC = 1, DB_ONE, DB_MANY };

struct db_query {
    const char *name;
    enum db_kind kind;
    const char *sql[DB_DIALECTS_]; /* with that dialect's placeholders, in the order of `params` */
    /* where placeholders cannot be numbered (MySQL): which param each one stands for; else NULL */
    const uint16_t *order[DB_DIALECTS_];
    size_t order_count[DB_DIALECTS_];
    const struct db_column *params;
    size_t param_count;
    const struct db_column *columns;
    size_t column_count;
    size_t row_size;
    size_t param_size;
};

struct db;

struct db_options {
    const char *url; /* "sqlite:/path/to/file" (later also postgres:// and mysql://) */
    bool read_only;
};
/* Opens one connection. 0, -E_CONFIG (bad URL), -E_DATABASE. */
int db_open(const struct db_options *options, struct db **ret);
void db_close(struct db *db); /* rolls back what is open; NULL is accepted */
enum db_dialect db_dialect(const struct db *db);

/* ---- transactions (not nested: asserted) ----
 * DB_WRITE takes the engine's write lock at once (SQLite: BEGIN IMMEDIATE, behind a fair lock of
 * the process, so that no thread starves), DB_READ gives one snapshot, taken by its first query. */
enum db_mode { DB_READ = 1, DB_WRITE };
int db_begin(struct db *db, enum db_mode mode);
/* Durable when it returns 0. On error the transaction is gone, or its outcome is unknown
 * (-E_DATABASE, logged): callers find out by their own unique ids. After a failed sync the process
 * must not go on as if nothing had happened: the connection refuses further writes. */
int db_commit(struct db *db);
/* The same, calling `published(arg)` after the commit succeeded and before another writer of this
 * process may begin: what is published there is published in the order of commits. */
int db_commit_publish(struct db *db, void (*published)(void *arg), void *arg);
/* 0, or -E_IO when writing is refused after a failed sync, until all connections of the process are
 * closed and opened anew. */
int db_writable(struct db *db);
void db_rollback(struct db *db); /* no-op outside a transaction */
bool db_in_transaction(const struct db *db);

/* ---- queries: called by the generated wrappers, seldom by hand ---- */
/* -E_DUPLICATE for a unique violation, -E_CONFLICT for another constraint, -E_MALFORMED for text
 * with a NUL or bad UTF-8 (no engine gets it; bytes are kept as they are), -E_UNAVAILABLE when the
 * engine is busy or away, -E_IO when the disk is full or writing is refused after a failed sync,
 * -E_CORRUPT for a value that is not of its column's type, -E_DATABASE, -E_NO_MEMORY.
 * Outside a transaction db_exec and db_exec_many are a write transaction of their own, and a :one
 * or :many is a snapshot of its own; a statement that writes is refused anywhere but in DB_WRITE.
 */
int db_exec(struct db *db, const struct db_query *q, const void *params, int64_t *ret_changes);
/* The statement run for each of n parameter structs, the engine's fast way, all or nothing as far
 * as the surrounding transaction makes it so. */
int db_exec_many(struct db *db, const struct db_query *q, const void *params, size_t n);
/* -E_NOT_FOUND when there is no row. Text and bytes are copied into the arena. */
int db_one(struct db *db, const struct db_query *q, const void *params, struct arena *a, void *row);
/* All rows as an array in the arena. */
int db_many(struct db *db, const struct db_query *q, const void *params, struct arena *a,
            void *ret_rows, size_t *ret_count);
/* Row by row without keeping them: `each` may return a negative error to stop with it. Text and
 * bytes are borrowed until it returns. */
int db_each(struct db *db, const struct db_query *q, const void *params, void *row,
            int (*each)(void *arg, const void *row), void *arg);

/* ---- installation ---- */
struct db_migration {
    int64_t version;
    const char *name;
    const char *sql;
};
/* All migrations of a dialect, ascending, embedded at build time. */
const struct db_migration *db_migrations(enum db_dialect dialect, size_t *ret_count);
/* Applies what is missing, each in its own transaction. -E_VERSION when the database is newer than
 * this program or an applied migration's text differs. */
int db_migrate(struct db *db, int64_t now_us, size_t *ret_applied);
/* 0 when the schema is exactly this program's; -E_VERSION otherwise. */
int db_schema_check(struct db *db);
/* Online copy of the whole database into a new file (SQLite's backup interface), made as
 * <path>.partial and renamed when it is whole and on disk. -E_DUPLICATE when `path` exists. Outside
 * a transaction. Writers go on meanwhile. */
int db_backup_file(struct db *db, const char *path);
/* The engine's own integrity check. 0 or -E_CORRUPT. */
int db_integrity_check(struct db *db);
/* Prepares every query of the build: the tests' proof that each is valid here. */
int db_prepare_all(struct db *db, const char **ret_failed_name);

#endif
