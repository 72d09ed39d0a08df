/*
 * migrate.c - brings a database to the schema this program was built for, forward only.
 *
 *   db_migrate --> for each missing one: [ begin: read the list, run the text, record it: commit ]
 *
 * The table schema_migrations keeps the whole text of each applied migration, not a hash of it: the
 * texts are small, an exact comparison needs no hash function in this room, and an operator can
 * read what was really run. A text that was changed after it was applied is refused, because the
 * database no longer is what the program's files say. Each migration stands in one transaction with
 * its record, begun with the write lock: when two nodes start at once, the second finds the work
 * done. (MySQL commits at each DDL statement; there a failed migration must be repaired by hand.)
 */
#include "db/migrate.h"

#include "base/error.h"
#include "base/log.h"
#include "db/driver.h"
#include "db/queries.h"

#define LIST_MAX (16u << 20) /* bytes of migration texts read back */

/* How many of `list` are applied. -E_VERSION when the applied ones are not its beginning. */
static int count_applied(struct db *db, const struct db_migration *list, size_t count,
                         struct arena *a, size_t *ret)
{
    struct q_schema_exists_row exists;
    *ret = 0;
    int r = q_schema_exists(db, a, &exists);
    if (r < 0 || exists.found == 0)
        return r;
    struct q_schema_applied_row *rows;
    size_t n;
    r = q_schema_applied(db, a, &rows, &n);
    if (r < 0)
        return r;
    for (size_t i = 0; i < n; i++) {
        if (i >= count) {
            log_event(LOG_ERROR, "db", "schema_newer", log_i64("version", rows[i].version),
                      log_i64("known", i ? list[i - 1].version : 0));
            return -E_VERSION;
        }
        if (rows[i].version != list[i].version || !str_is(rows[i].text, list[i].sql)) {
            log_event(LOG_ERROR, "db", "migration_differs", log_i64("version", rows[i].version),
                      log_str("applied", rows[i].name), log_text("known", list[i].name));
            return -E_VERSION;
        }
    }
    *ret = n;
    return 0;
}

/* Inside a write transaction: applies the next one, if any is missing. */
static int apply_next(struct db *db, const struct db_migration *list, size_t count, int64_t now_us,
                      struct arena *a, bool *ret_applied)
{
    size_t applied;
    *ret_applied = false;
    int r = count_applied(db, list, count, a, &applied);
    if (r < 0 || applied == count)
        return r;
    const struct db_migration *m = &list[applied];
    r = q_schema_create(db, NULL);
    if (r == 0)
        r = db->driver->script(db, m->sql);
    if (r == 0) {
        struct q_schema_record_params p = {.version = m->version,
                                           .name = str_from(m->name),
                                           .text = str_from(m->sql),
                                           .now = now_us};
        r = q_schema_record(db, &p, NULL);
    }
    if (r < 0) {
        log_event(LOG_ERROR, "db", "migration_failed", log_i64("version", m->version),
                  log_text("name", m->name), log_err("error", r));
        return r;
    }
    *ret_applied = true;
    return 0;
}

int db_migrate_list(struct db *db, const struct db_migration *list, size_t count, int64_t now_us,
                    size_t *ret_applied)
{
    struct arena a;
    size_t done = 0;
    int r;
    arena_init(&a, LIST_MAX);
    for (;;) {
        bool applied = false;
        r = db_begin(db, DB_WRITE);
        if (r < 0)
            break;
        r = apply_next(db, list, count, now_us, &a, &applied);
        if (r == 0 && applied)
            r = db_commit(db);
        if (r < 0 || !applied)
            break;
        done++; /* not inside log_event, which may not look at its arguments */
        log_event(LOG_INFO, "db", "migrated", log_i64("applied", done));
        arena_reset(&a);
    }
    db_rollback(db);
    arena_done(&a);
    if (ret_applied)
        *ret_applied = done;
    return r;
}

int db_schema_check_list(struct db *db, const struct db_migration *list, size_t count)
{
    struct arena a;
    size_t applied;
    arena_init(&a, LIST_MAX);
    int r = count_applied(db, list, count, &a, &applied);
    arena_done(&a);
    if (r == 0 && applied != count) {
        log_event(LOG_ERROR, "db", "schema_older", log_i64("applied", applied),
                  log_i64("known", count));
        r = -E_VERSION;
    }
    return r;
}

int db_migrate(struct db *db, int64_t now_us, size_t *ret_applied)
{
    size_t count;
    const struct db_migration *list = db_migrations(db_dialect(db), &count);
    return db_migrate_list(db, list, count, now_us, ret_applied);
}

int db_schema_check(struct db *db)
{
    size_t count;
    const struct db_migration *list = db_migrations(db_dialect(db), &count);
    return db_schema_check_list(db, list, count);
}
