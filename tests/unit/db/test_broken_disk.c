/*
 * test_broken_disk.c - a full disk is survived; a disk that loses writes ends all writing.
 *
 * Failures are made below SQLite, in its layer of system calls (VFS): every fsync of the
 * file that is named by `failing` fails while it is set: ".db" the database, "-wal" its log.
 */
#include <sqlite3.h>
#include <sys/stat.h>

#include "db/sqlite.h"
#include "scratch.h"

static const char *failing; /* atomic */
static sqlite3_vfs broken_vfs;
static sqlite3_vfs *real_vfs;
static sqlite3_io_methods methods, wal_methods;
static int (*real_sync)(sqlite3_file *, int);

static int main_sync(sqlite3_file *file, int flags)
{
    const char *fail = __atomic_load_n(&failing, __ATOMIC_ACQUIRE);
    return fail && strcmp(fail, ".db") == 0 ? SQLITE_IOERR_FSYNC : real_sync(file, flags);
}

static int wal_sync(sqlite3_file *file, int flags)
{
    const char *fail = __atomic_load_n(&failing, __ATOMIC_ACQUIRE);
    return fail && strcmp(fail, "-wal") == 0 ? SQLITE_IOERR_FSYNC : real_sync(file, flags);
}

static int broken_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags, int *out)
{
    (void)vfs;
    int rc = real_vfs->xOpen(real_vfs, name, file, flags, out);
    if (rc == SQLITE_OK && flags & SQLITE_OPEN_MAIN_DB)
        file->pMethods = &methods;
    if (rc == SQLITE_OK && flags & SQLITE_OPEN_WAL)
        file->pMethods = &wal_methods;
    return rc;
}

/* A database is opened the ordinary way to learn the methods that are then replaced by ours. */
static int install_vfs(void **state)
{
    char path[] = "/tmp/acolhe-test-methods-XXXXXX";
    sqlite3 *handle;
    sqlite3_file *file, *wal;
    (void)state;
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    (void)close(fd);
    assert_int_equal(sqlite3_open(path, &handle), SQLITE_OK);
    assert_int_equal(
        sqlite3_exec(handle, "PRAGMA journal_mode = WAL; CREATE TABLE t (x);", NULL, NULL, NULL),
        SQLITE_OK);
    real_vfs = sqlite3_vfs_find(NULL);
    assert_int_equal(sqlite3_file_control(handle, "main", SQLITE_FCNTL_FILE_POINTER, &file), 0);
    assert_int_equal(sqlite3_file_control(handle, "main", SQLITE_FCNTL_JOURNAL_POINTER, &wal), 0);
    methods = *file->pMethods;
    wal_methods = *wal->pMethods;
    real_sync = methods.xSync;
    assert_true(wal_methods.xSync == real_sync);
    methods.xSync = main_sync;
    wal_methods.xSync = wal_sync;
    (void)sqlite3_close(handle);
    (void)unlink(path);
    broken_vfs = *real_vfs;
    broken_vfs.zName = "broken";
    broken_vfs.pNext = NULL;
    broken_vfs.xOpen = broken_open;
    return sqlite3_vfs_register(&broken_vfs, 1);
}

static void break_disk(const char *suffix)
{
    __atomic_store_n(&failing, suffix, __ATOMIC_RELEASE);
}

static void must_not_be_told(void *arg)
{
    *(bool *)arg = true;
}

static void lost_commit_ends_writing(void **state)
{
    struct scratch *s = *state;
    struct db *db = scratch_open(s, false), *other = scratch_open(s, false);
    assert_int_equal(scratch_log(db, 1, 1, STR("safe")), 0);
    bool told = false;
    assert_int_equal(db_begin(db, DB_WRITE), 0);
    assert_int_equal(scratch_log(db, 1, 2, STR("lost")), 0);
    break_disk("-wal");
    assert_int_equal(db_commit_publish(db, must_not_be_told, &told), -E_DATABASE);
    break_disk(NULL);
    assert_false(told);
    assert_false(db_in_transaction(db));

    /* the disk says it is well again, which proves nothing */
    assert_int_equal(scratch_log(db, 1, 3, STR("x")), -E_IO);
    assert_int_equal(scratch_log(other, 1, 3, STR("x")), -E_IO);
    assert_int_equal(db_begin(other, DB_WRITE), -E_IO);
    assert_int_equal(db_writable(other), -E_IO);
    assert_int_equal(scratch_log_count(other, s), 1); /* reading goes on */
    db_close(db);
    db = scratch_open(s, false); /* one of two is not enough */
    assert_int_equal(scratch_log(db, 1, 3, STR("x")), -E_IO);
    db_close(db);
    db_close(other);

    db = scratch_open(s, false); /* all closed: SQLite recovers from what is there */
    int64_t count = scratch_log_count(db, s);
    assert_in_range(count, 1, 2); /* the outcome is unknown, and callers ask by their ids */
    assert_int_equal(db_writable(db), 0);
    assert_int_equal(scratch_log(db, 1, 3, STR("x")), 0);
    assert_int_equal(scratch_log_count(db, s), count + 1);
    assert_int_equal(db_integrity_check(db), 0);
    db_close(db);
}

