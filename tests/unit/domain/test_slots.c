/* test_slots.c - free times by example, the plan they come from, and a zone's offsets. The general
 * truth is in test_slots_property.c. */
#include "../unit.h"
#include "base/clock.h"
#include "domain/slots.h"

#define SAO_PAULO "America/Sao_Paulo"
#define NEW_YORK "America/New_York"
#define OUT_MAX 4000

static const struct service_time half_hour = {30, 0, 0, 15};
static struct zone_spans zone;
static struct time_span out[OUT_MAX];

static int64_t utc(const char *text)
{
    int64_t us;

    assert_int_equal(clock_parse(str_from(text), &us), 0);
    return us;
}

static int64_t day(const char *text)
{
    return utc(text) / US_PER_DAY;
}

/* A query that leaves nothing out by notice or horizon. */
static struct slots_query query(const struct work_plan *plan, const char *name, const char *from,
                                const char *to)
{
    struct slots_query q = {.plan = plan, .service = &half_hour, .zone = &zone};

    q.from_us = utc(from);
    q.to_us = utc(to);
    q.now_us = q.from_us - US_PER_DAY;
    q.horizon_days = SLOTS_HORIZON_MAX_DAYS;
    assert_int_equal(zone_spans_make(name, q.from_us, q.to_us, &zone), 0);
    return q;
}

/* Asks, and returns the number; *ret_more must be as said. */
static size_t find(const struct slots_query *q, size_t max, bool want_more)
{
    struct arena arena;
    size_t count;
    bool more;

    arena_init(&arena, 1 << 20);
    assert_int_equal(slots_find(q, &arena, out, max, &count, &more), 0);
    arena_done(&arena);
    assert_int_equal(more, want_more);
    return count;
}

static void check_starts(const struct slots_query *q, const char *const *want, size_t count)
{
    char text[CLOCK_TEXT + 1];

    assert_int_equal(find(q, OUT_MAX, false), count);
    for (size_t i = 0; i < count; i++) {
        clock_format(out[i].start_us, text);
        if (strncmp(text, want[i], strlen(want[i])) != 0)
            fail_msg("slot %zu is at %s, not at %s", i, text, want[i]);
    }
}

/* Monday 23 November 2026 in São Paulo, UTC-3, with a new doctor's plan. */
static void a_usual_day(void **state)
{
    (void)state;
    struct slots_query q =
        query(&work_plan_default, SAO_PAULO, "2026-11-23T03:00:00Z", "2026-11-24T03:00:00Z");
    /* 8 h; the last ones that fit before a break or the end are at 11:30 and 17:30 */
    assert_int_equal(find(&q, OUT_MAX, false), 15 + 15);
    assert_true(out[0].start_us == utc("2026-11-23T11:00:00Z"));
    assert_true(out[0].end_us == utc("2026-11-23T11:30:00Z"));
    assert_true(out[14].start_us == utc("2026-11-23T14:30:00Z"));
    assert_true(out[15].start_us == utc("2026-11-23T17:00:00Z"));
    assert_true(out[29].start_us == utc("2026-11-23T20:30:00Z"));
    /* nothing on the Sunday before */
    q = query(&work_plan_default, SAO_PAULO, "2026-11-22T03:00:00Z", "2026-11-23T03:00:00Z");
    assert_int_equal(find(&q, OUT_MAX, false), 0);
    q = query(&(struct work_plan){0}, SAO_PAULO, "2026-11-22T03:00:00Z", "2026-12-23T03:00:00Z");
    assert_int_equal(find(&q, OUT_MAX, false), 0);
}

/* Fifty minutes: the grid begins anew after the break, and bookings do not move it. */
static void the_grid(void **state)
{
    (void)state;
    static const struct service_time fifty = {50, 0, 0, 50};
    static const char *const want[] = {"2026-11-23T11:00", "2026-11-23T11:50", "2026-11-23T12:40",
                                       "2026-11-23T13:30", "2026-11-23T17:00", "2026-11-23T17:50",
                                       "2026-11-23T18:40", "2026-11-23T19:30"};
    struct slots_query q =
        query(&work_plan_default, SAO_PAULO, "2026-11-23T03:00:00Z", "2026-11-24T03:00:00Z");
    q.service = &fifty;
    check_starts(&q, want, COUNT_OF(want));
    struct time_span busy[] = {{utc("2026-11-23T11:20:00Z"), utc("2026-11-23T11:30:00Z")}};
    q.busy = busy;
    q.busy_count = 1;
    check_starts(&q, want + 1, COUNT_OF(want) - 1);
}

