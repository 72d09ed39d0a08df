/* test_values.c - what goes into a database comes out of it, and nothing else does. */
#include <sys/stat.h>

#include "base/log.h"
#include "scratch.h"

static struct q_thing_insert_params thing(const char *name, int64_t n)
{
    return (struct q_thing_insert_params){
        .id = id_new(), .n = n, .name = str_from(name), .body = STR("body")};
}

static void values_come_back(void **state)
{
    struct scratch *s = *state;
    struct db *db = scratch_open(s, false);
    struct q_thing_insert_params p = thing("full", INT64_MIN);
    p.maybe_n = (struct db_int){true, INT64_MAX};
    p.note = STR("coração ✓ 'quoted'; -- no remark");
    p.body = STR("\0\x01\xff\0");
    p.extra = STR("");
    int64_t changes = 0;
    assert_int_equal(q_thing_insert(db, &p, &changes), 0);
    assert_int_equal(changes, 1);

    struct q_thing_by_id_row row;
    assert_int_equal(q_thing_by_id(db, &(struct q_thing_by_id_params){p.id}, &s->arena, &row), 0);
    assert_true(id_eq(&row.id, &p.id));
    assert_int_equal(row.n, INT64_MIN);
    assert_true(row.maybe_n.set);
    assert_int_equal(row.maybe_n.v, INT64_MAX);
    assert_true(str_eq(row.name, p.name));
    assert_true(str_eq(row.note, p.note));
    assert_true(str_eq(row.body, p.body)); /* NUL bytes and all */
    assert_non_null(row.extra.p);          /* empty is not NULL */
    assert_int_equal(row.extra.n, 0);
    assert_false(row.friend.set);
    db_close(db);
}

static void null_is_not_empty(void **state)
{
    struct scratch *s = *state;
    struct db *db = scratch_open(s, false);
    struct q_thing_insert_params first = thing("first", 1);
    assert_int_equal(q_thing_insert(db, &first, NULL), 0);
    struct q_thing_insert_params p = thing("", 0); /* an empty text in a NOT NULL column */
    p.body = STR("");
    p.friend = (struct db_uuid){true, first.id};
    assert_int_equal(q_thing_insert(db, &p, NULL), 0);

    struct q_thing_by_id_row row;
    memset(&row, 0xff, sizeof row);
    assert_int_equal(q_thing_by_id(db, &(struct q_thing_by_id_params){p.id}, &s->arena, &row), 0);
    assert_false(row.maybe_n.set);
    assert_null(row.note.p);
    assert_int_equal(row.note.n, 0);
    assert_null(row.extra.p);
    assert_non_null(row.name.p);
    assert_int_equal(row.name.n, 0);
    assert_non_null(row.body.p);
    assert_int_equal(row.body.n, 0);
    assert_true(row.friend.set);
    assert_true(id_eq(&row.friend.v, &first.id));
    db_close(db);
}

static void bad_text_is_refused(void **state)
{
    struct scratch *s = *state;
    struct db *db = scratch_open(s, false);
    struct q_thing_insert_params p = thing("x", 1);
    p.name = STR("a\0b");
    assert_int_equal(q_thing_insert(db, &p, NULL), -E_MALFORMED);
    p.name = STR("\xc3(");
    assert_int_equal(q_thing_insert(db, &p, NULL), -E_MALFORMED);
    p.name = STR("ok");
    p.note = STR("\xed\xa0\x80"); /* a surrogate */
    assert_int_equal(q_thing_insert(db, &p, NULL), -E_MALFORMED);
    p.note = STR_NONE;
    p.name = STR_NONE; /* NULL where none is declared: a mistake of the caller */
    assert_int_equal(q_thing_insert(db, &p, NULL), -E_DATABASE);
    struct q_thing_list_row *rows;
    size_t n;
    struct q_thing_list_params all = {.name = STR(""), .least = INT64_MIN};
    assert_int_equal(q_thing_list(db, &all, &s->arena, &rows, &n), 0);
    assert_int_equal(n, 0);
    db_close(db);
}

