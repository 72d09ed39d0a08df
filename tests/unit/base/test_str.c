/* test_str.c - borrowed texts: comparing, cutting, numbers, and UTF-8 by Unicode's own table. */
#include "../unit.h"

static void comparing(void **state)
{
    (void)state;
    assert_true(str_eq(STR(""), STR_NONE)); /* as values; absence is told by p */
    assert_true(str_ieq(STR("Content-LENGTH"), STR("content-length")));
    assert_false(str_ieq(STR("a"), STR("ab")));
    assert_false(str_ieq(STR("["), STR("{"))); /* 32 apart, but no letters */
    assert_true(str_starts(STR("abc"), STR("ab")));
    assert_true(str_starts(STR("abc"), STR("")));
    assert_false(str_starts(STR("a"), STR("ab")));
    assert_false(str_is(STR("a\0b"), "a"));
}

static void cutting(void **state)
{
    (void)state;
    struct str rest;
    assert_str(str_trim(STR(" \t\r\na b \n")), "a b");
    assert_str(str_trim(STR("  ")), "");
    assert_str(str_cut(STR("a=b=c"), '=', &rest), "a");
    assert_str(rest, "b=c");
    assert_str(str_cut(STR("a="), '=', &rest), "a");
    assert_non_null(rest.p);
    assert_int_equal(rest.n, 0);
    assert_str(str_cut(STR("abc"), '=', &rest), "abc");
    assert_null(rest.p);
    char small[4];
    assert_int_equal(str_to_cstring(STR("abc"), small, sizeof small), 0);
    assert_string_equal(small, "abc");
    assert_int_equal(str_to_cstring(STR("abcd"), small, sizeof small), -E_TOO_LARGE);
    assert_int_equal(str_to_cstring(STR("a\0c"), small, sizeof small), -E_MALFORMED);
}

static void numbers(void **state)
{
    (void)state;
    static const char *const bad[] = {"",
                                      "-1",
                                      "+1",
                                      " 1",
                                      "1 ",
                                      "1a",
                                      "0x1",
                                      "9223372036854775808",
                                      "18446744073709551616",
                                      "99999999999999999999"};
    int64_t v = 0;
    assert_int_equal(str_to_i64(STR("9223372036854775807"), &v), 0);
    assert_true(v == INT64_MAX);
    assert_int_equal(str_to_i64(STR("007"), &v), 0);
    assert_int_equal(v, 7);
    for (size_t i = 0; i < COUNT_OF(bad); i++)
        assert_int_equal(str_to_i64(str_from(bad[i]), &v), -E_MALFORMED);
}

/* Every code point by encoding it, and every two-byte combination against the table's first rows.
 */
static size_t encode(uint32_t c, char out[4])
{
    if (c < 0x80) {
        out[0] = (char)c;
        return 1;
    }
    if (c < 0x800) {
        out[0] = (char)(0xC0 | c >> 6);
        out[1] = (char)(0x80 | (c & 0x3F));
        return 2;
    }
    if (c < 0x10000) {
        out[0] = (char)(0xE0 | c >> 12);
        out[1] = (char)(0x80 | (c >> 6 & 0x3F));
        out[2] = (char)(0x80 | (c & 0x3F));
        return 3;
    }
    out[0] = (char)(0xF0 | c >> 18);
    out[1] = (char)(0x80 | (c >> 12 & 0x3F));
    out[2] = (char)(0x80 | (c >> 6 & 0x3F));
    out[3] = (char)(0x80 | (c & 0x3F));
    return 4;
}

static void utf8_every_scalar(void **state)
{
    (void)state;
    for (uint32_t c = 0; c < 0x120000; c++) {
        char bytes[4];
        size_t n = encode(c, bytes);
        size_t count = 0;
        bool good = c < 0xD800 || (c > 0xDFFF && c < 0x110000);
        if (str_utf8(str_of(bytes, n), &count) != good || (good && count != 1))
            fail_msg("U+%04X", (unsigned)c);
        for (size_t cut = 1; cut < n; cut++)
            if (str_utf8(str_of(bytes, cut), NULL))
                fail_msg("U+%04X cut after %zu", (unsigned)c, cut);
    }
}

static void utf8_bad_forms(void **state)
{
    (void)state;
    static const char *const bad[] = {"\x80",
                                      "\xBF",
                                      "\xC0\x80",
                                      "\xC1\xBF",
                                      "\xE0\x80\x80",
                                      "\xE0\x9F\xBF",
                                      "\xED\xA0\x80",
                                      "\xED\xBF\xBF",
                                      "\xF0\x80\x80\x80",
                                      "\xF0\x8F\xBF\xBF",
                                      "\xF4\x90\x80\x80",
                                      "\xF5\x80\x80\x80",
                                      "\xFE",
                                      "\xFF",
                                      "a\xC3",
                                      "\xC3(",
                                      "\xE2\x82(",
                                      "\xF8\x88\x80\x80\x80"};
    for (size_t i = 0; i < COUNT_OF(bad); i++)
        if (str_utf8(str_from(bad[i]), NULL))
            fail_msg("row %zu was taken", i);
    size_t count;
    assert_true(str_utf8(STR("aé€😀"), &count));
    assert_int_equal(count, 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(comparing),      cmocka_unit_test(cutting),
        cmocka_unit_test(numbers),        cmocka_unit_test(utf8_every_scalar),
        cmocka_unit_test(utf8_bad_forms),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
