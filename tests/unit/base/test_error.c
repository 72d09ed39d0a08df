/* test_error.c - the error table: every row is complete and fit for strangers. */
#include "../unit.h"

static void every_row(void **state)
{
    (void)state;
    for (int e = 1; e < ERR_COUNT_; e++) {
        const struct error_info *info = error_info(-e);
        assert_ptr_equal(info, error_info(e));
        assert_true(info->status >= 400 && info->status <= 599);
        assert_true(strlen(info->code) > 0 && strlen(info->detail) > 0);
        /* our own failures are for the log, not for the reader */
        assert_true(info->status < 500 || info->level >= LOG_INFO);
        for (const char *p = info->code; *p; p++)
            assert_true((*p >= 'a' && *p <= 'z') || *p == '_');
    }
    assert_string_equal(error_info(0)->symbol, "OK");
    assert_string_equal(error_info(-9999)->symbol, "INTERNAL");
    assert_string_equal(error_info(9999)->symbol, "INTERNAL");
    assert_int_equal(error_info(-E_NOT_FOUND)->status, 404);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_row)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
