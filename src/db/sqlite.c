/*
 * sqlite.c - the SQLite driver: opening, transactions, backup, checks.
 *
 *      open: create 0600 --> sqlite3_open --> settings (WAL, FULL, foreign keys ...) --> shared
 * state write: the process's turn --> BEGIN IMMEDIATE --> ... --> COMMIT (one fdatasync) --> hand
 * over
 *
 * Readers never wait for writers (WAL). synchronous=FULL makes a commit durable when it returns.
 */
#include "db/sqlite.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/log.h"

#define OPEN_WAIT_MS 5000 /* for others that open a new file at the same moment */
/* Patience with a writer of this process, or of another: a request that cannot write is answered
 * within 2 s (security.md, 60). */
#define BUSY_MS 1500
#define BACKUP_PAGES 256 /* copied at a time: 1 MiB, then a pause for others */
#define BACKUP_PAUSE_MS 1
#define PATH_MAX_BYTES 4096

/* secure_delete: what is deleted or replaced does not stay readable in the file; rows are seldom
 * deleted here, so it costs next to nothing. mmap off: an I/O error must be an error, not SIGBUS.
 * cell_size_check: a damaged page is noticed when it is read. */
static const char settings[] = "PRAGMA foreign_keys = ON;"
                               "PRAGMA synchronous = FULL;"
                               "PRAGMA trusted_schema = OFF;"
                               "PRAGMA cell_size_check = ON;"
                               "PRAGMA mmap_size = 0;"
                               "PRAGMA cache_size = -8192;" /* KiB, of each connection */
                               "PRAGMA temp_store = MEMORY;"
                               "PRAGMA secure_delete = ON;"
                               "PRAGMA journal_size_limit = 67108864;"
                               "PRAGMA wal_autocheckpoint = 0;"; /* see sqlite_file.c */

static int run_sql(sqlite3 *handle, const char *sql, const char *what)
{
    int rc = sqlite3_exec(handle, sql, NULL, NULL, NULL);
    return rc == SQLITE_OK ? 0 : sqlite_error(handle, rc, what);
}

static int first_column(void *arg, int n, char **values, char **names)
{
    (void)names;
    if (n > 0 && values[0] && buf_add_text(arg, values[0]) == 0)
        return buf_add_char(arg, '\n') == 0 ? 0 : 1;
    return 1;
}

/* The first column of every row, one per line. */
static int ask(sqlite3 *handle, const char *sql, struct buf *ret)
{
    int rc = sqlite3_exec(handle, sql, first_column, ret, NULL);
    return rc == SQLITE_OK ? 0 : sqlite_error(handle, rc, sql);
}

/* ---- opening ---- */

/* Two processes that open a new file at once may get in each other's way here without SQLite
 * calling its busy handler, so that is tried again. */
static int set_wal(sqlite3 *handle)
{
    int64_t until = clock_mono_us() + OPEN_WAIT_MS * US_PER_MS;
    for (;;) {
        struct buf answer;
        buf_init(&answer, 64);
        int rc = sqlite3_exec(handle, "PRAGMA journal_mode = WAL", first_column, &answer, NULL);
        bool wal = rc == SQLITE_OK && str_eq(buf_str(&answer), STR("wal\n"));
        buf_done(&answer);
        if (wal)
            return 0;
        if ((rc & 0xff) != SQLITE_BUSY || clock_mono_us() > until)
            return sqlite_error(handle, rc == SQLITE_OK ? SQLITE_CANTOPEN : rc, "journal_mode");
        (void)sqlite3_sleep(5);
    }
}

static int wal_grown(void *arg, sqlite3 *handle, const char *name, int pages)
{
    (void)handle, (void)name;
    ((struct sqlite_db *)arg)->wal_pages = pages;
    return SQLITE_OK;
}

/* The power-loss trial must be seen to fail where commits are not synced. */
static int weaken(sqlite3 *handle)
{
#ifdef ACOLHE_TEST_HOOKS
    const char *level = getenv("ACOLHE_TEST_SQLITE_SYNCHRONOUS");
    if (level && strcmp(level, "normal") == 0)
        return run_sql(handle, "PRAGMA synchronous = NORMAL", "settings");
#endif
    (void)handle;
    return 0;
}

