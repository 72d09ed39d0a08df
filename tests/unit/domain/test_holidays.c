/* test_holidays.c - Brazil's holidays against the dates the government published, year by year. */
#include "../unit.h"
#include "base/clock.h"
#include "domain/holidays.h"

static int64_t day(const char *text)
{
    int year, month, mday;

    assert_int_equal(sscanf(text, "%d-%d-%d", &year, &month, &mday), 3);
    return clock_days_from_civil(year, month, mday);
}

static int64_t day_of(int year, enum holiday which)
{
    struct holiday_on list[HOLIDAYS_PER_YEAR];
    size_t n = holidays_of_year(year, list);

    for (size_t i = 0; i < n; i++)
        if (list[i].holiday == which)
            return list[i].day;
    return -1;
}

static void movable_days(void **state)
{
    (void)state;
    /* Carnival Tuesday, Good Friday, Corpus Christi */
    static const struct {
        int year;
        const char *carnival, *friday, *corpus;
    } rows[] = {
        {2018, "2018-02-13", "2018-03-30", "2018-05-31"},
        {2019, "2019-03-05", "2019-04-19", "2019-06-20"},
        {2020, "2020-02-25", "2020-04-10", "2020-06-11"},
        {2021, "2021-02-16", "2021-04-02", "2021-06-03"},
        {2022, "2022-03-01", "2022-04-15", "2022-06-16"},
        {2023, "2023-02-21", "2023-04-07", "2023-06-08"},
        {2024, "2024-02-13", "2024-03-29", "2024-05-30"},
        {2025, "2025-03-04", "2025-04-18", "2025-06-19"},
        {2026, "2026-02-17", "2026-04-03", "2026-06-04"},
        {2027, "2027-02-09", "2027-03-26", "2027-05-27"},
        {2028, "2028-02-29", "2028-04-14", "2028-06-15"},
        {2029, "2029-02-13", "2029-03-30", "2029-05-31"},
        {2030, "2030-03-05", "2030-04-19", "2030-06-20"},
        {2038, "2038-03-09", "2038-04-23", "2038-06-24"}, /* the latest Easter */
        {2008, "2008-02-05", "2008-03-21", "2008-05-22"}, /* nearly the earliest */
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        if (day_of(rows[i].year, HOLIDAY_CARNIVAL_TUESDAY) != day(rows[i].carnival) ||
            day_of(rows[i].year, HOLIDAY_CARNIVAL_MONDAY) != day(rows[i].carnival) - 1 ||
            day_of(rows[i].year, HOLIDAY_GOOD_FRIDAY) != day(rows[i].friday) ||
            day_of(rows[i].year, HOLIDAY_CORPUS_CHRISTI) != day(rows[i].corpus))
            fail_msg("year %d", rows[i].year);
    }
}

static void good_fridays_are_fridays(void **state)
{
    (void)state;
    for (int year = HOLIDAYS_FIRST_YEAR; year <= HOLIDAYS_LAST_YEAR; year++) {
        int64_t friday = day_of(year, HOLIDAY_GOOD_FRIDAY);
        assert_int_equal((friday + 3) % 7, 4); /* 1970-01-01 was a Thursday; Monday is 0 */
        int64_t easter = friday + 2;
        assert_true(easter >= clock_days_from_civil(year, 3, 22));
        assert_true(easter <= clock_days_from_civil(year, 4, 25));
    }
}

static void fixed_days(void **state)
{
    (void)state;
    static const struct {
        enum holiday which;
        int month, day;
    } rows[] = {{HOLIDAY_NEW_YEAR, 1, 1},    {HOLIDAY_TIRADENTES, 4, 21},
                {HOLIDAY_LABOUR, 5, 1},      {HOLIDAY_INDEPENDENCE, 9, 7},
                {HOLIDAY_APARECIDA, 10, 12}, {HOLIDAY_ALL_SOULS, 11, 2},
                {HOLIDAY_REPUBLIC, 11, 15},  {HOLIDAY_CHRISTMAS, 12, 25}};
    for (int year = 2018; year <= 2030; year++)
        for (size_t i = 0; i < COUNT_OF(rows); i++)
            assert_int_equal(day_of(year, rows[i].which),
                             clock_days_from_civil(year, rows[i].month, rows[i].day));
    /* Lei 14.759/2023 */
    assert_int_equal(day_of(2023, HOLIDAY_BLACK_AWARENESS), -1);
    assert_int_equal(day_of(2024, HOLIDAY_BLACK_AWARENESS), day("2024-11-20"));
    assert_int_equal(day_of(2030, HOLIDAY_BLACK_AWARENESS), day("2030-11-20"));
}