static void lost_checkpoint_ends_writing(void **state)
{
    struct scratch *s = *state;
    struct db *db = scratch_open(s, false);
    static char body[200000];
    int64_t written = 0;
    break_disk(".db");
    for (int i = 0; i < 2000; i++) { /* until the checkpoint thread has met the failure */
        int r = scratch_log(db, 1, i, str_of(body, sizeof body));
        if (r == -E_IO)
            break;
        assert_int_equal(r, 0);
        written++;
        (void)usleep(1000);
    }
    assert_in_range(written, 10, 1999);
    assert_int_equal(scratch_log(db, 2, 1, STR("x")), -E_IO);
    break_disk(NULL);
    db_close(db); /* no checkpoint on the way out: the log is the only good copy */
    char wal[96];
    struct stat st;
    (void)snprintf(wal, sizeof wal, "%s-wal", s->path);
    assert_int_equal(stat(wal, &st), 0);
    assert_true(st.st_size > (off_t)sizeof body);
    db = scratch_open(s, false);
    assert_int_equal(scratch_log_count(db, s), written); /* the log had it all */
    assert_int_equal(scratch_log(db, 2, 1, STR("x")), 0);
    assert_int_equal(db_integrity_check(db), 0);
    db_close(db);
}

static void limit_pages(struct db *db, const char *pragma)
{
    assert_int_equal(sqlite3_exec(sqlite_db_of(db)->handle, pragma, NULL, NULL, NULL), SQLITE_OK);
}

static void full_disk_is_survived(void **state)
{
    struct scratch *s = *state;
    struct db *db = scratch_open(s, false);
    static char body[50000];
    assert_int_equal(scratch_log(db, 1, 1, STR("before")), 0);
    limit_pages(db, "PRAGMA max_page_count = 60");

    int r = 0;
    assert_int_equal(db_begin(db, DB_WRITE), 0);
    for (int i = 0; i < 100 && r == 0; i++)
        r = scratch_log(db, 2, i, str_of(body, sizeof body));
    assert_int_equal(r, -E_IO);
    db_rollback(db);
    assert_int_equal(scratch_log_count(db, s), 1);

    assert_int_equal(scratch_log(db, 3, 1, STR("small")), 0); /* there is room for little things */
    assert_int_equal(scratch_log(db, 3, 2, str_of(body, sizeof body)), 0);
    assert_int_equal(scratch_log_count(db, s), 3);
    static char too_big[400000];
    assert_int_equal(scratch_log(db, 4, 1, str_of(too_big, sizeof too_big)), -E_IO);
    limit_pages(db, "PRAGMA max_page_count = 100000"); /* someone made room */
    assert_int_equal(scratch_log(db, 4, 1, str_of(too_big, sizeof too_big)), 0);
    assert_int_equal(scratch_log_count(db, s), 4);
    assert_int_equal(db_integrity_check(db), 0);
    db_close(db);
}

/* SQLite may end a transaction by itself; what follows must not become transactions of its own. */
static void ended_transaction_stays_ended(void **state)
{
    struct scratch *s = *state;
    struct db *db = scratch_open(s, false);
    assert_int_equal(db_begin(db, DB_WRITE), 0);
    assert_int_equal(scratch_log(db, 1, 1, STR("x")), 0);
    limit_pages(db, "ROLLBACK"); /* as SQLite does after some errors */
    assert_int_equal(scratch_log(db, 1, 2, STR("x")), -E_DATABASE);
    assert_int_equal(db_commit(db), -E_DATABASE);
    assert_int_equal(scratch_log_count(db, s), 0);
    assert_int_equal(scratch_log(db, 1, 3, STR("x")), 0); /* the turn was given back */
    db_close(db);
}

#define T(f) cmocka_unit_test_setup_teardown(f, scratch_setup, scratch_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(lost_commit_ends_writing),
        T(lost_checkpoint_ends_writing),
        T(full_disk_is_survived),
        T(ended_transaction_stays_ended),
    };
    return cmocka_run_group_tests_name("db/broken_disk", tests, install_vfs, NULL);
}