static void bookings_and_buffers(void **state)
{
    (void)state;
    static const struct service_time buffered = {30, 10, 15, 15};
    struct time_span busy[] = {
        {utc("2026-11-23T11:00:00Z"), utc("2026-11-23T11:30:00Z")},
        {utc("2026-11-23T12:30:00Z"), utc("2026-11-23T21:00:00Z")},
        {utc("2026-11-23T12:35:00Z"), utc("2026-11-23T12:40:00Z")}, /* inside of the former */
    };
    struct slots_query q =
        query(&work_plan_default, SAO_PAULO, "2026-11-23T03:00:00Z", "2026-11-24T03:00:00Z");
    q.busy = busy;
    q.busy_count = COUNT_OF(busy);
    static const char *const plain[] = {"2026-11-23T11:30", "2026-11-23T11:45", "2026-11-23T12:00"};
    check_starts(&q, plain, 3);
    q.service = &buffered; /* 11:35-12:30 is left: from 11:45, until 12:15 and its 15 minutes */
    static const char *const narrow[] = {"2026-11-23T11:45"};
    check_starts(&q, narrow, 1);
    /* a blocked time is met by buffers too; an opening's end is not */
    q.blocked = busy;
    q.blocked_count = 2;
    q.busy_count = 0;
    check_starts(&q, narrow, 1);
    struct time_span morning[] = {{utc("2026-11-23T11:00:00Z"), utc("2026-11-23T20:15:00Z")}};
    q.blocked = morning;
    q.blocked_count = 1;
    static const char *const last[] = {"2026-11-23T20:30"};
    check_starts(&q, last, 1);
}

static void notice_and_horizon(void **state)
{
    (void)state;
    struct slots_query q =
        query(&work_plan_default, SAO_PAULO, "2026-11-23T03:00:00Z", "2026-12-23T03:00:00Z");
    q.now_us = utc("2026-11-23T12:30:00Z");
    q.notice_min = 120;
    assert_true(find(&q, 1, true) == 1 && out[0].start_us == utc("2026-11-23T14:30:00Z"));
    q.now_us += 1;
    assert_true(find(&q, 1, true) == 1 && out[0].start_us == utc("2026-11-23T17:00:00Z"));
    q.horizon_days = 1; /* to 12:30 of the next day, and then exactly */
    size_t n = find(&q, OUT_MAX, false);
    assert_true(out[n - 1].start_us == utc("2026-11-24T12:30:00Z"));
    q.now_us -= 2;
    n = find(&q, OUT_MAX, false);
    assert_true(out[n - 1].start_us == utc("2026-11-24T12:15:00Z"));
    q.horizon_days = 0;
    assert_int_equal(find(&q, OUT_MAX, false), 0);
}

static void what_closes_and_what_opens(void **state)
{
    (void)state;
    static const struct plan_hours late[] = {{0, 1200, 1260}};  /* 20:00-21:00, each day */
    static const struct plan_hours fridays[] = {{5, 600, 630}}; /* 10:00-10:30 */
    struct plan_exception exceptions[] = {
        {day("2026-12-14T00:00:00Z"), day("2026-12-27T00:00:00Z"), NULL, 0}, /* away */
        {day("2026-12-21T00:00:00Z"), day("2026-12-25T00:00:00Z"), late, 1},
        {day("2026-12-28T00:00:00Z"), day("2027-01-01T00:00:00Z"), fridays, 1}};
    struct plan_extra extras[] = {{day("2026-12-25T00:00:00Z"), 540, 570}};
    int64_t holidays[] = {day("2026-12-25T00:00:00Z")};
    struct work_plan plan = work_plan_default;
    plan.exceptions = exceptions;
    plan.exceptions_count = 3;
    plan.extras = extras;
    plan.extras_count = 1;
    plan.holidays = holidays;
    plan.holidays_count = 1;
    assert_int_equal(work_plan_check(&plan), 0);
    struct slots_query q = query(&plan, SAO_PAULO, "2026-12-12T03:00:00Z", "2027-01-02T03:00:00Z");
    static const struct service_time hour = {60, 0, 0, 60};
    q.service = &hour;
    static const char *const want[] = {"2026-12-21T23:00", "2026-12-22T23:00", "2026-12-23T23:00",
                                       "2026-12-24T23:00"};
    check_starts(&q, want, 4); /* the extra opening and the Friday are too short for an hour */
    q.service = &half_hour;
    static const char *const extra[] = {"2026-12-25T12:00"};
    q.from_us = utc("2026-12-25T03:00:00Z");
    q.to_us = utc("2026-12-29T03:00:00Z");
    check_starts(&q, extra, 1); /* the holiday closes 20:00, the extra opens 09:00 */
    static const char *const friday[] = {"2027-01-01T13:00"};
    q.from_us = q.to_us;
    q.to_us = utc("2027-01-02T03:00:00Z");
    check_starts(&q, friday, 1);
}

