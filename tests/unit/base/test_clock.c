/* test_clock.c - times as text and the calendar below them. */
#include "../unit.h"
#include "base/clock.h"

static void known_times(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t us;
    } rows[] = {{"1970-01-01T00:00:00.000Z", 0},
                {"2026-11-22T17:20:12.345Z", INT64_C(1795368012345000)},
                {"1969-12-31T23:59:59.999Z", -1000},
                {"2000-02-29T12:00:00.000Z", INT64_C(951825600000000)},
                {"0000-01-01T00:00:00.000Z", INT64_C(-62167219200000000)},
                {"9999-12-31T23:59:59.999Z", INT64_C(253402300799999000)}};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char text[CLOCK_TEXT + 1];
        int64_t us;
        clock_format(rows[i].us, text);
        assert_string_equal(text, rows[i].text);
        assert_int_equal(clock_parse(str_from(rows[i].text), &us), 0);
        assert_true(us == rows[i].us);
    }
}

static void offsets_and_fractions(void **state)
{
    (void)state;
    int64_t z, us;
    assert_int_equal(clock_parse(STR("2026-11-22T17:20:12Z"), &z), 0);
    assert_int_equal(clock_parse(STR("2026-11-22T14:20:12-03:00"), &us), 0);
    assert_true(us == z);
    assert_int_equal(clock_parse(STR("2026-11-22t22:50:12+05:30"), &us), 0);
    assert_true(us == z);
    assert_int_equal(clock_parse(STR("2026-11-22T17:20:12.1234567z"), &us), 0);
    assert_true(us == z + 123456);
}

static void bad_texts(void **state)
{
    (void)state;
    static const char *const bad[] = {"",
                                      "2026-11-22",
                                      "2026-11-22T17:20:12",
                                      "2026-13-22T17:20:12Z",
                                      "2026-02-29T17:20:12Z",
                                      "2026-11-22T24:00:00Z",
                                      "2026-11-22T17:60:12Z",
                                      "2026-11-22T17:20:60Z",
                                      "2026-11-22 17:20:12Z",
                                      "2026-11-22T17:20:12.Z",
                                      "2026-11-22T17:20:12.1234567890Z",
                                      "2026-11-22T17:20:12+0300",
                                      "2026-11-22T17:20:12+24:00",
                                      "2026-11-22T17:20:12ZZ",
                                      "-026-11-22T17:20:12Z",
                                      "2026-11-00T17:20:12Z",
                                      "+2026-11-22T17:20:12Z"};
    int64_t us;
    for (size_t i = 0; i < COUNT_OF(bad); i++)
        if (clock_parse(str_from(bad[i]), &us) != -E_MALFORMED)
            fail_msg("%s was taken", bad[i]);
}

/* Every day of 400 years, counted by hand with the rule of leap years. */
static void calendar_goes_round(void **state)
{
    (void)state;
    int64_t day = clock_days_from_civil(1800, 1, 1);
    for (int year = 1800; year < 2201; year++)
        for (int month = 1; month <= 12; month++)
            for (int d = 1; d <= clock_days_in_month(year, month); d++, day++) {
                int y, m, dd;
                clock_civil_from_days(day, &y, &m, &dd);
                if (clock_days_from_civil(year, month, d) != day || y != year || m != month ||
                    dd != d)
                    fail_msg("%d-%d-%d", year, month, d);
            }
    assert_int_equal(clock_days_in_month(1900, 2), 28);
    assert_int_equal(clock_days_in_month(2000, 2), 29);
    assert_int_equal(clock_days_in_month(2024, 2), 29);
}

static void round_trip(void **state)
{
    (void)state;
    for (int64_t us = -INT64_C(62167219200000000); us < INT64_C(253402300799999000);
         us += INT64_C(31556952123456)) {
        char text[CLOCK_TEXT + 1];
        int64_t back;
        clock_format(us, text);
        assert_int_equal(clock_parse(str_from(text), &back), 0);
        int64_t lost = us - back;
        assert_true(lost >= 0 && lost < 1000); /* milliseconds are shown, rounded down */
    }
    assert_true(clock_mono_us() <= clock_mono_us());
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_times), cmocka_unit_test(offsets_and_fractions),
        cmocka_unit_test(bad_texts),   cmocka_unit_test(calendar_goes_round),
        cmocka_unit_test(round_trip),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