static void many_rows(void **state)
{
    struct scratch *s = *state;
    struct db *db = scratch_open(s, false);
    enum { COUNT = 1000 };
    struct q_thing_insert_params *p = calloc(COUNT, sizeof *p);
    char names[COUNT][16];
    for (int i = 0; i < COUNT; i++) {
        (void)snprintf(names[i], sizeof names[i], "name %d", i);
        p[i] = thing(names[i], i);
    }
    assert_int_equal(q_thing_insert_many(db, p, COUNT), 0);
    assert_int_equal(q_thing_insert_many(db, p, 0), 0);

    struct q_thing_list_row *rows;
    size_t n;
    struct q_thing_list_params want = {.name = STR(""), .least = 10};
    assert_int_equal(q_thing_list(db, &want, &s->arena, &rows, &n), 0);
    assert_int_equal(n, COUNT - 10);
    for (size_t i = 0; i < n; i++) {
        assert_int_equal(rows[i].n, (int64_t)i + 10);
        assert_true(str_is(rows[i].name, names[i + 10]));
    }
    want.name = STR("name 500");
    assert_int_equal(q_thing_list(db, &want, &s->arena, &rows, &n), 0);
    assert_int_equal(n, 1);
    want.name = STR("nobody");
    assert_int_equal(q_thing_list(db, &want, &s->arena, &rows, &n), 0);
    assert_int_equal(n, 0);

    int64_t changes;
    assert_int_equal(q_thing_add(db, &(struct q_thing_add_params){.by = 5, .least = 990}, &changes),
                     0);
    assert_int_equal(changes, 10);
    assert_int_equal(q_thing_delete_all(db, &changes), 0);
    assert_int_equal(changes, COUNT);
    assert_int_equal(q_thing_delete_all(db, &changes), 0);
    assert_int_equal(changes, 0);
    struct q_thing_by_id_row row;
    assert_int_equal(q_thing_by_id(db, &(struct q_thing_by_id_params){p[0].id}, &s->arena, &row),
                     -E_NOT_FOUND);
    free(p);
    db_close(db);
}

struct seen {
    int rows, stop_at;
};

static int look(void *arg, const void *row)
{
    struct seen *seen = arg;
    const struct q_thing_list_row *r = row;
    assert_int_equal(r->n, seen->rows);
    return ++seen->rows == seen->stop_at ? -E_TOO_LARGE : 0;
}

static void row_by_row(void **state)
{
    struct scratch *s = *state;
    struct db *db = scratch_open(s, false);
    for (int i = 0; i < 5; i++) {
        char name[8];
        (void)snprintf(name, sizeof name, "%d", i);
        struct q_thing_insert_params p = thing(name, i);
        assert_int_equal(q_thing_insert(db, &p, NULL), 0);
    }
    struct q_thing_list_params all = {.name = STR(""), .least = 0};
    struct q_thing_list_row row;
    struct seen seen = {0};
    assert_int_equal(q_thing_list_each(db, &all, &row, look, &seen), 0);
    assert_int_equal(seen.rows, 5);
    seen = (struct seen){.stop_at = 2};
    assert_int_equal(q_thing_list_each(db, &all, &row, look, &seen), -E_TOO_LARGE);
    assert_int_equal(seen.rows, 2);
    db_close(db);
}

static void arena_bounds_the_answer(void **state)
{
    struct scratch *s = *state;
    struct db *db = scratch_open(s, false);
    static char big[300000];
    for (int i = 0; i < 4; i++) {
        char name[8];
        (void)snprintf(name, sizeof name, "%d", i);
        struct q_thing_insert_params p = thing(name, i);
        p.body = str_of(big, sizeof big);
        assert_int_equal(q_thing_insert(db, &p, NULL), 0);
        if (i)
            continue;
        struct arena small;
        struct q_thing_by_id_row row;
        arena_init(&small, 100000);
        assert_int_equal(q_thing_by_id(db, &(struct q_thing_by_id_params){p.id}, &small, &row),
                         -E_NO_MEMORY);
        arena_done(&small);
    }
    db_close(db);
}

static void constraints(void **state)
{
    struct scratch *s = *state;
    struct db *db = scratch_open(s, false);
    struct q_thing_insert_params p = thing("same", 1);
    assert_int_equal(q_thing_insert(db, &p, NULL), 0);
    assert_int_equal(q_thing_insert(db, &p, NULL), -E_DUPLICATE); /* the primary key */
    p.id = id_new();
    assert_int_equal(q_thing_insert(db, &p, NULL), -E_DUPLICATE); /* the unique name */
    p.name = STR("other");
    p.friend = (struct db_uuid){true, id_new()};
    assert_int_equal(q_thing_insert(db, &p, NULL), -E_CONFLICT); /* nobody's friend */
    p.friend.set = false;
    assert_int_equal(q_thing_insert(db, &p, NULL), 0);
    db_close(db);
}

