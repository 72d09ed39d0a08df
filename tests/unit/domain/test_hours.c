/* test_hours.c - time zones with their changes, and office hours in them. */
#include <pthread.h>

#include "../unit.h"
#include "base/clock.h"
#include "domain/office_hours.h"
#include "domain/zone.h"

#define SAO_PAULO "America/Sao_Paulo"
#define NEW_YORK "America/New_York"

static int64_t utc(const char *text)
{
    int64_t us;
    assert_int_equal(clock_parse(str_from(text), &us), 0);
    return us;
}

/* The same, of a wall clock. */
static int64_t local(const char *text)
{
    return utc(text);
}

static void which_zones_exist(void **state)
{
    (void)state;
    static const char *const good[] = {SAO_PAULO,
                                       NEW_YORK,
                                       "UTC",
                                       "America/Noronha",
                                       "America/Rio_Branco",
                                       "America/Manaus",
                                       "Europe/Lisbon",
                                       "Asia/Kolkata",
                                       "America/Argentina/Buenos_Aires"};
    static const char *const bad[] = {"",
                                      "Mars/Olympus",
                                      "america/sao_paulo",
                                      "America",
                                      "/etc/passwd",
                                      "../../etc/passwd",
                                      "America/../America/Sao_Paulo",
                                      "America//Sao_Paulo",
                                      "America/Sao_Paulo ",
                                      "America/São",
                                      "zone.tab",
                                      "/usr/share/zoneinfo/UTC",
                                      "%s"};
    for (size_t i = 0; i < COUNT_OF(good); i++)
        if (!zone_exists(good[i]))
            fail_msg("unknown: %s", good[i]);
    for (size_t i = 0; i < COUNT_OF(bad); i++)
        if (zone_exists(bad[i]))
            fail_msg("taken: %s", bad[i]);
    char longest[200];
    memset(longest, 'a', sizeof longest - 1);
    longest[sizeof longest - 1] = '\0';
    assert_false(zone_exists(longest));
    assert_int_equal(zone_utc_offset_s("Mars/Olympus", 0), 0);
}

/* 2018 was São Paulo's last summer time: from 4 November 2018 00:00 to 17 February 2019 00:00. */
static void sao_paulo_2018(void **state)
{
    (void)state;
    assert_int_equal(zone_utc_offset_s(SAO_PAULO, utc("2018-11-04T02:59:59Z")), -3 * 3600);
    assert_int_equal(zone_utc_offset_s(SAO_PAULO, utc("2018-11-04T03:00:00Z")), -2 * 3600);
    assert_int_equal(zone_utc_offset_s(SAO_PAULO, utc("2019-02-17T01:59:59Z")), -2 * 3600);
    assert_int_equal(zone_utc_offset_s(SAO_PAULO, utc("2019-02-17T02:00:00Z")), -3 * 3600);
    assert_int_equal(zone_utc_offset_s(SAO_PAULO, utc("2018-07-01T12:00:00Z")), -3 * 3600);
    for (int64_t at = utc("2019-03-01T00:00:00Z"); at < utc("2035-01-01T00:00:00Z");
         at += 7 * US_PER_DAY)
        assert_int_equal(zone_utc_offset_s(SAO_PAULO, at), -3 * 3600);
}

static void new_york(void **state)
{
    (void)state;
    assert_int_equal(zone_utc_offset_s(NEW_YORK, utc("2026-03-08T06:59:59Z")), -5 * 3600);
    assert_int_equal(zone_utc_offset_s(NEW_YORK, utc("2026-03-08T07:00:00Z")), -4 * 3600);
    assert_int_equal(zone_utc_offset_s(NEW_YORK, utc("2026-11-01T05:59:59Z")), -4 * 3600);
    assert_int_equal(zone_utc_offset_s(NEW_YORK, utc("2026-11-01T06:00:00Z")), -5 * 3600);
    assert_int_equal(zone_utc_offset_s("Asia/Kolkata", utc("2026-03-08T07:00:00Z")), 19800);
}