/* Night shifts belong to the day on which they start. */
static void past_midnight(void **state)
{
    (void)state;
    static const struct plan_hours night[] = {{1, 1320, 1560}}; /* Monday 22:00-02:00 */
    int64_t holidays[] = {day("2026-11-24T00:00:00Z"), day("2026-11-30T00:00:00Z")};
    struct work_plan plan = {.weekly = night, .weekly_count = 1};
    plan.holidays = holidays;
    plan.holidays_count = 2;
    struct slots_query q = query(&plan, SAO_PAULO, "2026-11-20T03:00:00Z", "2026-12-05T03:00:00Z");
    assert_int_equal(find(&q, OUT_MAX, false), 15);
    assert_true(out[0].start_us == utc("2026-11-24T01:00:00Z"));
    assert_true(out[14].start_us == utc("2026-11-24T04:30:00Z"));
    /* a day round from 22:00, asked for at 21:30 of the day after, which is another day in UTC */
    static const struct plan_hours round[] = {{1, 1320, 1320 + 1440}};
    plan = (struct work_plan){.weekly = round, .weekly_count = 1};
    q = query(&plan, SAO_PAULO, "2026-11-25T00:30:00Z", "2026-11-26T00:00:00Z");
    static const char *const want[] = {"2026-11-25T00:30"};
    check_starts(&q, want, 1);
}

/* Open around the clock: 96 quarters but on the days of a change. */
static void days_of_a_change(void **state)
{
    (void)state;
    static const struct plan_hours all[] = {{0, 0, 1440}};
    static const struct {
        const char *zone, *from, *to;
        size_t quarters;
    } rows[] = {
        {SAO_PAULO, "2018-11-03T03:00:00Z", "2018-11-04T03:00:00Z", 96},
        {SAO_PAULO, "2018-11-04T03:00:00Z", "2018-11-05T02:00:00Z", 92},
        {SAO_PAULO, "2018-02-17T02:00:00Z", "2018-02-18T03:00:00Z", 100},
        {NEW_YORK, "2026-03-08T05:00:00Z", "2026-03-09T04:00:00Z", 92},
        {NEW_YORK, "2026-11-01T04:00:00Z", "2026-11-02T05:00:00Z", 100},
        {"Europe/Lisbon", "2026-03-29T00:00:00Z", "2026-03-29T23:00:00Z", 92},
        {"Europe/Lisbon", "2026-10-24T23:00:00Z", "2026-10-26T00:00:00Z", 100},
        {"Australia/Lord_Howe", "2026-10-03T13:30:00Z", "2026-10-04T13:00:00Z", 94},
        {"Australia/Lord_Howe", "2026-04-04T13:00:00Z", "2026-04-05T13:30:00Z", 98},
        {"Asia/Kolkata", "2028-02-28T18:30:00Z", "2028-02-29T18:30:00Z", 96},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        int64_t middle = (utc(rows[i].from) + utc(rows[i].to)) / 2; /* noon: that local day */
        struct plan_exception e = {middle / US_PER_DAY, middle / US_PER_DAY, all, 1};
        struct work_plan plan = {.exceptions = &e, .exceptions_count = 1};
        struct slots_query q =
            query(&plan, rows[i].zone, "2018-01-01T00:00:00Z", "2018-01-02T00:00:00Z");
        static const struct service_time quarter = {15, 0, 0, 15};
        q.service = &quarter;
        q.from_us = utc(rows[i].from) - 2 * US_PER_DAY;
        q.to_us = utc(rows[i].to) + 2 * US_PER_DAY;
        q.now_us = q.from_us;
        assert_int_equal(zone_spans_make(rows[i].zone, q.from_us, q.to_us, &zone), 0);
        if (find(&q, OUT_MAX, false) != rows[i].quarters || out[0].start_us != utc(rows[i].from) ||
            out[rows[i].quarters - 1].end_us != utc(rows[i].to))
            fail_msg("row %zu", i);
        for (size_t n = 1; n < rows[i].quarters; n++) /* each instant once */
            assert_true(out[n].start_us == out[n - 1].end_us);
    }
}

/* 01:30-04:00 in New York: 02:00-03:00 does not exist in March, 01:00-02:00 comes twice in
 * November, of which 01:00-01:30 is shut. */
