/*
 * sqlite_query.c - runs named queries on SQLite: struct members in, struct members out.
 *
 *   sqlite_rows --> take (prepare once, keep) --> bind --> step ... step --> sink --> give_back
 *
 * A statement is prepared when a connection first runs it and kept; the number of queries is fixed
 * by the build, so the cache needs no bound. What a query declares is held against what it gives:
 * a column of another name, number or type is an error and never a silently wrong value.
 *
 * Text is UTF-8 without NUL, here as in PostgreSQL, which knows no other: -E_MALFORMED otherwise,
 * so that nothing can be stored in one engine that another would refuse. Bytes are kept as they
 * are.
 */
#include <assert.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/log.h"
#include "db/sqlite.h"

struct sqlite_cached {
    const struct db_query *query;
    sqlite3_stmt *stmt;
};

int sqlite_error(sqlite3 *handle, int rc, const char *what)
{
    int err = -E_DATABASE;
    switch (rc & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        err = -E_UNAVAILABLE;
        break;
    case SQLITE_CONSTRAINT:
        if (rc == SQLITE_CONSTRAINT_UNIQUE || rc == SQLITE_CONSTRAINT_PRIMARYKEY ||
            rc == SQLITE_CONSTRAINT_ROWID)
            return -E_DUPLICATE; /* how callers learn that something was there: no event */
        err = -E_CONFLICT;
        break;
    case SQLITE_NOMEM:
        err = -E_NO_MEMORY;
        break;
    case SQLITE_FULL:
    case SQLITE_IOERR:
        err = -E_IO;
        break;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        err = -E_CORRUPT;
        break;
    case SQLITE_TOOBIG:
        err = -E_TOO_LARGE;
        break;
    default:
        break;
    }
    log_event(err == -E_CONFLICT ? LOG_INFO : LOG_ERROR, "db", "sqlite_failed",
              log_text("what", what), log_i64("code", rc),
              log_text("message", handle ? sqlite3_errmsg(handle) : sqlite3_errstr(rc)));
    return err;
}

/* The build and the SQL disagree: a mistake of ours, which the tests' db_prepare_all finds. */
static int wrong(const struct db_query *q, const char *what, const char *name)
{
    log_event(LOG_ERROR, "db", "query_wrong", log_text("query", q->name), log_text("what", what),
              log_text("name", name));
    return -E_DATABASE;
}

/* ---- the cache ---- */

static size_t slot_of(const struct sqlite_cache *c, const struct db_query *q)
{
    size_t i = (size_t)(((uintptr_t)q >> 4) * UINT64_C(0x9E3779B97F4A7C15) >> 32);
    for (i &= c->room - 1; c->slots[i].query && c->slots[i].query != q;)
        i = (i + 1) & (c->room - 1);
    return i;
}

static int cache_grow(struct sqlite_cache *c)
{
    struct sqlite_cache more = {.room = c->room ? c->room * 2 : 256, .used = c->used};
    more.slots = calloc(more.room, sizeof *more.slots);
    if (!more.slots)
        return -E_NO_MEMORY;
    for (size_t i = 0; i < c->room; i++) {
        if (c->slots[i].query)
            more.slots[slot_of(&more, c->slots[i].query)] = c->slots[i];
    }
    free(c->slots);
    *c = more;
    return 0;
}

void sqlite_cache_done(struct sqlite_cache *cache)
{
    for (size_t i = 0; i < cache->room; i++)
        (void)sqlite3_finalize(cache->slots[i].stmt);
    free(cache->slots);
    *cache = (struct sqlite_cache){0};
}

/* Is the statement what the query declares? */
static int check(sqlite3_stmt *stmt, const struct db_query *q)
{
    if ((size_t)sqlite3_bind_parameter_count(stmt) != q->param_count)
        return wrong(q, "number of parameters", q->name);
    if (q->kind == DB_EXEC)
        return 0;
    if ((size_t)sqlite3_column_count(stmt) != q->column_count)
        return wrong(q, "number of columns", q->name);
    for (size_t i = 0; i < q->column_count; i++) {
        const char *name = sqlite3_column_name(stmt, (int)i);
        if (!name || strcmp(name, q->columns[i].name) != 0)
            return wrong(q, "column", q->columns[i].name);
    }
    return 0;
}