static void gaps_and_overlaps(void **state)
{
    (void)state;
    /* the gap of 4 November 2018, 00:00-01:00: 00:30 is what the clock calls 01:30 */
    int64_t at = zone_from_local_us(SAO_PAULO, local("2018-11-04T00:30:00Z"));
    assert_true(at == utc("2018-11-04T03:30:00Z"));
    assert_true(zone_to_local_us(SAO_PAULO, at) == local("2018-11-04T01:30:00Z"));
    assert_true(zone_from_local_us(SAO_PAULO, local("2018-11-04T00:00:00Z")) ==
                utc("2018-11-04T03:00:00Z"));
    /* the overlap of 17 February 2019, 23:00-24:00 of the 16th: the first is meant */
    assert_true(zone_from_local_us(SAO_PAULO, local("2019-02-16T23:30:00Z")) ==
                utc("2019-02-17T01:30:00Z"));
    assert_true(zone_from_local_us(NEW_YORK, local("2026-03-08T02:30:00Z")) ==
                utc("2026-03-08T07:30:00Z"));
    assert_true(zone_from_local_us(NEW_YORK, local("2026-11-01T01:30:00Z")) ==
                utc("2026-11-01T05:30:00Z"));
    assert_true(zone_from_local_us(NEW_YORK, local("2026-11-01T02:30:00Z")) ==
                utc("2026-11-01T07:30:00Z"));
}

/* Every quarter of an hour of two years: local and back is the same instant, but for the second
 * showing of a repeated hour. */
static void there_and_back(void **state)
{
    (void)state;
    static const char *const zones[] = {SAO_PAULO, NEW_YORK};
    for (size_t z = 0; z < COUNT_OF(zones); z++) {
        int repeated = 0;
        for (int64_t at = utc("2018-01-01T00:00:00Z"); at < utc("2020-01-01T00:00:00Z");
             at += 15 * US_PER_MIN) {
            int64_t back = zone_from_local_us(zones[z], zone_to_local_us(zones[z], at));
            if (back == at)
                continue;
            assert_true(back == at - US_PER_HOUR);
            repeated++;
        }
        assert_int_equal(repeated, 8); /* two hours in two years, of four quarters */
    }
}

static void *ask_zones(void *arg)
{
    int64_t *sum = arg;
    for (int64_t i = 0; i < 3000; i++)
        *sum += zone_utc_offset_s(i % 2 ? SAO_PAULO : "Europe/Lisbon", i * 3 * US_PER_DAY);
    return NULL;
}

static void threads_may_ask(void **state)
{
    (void)state;
    pthread_t threads[4];
    int64_t sums[4] = {0};
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, ask_zones, &sums[i]), 0);
    for (size_t i = 0; i < 4; i++)
        (void)pthread_join(threads[i], NULL);
    for (size_t i = 1; i < 4; i++)
        assert_true(sums[i] == sums[0]);
    assert_true(sums[0] != 0);
}

static void checked_hours(void **state)
{
    (void)state;
    static const struct office_interval good[] = {{1, 480, 720}, {1, 720, 1440}, {7, 0, 1440}};
    assert_int_equal(office_hours_check(good, 3), 0);
    assert_int_equal(office_hours_check(NULL, 0), 0);
    static const struct office_interval bad[][2] = {
        {{0, 0, 10}, {1, 0, 1}},        {{8, 0, 10}, {1, 0, 1}},
        {{1, -1, 10}, {2, 0, 1}},       {{1, 10, 10}, {2, 0, 1}},
        {{1, 20, 10}, {2, 0, 1}},       {{1, 0, 1441}, {2, 0, 1}},
        {{1, 480, 720}, {1, 719, 800}}, {{1, 480, 720}, {1, 400, 481}},
        {{1, 480, 720}, {1, 500, 600}}, {{1, 500, 600}, {1, 480, 720}},
        {{1, 480, 720}, {1, 480, 720}}};
    for (size_t i = 0; i < COUNT_OF(bad); i++)
        if (office_hours_check(bad[i], 2) != -E_VALIDATION)
            fail_msg("row %zu was taken", i);
    struct office_interval many[OFFICE_HOURS_MAX + 1];
    for (int i = 0; i < 7; i++)
        many[i] = (struct office_interval){3, i * 20, i * 20 + 10};
    assert_int_equal(office_hours_check(many, 6), 0);
    assert_int_equal(office_hours_check(many, 7), -E_VALIDATION); /* seven in a day */
    for (int i = 0; i < (int)OFFICE_HOURS_MAX; i++)
        many[i] = (struct office_interval){1 + i / 6, i % 6 * 20, i % 6 * 20 + 10};
    many[OFFICE_HOURS_MAX] = many[0];
    assert_int_equal(office_hours_check(many, OFFICE_HOURS_MAX), 0);
    assert_int_equal(office_hours_check(many, OFFICE_HOURS_MAX + 1), -E_VALIDATION);
}

