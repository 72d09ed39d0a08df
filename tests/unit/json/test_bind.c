/* test_bind.c - JSON in: every kind, every bound, and all that must be refused. */
#include "../unit.h"
#include "json/json.h"

static const char *const colours[] = {"red", "green", NULL};

struct item {
    struct str name;
    int64_t rank;
};
static const struct json_field item_fields[] = {
    {"name", JSON_TEXT, offsetof(struct item, name), JSON_REQUIRED, 1, 5, NULL, NULL,
     JSON_NO_PRESENT},
    {"rank", JSON_I64, offsetof(struct item, rank), 0, 0, 0, NULL, NULL, JSON_NO_PRESENT},
};
static const struct json_desc item_desc = {"item", item_fields, COUNT_OF(item_fields),
                                           sizeof(struct item)};

struct thing {
    struct str text, line;
    int64_t count;
    bool flag, text_given;
    struct id id;
    int64_t at;
    int colour;
    struct item item;
    struct item *maybe;
    struct json_array items;
};
#define PLAIN NULL, NULL, JSON_NO_PRESENT
static const struct json_field thing_fields[] = {
    {"text", JSON_TEXT, offsetof(struct thing, text), JSON_NULLABLE, 0, 8, NULL, NULL,
     offsetof(struct thing, text_given)},
    {"line", JSON_TEXT, offsetof(struct thing, line), JSON_TRIM | JSON_LINE, 2, 4, PLAIN},
    {"count", JSON_I64, offsetof(struct thing, count), 0, -5, 100, PLAIN},
    {"flag", JSON_BOOL, offsetof(struct thing, flag), 0, 0, 0, PLAIN},
    {"id", JSON_ID, offsetof(struct thing, id), 0, 0, 0, PLAIN},
    {"at", JSON_TIME, offsetof(struct thing, at), 0, 0, 0, PLAIN},
    {"colour", JSON_ENUM, offsetof(struct thing, colour), 0, 0, 0, colours, NULL, JSON_NO_PRESENT},
    {"item", JSON_OBJECT, offsetof(struct thing, item), 0, 0, 0, NULL, &item_desc, JSON_NO_PRESENT},
    {"maybe", JSON_OBJECT_PTR, offsetof(struct thing, maybe), JSON_NULLABLE, 0, 0, NULL, &item_desc,
     JSON_NO_PRESENT},
    {"items", JSON_ARRAY, offsetof(struct thing, items), 0, 0, 3, NULL, &item_desc,
     JSON_NO_PRESENT},
};
static const struct json_desc thing_desc = {"thing", thing_fields, COUNT_OF(thing_fields),
                                            sizeof(struct thing)};

static struct arena arena;
static struct thing thing;
static struct issues issues;

static int setup(void **state)
{
    (void)state;
    arena_init(&arena, 1 << 20);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    arena_done(&arena);
    return 0;
}

static int read_thing(struct str text)
{
    arena_reset(&arena);
    memset(&thing, 0xAA, sizeof thing);
    return json_bind(&thing_desc, text, &arena, &thing, &issues);
}

/* One issue and no other, at that field with that code. */
static void check_issue(const char *text, const char *field, const char *code)
{
    int r = read_thing(str_from(text));
    if (r != -E_VALIDATION || issues.count != 1)
        fail_msg("%s: result %d, %zu issues", text, r, issues.count);
    assert_str(issues.list[0].field, field);
    assert_string_equal(issues.list[0].code, code);
}

