/* test_transactions.c - who may write when, what is left afterwards, and in which order it is told.
 */
#include <pthread.h>
#include <sched.h>
#include <sqlite3.h>
#include <sys/wait.h>

#include "base/clock.h"
#include "db/sqlite.h"
#include "scratch.h"

static void commit_and_rollback(void **state)
{
    struct scratch *s = *state;
    struct db *db = scratch_open(s, false), *other = scratch_open(s, false);
    assert_false(db_in_transaction(db));
    assert_int_equal(db_begin(db, DB_WRITE), 0);
    assert_true(db_in_transaction(db));
    assert_int_equal(scratch_log(db, 1, 1, STR("x")), 0);
    assert_int_equal(scratch_log_count(db, s), 1);
    assert_int_equal(scratch_log_count(other, s), 0); /* not before the commit */
    db_rollback(db);
    db_rollback(db); /* outside: nothing happens */
    assert_int_equal(scratch_log_count(db, s), 0);

    assert_int_equal(db_begin(db, DB_WRITE), 0);
    assert_int_equal(scratch_log(db, 1, 1, STR("x")), 0);
    assert_int_equal(scratch_log(db, 1, 1, STR("x")), -E_DUPLICATE); /* and the rest stands */
    assert_int_equal(scratch_log(db, 1, 2, STR("x")), 0);
    assert_int_equal(db_commit(db), 0);
    assert_int_equal(scratch_log_count(other, s), 2);

    assert_int_equal(db_begin(db, DB_WRITE), 0);
    assert_int_equal(scratch_log(db, 1, 3, STR("x")), 0);
    db_close(db); /* rolls back and lets the next one in */
    assert_int_equal(scratch_log(other, 1, 4, STR("x")), 0);
    assert_int_equal(scratch_log_count(other, s), 3);
    db_close(other);
    db_close(NULL);
}

static void many_is_all_or_nothing(void **state)
{
    struct scratch *s = *state;
    struct db *db = scratch_open(s, false);
    struct q_log_insert_params p[] = {
        {1, 1, STR("x")}, {1, 2, STR("x")}, {1, 1, STR("x")}, {1, 3, STR("x")}};
    assert_int_equal(q_log_insert_many(db, p, 4), -E_DUPLICATE);
    assert_int_equal(scratch_log_count(db, s), 0);
    assert_int_equal(q_log_insert_many(db, p, 2), 0);
    assert_int_equal(scratch_log_count(db, s), 2);
    db_close(db);
}

static void read_is_one_snapshot(void **state)
{
    struct scratch *s = *state;
    struct db *db = scratch_open(s, false), *other = scratch_open(s, false);
    assert_int_equal(db_begin(db, DB_READ), 0);
    assert_int_equal(scratch_log_count(db, s), 0);
    assert_int_equal(scratch_log(other, 1, 1, STR("x")), 0); /* readers do not hold up writers */
    assert_int_equal(scratch_log_count(db, s), 0);
    assert_int_equal(scratch_log(db, 1, 2, STR("x")), -E_DATABASE); /* reading means reading */
    assert_int_equal(db_commit(db), 0);
    assert_int_equal(scratch_log_count(db, s), 1);
    db_close(db);
    db_close(other);
}

/* ---- threads ---- */

enum { WRITERS = 8, EACH = 40 };

struct told {
    int64_t writer, n;
};
static struct told told[64 * EACH];
static size_t told_count; /* guarded by nothing but the turn to write: TSan watches */

static void tell(void *arg)
{
    const struct told *t = arg;
    if (t->n % 4 == 0)
        (void)usleep(500); /* time for another to be quicker, if it were let in */
    told[told_count++] = *t;
}

struct writer {
    pthread_t thread;
    const struct scratch *scratch;
    int64_t number;
    int times, failed;
};

static void *write_and_tell(void *arg)
{
    struct writer *w = arg;
    struct db *db = NULL;
    if (db_open(&(struct db_options){.url = w->scratch->url}, &db) < 0) {
        w->failed = -1;
        return NULL;
    }
    for (int i = 0; i < w->times; i++) {
        struct told t = {w->number, i};
        int r = db_begin(db, DB_WRITE);
        if (r == 0)
            r = scratch_log(db, t.writer, t.n, STR("body"));
        if (r == 0 && i % 7 == 3) { /* some change their mind */
            db_rollback(db);
            r = db_begin(db, DB_WRITE);
            if (r == 0)
                r = scratch_log(db, t.writer, t.n, STR("body"));
        }
        if (r == 0)
            r = db_commit_publish(db, tell, &t);
        if (r < 0)
            w->failed++;
        db_rollback(db);
    }
    db_close(db);
    return NULL;
}