static void a_year_is_in_order(void **state)
{
    (void)state;
    struct holiday_on list[HOLIDAYS_PER_YEAR];
    for (int year = HOLIDAYS_FIRST_YEAR; year <= HOLIDAYS_LAST_YEAR; year++) {
        size_t n = holidays_of_year(year, list);
        assert_int_equal(n, year < 2024 ? 12 : 13);
        for (size_t i = 1; i < n; i++)
            assert_true(list[i - 1].day <= list[i].day);
    }
    assert_int_equal(holidays_of_year(HOLIDAYS_FIRST_YEAR - 1, list), 0);
    assert_int_equal(holidays_of_year(HOLIDAYS_LAST_YEAR + 1, list), 0);
}

static void words(void **state)
{
    (void)state;
    assert_string_equal(holiday_infos[HOLIDAY_GOOD_FRIDAY].name_pt, "Sexta-feira Santa");
    assert_string_equal(holiday_infos[HOLIDAY_GOOD_FRIDAY].name_en, "Good Friday");
    for (int h = 0; h < HOLIDAY_COUNT_; h++) {
        bool optional = h == HOLIDAY_CARNIVAL_MONDAY || h == HOLIDAY_CARNIVAL_TUESDAY ||
                        h == HOLIDAY_CORPUS_CHRISTI;
        assert_int_equal(holiday_infos[h].optional, optional);
        assert_int_equal(holidays_default() >> h & 1, optional ? 0 : 1);
        assert_true(holiday_infos[h].name_pt[0] && holiday_infos[h].name_en[0]);
        for (int other = 0; other < h; other++)
            assert_string_not_equal(holiday_infos[h].key, holiday_infos[other].key);
    }
}

static void closed_days(void **state)
{
    (void)state;
    int64_t days[40];
    uint32_t all = (UINT32_C(1) << HOLIDAY_COUNT_) - 1;
    /* Christmas of one year to Carnival of the next, both ends included */
    int64_t first = day("2025-12-25"), last = day("2026-02-17");
    assert_int_equal(holidays_between(first, last, all, days, 40), 4);
    assert_int_equal(days[0], first);
    assert_int_equal(days[1], day("2026-01-01"));
    assert_int_equal(days[3], last);
    assert_int_equal(holidays_between(first, last, holidays_default(), days, 40), 2);
    assert_int_equal(holidays_between(first + 1, last - 1, all, days, 40), 2);
    assert_int_equal(holidays_between(first, last, 0, days, 40), 0);
    assert_int_equal(holidays_between(first, last, all, days, 1), 1);
    assert_int_equal(holidays_between(first, first - 1, all, days, 40), 0);
    /* 2000: Good Friday was on Tiradentes' day, which is then one day, with either switched off */
    uint32_t both = UINT32_C(1) << HOLIDAY_GOOD_FRIDAY | UINT32_C(1) << HOLIDAY_TIRADENTES;
    assert_int_equal(holidays_between(day("2000-01-01"), day("2000-12-31"), both, days, 40), 1);
    assert_int_equal(days[0], day("2000-04-21"));
    assert_int_equal(holidays_between(day("2000-01-01"), day("2000-12-31"),
                                      UINT32_C(1) << HOLIDAY_TIRADENTES, days, 40),
                     1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(movable_days), cmocka_unit_test(good_fridays_are_fridays),
        cmocka_unit_test(fixed_days),   cmocka_unit_test(a_year_is_in_order),
        cmocka_unit_test(words),        cmocka_unit_test(closed_days),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