static void every_kind(void **state)
{
    (void)state;
    char text[] = "{\"text\":\"a\\u00e9\\ud83d\\ude00\\n\",\"line\":\"  ab \",\"count\":-5,"
                  "\"flag\":true,\"id\":\"017F22E2-79B0-7CC3-98C4-DC0C0C07398F\","
                  "\"at\":\"2026-11-22T14:20:12.5-03:00\",\"colour\":\"green\","
                  "\"item\":{\"name\":\"x\"},\"maybe\":{\"name\":\"y\",\"rank\":7},"
                  "\"items\":[{\"name\":\"p\"},{\"name\":\"q\",\"rank\":1}]}";
    assert_int_equal(read_thing(str_from(text)), 0);
    memset(text, 'x', sizeof text - 1); /* nothing borrows from the request's bytes */
    assert_str(thing.text, "aé😀\n");
    assert_true(thing.text_given);
    assert_str(thing.line, "ab");
    assert_int_equal(thing.count, -5);
    assert_true(thing.flag);
    assert_int_equal(id_time_ms(&thing.id), 0x017F22E279B0);
    assert_true(thing.at == INT64_C(1795368012500000));
    assert_int_equal(thing.colour, 2);
    assert_str(thing.item.name, "x");
    assert_int_equal(thing.maybe->rank, 7);
    assert_int_equal(thing.items.count, 2);
    assert_str(((struct item *)thing.items.items)[1].name, "q");
}

static void absence(void **state)
{
    (void)state;
    assert_int_equal(read_thing(STR(" { } ")), 0);
    assert_null(thing.text.p);
    assert_false(thing.text_given);
    assert_false(thing.flag);
    assert_true(id_is_none(&thing.id));
    assert_null(thing.maybe);
    assert_int_equal(thing.items.count, 0);
    assert_int_equal(read_thing(STR("{\"text\":null,\"maybe\":null}")), 0);
    assert_null(thing.text.p);
    assert_true(thing.text_given); /* PATCH tells "set to nothing" from "leave" */
    assert_int_equal(read_thing(STR("{\"text\":\"\"}")), 0);
    assert_non_null(thing.text.p);
    check_issue("{\"count\":null}", "count", "invalid");
    check_issue("{\"item\":{\"name\":null}}", "item.name", "required");
    check_issue("{\"item\":{}}", "item.name", "required");
    check_issue("{\"item\":{\"name\":\"\"}}", "item.name", "required");
}

static void bounds(void **state)
{
    (void)state;
    assert_int_equal(read_thing(STR("{\"text\":\"éééééééé\"}")), 0); /* characters, not bytes */
    check_issue("{\"text\":\"ééééééééé\"}", "text", "too_long");
    check_issue("{\"line\":\" a \"}", "line", "too_short"); /* after trimming */
    assert_int_equal(read_thing(STR("{\"line\":\"   abcd   \"}")), 0);
    assert_int_equal(read_thing(STR("{\"count\":100}")), 0);
    check_issue("{\"count\":101}", "count", "invalid");
    check_issue("{\"count\":-6}", "count", "invalid");
    assert_int_equal(read_thing(STR("{\"item\":{\"name\":\"x\",\"rank\":9223372036854775807}}")),
                     0);
    assert_true(thing.item.rank == INT64_MAX);
    check_issue("{\"items\":[{\"name\":\"a\"},{\"name\":\"a\"},{\"name\":\"a\"},{\"name\":\"a\"}]}",
                "items", "too_long");
    check_issue("{\"colour\":\"blue\"}", "colour", "invalid");
    check_issue("{\"colour\":\"\"}", "colour", "invalid");
}

static void wrong_types(void **state)
{
    (void)state;
    check_issue("{\"text\":1}", "text", "invalid");
    check_issue("{\"count\":1.0}", "count", "invalid");
    check_issue("{\"count\":\"1\"}", "count", "invalid");
    check_issue("{\"flag\":1}", "flag", "invalid");
    check_issue("{\"flag\":\"true\"}", "flag", "invalid");
    check_issue("{\"id\":\"017f22e2\"}", "id", "invalid");
    check_issue("{\"at\":\"yesterday\"}", "at", "invalid");
    check_issue("{\"at\":1}", "at", "invalid");
    check_issue("{\"item\":[]}", "item", "invalid");
    check_issue("{\"maybe\":\"x\"}", "maybe", "invalid");
    check_issue("{\"items\":{}}", "items", "invalid");
    check_issue("{\"items\":[{\"name\":\"a\"},1]}", "items[1]", "invalid");
    check_issue("{\"items\":[{\"name\":\"a\"},{\"name\":\"b\",\"rank\":[]}]}", "items[1].rank",
                "invalid");
}

