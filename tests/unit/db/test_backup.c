/* test_backup.c - copies made while others write, and the discovery of damage. */
#include <fcntl.h>
#include <pthread.h>
#include <sys/stat.h>

#include "db/sqlite.h"
#include "scratch.h"

struct busy_writer {
    pthread_t thread;
    const struct scratch *scratch;
    int stop; /* atomic */
    int done; /* atomic: commits */
    int failed;
};

/* Each commit writes a pair: a copy with an odd number of rows would have cut one in two. */
static void *write_pairs(void *arg)
{
    struct busy_writer *w = arg;
    struct db *db;
    static char body[2000];
    if (db_open(&(struct db_options){.url = w->scratch->url}, &db) < 0) {
        w->failed = 1;
        return NULL;
    }
    for (int i = 0; !__atomic_load_n(&w->stop, __ATOMIC_ACQUIRE) && !w->failed; i++) {
        struct q_log_insert_params p[] = {{1, 2 * i, str_of(body, sizeof body)},
                                          {1, 2 * i + 1, str_of(body, sizeof body)}};
        if (q_log_insert_many(db, p, 2) < 0)
            w->failed = 1;
        (void)__atomic_add_fetch(&w->done, 1, __ATOMIC_ACQ_REL);
    }
    db_close(db);
    return NULL;
}

static struct db *open_copy(const char *path)
{
    char url[128];
    struct db *db = NULL;
    (void)snprintf(url, sizeof url, "sqlite:%s", path);
    assert_int_equal(db_open(&(struct db_options){.url = url, .read_only = true}, &db), 0);
    return db;
}

static void fill(struct db *db, int64_t writer, int rows)
{
    static char body[4000];
    assert_int_equal(db_begin(db, DB_WRITE), 0);
    for (int i = 0; i < rows; i++)
        assert_int_equal(scratch_log(db, writer, i, str_of(body, sizeof body)), 0);
    assert_int_equal(db_commit(db), 0);
}

static void backup_while_writing(void **state)
{
    struct scratch *s = *state;
    struct busy_writer w = {.scratch = s};
    struct db *db = scratch_open(s, false);
    char path[96];
    (void)snprintf(path, sizeof path, "%s/copy.db", s->folder);
    fill(db, 9, 2000); /* some 8 MB: the copying takes several steps */
    assert_int_equal(pthread_create(&w.thread, NULL, write_pairs, &w), 0);
    while (__atomic_load_n(&w.done, __ATOMIC_ACQUIRE) < 5)
        (void)usleep(1000);
    int before = __atomic_load_n(&w.done, __ATOMIC_ACQUIRE);
    assert_int_equal(db_backup_file(db, path), 0);
    int after = __atomic_load_n(&w.done, __ATOMIC_ACQUIRE);
    __atomic_store_n(&w.stop, 1, __ATOMIC_RELEASE);
    assert_int_equal(pthread_join(w.thread, NULL), 0);
    assert_int_equal(w.failed, 0);
    assert_true(after > before); /* the writer was not held up */

    struct stat st;
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    struct db *copy = open_copy(path);
    assert_int_equal(db_integrity_check(copy), 0);
    int64_t count = scratch_log_count(copy, s) - 2000;
    assert_int_equal(count % 2, 0);
    assert_in_range(count, 2 * (before - 1), 2 * (after + 1));
    db_close(copy);
    char beside[112];
    const char *ends[] = {"-wal", "-shm", "-journal", ".partial"};
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) { /* one file is the whole backup */
        (void)snprintf(beside, sizeof beside, "%s%s", path, ends[i]);
        assert_int_equal(access(beside, F_OK), -1);
    }
    assert_int_equal(scratch_log(db, 5, 5, STR("x")), 0);
    db_close(db);
}

static void backup_never_overwrites(void **state)
{
    struct scratch *s = *state;
    struct db *db = scratch_open(s, false);
    char path[96];
    (void)snprintf(path, sizeof path, "%s/copy.db", s->folder);
    assert_int_equal(db_backup_file(db, path), 0);
    assert_int_equal(db_backup_file(db, path), -E_DUPLICATE);
    assert_int_equal(db_backup_file(db, "/no/such/folder/copy.db"), -E_DATABASE);
    assert_false(db_in_transaction(db));
    assert_int_equal(scratch_log(db, 1, 1, STR("x")), 0);
    db_close(db);
}

static void damage_is_found(void **state)
{
    struct scratch *s = *state;
    struct db *db = scratch_open(s, false);
    fill(db, 1, 500);
    assert_int_equal(db_integrity_check(db), 0);
    db_close(db); /* the log is folded into the file */
    int fd = open(s->path, O_RDWR | O_CLOEXEC);
    assert_true(fd >= 0);
    char noise[64 * 1024];
    memset(noise, 0x5a, sizeof noise);
    assert_int_equal(pwrite(fd, noise, sizeof noise, 40 * 4096), (ssize_t)sizeof noise);
    (void)close(fd);
    db = scratch_open(s, false);
    assert_int_equal(db_integrity_check(db), -E_CORRUPT);
    db_close(db);
}

static void orphan_is_found(void **state)
{
    struct scratch *s = *state;
    struct db *db = scratch_open(s, false);
    assert_int_equal(sqlite3_exec(sqlite_db_of(db)->handle,
                                  "PRAGMA foreign_keys = OFF;"
                                  "INSERT INTO things (id, n, name, body, friend)"
                                  " VALUES (x'01', 1, 'x', x'', x'02');",
                                  NULL, NULL, NULL),
                     SQLITE_OK);
    assert_int_equal(db_integrity_check(db), -E_CORRUPT);
    db_close(db);
}

#define T(f) cmocka_unit_test_setup_teardown(f, scratch_setup, scratch_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(backup_while_writing),
        T(backup_never_overwrites),
        T(damage_is_found),
        T(orphan_is_found),
    };
    return cmocka_run_group_tests_name("db/backup", tests, NULL, NULL);
}