static void minutes_as_text(void **state)
{
    (void)state;
    static const char *const bad[] = {"",     "8:00",  "08:60",  "24:01",  "25:00", "08.00",
                                      "08:0", "-1:00", "08:00 ", "08:000", "ab:cd"};
    char text[DAY_MINUTE_TEXT + 1];
    int64_t minute, back;
    for (minute = 0; minute <= 1440; minute++) {
        day_minute_format(minute, text);
        assert_int_equal(day_minute_parse(str_from(text), &back), 0);
        assert_int_equal(back, minute);
    }
    assert_string_equal(text, "24:00");
    for (size_t i = 0; i < COUNT_OF(bad); i++)
        assert_int_equal(day_minute_parse(str_from(bad[i]), &minute), -E_MALFORMED);
}

/* Monday to Friday 08-12 and 14-18, as a new doctor has it. */
static const struct office_interval week[] = {
    {1, 480, 720},  {1, 840, 1080}, {2, 480, 720},  {2, 840, 1080}, {3, 480, 720},
    {3, 840, 1080}, {4, 480, 720},  {4, 840, 1080}, {5, 480, 720},  {5, 840, 1080}};

static void a_usual_week(void **state)
{
    (void)state;
    static const struct {
        const char *now;
        bool open;
        const char *next;
    } rows[] = {
        {"2026-11-23T10:59:59Z", false, "2026-11-23T11:00:00Z"}, /* a Monday, 07:59:59 there */
        {"2026-11-23T11:00:00Z", true, "2026-11-23T17:00:00Z"},
        {"2026-11-23T14:59:59.999Z", true, "2026-11-23T17:00:00Z"},
        {"2026-11-23T15:00:00Z", false, "2026-11-23T17:00:00Z"},
        {"2026-11-23T21:00:00Z", false, "2026-11-24T11:00:00Z"},
        {"2026-11-27T20:59:59Z", true, "2026-11-30T11:00:00Z"}, /* Friday: next is Monday */
        {"2026-11-28T12:00:00Z", false, "2026-11-30T11:00:00Z"},
        {"2026-11-30T02:59:59Z", false, "2026-11-30T11:00:00Z"}}; /* still Sunday there */
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        int64_t now = utc(rows[i].now);
        assert_int_equal(office_hours_open(week, COUNT_OF(week), SAO_PAULO, now), rows[i].open);
        if (office_hours_next_open(week, COUNT_OF(week), SAO_PAULO, now) != utc(rows[i].next))
            fail_msg("row %zu", i);
    }
    assert_int_equal(office_hours_next_open(NULL, 0, SAO_PAULO, utc("2026-11-23T12:00:00Z")), -1);
    assert_false(office_hours_open(NULL, 0, SAO_PAULO, 0));
}

static void across_midnight(void **state)
{
    (void)state;
    static const struct office_interval night[] = {{1, 1320, 1440}, {2, 0, 120}};
    int64_t monday_23 = utc("2026-11-24T02:00:00Z");
    assert_true(office_hours_open(night, 2, SAO_PAULO, monday_23));
    assert_true(office_hours_open(night, 2, SAO_PAULO, utc("2026-11-24T03:00:00Z")));
    assert_false(office_hours_open(night, 2, SAO_PAULO, utc("2026-11-24T05:00:00Z")));
    /* midnight itself is no opening: it was open before */
    assert_true(office_hours_next_open(night, 2, SAO_PAULO, monday_23) ==
                utc("2026-12-01T01:00:00Z"));
    static const struct office_interval always[] = {{1, 0, 1440}, {2, 0, 1440}, {3, 0, 1440},
                                                    {4, 0, 1440}, {5, 0, 1440}, {6, 0, 1440},
                                                    {7, 0, 1440}};
    assert_int_equal(office_hours_next_open(always, 7, SAO_PAULO, monday_23), -1);
    assert_true(office_hours_open(always, 7, SAO_PAULO, monday_23));
}