static void controls(void **state)
{
    (void)state;
    static const char *const bad[] = {"\\n",     "\\u0001", "\\u007f", "\\u0085",
                                      "\\u2028", "\\u2029", "\\t"};
    char text[64];
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        (void)snprintf(text, sizeof text, "{\"line\":\"a%sb\"}", bad[i]);
        check_issue(text, "line", "invalid");
        (void)snprintf(text, sizeof text, "{\"text\":\"a%sb\"}", bad[i]);
        assert_int_equal(read_thing(str_from(text)), 0);
    }
    assert_int_equal(read_thing(STR("{\"line\":\"é\xc2\xa0\"}")), 0); /* not a C1 control */
}

static void unknown_members(void **state)
{
    (void)state;
    check_issue("{\"role\":\"admin\"}", "role", "unknown");
    check_issue("{\"item\":{\"name\":\"a\",\"verified\":true}}", "item.verified", "unknown");
    check_issue("{\"Text\":\"a\"}", "Text", "unknown");
    check_issue("{\"\":1}", "", "unknown");
    /* a stranger's long name is not repeated */
    char text[600];
    memset(text, 'x', sizeof text);
    memcpy(text, "{\"item\":{\"name\":\"a\",\"", 21);
    memcpy(text + 500, "\":1}}", 6);
    check_issue(text, "item", "unknown");
    read_thing(STR("{\"count\":101,\"flag\":0,\"x\":1,\"y\":{\"z\":[]}}"));
    assert_int_equal(issues.count, 4);
}

static void many_issues_are_bounded(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, 4096);
    (void)buf_add_char(&b, '{');
    for (int i = 0; i < 100; i++)
        (void)buf_addf(&b, "%s\"m%d\":0", i > 0 ? "," : "", i);
    (void)buf_add_char(&b, '}');
    assert_int_equal(read_thing(buf_str(&b)), -E_VALIDATION);
    assert_int_equal(issues.count, ISSUES_MAX);
    buf_done(&b);
}

static void malformed(void **state)
{
    (void)state;
    static const char *const bad[] = {"",
                                      " ",
                                      "x",
                                      "null",
                                      "1",
                                      "\"a\"",
                                      "[]",
                                      "{",
                                      "}",
                                      "{}{}",
                                      "{}x",
                                      "{,}",
                                      "{\"a\"}",
                                      "{\"text\":\"a\",}",
                                      "{'text':'a'}",
                                      "{text:\"a\"}",
                                      "{\"text\":\"a}",
                                      "{\"text\":a}",
                                      "{\"text\":\"a\",\"text\":\"b\"}",
                                      "{\"count\":1,\"count\":1}",
                                      "{\"item\":{\"name\":\"a\",\"name\":\"b\"}}",
                                      "{\"te\\u0078t\":\"a\",\"text\":\"b\"}",
                                      "{\"text\":\"\\u0000\"}",
                                      "{\"\\u0000\":1}",
                                      "{\"text\":\"\\ud800\"}",
                                      "{\"text\":\"\\udc00\"}",
                                      "{\"text\":\"\\ud800\\ud800\"}",
                                      "{\"text\":\"\\ud800x\"}",
                                      "{\"text\":\"\\udc00\\ud800\"}",
                                      "{\"text\":\"\xff\"}",
                                      "{\"text\":\"\xc0\x80\"}",
                                      "{\"text\":\"\xed\xa0\x80\"}",
                                      "{\"text\":\"\xf4\x90\x80\x80\"}",
                                      "{\"text\":\"\xc3\"}",
                                      "{\"text\":\"a\nb\"}",
                                      "{\"text\":\"\\x\"}",
                                      "{\"text\":\"\\u12\"}",
                                      "{\"count\":01}",
                                      "{\"count\":+1}",
                                      "{\"count\":1e}",
                                      "{\"count\":0x1}",
                                      "{\"count\":NaN}",
                                      "{\"count\":Infinity}",
                                      "{\"count\":1e999}",
                                      "{\"count\":9223372036854775808}",
                                      "{\"count\":-9223372036854775809}",
                                      "{\"flag\":True}",
                                      "/**/{}",
                                      "\xef\xbb\xbf{}"};
    for (size_t i = 0; i < COUNT_OF(bad); i++)
        if (read_thing(str_from(bad[i])) != -E_MALFORMED)
            fail_msg("taken: %s", bad[i]);
    assert_int_equal(read_thing(STR("{}\0")), -E_MALFORMED);
    assert_int_equal(read_thing(STR("{\"text\":\"a\0b\"}")), -E_MALFORMED);
    assert_int_equal(read_thing(STR_NONE), -E_MALFORMED);
}