static int configure(struct sqlite_db *s, bool read_only)
{
    (void)sqlite3_extended_result_codes(s->handle, 1);
    (void)sqlite3_busy_timeout(s->handle, BUSY_MS);
    /* a query written by mistake with "text" in double quotes is an error, and no statement can
     * reach into SQLite's own tables */
    (void)sqlite3_db_config(s->handle, SQLITE_DBCONFIG_DQS_DML, 0, NULL);
    (void)sqlite3_db_config(s->handle, SQLITE_DBCONFIG_DQS_DDL, 0, NULL);
    (void)sqlite3_db_config(s->handle, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    int r =
        read_only ? run_sql(s->handle, "PRAGMA query_only = ON", "query_only") : set_wal(s->handle);
    if (r == 0)
        r = run_sql(s->handle, settings, "settings");
    if (r == 0)
        r = weaken(s->handle);
    if (r == 0) /* reads the file, so that what is not a database is refused now */
        r = run_sql(s->handle, "SELECT count(*) FROM sqlite_schema", "open");
    (void)sqlite3_wal_hook(s->handle, wal_grown, s); /* after the settings, which reset it */
    return r;
}

static void sqlite_close(struct db *db)
{
    struct sqlite_db *s = sqlite_db_of(db);
    sqlite_cache_done(&s->cache);
    /* the last connection to a file would checkpoint; see sqlite_file.c for why not then */
    if (s->file && sqlite_file_poisoned(s->file))
        (void)sqlite3_db_config(s->handle, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
    sqlite_file_put(s->file);
    (void)sqlite3_close_v2(s->handle);
    free(s);
}

static int sqlite_open(const char *where, bool read_only, struct db **ret)
{
    if (!where[0] || where[0] == ':') { /* ":memory:" would be another database per connection */
        log_event(LOG_ERROR, "db", "url_has_no_path");
        return -E_CONFIG;
    }
    int r = read_only ? 0 : sqlite_file_create(where);
    if (r < 0)
        return r;
    struct sqlite_db *s = calloc(1, sizeof *s);
    if (!s)
        return -E_NO_MEMORY;
    int flags = read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE;
    int rc = sqlite3_open_v2(where, &s->handle, flags | SQLITE_OPEN_NOMUTEX, NULL);
    r = rc == SQLITE_OK ? sqlite_file_get(where, &s->file) : sqlite_error(s->handle, rc, "open");
    if (r == 0)
        r = configure(s, read_only);
    if (r < 0) {
        sqlite_close(&s->db);
        return r == -E_UNAVAILABLE || r == -E_NO_MEMORY ? r : -E_DATABASE;
    }
    *ret = &s->db;
    return 0;
}

/* ---- transactions ---- */

static void end_turn(struct sqlite_db *s)
{
    if (s->locked)
        sqlite_file_unlock(s->file);
    s->locked = false;
}

/* Has the turn. While the file is stuck, only looks. */
static int begin_immediate(struct sqlite_db *s)
{
    bool stuck = sqlite_file_stuck(s->file);
    (void)sqlite3_busy_timeout(s->handle, stuck ? 1 : BUSY_MS);
    int r = run_sql(s->handle, "BEGIN IMMEDIATE", "begin");
    (void)sqlite3_busy_timeout(s->handle, BUSY_MS);
    if (stuck != (r == -E_UNAVAILABLE))
        sqlite_file_set_stuck(s->file, !stuck);
    return r;
}

static int sqlite_begin(struct db *db, enum db_mode mode)
{
    struct sqlite_db *s = sqlite_db_of(db);
    s->wal_pages = 0;
    if (mode == DB_READ)
        return run_sql(s->handle, "BEGIN", "begin");
    int r = sqlite_file_lock(s->file, BUSY_MS * US_PER_MS);
    if (r < 0)
        return r;
    s->locked = true;
    r = begin_immediate(s);
    if (r < 0)
        end_turn(s);
    return r;
}

static void undo(struct sqlite_db *s)
{
    if (!sqlite3_get_autocommit(s->handle))
        (void)run_sql(s->handle, "ROLLBACK", "rollback");
    end_turn(s);
}

static void sqlite_rollback(struct db *db)
{
    undo(sqlite_db_of(db));
}

static int sqlite_commit(struct db *db)
{
    struct sqlite_db *s = sqlite_db_of(db);
    if (sqlite3_get_autocommit(s->handle)) { /* an earlier error ended it: nothing to commit */
        undo(s);
        return -E_DATABASE;
    }
    int rc = sqlite3_exec(s->handle, "COMMIT", NULL, NULL, NULL);
    if (rc == SQLITE_OK)
        return 0;
    int r = sqlite_error(s->handle, rc, "commit");
    if ((rc & 0xff) == SQLITE_IOERR && s->locked) {
        /* Its pages may be in the log or not: what happened is known after a restart only. (A full
         * disk is another case: SQLITE_FULL says that a write was refused, and nothing is lost.) */
        sqlite_file_poison(s->file, "commit", rc);
        r = -E_DATABASE;
    }
    undo(s);
    return r;
}

static void sqlite_release(struct db *db)
{
    struct sqlite_db *s = sqlite_db_of(db);
    end_turn(s);
    if (s->wal_pages)
        sqlite_file_grown(s->file, s->wal_pages);
}

static int sqlite_writable(struct db *db)
{
    return sqlite_file_poisoned(sqlite_db_of(db)->file) ? -E_IO : 0;
}

static int sqlite_script(struct db *db, const char *sql)
{
    struct sqlite_db *s = sqlite_db_of(db);
    int r = run_sql(s->handle, sql, "script");
    if (r == 0 && sqlite3_get_autocommit(s->handle)) {
        log_event(LOG_ERROR, "db", "script_ended_its_transaction");
        r = -E_DATABASE;
    }
    return r;
}

/* ---- backup ---- */

static int sync_path(const char *path, int flags)
{
    int fd = open(path, flags | O_CLOEXEC);
    if (fd < 0)
        return -E_IO;
    int r = fsync(fd) < 0 ? -E_IO : 0;
    (void)close(fd);
    return r;
}

static int sync_folder_of(const char *path)
{
    char folder[PATH_MAX_BYTES];
    const char *slash = strrchr(path, '/');
    size_t n = slash ? (size_t)(slash - path) + 1 : 0;
    if (n >= sizeof folder)
        return -E_IO;
    memcpy(folder, path, n);
    folder[n] = 0;
    return sync_path(n ? folder : ".", O_RDONLY | O_DIRECTORY);
}

/* One read transaction of ours stands around all steps: they copy one snapshot while writers go on,
 * and a commit of theirs does not make the copying start over. */
static int copy_pages(sqlite3 *from, sqlite3 *to)
{
    sqlite3_backup *backup = sqlite3_backup_init(to, "main", from, "main");
    if (!backup)
        return sqlite_error(to, sqlite3_errcode(to), "backup");
    int rc;
    while ((rc = sqlite3_backup_step(backup, BACKUP_PAGES)) == SQLITE_OK)
        (void)sqlite3_sleep(BACKUP_PAUSE_MS);
    int end = sqlite3_backup_finish(backup);
    if (rc != SQLITE_DONE)
        return sqlite_error(NULL, rc, "backup");
    return end == SQLITE_OK ? 0 : sqlite_error(to, end, "backup");
}

static int copy_database(sqlite3 *from, const char *path)
{
    sqlite3 *to = NULL;
    int rc = sqlite3_open_v2(path, &to, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL);
    int r = rc == SQLITE_OK ? 0 : sqlite_error(to, rc, "backup");
    if (r == 0)
        r = run_sql(from, "BEGIN; SELECT count(*) FROM sqlite_schema", "backup");
    if (r == 0)
        r = copy_pages(from, to);
    if (!sqlite3_get_autocommit(from))
        (void)run_sql(from, "COMMIT", "backup");
    if (r == 0) /* one self-contained file, which opens on a read-only medium too */
        r = run_sql(to, "PRAGMA journal_mode = DELETE", "backup");
    (void)sqlite3_close(to);
    return r == 0 ? sync_path(path, O_RDONLY) : r;
}

/* Under another name until it is whole: a file called `path` is a complete backup. */
static int sqlite_backup(struct db *db, const char *path)
{
    char partial[PATH_MAX_BYTES];
    int n = snprintf(partial, sizeof partial, "%s.partial", path);
    if (n < 0 || (size_t)n >= sizeof partial)
        return -E_CONFIG;
    if (access(path, F_OK) == 0)
        return -E_DUPLICATE;
    (void)unlink(partial); /* of a backup that was cut off */
    int r = sqlite_file_create(partial);
    if (r == 0)
        r = copy_database(sqlite_db_of(db)->handle, partial);
    if (r == 0 && rename(partial, path) < 0)
        r = -E_IO;
    if (r == 0)
        r = sync_folder_of(path);
    else
        (void)unlink(partial);
    if (r < 0)
        log_event(LOG_ERROR, "db", "backup_failed", log_text("path", path), log_err("error", r));
    return r;
}

/* ---- checks ---- */

static int sqlite_check(struct db *db)
{
    sqlite3 *handle = sqlite_db_of(db)->handle;
    struct buf found;
    buf_init(&found, (size_t)64 * 1024);
    int r = ask(handle, "PRAGMA quick_check", &found);
    if (r == 0 && !str_eq(buf_str(&found), STR("ok\n")))
        r = -E_CORRUPT;
    if (r == 0) {
        buf_clear(&found);
        r = ask(handle,
                "SELECT \"table\" || ' ' || ifnull(rowid, '') || ' refers to nothing in ' "
                "|| parent FROM pragma_foreign_key_check LIMIT 100",
                &found);
        if (r == 0 && found.len)
            r = -E_CORRUPT;
    }
    if (r < 0)
        log_event(LOG_ERROR, "db", "integrity_check_failed", log_str("found", buf_str(&found)));
    buf_done(&found);
    return r;
}

const struct db_driver db_sqlite = {
    .dialect = DB_SQLITE,
    .scheme = "sqlite:",
    .open = sqlite_open,
    .close = sqlite_close,
    .begin = sqlite_begin,
    .commit = sqlite_commit,
    .release = sqlite_release,
    .rollback = sqlite_rollback,
    .writable = sqlite_writable,
    .exec = sqlite_exec,
    .rows = sqlite_rows,
    .prepare = sqlite_prepare,
    .script = sqlite_script,
    .backup = sqlite_backup,
    .check = sqlite_check,
};
