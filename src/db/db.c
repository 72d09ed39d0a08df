/*
 * db.c - the part of db.h that is the same for every engine: which driver, the rules of
 * transactions, and rows into arenas. See driver.h for what is left to the drivers.
 */
#include "db/db.h"

#include <assert.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/log.h"
#include "db/driver.h"
#include "db/queries.h"

static const struct db_driver *const drivers[] = {&db_sqlite};

int db_open(const struct db_options *options, struct db **ret)
{
    *ret = NULL;
    struct str url = str_from(options->url);
    for (size_t i = 0; i < sizeof drivers / sizeof *drivers; i++) {
        struct str scheme = str_from(drivers[i]->scheme);
        if (!str_starts(url, scheme))
            continue;
        struct db *db = NULL;
        int r = drivers[i]->open(options->url + scheme.n, options->read_only, &db);
        if (r < 0)
            return r;
        db->driver = drivers[i];
        db->read_only = options->read_only;
        db->mode = 0;
        *ret = db;
        return 0;
    }
    /* the URL may hold a password, so it is not logged */
    log_event(LOG_ERROR, "db", "url_unknown", log_text("expected", "sqlite:/path/to/file"));
    return -E_CONFIG;
}

void db_close(struct db *db)
{
    if (!db)
        return;
    db_rollback(db);
    db->driver->close(db);
}

enum db_dialect db_dialect(const struct db *db)
{
    return db->driver->dialect;
}

int db_begin(struct db *db, enum db_mode mode)
{
    assert(!db->mode && (mode == DB_READ || mode == DB_WRITE));
    if (mode == DB_WRITE && db->read_only) {
        log_event(LOG_ERROR, "db", "write_refused", log_text("why", "opened read-only"));
        return -E_DATABASE;
    }
    int r = db->driver->begin(db, mode);
    if (r == 0)
        db->mode = mode;
    return r;
}

int db_commit_publish(struct db *db, void (*published)(void *arg), void *arg)
{
    assert(db->mode);
    db->mode = 0;
    int r = db->driver->commit(db);
    if (r < 0)
        return r;
    if (published)
        published(arg);
    db->driver->release(db);
    return 0;
}

int db_commit(struct db *db)
{
    return db_commit_publish(db, NULL, NULL);
}

int db_writable(struct db *db)
{
    return db->driver->writable(db);
}

void db_rollback(struct db *db)
{
    if (!db->mode)
        return;
    db->mode = 0;
    db->driver->rollback(db);
}

bool db_in_transaction(const struct db *db)
{
    return db->mode != 0;
}

/* A statement of its own is a transaction of its own: it waits its turn as every writer does, and
 * is durable when it returns. */
static int exec(struct db *db, const struct db_query *q, const void *params, size_t n,
                int64_t *ret_changes)
{
    if (db->mode)
        return db->driver->exec(db, q, params, n, ret_changes);
    int r = db_begin(db, DB_WRITE);
    if (r < 0)
        return r;
    r = db->driver->exec(db, q, params, n, ret_changes);
    if (r < 0) {
        db_rollback(db);
        return r;
    }
    return db_commit(db);
}

int db_exec(struct db *db, const struct db_query *q, const void *params, int64_t *ret_changes)
{
    int64_t changes = 0;
    assert(q->kind == DB_EXEC);
    int r = exec(db, q, params, 1, &changes);
    if (ret_changes)
        *ret_changes = r < 0 ? 0 : changes;
    return r;
}

int db_exec_many(struct db *db, const struct db_query *q, const void *params, size_t n)
{
    int64_t changes;
    assert(q->kind == DB_EXEC);
    return n ? exec(db, q, params, n, &changes) : 0;
}

/* ---- rows ---- */

#define ENOUGH 1 /* what `each` returns to end a query that has given what was wanted */

static int stop_after_one(void *arg, const void *row)
{
    (void)row;
    *(bool *)arg = true;
    return ENOUGH;
}

int db_one(struct db *db, const struct db_query *q, const void *params, struct arena *a, void *row)
{
    bool found = false;
    struct db_sink sink = {.row = row, .arena = a, .each = stop_after_one, .arg = &found};
    int r = db->driver->rows(db, q, params, &sink);
    if (r < 0)
        return r;
    return found ? 0 : -E_NOT_FOUND;
}

/* Rows pile up on the heap until their number is known, then move into the arena in one piece. */
struct pile {
    char *rows;
    size_t count, room, size, max;
};

static int pile_up(void *arg, const void *row)
{
    struct pile *p = arg;
    if (p->count == p->room) {
        size_t room = p->room ? p->room * 2 : 16;
        if (room > p->max / p->size)
            return -E_NO_MEMORY; /* more than the arena could take anyway */
        char *rows = realloc(p->rows, room * p->size);
        if (!rows)
            return -E_NO_MEMORY;
        p->rows = rows;
        p->room = room;
    }
    memcpy(p->rows + p->count++ * p->size, row, p->size);
    return 0;
}

int db_many(struct db *db, const struct db_query *q, const void *params, struct arena *a,
            void *ret_rows, size_t *ret_count)
{
    void *none = NULL, *rows;
    memcpy(ret_rows, &none, sizeof none);
    *ret_count = 0;
    void *row = arena_alloc(a, q->row_size);
    if (!row)
        return -E_NO_MEMORY;
    /* twice the arena: the pile doubles, so its last step may hold more room than rows */
    struct pile pile = {.size = q->row_size, .max = a->max > SIZE_MAX / 2 ? a->max : a->max * 2};
    struct db_sink sink = {.row = row, .arena = a, .each = pile_up, .arg = &pile};
    int r = db->driver->rows(db, q, params, &sink);
    if (r == 0) {
        rows = arena_array(a, pile.count, pile.size);
        if (rows) {
            if (pile.count)
                memcpy(rows, pile.rows, pile.count * pile.size);
            memcpy(ret_rows, &rows, sizeof rows);
            *ret_count = pile.count;
        } else {
            r = -E_NO_MEMORY;
        }
    }
    free(pile.rows);
    return r;
}

int db_each(struct db *db, const struct db_query *q, const void *params, void *row,
            int (*each)(void *arg, const void *row), void *arg)
{
    struct db_sink sink = {.row = row, .each = each, .arg = arg};
    int r = db->driver->rows(db, q, params, &sink);
    return r < 0 ? r : 0;
}

/* ---- installation ---- */

int db_backup_file(struct db *db, const char *path)
{
    assert(!db->mode);
    return db->driver->backup(db, path);
}

int db_integrity_check(struct db *db)
{
    return db->driver->check(db);
}

int db_prepare_all(struct db *db, const char **ret_failed_name)
{
    for (size_t i = 0; i < db_queries_count; i++) {
        int r = db->driver->prepare(db, db_queries[i]);
        if (r < 0) {
            if (ret_failed_name)
                *ret_failed_name = db_queries[i]->name;
            return r;
        }
    }
    return 0;
}