static int bind_nested(int depth, const char *open, const char *close)
{
    struct buf b;
    buf_init(&b, 1 << 20);
    (void)buf_add_text(&b, "{\"x\":");
    for (int i = 1; i < depth; i++)
        (void)buf_add_text(&b, open);
    (void)buf_add_text(&b, "1");
    for (int i = 1; i < depth; i++)
        (void)buf_add_text(&b, close);
    (void)buf_add_text(&b, "}");
    int r = read_thing(buf_str(&b));
    buf_done(&b);
    return r;
}

static void depth_is_bounded(void **state)
{
    (void)state;
    assert_int_equal(bind_nested(16, "[", "]"), -E_VALIDATION); /* unknown, but read */
    assert_int_equal(bind_nested(17, "[", "]"), -E_MALFORMED);
    assert_int_equal(bind_nested(16, "{\"a\":", "}"), -E_VALIDATION);
    assert_int_equal(bind_nested(17, "{\"a\":", "}"), -E_MALFORMED);
    assert_int_equal(bind_nested(100000, "[", "]"), -E_MALFORMED);
    /* brackets inside texts are only text, also behind an escaped quote */
    assert_int_equal(read_thing(STR("{\"text\":\"[[[[[[[[\",\"items\":[]}")), 0);
    assert_int_equal(read_thing(STR("{\"text\":\"\\\"[[[\\\\\"}")), 0);
}

static void huge(void **state)
{
    (void)state;
    size_t n = 4 << 20;
    char *text = malloc(n + 1);
    assert_non_null(text);
    memset(text, 'a', n);
    memcpy(text, "{\"text\":\"", 9);
    memcpy(text + n - 2, "\"}", 3);
    assert_int_equal(read_thing(str_of(text, n)), -E_VALIDATION);
    assert_string_equal(issues.list[0].code, "too_long");
    free(text);
}

static void out_of_memory_is_told(void **state)
{
    (void)state;
    const struct str text = STR("{\"text\":\"abc\",\"items\":[{\"name\":\"a\"},{\"name\":\"b\"}]}");
    int last = -1;
    for (size_t max = 16; max < 4096 && last != 0; max += 16) {
        struct arena small;
        arena_init(&small, max);
        last = json_bind(&thing_desc, text, &small, &thing, &issues);
        assert_true(last == 0 || last == -E_NO_MEMORY);
        arena_done(&small);
    }
    assert_int_equal(last, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind),
        cmocka_unit_test(absence),
        cmocka_unit_test(bounds),
        cmocka_unit_test(wrong_types),
        cmocka_unit_test(controls),
        cmocka_unit_test(unknown_members),
        cmocka_unit_test(many_issues_are_bounded),
        cmocka_unit_test(malformed),
        cmocka_unit_test(depth_is_bounded),
        cmocka_unit_test(huge),
        cmocka_unit_test(out_of_memory_is_told),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
