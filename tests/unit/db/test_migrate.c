/* test_migrate.c - migrations are applied once, in order, whole or not at all. */
#include <pthread.h>

#include "db/queries.h"
#include "scratch.h"

/* scratch_schema is the first of each list */
#define FIRST scratch_schema[0]

static struct db_migration more(int64_t version, const char *sql)
{
    return (struct db_migration){version, "more", sql};
}

static void again_is_nothing(void **state)
{
    struct db *db = scratch_open(*state, false);
    size_t applied = 9;
    assert_int_equal(db_migrate_list(db, &FIRST, 1, 2, &applied), 0);
    assert_int_equal(applied, 0);
    assert_int_equal(db_schema_check_list(db, &FIRST, 1), 0);
    struct db_migration list[] = {FIRST, more(2, "CREATE TABLE two (x INTEGER) STRICT"),
                                  more(3, "INSERT INTO two (x) VALUES (1); DROP TABLE two;")};
    assert_int_equal(db_schema_check_list(db, list, 3), -E_VERSION); /* older than the program */
    assert_int_equal(db_migrate_list(db, list, 3, 2, &applied), 0);
    assert_int_equal(applied, 2);
    assert_int_equal(db_schema_check_list(db, list, 3), 0);
    db_close(db);
}

static void newer_is_refused(void **state)
{
    struct db *db = scratch_open(*state, false);
    struct db_migration list[] = {FIRST, more(2, "CREATE TABLE two (x INTEGER) STRICT")};
    size_t applied;
    assert_int_equal(db_migrate_list(db, list, 2, 2, &applied), 0);
    assert_int_equal(db_migrate_list(db, list, 1, 2, &applied), -E_VERSION);
    assert_int_equal(applied, 0);
    assert_int_equal(db_schema_check_list(db, list, 1), -E_VERSION);
    db_close(db);
}

static void changed_text_is_refused(void **state)
{
    struct db *db = scratch_open(*state, false);
    char text[1024];
    (void)snprintf(text, sizeof text, "%s ", FIRST.sql);
    struct db_migration list[] = {{1, "things", text},
                                  more(2, "CREATE TABLE two (x INTEGER) STRICT")};
    size_t applied;
    assert_int_equal(db_migrate_list(db, list, 2, 2, &applied), -E_VERSION);
    assert_int_equal(applied, 0);
    assert_int_equal(db_schema_check_list(db, list, 1), -E_VERSION);
    list[0] = (struct db_migration){7, "things", FIRST.sql};
    assert_int_equal(db_schema_check_list(db, list, 1), -E_VERSION);
    db_close(db);
}

static void failure_leaves_nothing(void **state)
{
    struct scratch *s = *state;
    struct db *db = scratch_open(s, false);
    struct db_migration list[] = {
        FIRST, more(2, "CREATE TABLE two (x INTEGER NOT NULL) STRICT"),
        more(3, "CREATE TABLE three (x INTEGER) STRICT; INSERT INTO log (writer, n, body) VALUES "
                "(1, 1, x''); INSERT INTO two (x) VALUES (NULL);")};
    size_t applied;
    assert_int_equal(db_migrate_list(db, list, 3, 2, &applied), -E_CONFLICT);
    assert_int_equal(applied, 1); /* the good one before it stands */
    assert_false(db_in_transaction(db));
    assert_int_equal(scratch_log_count(db, s), 0);
    assert_int_equal(db_schema_check_list(db, list, 2), 0);
    list[2].sql = "CREATE TABLE three (x INTEGER) STRICT"; /* would fail if it were there */
    assert_int_equal(db_migrate_list(db, list, 3, 2, &applied), 0);
    assert_int_equal(applied, 1);
    list[2].sql = "nonsense";
    assert_int_equal(db_schema_check_list(db, list, 3), -E_VERSION);
    db_close(db);
}