static int take(struct sqlite_db *s, const struct db_query *q, sqlite3_stmt **ret)
{
    struct sqlite_cache *c = &s->cache;
    if (c->used * 2 >= c->room) {
        int r = cache_grow(c);
        if (r < 0)
            return r;
    }
    struct sqlite_cached *slot = &c->slots[slot_of(c, q)];
    if (!slot->query) {
        sqlite3_stmt *stmt = NULL;
        int rc = sqlite3_prepare_v3(s->handle, q->sql[DB_SQLITE], -1, SQLITE_PREPARE_PERSISTENT,
                                    &stmt, NULL);
        if (rc != SQLITE_OK)
            return sqlite_error(s->handle, rc, q->name);
        int r = check(stmt, q);
        if (r < 0) {
            (void)sqlite3_finalize(stmt);
            return r;
        }
        *slot = (struct sqlite_cached){q, stmt};
        c->used++;
    }
    if (sqlite3_stmt_busy(slot->stmt)) /* db_each's callback asks its own query again */
        return wrong(q, "is running already", q->name);
    *ret = slot->stmt;
    return 0;
}

int sqlite_prepare(struct db *db, const struct db_query *q)
{
    sqlite3_stmt *stmt = NULL;
    return take(sqlite_db_of(db), q, &stmt);
}

/* May the statement run now? After some errors (disk full) SQLite ends the transaction by itself;
 * what followed would each be a transaction of its own, so it is refused. */
static int permitted(struct sqlite_db *s, const struct db_query *q, sqlite3_stmt *stmt)
{
    if (s->db.mode && sqlite3_get_autocommit(s->handle))
        return -E_DATABASE;
    if (s->db.mode != DB_WRITE && !sqlite3_stmt_readonly(stmt))
        return wrong(q, "writes outside a write transaction", q->name);
    return 0;
}

/* ---- parameters ---- */

static int bind_str(sqlite3_stmt *stmt, int at, const struct db_query *q, const struct db_column *c,
                    struct str s)
{
    if (!s.p)
        return c->nullable ? sqlite3_bind_null(stmt, at) : wrong(q, "NULL parameter", c->name);
    if (c->type == DB_BLOB)
        return sqlite3_bind_blob64(stmt, at, s.p, s.n, SQLITE_STATIC);
    if (memchr(s.p, 0, s.n) || !str_utf8(s, NULL))
        return -E_MALFORMED;
    return sqlite3_bind_text64(stmt, at, s.p, s.n, SQLITE_STATIC, SQLITE_UTF8);
}

static int bind_one(sqlite3_stmt *stmt, int at, const struct db_query *q, const struct db_column *c,
                    const void *value)
{
    switch (c->type) {
    case DB_INT:
        if (!c->nullable)
            return sqlite3_bind_int64(stmt, at, *(const int64_t *)value);
        const struct db_int *n = value;
        return n->set ? sqlite3_bind_int64(stmt, at, n->v) : sqlite3_bind_null(stmt, at);
    case DB_UUID:
        if (!c->nullable)
            return sqlite3_bind_blob(stmt, at, value, sizeof(struct id), SQLITE_STATIC);
        const struct db_uuid *u = value;
        return u->set ? sqlite3_bind_blob(stmt, at, &u->v, sizeof u->v, SQLITE_STATIC)
                      : sqlite3_bind_null(stmt, at);
    case DB_TEXT:
    case DB_BLOB:
        return bind_str(stmt, at, q, c, *(const struct str *)value);
    }
    return wrong(q, "type of parameter", c->name);
}

static int bind(struct sqlite_db *s, sqlite3_stmt *stmt, const struct db_query *q,
                const char *params)
{
    for (size_t i = 0; i < q->param_count; i++) {
        const struct db_column *c = &q->params[i];
        assert(params);
        int rc = bind_one(stmt, (int)i + 1, q, c, params + c->offset);
        if (rc < 0)
            return rc; /* ours */
        if (rc != SQLITE_OK)
            return sqlite_error(s->handle, rc, q->name);
    }
    return 0;
}

/* Parameters are borrowed while the statement runs, so none may stay bound. */
static void give_back(sqlite3_stmt *stmt)
{
    (void)sqlite3_reset(stmt); /* repeats the error of the last step, which was looked at */
    (void)sqlite3_clear_bindings(stmt);
}

/* ---- columns ---- */