static void gap_and_overlap(void **state)
{
    (void)state;
    static const struct plan_hours sunday[] = {{7, 90, 240}};
    static const struct work_plan plan = {.weekly = sunday, .weekly_count = 1};
    struct slots_query q = query(&plan, NEW_YORK, "2026-03-08T00:00:00Z", "2026-03-09T00:00:00Z");
    static const char *const march[] = {"2026-03-08T06:30", "2026-03-08T06:45", "2026-03-08T07:00",
                                        "2026-03-08T07:15", "2026-03-08T07:30"};
    check_starts(&q, march, 5); /* 01:30, 01:45 (to 03:15), 03:00, 03:15, 03:30 */
    q = query(&plan, NEW_YORK, "2026-11-01T00:00:00Z", "2026-11-02T00:00:00Z");
    static const char *const november[] = {"2026-11-01T05:30", "2026-11-01T06:30",
                                           "2026-11-01T06:45", "2026-11-01T07:00"};
    q.to_us = utc("2026-11-01T07:15:00Z");
    check_starts(&q, november, 4);
    /* a whole opening that the clock skips */
    static const struct plan_hours skipped[] = {{7, 130, 170}};
    const struct work_plan none = {.weekly = skipped, .weekly_count = 1};
    q = query(&none, NEW_YORK, "2026-03-08T00:00:00Z", "2026-03-09T00:00:00Z");
    assert_int_equal(find(&q, OUT_MAX, false), 0);
}

static void bounds(void **state)
{
    (void)state;
    struct arena arena;
    size_t count;
    bool more;
    struct slots_query q =
        query(&work_plan_default, SAO_PAULO, "2026-11-23T03:00:00Z", "2026-11-24T03:00:00Z");
    assert_int_equal(find(&q, 30, false), 30);
    assert_int_equal(find(&q, 29, true), 29);
    assert_int_equal(find(&q, 0, true), 0);
    q.to_us = q.from_us;
    assert_int_equal(find(&q, 0, false), 0);
    arena_init(&arena, 64);
    q = query(&work_plan_default, SAO_PAULO, "2026-11-23T03:00:00Z", "2026-11-24T03:00:00Z");
    assert_int_equal(slots_find(&q, &arena, out, OUT_MAX, &count, &more), -E_NO_MEMORY);
    q.horizon_days = SLOTS_HORIZON_MAX_DAYS + 1;
    assert_int_equal(slots_find(&q, &arena, out, OUT_MAX, &count, &more), -E_VALIDATION);
    q.horizon_days = 90;
    q.notice_min = -1;
    assert_int_equal(slots_find(&q, &arena, out, OUT_MAX, &count, &more), -E_VALIDATION);
    q.notice_min = 0;
    q.to_us += 3 * US_PER_DAY; /* further than the zone was asked */
    assert_int_equal(slots_find(&q, &arena, out, OUT_MAX, &count, &more), -E_VALIDATION);
    assert_int_equal(count, 0);
    arena_done(&arena);
}

/* Bookings that a changed plan leaves outside. */
static void is_it_still_open(void **state)
{
    (void)state;
    struct arena arena;
    bool covers;
    static const struct {
        const char *start, *end;
        bool covers;
    } rows[] = {{"2026-11-23T11:00:00Z", "2026-11-23T15:00:00Z", true},
                {"2026-11-23T10:55:00Z", "2026-11-23T11:30:00Z", false},
                {"2026-11-23T14:45:00Z", "2026-11-23T15:15:00Z", false},
                {"2026-11-23T20:30:00Z", "2026-11-23T21:00:00Z", true},
                {"2026-11-22T12:00:00Z", "2026-11-22T12:30:00Z", false}};
    (void)query(&work_plan_default, SAO_PAULO, "2026-11-22T03:00:00Z", "2026-11-24T03:00:00Z");
    arena_init(&arena, 1 << 16);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct time_span span = {utc(rows[i].start), utc(rows[i].end)};
        assert_int_equal(slots_plan_covers(&work_plan_default, &zone, span, &arena, &covers), 0);
        if (covers != rows[i].covers)
            fail_msg("row %zu", i);
    }
    struct time_span empty = {utc("2026-11-23T12:00:00Z"), utc("2026-11-23T12:00:00Z")};
    assert_int_equal(slots_plan_covers(&work_plan_default, &zone, empty, &arena, &covers),
                     -E_VALIDATION);
    arena_done(&arena);
}

