/* test_cookie.c - one cookie by its exact name, and never one of two. */
#include "../unit.h"
#include "base/cookie.h"

static void found(void **state)
{
    (void)state;
    static const struct {
        const char *header, *value;
    } rows[] = {{"acolhe=abc", "abc"},
                {"a=1; acolhe=abc; b=2", "abc"},
                {"a=1;acolhe=abc", "abc"},
                {"acolhe=\"abc\"", "abc"},
                {"acolhe=a=b==", "a=b=="},
                {"xacolhe=no; acolhe=yes; acolhex=no", "yes"},
                {"prefs={\"a\": [1,2]}; acolhe=abc", "abc"},
                {"n\xc3\xa3o=\xc3\xa9; ; =; acolhe=abc;", "abc"},
                {"ACOLHE=no; acolhe=yes", "yes"}};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct str value;
        assert_int_equal(cookie_get(str_from(rows[i].header), "acolhe", &value), 0);
        assert_str(value, rows[i].value);
    }
}

static void absent(void **state)
{
    (void)state;
    static const char *const rows[] = {
        "", " ", ";", "a=1", "acolhex=1", "xacolhe=1", "a=acolhe=1", "ACOLHE=1", "__Host-acolhe=1"};
    struct str value;
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        assert_int_equal(cookie_get(str_from(rows[i]), "acolhe", &value), -E_NOT_FOUND);
    assert_int_equal(cookie_get(STR_NONE, "acolhe", &value), -E_NOT_FOUND);
}

static void refused(void **state)
{
    (void)state;
    static const char *const rows[] = {"acolhe=1; acolhe=1",  "acolhe=1; a=2; acolhe=2",
                                       "acolhe=1;\tacolhe=2", "acolhe",
                                       "acolhe=1; acolhe",    "acolhe=",
                                       "acolhe=\"\"",         "acolhe=\"a",
                                       "acolhe=a\"b",         "acolhe=a b",
                                       "acolhe=a,b",          "acolhe=a\\b",
                                       "acolhe=\xc3\xa9",     "acolhe=a\x7f",
                                       "acolhe=\x01"};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct str value = STR("stale");
        if (cookie_get(str_from(rows[i]), "acolhe", &value) != -E_MALFORMED)
            fail_msg("%s was taken", rows[i]);
        assert_null(value.p);
    }
    struct str value;
    assert_int_equal(cookie_get(STR("acolhe=a\0b"), "acolhe", &value), -E_MALFORMED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(found),
        cmocka_unit_test(absent),
        cmocka_unit_test(refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