static int read_str(sqlite3_stmt *stmt, int at, const struct db_column *c, struct arena *a,
                    struct str *ret)
{
    bool text = c->type == DB_TEXT;
    if (sqlite3_column_type(stmt, at) != (text ? SQLITE_TEXT : SQLITE_BLOB))
        return -E_CORRUPT;
    const void *p =
        text ? (const void *)sqlite3_column_text(stmt, at) : sqlite3_column_blob(stmt, at);
    size_t n = (size_t)sqlite3_column_bytes(stmt, at);
    if (!p && n)
        return -E_NO_MEMORY;
    struct str s = {p ? p : "", n}; /* SQLite gives no pointer to an empty blob */
    *ret = a ? arena_str(a, s) : s;
    return ret->p ? 0 : -E_NO_MEMORY;
}

static int read_id(sqlite3_stmt *stmt, int at, struct id *ret)
{
    if (sqlite3_column_type(stmt, at) != SQLITE_BLOB ||
        sqlite3_column_bytes(stmt, at) != (int)sizeof *ret)
        return -E_CORRUPT;
    memcpy(ret, sqlite3_column_blob(stmt, at), sizeof *ret);
    return 0;
}

static int read_int(sqlite3_stmt *stmt, int at, int64_t *ret)
{
    if (sqlite3_column_type(stmt, at) != SQLITE_INTEGER)
        return -E_CORRUPT;
    *ret = sqlite3_column_int64(stmt, at);
    return 0;
}

/* The row is zeroed: a NULL needs nothing written. */
static int read_one(sqlite3_stmt *stmt, int at, const struct db_column *c, struct arena *a,
                    void *value)
{
    if (c->nullable && sqlite3_column_type(stmt, at) == SQLITE_NULL)
        return 0;
    switch (c->type) {
    case DB_INT:
        if (!c->nullable)
            return read_int(stmt, at, value);
        ((struct db_int *)value)->set = true;
        return read_int(stmt, at, &((struct db_int *)value)->v);
    case DB_UUID:
        if (!c->nullable)
            return read_id(stmt, at, value);
        ((struct db_uuid *)value)->set = true;
        return read_id(stmt, at, &((struct db_uuid *)value)->v);
    case DB_TEXT:
    case DB_BLOB:
        return read_str(stmt, at, c, a, value);
    }
    return -E_CORRUPT;
}

static int read_row(sqlite3_stmt *stmt, const struct db_query *q, const struct db_sink *sink)
{
    memset(sink->row, 0, q->row_size);
    for (size_t i = 0; i < q->column_count; i++) {
        const struct db_column *c = &q->columns[i];
        int r = read_one(stmt, (int)i, c, sink->arena, (char *)sink->row + c->offset);
        if (r == -E_CORRUPT)
            (void)wrong(q, "the value is not what is declared", c->name);
        if (r < 0)
            return r;
    }
    return 0;
}

/* ---- running ---- */

int sqlite_rows(struct db *db, const struct db_query *q, const void *params,
                const struct db_sink *sink)
{
    struct sqlite_db *s = sqlite_db_of(db);
    sqlite3_stmt *stmt = NULL;
    int r = take(s, q, &stmt);
    if (r < 0)
        return r;
    r = permitted(s, q, stmt);
    if (r == 0)
        r = bind(s, stmt, q, params);
    while (r == 0) {
        int rc = sqlite3_step(stmt);
        if (rc == SQLITE_DONE)
            break;
        if (rc != SQLITE_ROW) {
            r = sqlite_error(s->handle, rc, q->name);
            break;
        }
        r = read_row(stmt, q, sink);
        if (r == 0)
            r = sink->each(sink->arg, sink->row);
    }
    give_back(stmt);
    return r;
}

int sqlite_exec(struct db *db, const struct db_query *q, const void *params, size_t n,
                int64_t *ret_changes)
{
    struct sqlite_db *s = sqlite_db_of(db);
    sqlite3_stmt *stmt = NULL;
    *ret_changes = 0;
    int r = take(s, q, &stmt);
    if (r < 0)
        return r;
    r = permitted(s, q, stmt);
    for (size_t i = 0; i < n && r == 0; i++) {
        r = bind(s, stmt, q, q->param_size ? (const char *)params + i * q->param_size : NULL);
        if (r < 0)
            break;
        int64_t before = sqlite3_total_changes64(s->handle);
        int rc;
        do
            rc = sqlite3_step(stmt);
        while (rc == SQLITE_ROW);
        if (rc != SQLITE_DONE)
            r = sqlite_error(s->handle, rc, q->name);
        else if (sqlite3_total_changes64(s->handle) != before) /* else it repeats an older count */
            *ret_changes += sqlite3_changes64(s->handle);
        (void)sqlite3_reset(stmt);
    }
    give_back(stmt);
    return r;
}