static void wrong_queries_are_refused(void **state)
{
    struct scratch *s = *state;
    struct db *db = scratch_open(s, false);
    struct q_thing_insert_params p = thing("x", 1);
    size_t n;
    assert_int_equal(q_thing_insert(db, &p, NULL), 0);
    struct q_thing_wrong_name_row total;
    assert_int_equal(q_thing_wrong_name(db, &s->arena, &total), -E_DATABASE);
    struct q_thing_wrong_count_row *count;
    assert_int_equal(q_thing_wrong_count(db, &s->arena, &count, &n), -E_DATABASE);
    struct q_thing_wrong_type_row *type;
    assert_int_equal(q_thing_wrong_type(db, &s->arena, &type, &n), -E_CORRUPT);
    assert_null(type);
    assert_int_equal(n, 0);
    struct q_thing_wrong_null_row *null;
    assert_int_equal(q_thing_wrong_null(db, &s->arena, &null, &n), -E_CORRUPT);
    assert_int_equal(q_thing_wrong_sql(db, NULL), -E_DATABASE);
    struct q_thing_insert_as_read_row written;
    assert_int_equal(q_thing_insert_as_read(db, &s->arena, &written), -E_DATABASE);
    assert_int_equal(scratch_log_count(db, s), 0);
    assert_int_equal(db_begin(db, DB_WRITE), 0); /* where writing is meant, it may answer too */
    assert_int_equal(q_thing_insert_as_read(db, &s->arena, &written), 0);
    assert_int_equal(written.n, 77);
    assert_int_equal(db_commit(db), 0);
    assert_int_equal(scratch_log_count(db, s), 1);
    db_close(db);
}

static void urls(void **state)
{
    struct scratch *s = *state;
    struct db *db = (struct db *)1;
    const char *bad[] = {"", "sqlite", "sqlite:", "sqlite::memory:", "oracle:x", "/tmp/x", NULL};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_int_equal(db_open(&(struct db_options){.url = bad[i]}, &db), -E_CONFIG);
        assert_null(db);
    }
    assert_int_equal(db_open(&(struct db_options){.url = "sqlite:/no/such/folder/x.db"}, &db),
                     -E_DATABASE);
    char other[128], url[160];
    (void)snprintf(other, sizeof other, "%s/not.db", s->folder);
    FILE *f = fopen(other, "w");
    assert_non_null(f);
    for (int i = 0; i < 1000; i++)
        (void)fputs("this is no database ", f);
    (void)fclose(f);
    (void)snprintf(url, sizeof url, "sqlite:%s", other);
    assert_int_equal(db_open(&(struct db_options){.url = url}, &db), -E_DATABASE);
}

static void file_is_private(void **state)
{
    struct scratch *s = *state;
    struct db *db = scratch_open(s, false);
    assert_int_equal(scratch_log(db, 1, 1, STR("x")), 0);
    const char *ends[] = {"", "-wal", "-shm"};
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        char path[96];
        struct stat st;
        (void)snprintf(path, sizeof path, "%s%s", s->path, ends[i]);
        assert_int_equal(stat(path, &st), 0);
        assert_int_equal(st.st_mode & 0777, 0600);
    }
    assert_int_equal(db_dialect(db), DB_SQLITE);
    db_close(db);
}

static void read_only(void **state)
{
    struct scratch *s = *state;
    struct db *writer = scratch_open(s, false);
    assert_int_equal(scratch_log(writer, 1, 1, STR("x")), 0);
    struct db *db = scratch_open(s, true);
    assert_int_equal(scratch_log_count(db, s), 1);
    assert_int_equal(scratch_log(db, 1, 2, STR("x")), -E_DATABASE);
    assert_int_equal(db_begin(db, DB_WRITE), -E_DATABASE);
    assert_false(db_in_transaction(db));
    assert_int_equal(scratch_log(writer, 1, 3, STR("x")), 0);
    assert_int_equal(scratch_log_count(db, s), 2);
    db_close(db);
    db_close(writer);
    assert_int_equal(unlink(s->path), 0);
    assert_int_equal(db_open(&(struct db_options){.url = s->url, .read_only = true}, &db),
                     -E_DATABASE);
    assert_int_equal(access(s->path, F_OK), -1); /* and nothing was created */
}

#define T(f) cmocka_unit_test_setup_teardown(f, scratch_setup, scratch_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(values_come_back),
        T(null_is_not_empty),
        T(bad_text_is_refused),
        T(many_rows),
        T(row_by_row),
        T(arena_bounds_the_answer),
        T(constraints),
        T(wrong_queries_are_refused),
        T(urls),
        T(file_is_private),
        T(read_only),
    };
    return cmocka_run_group_tests_name("db/values", tests, NULL, NULL);
}