static void first_failure_leaves_an_empty_database(void **state)
{
    struct scratch *s = *state;
    (void)unlink(s->path);
    struct db *db = scratch_open(s, false);
    struct db_migration bad = {1, "bad", "CREATE TABLE one (x INTEGER) STRICT; nonsense"};
    assert_int_equal(db_migrate_list(db, &bad, 1, 2, NULL), -E_DATABASE);
    struct q_schema_exists_row exists;
    assert_int_equal(q_schema_exists(db, &s->arena, &exists), 0);
    assert_int_equal(exists.found, 0);
    assert_int_equal(db_schema_check_list(db, &FIRST, 1), -E_VERSION); /* empty is not migrated */
    assert_int_equal(db_schema_check_list(db, &FIRST, 0), 0);
    assert_int_equal(db_migrate_list(db, &FIRST, 1, 2, NULL), 0);
    db_close(db);
}

static void cannot_end_its_transaction(void **state)
{
    struct db *db = scratch_open(*state, false);
    struct db_migration list[] = {FIRST, more(2, "CREATE TABLE two (x INTEGER) STRICT; COMMIT")};
    size_t applied;
    assert_int_equal(db_migrate_list(db, list, 2, 2, &applied), -E_DATABASE);
    assert_int_equal(applied, 0);
    assert_int_equal(db_schema_check_list(db, list, 1), 0);
    db_close(db);
}

struct racer {
    pthread_t thread;
    const struct scratch *scratch;
    int result;
    size_t applied;
};

static void *race(void *arg)
{
    struct racer *r = arg;
    struct db *db;
    size_t count;
    r->result = db_open(&(struct db_options){.url = r->scratch->url}, &db);
    if (r->result < 0)
        return NULL;
    const struct db_migration *list = db_migrations(DB_SQLITE, &count);
    r->result = db_migrate_list(db, list, count, 2, &r->applied);
    db_close(db);
    return NULL;
}

/* The program's own schema on a new file, by several at once; then every query of the build. */
static void own_schema_by_several(void **state)
{
    struct scratch *s = *state;
    struct racer racers[6];
    size_t count, applied = 0, n = sizeof racers / sizeof *racers;
    (void)unlink(s->path);
    (void)db_migrations(DB_SQLITE, &count);
    assert_true(count > 0);
    for (size_t i = 0; i < n; i++) {
        racers[i] = (struct racer){.scratch = s};
        assert_int_equal(pthread_create(&racers[i].thread, NULL, race, &racers[i]), 0);
    }
    for (size_t i = 0; i < n; i++) {
        assert_int_equal(pthread_join(racers[i].thread, NULL), 0);
        assert_int_equal(racers[i].result, 0);
        applied += racers[i].applied;
    }
    assert_int_equal(applied, count);

    struct db *db = scratch_open(s, false);
    const char *failed = "";
    assert_int_equal(db_schema_check(db), 0);
    assert_int_equal(db_prepare_all(db, &failed), 0);
    assert_string_equal(failed, "");
    assert_int_equal(db_migrate(db, 3, &applied), 0);
    assert_int_equal(applied, 0);
    assert_int_equal(db_integrity_check(db), 0);
    db_close(db);
    db = scratch_open(s, true); /* a reader knows it too */
    assert_int_equal(db_schema_check(db), 0);
    db_close(db);
}

static void prepare_names_the_failing_one(void **state)
{
    struct db *db = scratch_open(*state, false); /* has the tests' tables, not the program's */
    const char *failed = NULL;
    assert_int_equal(db_prepare_all(db, &failed), -E_DATABASE);
    assert_non_null(failed);
    db_close(db);
}

#define T(f) cmocka_unit_test_setup_teardown(f, scratch_setup, scratch_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(again_is_nothing),
        T(newer_is_refused),
        T(changed_text_is_refused),
        T(failure_leaves_nothing),
        T(first_failure_leaves_an_empty_database),
        T(cannot_end_its_transaction),
        T(own_schema_by_several),
        T(prepare_names_the_failing_one),
    };
    return cmocka_run_group_tests_name("db/migrate", tests, NULL, NULL);
}