static void run_writers(struct scratch *s, size_t count, int times)
{
    struct writer *writers = calloc(count, sizeof *writers);
    struct db *db = scratch_open(s, false);
    told_count = 0;
    for (size_t i = 0; i < count; i++) {
        writers[i] = (struct writer){.scratch = s, .number = (int64_t)i, .times = times};
        assert_int_equal(pthread_create(&writers[i].thread, NULL, write_and_tell, &writers[i]), 0);
    }
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(pthread_join(writers[i].thread, NULL), 0);
        assert_int_equal(writers[i].failed, 0);
    }
    free(writers);
    struct q_log_list_row *rows;
    size_t n;
    assert_int_equal(q_log_list(db, &s->arena, &rows, &n), 0);
    assert_int_equal(n, count * (size_t)times);
    assert_int_equal(told_count, n);
    for (size_t i = 0; i < n; i++) {
        assert_int_equal(rows[i].writer, told[i].writer);
        assert_int_equal(rows[i].n, told[i].n);
    }
    assert_int_equal(db_integrity_check(db), 0);
    db_close(db);
}

static void told_in_order_of_commits(void **state)
{
    run_writers(*state, WRITERS, EACH);
}

static void sixty_four_writers(void **state)
{
    run_writers(*state, 64, 5);
}

/* ---- first come, first served ---- */

static void *take_one_turn(void *arg)
{
    struct writer *w = arg;
    w->times = 1;
    return write_and_tell(w);
}

static void first_come_first_served(void **state)
{
    struct scratch *s = *state;
    struct writer writers[WRITERS];
    struct db *db = scratch_open(s, false);
    struct sqlite_file *file = sqlite_db_of(db)->file;
    told_count = 0;
    assert_int_equal(db_begin(db, DB_WRITE), 0);
    for (size_t i = 0; i < WRITERS; i++) {
        writers[i] = (struct writer){.scratch = s, .number = (int64_t)i};
        assert_int_equal(pthread_create(&writers[i].thread, NULL, take_one_turn, &writers[i]), 0);
        while (sqlite_file_waiting(file) != i + 1)
            (void)sched_yield();
    }
    assert_int_equal(told_count, 0);
    assert_int_equal(db_commit(db), 0);
    /* whoever comes back at once goes to the end of the queue: nobody is passed by */
    assert_int_equal(db_begin(db, DB_WRITE), 0);
    assert_int_equal(told_count, WRITERS);
    db_rollback(db);
    for (size_t i = 0; i < WRITERS; i++) {
        assert_int_equal(pthread_join(writers[i].thread, NULL), 0);
        assert_int_equal(writers[i].failed, 0);
        assert_int_equal(told[i].writer, (int64_t)i);
    }
    db_close(db);
}

/* ---- another process ---- */

/* Holds SQLite's write lock until told to let go. Plain SQLite, as a stranger would use it. */
static void hold_lock(const char *path, int ready, int release)
{
    sqlite3 *handle;
    char c = 'r';
    bool ok = sqlite3_open(path, &handle) == SQLITE_OK &&
              sqlite3_exec(handle, "BEGIN IMMEDIATE", NULL, NULL, NULL) == SQLITE_OK;
    if (ok)
        ok = write(ready, &c, 1) == 1 && read(release, &c, 1) == 1;
    if (ok)
        ok = sqlite3_exec(handle, "COMMIT", NULL, NULL, NULL) == SQLITE_OK;
    (void)sqlite3_close(handle);
    _exit(ok ? 0 : 1);
}

static void busy_elsewhere(void **state)
{
    struct scratch *s = *state;
    int ready[2], release[2], status;
    char c = 'x';
    assert_int_equal(pipe(ready), 0);
    assert_int_equal(pipe(release), 0);
    pid_t child = fork(); /* before this process opens anything */
    assert_true(child >= 0);
    if (child == 0)
        hold_lock(s->path, ready[1], release[0]);
    assert_int_equal(read(ready[0], &c, 1), 1);

    struct db *db = scratch_open(s, false);
    int64_t start = clock_mono_us();
    assert_int_equal(db_begin(db, DB_WRITE), -E_UNAVAILABLE);
    assert_in_range((uint64_t)(clock_mono_us() - start), US_PER_S, 2 * US_PER_S);
    assert_false(db_in_transaction(db));
    start = clock_mono_us();
    for (int i = 0; i < 20; i++) /* those who come behind do not each wait as long */
        assert_int_equal(db_begin(db, DB_WRITE), -E_UNAVAILABLE);
    assert_in_range((uint64_t)(clock_mono_us() - start), 0, US_PER_S);
    assert_int_equal(scratch_log_count(db, s), 0); /* reading goes on */
    assert_int_equal(sqlite_file_waiting(sqlite_db_of(db)->file), 0);

    assert_int_equal(write(release[1], &c, 1), 1);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    assert_int_equal(scratch_log(db, 1, 1, STR("x")), 0); /* and it goes on at once */
    assert_false(sqlite_file_stuck(sqlite_db_of(db)->file));
    for (int i = 0; i < 2; i++) {
        (void)close(ready[i]);
        (void)close(release[i]);
    }
    db_close(db);
}

#define T(f) cmocka_unit_test_setup_teardown(f, scratch_setup, scratch_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(busy_elsewhere), /* first: it forks */
        T(commit_and_rollback),      T(many_is_all_or_nothing), T(read_is_one_snapshot),
        T(told_in_order_of_commits), T(sixty_four_writers),     T(first_come_first_served),
    };
    return cmocka_run_group_tests_name("db/transactions", tests, NULL, NULL);
}