static void openings_at_changes(void **state)
{
    (void)state;
    /* opens at 00:30 of a day without 00:00-01:00: at the change, when the clock says 01:00 */
    static const struct office_interval gap[] = {{7, 30, 480}};
    assert_true(office_hours_next_open(gap, 1, SAO_PAULO, utc("2018-11-03T12:00:00Z")) ==
                utc("2018-11-04T03:00:00Z"));
    /* a whole interval that the clock skips does not open that day, but a week later */
    static const struct office_interval skipped[] = {{7, 10, 50}};
    assert_true(office_hours_next_open(skipped, 1, SAO_PAULO, utc("2018-11-03T12:00:00Z")) ==
                utc("2018-11-11T02:10:00Z"));
    /* 23:30-24:00 of the Saturday that has that hour twice: open, shut, and open again */
    static const struct office_interval twice[] = {{6, 1410, 1440}};
    int64_t first = utc("2019-02-17T01:30:00Z");
    int64_t second = utc("2019-02-17T02:30:00Z");
    assert_true(office_hours_next_open(twice, 1, SAO_PAULO, utc("2019-02-16T12:00:00Z")) == first);
    assert_true(office_hours_open(twice, 1, SAO_PAULO, first));
    assert_false(office_hours_open(twice, 1, SAO_PAULO, utc("2019-02-17T02:00:00Z")));
    assert_true(office_hours_next_open(twice, 1, SAO_PAULO, first) == second);
    /* in New York the same opening has another UTC hour after the change */
    assert_true(office_hours_next_open(week, COUNT_OF(week), NEW_YORK,
                                       utc("2026-03-06T23:00:00Z")) == utc("2026-03-09T12:00:00Z"));
    assert_true(office_hours_next_open(week, COUNT_OF(week), NEW_YORK,
                                       utc("2026-02-27T23:00:00Z")) == utc("2026-03-02T13:00:00Z"));
}

/* Against the definition, asked minute by minute around both changes of a year. */
static void next_open_is_the_first_opening(void **state)
{
    (void)state;
    static const struct office_interval odd[] = {
        {6, 1380, 1440}, {7, 0, 45}, {7, 90, 200}, {1, 1, 2}, {6, 100, 101}};
    static const char *const starts[] = {"2018-11-03T00:00:00Z", "2019-02-16T00:00:00Z"};
    for (size_t s = 0; s < COUNT_OF(starts); s++) {
        int64_t start = utc(starts[s]), end = start + 2 * US_PER_DAY;
        int64_t next = -1;
        for (int64_t at = end; at > start; at -= US_PER_MIN) {
            /* `next` is the first opening after `at`, found from behind */
            if (next >= 0 && at % (7 * US_PER_MIN) == 0 &&
                office_hours_next_open(odd, COUNT_OF(odd), SAO_PAULO, at) != next)
                fail_msg("start %zu at %lld", s, (long long)at);
            if (office_hours_open(odd, COUNT_OF(odd), SAO_PAULO, at) &&
                !office_hours_open(odd, COUNT_OF(odd), SAO_PAULO, at - 1))
                next = at;
        }
        assert_true(next >= 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(which_zones_exist),
        cmocka_unit_test(sao_paulo_2018),
        cmocka_unit_test(new_york),
        cmocka_unit_test(gaps_and_overlaps),
        cmocka_unit_test(there_and_back),
        cmocka_unit_test(threads_may_ask),
        cmocka_unit_test(checked_hours),
        cmocka_unit_test(minutes_as_text),
        cmocka_unit_test(a_usual_week),
        cmocka_unit_test(across_midnight),
        cmocka_unit_test(openings_at_changes),
        cmocka_unit_test(next_open_is_the_first_opening),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
