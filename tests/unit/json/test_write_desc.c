/* test_write_desc.c - whole objects by descriptor: what is written, what is null, what is left. */
#include "../unit.h"
#include "json/json.h"

static const char *const states[] = {"open", "closed", NULL};

struct inner {
    struct str name;
};
static const struct json_field inner_fields[] = {
    {"name", JSON_TEXT, offsetof(struct inner, name), 0, 0, 0, NULL, NULL, JSON_NO_PRESENT}};
static const struct json_desc inner_desc = {"inner", inner_fields, 1, sizeof(struct inner)};

struct outer {
    struct str text;
    int64_t number, maybe_number;
    bool flag, rare;
    struct id id;
    int64_t at;
    int state;
    struct inner inner;
    struct inner *pointer;
    struct json_array list, rare_list;
    struct str rare_text;
};
#define FIELD(member, kind, flags, names, sub)                                                     \
    {                                                                                              \
#member, kind, offsetof(struct outer, member), flags, 0, 0, names, sub, JSON_NO_PRESENT    \
    }
static const struct json_field outer_fields[] = {
    FIELD(text, JSON_TEXT, 0, NULL, NULL),
    FIELD(number, JSON_I64, 0, NULL, NULL),
    FIELD(maybe_number, JSON_I64, JSON_NULLABLE, NULL, NULL),
    FIELD(flag, JSON_BOOL, 0, NULL, NULL),
    FIELD(rare, JSON_BOOL, JSON_OMIT, NULL, NULL),
    FIELD(id, JSON_ID, JSON_NULLABLE, NULL, NULL),
    FIELD(at, JSON_TIME, JSON_NULLABLE, NULL, NULL),
    FIELD(state, JSON_ENUM, 0, states, NULL),
    FIELD(inner, JSON_OBJECT, 0, NULL, &inner_desc),
    FIELD(pointer, JSON_OBJECT_PTR, 0, NULL, &inner_desc),
    FIELD(list, JSON_ARRAY, 0, NULL, &inner_desc),
    FIELD(rare_list, JSON_ARRAY, JSON_OMIT, NULL, &inner_desc),
    FIELD(rare_text, JSON_TEXT, JSON_OMIT, NULL, NULL),
};
static const struct json_desc outer_desc = {"outer", outer_fields, COUNT_OF(outer_fields),
                                            sizeof(struct outer)};

static void check(const struct outer *o, const char *want)
{
    struct buf b;
    buf_init(&b, 4096);
    json_write(&b, &outer_desc, o);
    assert_int_equal(b.err, 0);
    assert_str(buf_str(&b), want);
    buf_done(&b);
}

static void nothing_set(void **state)
{
    (void)state;
    struct outer o = {0};
    check(&o, "{\"text\":null,\"number\":0,\"maybe_number\":null,\"flag\":false,\"id\":null,"
              "\"at\":null,\"state\":null,\"inner\":{\"name\":null},\"pointer\":null,\"list\":[]}");
}

static void all_set(void **state)
{
    (void)state;
    struct inner items[2] = {{STR("a")}, {STR("<b>")}};
    struct outer o = {.text = STR("t"),
                      .number = INT64_MIN,
                      .maybe_number = 5,
                      .flag = true,
                      .rare = true,
                      .at = 1000,
                      .state = 2,
                      .inner = {STR("i")},
                      .pointer = &items[0],
                      .list = {items, 2},
                      .rare_list = {items, 1},
                      .rare_text = STR("")};
    assert_int_equal(id_parse(STR("017f22e2-79b0-7cc3-98c4-dc0c0c07398f"), &o.id), 0);
    check(&o, "{\"text\":\"t\",\"number\":-9223372036854775808,\"maybe_number\":5,\"flag\":true,"
              "\"rare\":true,\"id\":\"017f22e2-79b0-7cc3-98c4-dc0c0c07398f\","
              "\"at\":\"1970-01-01T00:00:00.001Z\",\"state\":\"closed\",\"inner\":{\"name\":\"i\"},"
              "\"pointer\":{\"name\":\"a\"},\"list\":[{\"name\":\"a\"},"
              "{\"name\":\"\\u003cb\\u003e\"}],\"rare_list\":[{\"name\":\"a\"}],"
              "\"rare_text\":\"\"}");
}

static void an_enum_past_its_names_is_null(void **state)
{
    (void)state;
    struct outer o = {.state = 3};
    struct buf b;
    buf_init(&b, 4096);
    json_write(&b, &outer_desc, &o);
    assert_non_null(memmem(b.data, b.len, "\"state\":null", 12));
    buf_done(&b);
}

static void errors_stick(void **state)
{
    (void)state;
    struct outer o = {.text = STR("t")};
    for (size_t max = 1; max < 100; max++) {
        struct buf b;
        buf_init(&b, max);
        json_write(&b, &outer_desc, &o);
        assert_int_equal(b.err, -E_TOO_LARGE);
        assert_true(b.len <= max);
        buf_done(&b);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_set),
        cmocka_unit_test(all_set),
        cmocka_unit_test(an_enum_past_its_names_is_null),
        cmocka_unit_test(errors_stick),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
