/* test_query.c - query parameters and cursors, as strangers send them. */
#include "../unit.h"
#include "api/cursor.h"

struct asked {
    struct arena arena;
    struct issues issues;
    struct http_request request;
    struct exchange ex;
};

static void ask(struct asked *a, struct str query)
{
    arena_done(&a->arena);
    arena_init(&a->arena, 1 << 20);
    a->issues.count = 0;
    a->request = (struct http_request){.query = query};
    a->ex = (struct exchange){.call = {.arena = &a->arena, .issues = &a->issues},
                              .request = &a->request};
}

static int setup(void **state)
{
    *state = calloc(1, sizeof(struct asked));
    return *state ? 0 : -1;
}

static int teardown(void **state)
{
    struct asked *a = *state;

    arena_done(&a->arena);
    free(a);
    return 0;
}

static void texts(void **state)
{
    static const struct {
        const char *query, *want; /* want NULL: absent */
    } good[] = {
        {"", NULL},
        {"x=1", NULL},
        {"qq=1", NULL},
        {"Q=1", NULL},
        {"q", ""},
        {"q=", ""},
        {"q=a", "a"},
        {"x=1&q=a&y", "a"},
        {"q=a+b", "a b"},
        {"q=a%20b", "a b"},
        {"q=%2B", "+"},
        {"q=a=b", "a=b"},
        {"q=%C3%A9", "\xc3\xa9"},
        {"q=%c3%a9", "\xc3\xa9"},
        {"q=%26&x", "&"},
        {"&&q=a&", "a"},
        {"q=%25", "%"},
        {"q=%0A", "\n"},
        {"q=caf\xc3\xa9", "caf\xc3\xa9"},
    };
    struct asked *a = *state;
    struct str got;

    for (size_t i = 0; i < COUNT_OF(good); i++) {
        ask(a, str_from(good[i].query));
        assert_int_equal(query_text(&a->ex, "q", &got), 0);
        assert_str(got, good[i].want);
    }
    ask(a, STR_NONE);
    assert_int_equal(query_text(&a->ex, "q", &got), 0);
    assert_null(got.p);
}

static void bad_texts(void **state)
{
    static const char *const bad[] = {"q=%",     "q=%4",        "q=%zz", "q=a%2",       "q=%00",
                                      "q=a%00b", "q=%C3",       "q=%FF", "q=%ED%A0%80", "q=%C0%AF",
                                      "q=a&q=b", "q=a&x=1&q=a", "q&q"};
    struct asked *a = *state;
    struct str got;

    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        ask(a, str_from(bad[i]));
        assert_int_equal(query_text(&a->ex, "q", &got), -E_VALIDATION);
        assert_int_equal(a->issues.count, 1);
        assert_str(a->issues.list[0].field, "q");
    }
}

static void numbers(void **state)
{
    static const struct {
        const char *query;
        int64_t want; /* -1: refused */
    } cases[] = {
        {"", 50},
        {"limit=1", 1},
        {"limit=100", 100},
        {"limit=0", -1},
        {"limit=101", -1},
        {"limit=-1", -1},
        {"limit=", -1},
        {"limit=1e2", -1},
        {"limit=+5", -1},
        {"limit=%35", 5},
        {"limit=9223372036854775808", -1},
        {"limit=18446744073709551617", -1},
        {"limit=5%00", -1},
        {"limit=5&limit=5", -1},
    };
    struct asked *a = *state;
    int64_t got;

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        ask(a, str_from(cases[i].query));
        int r = query_i64(&a->ex, "limit", 1, 100, 50, &got);
        assert_int_equal(r, cases[i].want < 0 ? -E_VALIDATION : 0);
        if (r == 0)
            assert_int_equal(got, cases[i].want);
    }
}

static void ids_times_words(void **state)
{
    static const char *const names[] = {"patient", "doctor", NULL};
    static const char *const known[] = {"a", "b", NULL};
    struct asked *a = *state;
    struct id id;
    int64_t v;

    ask(a, STR("id=01890a5d-ac96-774b-bcce-b302099a8057&at=2026-05-04T12%3A00%3A00Z&role=doctor"));
    assert_int_equal(query_id(&a->ex, "id", &id), 0);
    assert_false(id_is_none(&id));
    assert_int_equal(query_time(&a->ex, "at", &v), 0);
    assert_int_equal(v, INT64_C(1777896000000000));
    assert_int_equal(query_enum(&a->ex, "role", names, &v), 0);
    assert_int_equal(v, 2);
    ask(a, STR("id=x&at=yesterday&role=Doctor"));
    assert_int_equal(query_id(&a->ex, "id", &id), -E_VALIDATION);
    assert_int_equal(query_time(&a->ex, "at", &v), -E_VALIDATION);
    assert_int_equal(query_enum(&a->ex, "role", names, &v), -E_VALIDATION);
    assert_int_equal(a->issues.count, 3);
    ask(a, STR(""));
    assert_int_equal(query_id(&a->ex, "id", &id), 0);
    assert_true(id_is_none(&id));
    assert_int_equal(query_time(&a->ex, "at", &v), 0);
    assert_int_equal(v, 0);
    assert_int_equal(query_enum(&a->ex, "role", names, &v), 0);
    assert_int_equal(v, 0);

    ask(a, STR("a=1&b=2"));
    assert_int_equal(query_only(&a->ex, known), 0);
    ask(a, STR_NONE);
    assert_int_equal(query_only(&a->ex, known), 0);
    static const char *const unknown[] = {"c", "a=1&c=2", "A=1", "%61=1", "aa=1"};
    for (size_t i = 0; i < COUNT_OF(unknown); i++) {
        ask(a, str_from(unknown[i]));
        assert_int_equal(query_only(&a->ex, known), -E_VALIDATION);
    }
}