static void offsets_of_a_zone(void **state)
{
    (void)state;
    struct zone_spans z;
    int64_t from = utc("2018-06-01T00:00:00Z"), to = utc("2019-06-01T00:00:00Z");
    assert_int_equal(zone_spans_make(SAO_PAULO, from, to, &z), 0);
    assert_int_equal(z.count, 3);
    assert_true(z.span[0].start_us == from - US_PER_DAY && z.span[2].end_us == to + US_PER_DAY);
    assert_true(z.span[0].offset_us == -3 * US_PER_HOUR);
    assert_true(z.span[1].offset_us == -2 * US_PER_HOUR);
    assert_true(z.span[1].start_us == utc("2018-11-04T03:00:00Z"));
    assert_true(z.span[1].end_us == utc("2019-02-17T02:00:00Z"));
    assert_true(z.span[0].end_us == z.span[1].start_us && z.span[1].end_us == z.span[2].start_us);
    assert_int_equal(zone_spans_make("Mars/Olympus", from, to, &z), -E_VALIDATION);
    assert_int_equal(zone_spans_make(SAO_PAULO, from, from, &z), -E_VALIDATION);
    assert_int_equal(
        zone_spans_make(SAO_PAULO, from, from + ZONE_SPANS_DAYS_MAX * US_PER_DAY + 1, &z),
        -E_VALIDATION);
}

static void checked_plans(void **state)
{
    (void)state;
    static const struct plan_hours good[][2] = {{{1, 480, 720}, {1, 720, 1080}},
                                                {{1, 1320, 1560}, {2, 120, 240}},
                                                {{7, 0, 1440}, {1, 0, 1440}},
                                                {{7, 1435, 2875}, {1, 1435, 1440}}};
    static const struct plan_hours bad[][2] = {
        {{0, 480, 720}, {1, 0, 5}},       {{8, 480, 720}, {1, 0, 5}},
        {{1, -5, 720}, {2, 0, 5}},        {{1, 720, 720}, {2, 0, 5}},
        {{1, 1440, 1500}, {2, 600, 605}}, {{1, 600, 2045}, {4, 0, 5}},
        {{1, 481, 720}, {2, 0, 5}},       {{1, 480, 721}, {2, 0, 5}},
        {{1, 480, 720}, {1, 715, 730}},   {{1, 1320, 1560}, {2, 115, 240}},
        {{7, 1320, 1560}, {1, 0, 60}},    {{1, 0, 60}, {7, 1320, 1560}}};
    for (size_t i = 0; i < COUNT_OF(good); i++)
        assert_int_equal(work_plan_check(&(struct work_plan){.weekly = good[i], .weekly_count = 2}),
                         0);
    for (size_t i = 0; i < COUNT_OF(bad); i++)
        if (work_plan_check(&(struct work_plan){.weekly = bad[i], .weekly_count = 2}) !=
            -E_VALIDATION)
            fail_msg("row %zu was taken", i);
    struct plan_exception e = {10, 10 + PLAN_EXCEPTION_DAYS_MAX - 1, NULL, 0};
    struct work_plan plan = {.exceptions = &e, .exceptions_count = 1};
    assert_int_equal(work_plan_check(&plan), 0);
    e.last_day++;
    assert_int_equal(work_plan_check(&plan), -E_VALIDATION);
    e = (struct plan_exception){10, 9, NULL, 0};
    assert_int_equal(work_plan_check(&plan), -E_VALIDATION);
    static const struct plan_extra extras[] = {{10, 480, 480}};
    plan = (struct work_plan){.extras = extras, .extras_count = 1};
    assert_int_equal(work_plan_check(&plan), -E_VALIDATION);
    static const int64_t holidays[] = {10, 9};
    plan = (struct work_plan){.holidays = holidays, .holidays_count = 2};
    assert_int_equal(work_plan_check(&plan), -E_VALIDATION);
    plan = (struct work_plan){.breaks = bad[3], .breaks_count = 1};
    assert_int_equal(work_plan_check(&plan), -E_VALIDATION);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_usual_day),
        cmocka_unit_test(the_grid),
        cmocka_unit_test(bookings_and_buffers),
        cmocka_unit_test(notice_and_horizon),
        cmocka_unit_test(what_closes_and_what_opens),
        cmocka_unit_test(past_midnight),
        cmocka_unit_test(days_of_a_change),
        cmocka_unit_test(gap_and_overlap),
        cmocka_unit_test(bounds),
        cmocka_unit_test(is_it_still_open),
        cmocka_unit_test(offsets_of_a_zone),
        cmocka_unit_test(checked_plans),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