/* ---- cursors ---- */

static void ask_with(struct asked *a, struct str cursor)
{
    static char query[512];

    (void)snprintf(query, sizeof query, "cursor=%.*s", STR_FMT(cursor));
    ask(a, str_from(query));
}

static void cursors_come_back(void **state)
{
    static const char *const names[] = {"", "a", "ab", "abc", "jos\xc3\xa9 da silva", "=&%+/ "};
    struct asked *a = *state;
    struct arena keep;

    arena_init(&keep, 1 << 16);
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        const struct name_cursor in = {str_from(names[i]), id_new()};
        struct name_cursor out;
        ask_with(a, cursor_write_name(&keep, &in));
        assert_int_equal(cursor_read_name(&a->ex, &out), 0);
        assert_str(out.name, names[i]);
        assert_true(id_eq(&in.id, &out.id));
    }
    static const int64_t times[] = {1, INT64_C(1777896000123456), INT64_MAX};
    for (size_t i = 0; i < COUNT_OF(times); i++) {
        const struct time_cursor in = {times[i], id_new()};
        struct time_cursor out;
        int64_t at;
        int64_t seq;
        ask_with(a, cursor_write_time(&keep, &in));
        assert_int_equal(cursor_read_time(&a->ex, &out), 0);
        assert_int_equal(out.at, times[i]);
        assert_true(id_eq(&in.id, &out.id));
        ask_with(a, cursor_write_pair(&keep, times[i], 42));
        assert_int_equal(cursor_read_pair(&a->ex, &at, &seq), 0);
        assert_int_equal(at, times[i]);
        assert_int_equal(seq, 42);
    }
    /* none given: from the start; none written: the end */
    struct name_cursor name;
    struct time_cursor time;
    ask(a, STR(""));
    assert_int_equal(cursor_read_name(&a->ex, &name), 0);
    assert_null(name.name.p);
    assert_int_equal(cursor_read_time(&a->ex, &time), 0);
    assert_int_equal(time.at, INT64_MAX);
    assert_null(cursor_write_name(&keep, &(struct name_cursor){0}).p);
    assert_null(cursor_write_time(&keep, &(struct time_cursor){0}).p);
    arena_done(&keep);
}

static struct str encoded(struct arena *a, struct str plain)
{
    char *out = arena_alloc(a, plain.n * 2 + 8);

    assert_non_null(out);
    crypto_base64url(plain.p, plain.n, out);
    return str_from(out);
}

static void garbage_is_no_cursor(void **state)
{
    const struct str plain[] = {
        STR(""),
        STR("x"),
        STR("12"),
        STR("12\n"),
        STR("\n"),
        STR("12\nnot-an-id"),
        STR("-1\n01890a5d-ac96-774b-bcce-b302099a8057"),
        STR("99999999999999999999\n01890a5d-ac96-774b-bcce-b302099a8057"),
        STR("1\n01890a5d-ac96-774b-bcce-b302099a8057\n"),
        STR("\xff\n01890a5d"),
    };
    static const char *const raw[] = {"*", "a b", "%00", "YQ==", "Y/", "\xc3\xa9"};
    struct asked *a = *state;
    struct arena keep;
    struct time_cursor time;
    struct name_cursor name;
    int64_t at;
    int64_t seq;

    arena_init(&keep, 1 << 16);
    for (size_t i = 0; i < COUNT_OF(plain); i++) {
        struct str cursor = encoded(&keep, plain[i]);
        ask_with(a, cursor);
        assert_int_equal(cursor_read_time(&a->ex, &time), -E_VALIDATION);
        ask_with(a, cursor);
        assert_int_equal(cursor_read_pair(&a->ex, &at, &seq), -E_VALIDATION);
    }
    for (size_t i = 0; i < COUNT_OF(raw); i++) {
        ask_with(a, str_from(raw[i]));
        assert_int_equal(cursor_read_name(&a->ex, &name), -E_VALIDATION);
        assert_int_equal(a->issues.count, 1);
    }
    ask_with(a, encoded(&keep, STR("\xff\n01890a5d-ac96-774b-bcce-b302099a8057")));
    assert_int_equal(cursor_read_name(&a->ex, &name), -E_VALIDATION);
    arena_done(&keep);
}

#define Q(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        Q(texts),           Q(bad_texts),         Q(numbers),
        Q(ids_times_words), Q(cursors_come_back), Q(garbage_is_no_cursor),
    };
    return cmocka_run_group_tests_name("api/query", tests, NULL, NULL);
}
