/*
 * test_slots_property.c - random plans, bookings and zones: slots.c against an oracle that knows
 * nothing of pieces, runs or offsets. The oracle paints minutes: which minutes of the wall clock
 * are open or on a grid, what the wall clock shows at each minute of UTC (glibc says, not the
 * program's own zones), and then tries every minute.
 */
#include <time.h>

#include "../unit.h"
#include "base/clock.h"
#include "domain/slots.h"

/* The oracle asks another implementation for the wall clock; a test has one thread. */
#undef localtime_r

#define SEED UINT64_C(20261122)
#define CASES_PER_PLACE 100
#define LONG_DAYS 40 /* some cases are longer than slots.c works through at once */
#define MINUTES ((LONG_DAYS + 12) * PLAN_DAY_MIN)
#define OUT_MAX 20000

/* ---- chance ------------------------------------------------------------------------------------
 */

static uint64_t chance_state;

static uint64_t chance(void) /* splitmix64 */
{
    uint64_t z = (chance_state += UINT64_C(0x9e3779b97f4a7c15));
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

static int64_t between(int64_t least, int64_t most)
{
    return least + (int64_t)(chance() % (uint64_t)(most - least + 1));
}

static bool one_in(int64_t n)
{
    return between(1, n) == 1;
}

/* ---- a case ------------------------------------------------------------------------------------
 */

#define HOURS 8
#define SPANS 60

struct problem {
    struct plan_hours weekly[HOURS], breaks[HOURS], replaced[HOURS];
    struct plan_exception exceptions[3];
    struct plan_extra extras[4];
    int64_t holidays[3];
    struct work_plan plan;
    struct service_time service;
    struct time_span busy[SPANS], blocked[SPANS];
    struct zone_spans zone;
    struct slots_query q;
};

static void make_minutes(int64_t grain, int64_t *start, int64_t *end)
{
    static const int64_t longest[] = {60, 300, 600, 1440};

    if (one_in(8)) { /* the whole day */
        *start = 0;
        *end = PLAN_DAY_MIN;
        return;
    }
    *start = between(0, (PLAN_DAY_MIN - 1) / grain) * grain;
    *end = *start + between(1, longest[between(0, 3)] / grain) * grain;
}

static size_t make_hours(struct plan_hours *list, int64_t most, int64_t weekday_min, int64_t grain)
{
    size_t count = (size_t)between(0, most);

    for (size_t i = 0; i < count; i++) {
        list[i].weekday = between(weekday_min, 7);
        make_minutes(grain, &list[i].start_min, &list[i].end_min);
    }
    return count;
}

static void make_plan(struct problem *p, int64_t day, int64_t grain)
{
    struct work_plan *plan = &p->plan;

    *plan = (struct work_plan){.weekly = p->weekly,
                               .breaks = p->breaks,
                               .exceptions = p->exceptions,
                               .extras = p->extras,
                               .holidays = p->holidays};
    plan->weekly_count = make_hours(p->weekly, HOURS, 1, grain);
    plan->breaks_count = make_hours(p->breaks, 4, 1, grain);
    for (size_t i = 0; i < plan->breaks_count; i++)
        if (p->breaks[i].end_min > p->breaks[i].start_min + 180)
            p->breaks[i].end_min = p->breaks[i].start_min + 30;
    size_t replaced = make_hours(p->replaced, 4, 0, grain);
    plan->exceptions_count = (size_t)(one_in(2) ? between(0, 3) : 0);
    for (size_t i = 0; i < plan->exceptions_count; i++) {
        int64_t first = day + between(-3, 4);
        p->exceptions[i] = (struct plan_exception){first, first + between(0, 2), p->replaced,
                                                   one_in(2) ? replaced : 0};
    }
    plan->extras_count = (size_t)(one_in(2) ? between(0, 4) : 0);
    for (size_t i = 0; i < plan->extras_count; i++) {
        p->extras[i].day = day + between(-3, 4);
        make_minutes(grain, &p->extras[i].start_min, &p->extras[i].end_min);
    }
    plan->holidays_count = (size_t)(one_in(3) ? between(0, 3) : 0);
    for (size_t i = 0; i < plan->holidays_count; i++)
        p->holidays[i] = i ? p->holidays[i - 1] + between(0, 2) : day + between(-3, 2);
}

static int spans_by_start(const void *a, const void *b)
{
    const struct time_span *x = a, *y = b;

    return (x->start_us > y->start_us) - (x->start_us < y->start_us);
}

static size_t make_spans(struct time_span *list, int64_t from_us, int64_t to_us, int64_t grain)
{
    size_t count = (size_t)(one_in(4) ? 0 : between(0, one_in(2) ? 6 : SPANS));
    int64_t low = from_us / US_PER_MIN - PLAN_DAY_MIN, high = to_us / US_PER_MIN + PLAN_DAY_MIN;

    for (size_t i = 0; i < count; i++) {
        int64_t start = between(low, high) / grain * grain;
        int64_t length = between(1, one_in(10) ? 600 / grain : 60 / grain) * grain;
        list[i] = (struct time_span){start * US_PER_MIN, (start + length) * US_PER_MIN};
    }
    qsort(list, count, sizeof *list, spans_by_start);
    return count;
}

static void make_problem(struct problem *p, const char *zone, int64_t middle_us)
{
    int64_t grain = one_in(4) ? 1 : 5;
    int64_t days = one_in(8) ? LONG_DAYS : between(1, 3);
    int64_t from = middle_us - between(0, 40 * 60) * US_PER_MIN;

    make_plan(p, middle_us / US_PER_DAY, grain);
    p->service = (struct service_time){
        between(1, 90 / grain) * grain, one_in(2) ? 0 : between(0, 30 / grain) * grain,
        one_in(2) ? 0 : between(0, 30 / grain) * grain, between(1, 60 / grain) * grain};
    p->q = (struct slots_query){
        .plan = &p->plan, .service = &p->service, .zone = &p->zone, .blocked = p->blocked};
    p->q.from_us = from + (one_in(2) ? between(-90, 90) * US_PER_S + between(0, 999) : 0);
    p->q.to_us = from + days * US_PER_DAY - between(0, 12 * 60) * US_PER_MIN;
    p->q.busy = p->busy;
    p->q.busy_count = make_spans(p->busy, from, p->q.to_us, grain);
    p->q.blocked_count = one_in(2) ? make_spans(p->blocked, from, p->q.to_us, grain) : 0;
    p->q.now_us = from - between(-10, 40) * US_PER_HOUR + (one_in(2) ? between(0, US_PER_MIN) : 0);
    p->q.notice_min = between(0, 300);
    p->q.horizon_days = one_in(3) ? between(0, 3) : 90;
    assert_int_equal(zone_spans_make(zone, p->q.from_us, p->q.to_us, &p->zone), 0);
}

/* ---- the oracle --------------------------------------------------------------------------------
 */

static struct {
    int64_t first_day;      /* local minute 0 is its midnight */
    bool is_break[MINUTES]; /* by minute of the wall clock */
    bool open[MINUTES];     /* … */
    bool grid[MINUTES];     /* … a start is laid here */
    int64_t first_minute;   /* UTC minute 0 */
    int64_t wall[MINUTES];  /* what the wall clock shows, by minute of UTC */
    bool taken[MINUTES];    /* by minute of UTC */
} oracle;

/* One opening: walk it, begin the grid anew after every break. */
static void paint(const struct problem *p, int64_t day, int64_t start, int64_t end, bool breaks)
{
    int64_t since = 0; /* minutes since the grid began */

    for (int64_t m = start; m < end; m++) {
        int64_t at = (day - oracle.first_day) * PLAN_DAY_MIN + m;
        if (at < 0 || at >= MINUTES)
            return;
        if (breaks && oracle.is_break[at]) {
            since = 0;
            continue;
        }
        oracle.open[at] = true;
        if (since % p->service.step_min == 0)
            oracle.grid[at] = true;
        since++;
    }
}

static void paint_breaks(const struct problem *p, int64_t day)
{
    for (size_t i = 0; i < p->plan.breaks_count; i++)
        for (int64_t m = p->breaks[i].start_min; m < p->breaks[i].end_min; m++) {
            int64_t at = (day - oracle.first_day) * PLAN_DAY_MIN + m;
            if (p->breaks[i].weekday == plan_weekday(day) && at < MINUTES)
                oracle.is_break[at] = true;
        }
}

static void paint_day(const struct problem *p, int64_t day)
{
    const struct plan_exception *e = NULL;

    for (size_t i = 0; i < p->plan.extras_count; i++)
        if (p->extras[i].day == day)
            paint(p, day, p->extras[i].start_min, p->extras[i].end_min, false);
    for (size_t i = 0; i < p->plan.holidays_count; i++)
        if (p->holidays[i] == day)
            return;
    for (size_t i = 0; i < p->plan.exceptions_count; i++)
        if (day >= p->exceptions[i].first_day && day <= p->exceptions[i].last_day)
            e = &p->exceptions[i];
    for (size_t i = 0; e && i < e->hours_count; i++)
        if (e->hours[i].weekday == 0 || e->hours[i].weekday == plan_weekday(day))
            paint(p, day, e->hours[i].start_min, e->hours[i].end_min, false);
    for (size_t i = 0; !e && i < p->plan.weekly_count; i++)
        if (p->weekly[i].weekday == plan_weekday(day))
            paint(p, day, p->weekly[i].start_min, p->weekly[i].end_min, true);
}

static void take(const struct time_span *list, size_t count)
{
    for (size_t i = 0; i < count; i++)
        for (int64_t at = list[i].start_us; at < list[i].end_us; at += US_PER_MIN) {
            int64_t minute = at / US_PER_MIN - oracle.first_minute;
            if (minute >= 0 && minute < MINUTES)
                oracle.taken[minute] = true;
        }
}

static int64_t wall_minute(int64_t utc_minute)
{
    struct tm tm;
    time_t at = utc_minute * 60;

    assert_non_null(localtime_r(&at, &tm));
    return clock_days_from_civil(tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday) * PLAN_DAY_MIN +
           tm.tm_hour * 60 + tm.tm_min;
}

/* Returns the number of UTC minutes painted. */
static int64_t oracle_prepare(const struct problem *p)
{
    int64_t count = (p->q.to_us - p->q.from_us) / US_PER_MIN + 2 * PLAN_DAY_MIN;

    memset(&oracle, 0, sizeof oracle);
    oracle.first_day = p->q.from_us / US_PER_DAY - 4;
    oracle.first_minute = p->q.from_us / US_PER_MIN - 200;
    assert_true(count + 5 * PLAN_DAY_MIN < MINUTES);
    for (int64_t d = 0; d < MINUTES / PLAN_DAY_MIN; d++)
        paint_breaks(p, oracle.first_day + d);
    for (int64_t d = 0; d < MINUTES / PLAN_DAY_MIN; d++)
        paint_day(p, oracle.first_day + d);
    for (int64_t m = 0; m < count; m++)
        oracle.wall[m] = wall_minute(oracle.first_minute + m) - oracle.first_day * PLAN_DAY_MIN;
    take(p->busy, p->q.busy_count);
    take(p->blocked, p->q.blocked_count);
    return count;
}

static bool all_open(int64_t minute, int64_t length)
{
    for (int64_t m = minute; m < minute + length; m++)
        if (!oracle.open[oracle.wall[m]])
            return false;
    return true;
}

static bool is_free(const struct problem *p, int64_t minute)
{
    const struct slots_query *q = &p->q;
    int64_t start = (oracle.first_minute + minute) * US_PER_MIN;

    if (start < q->from_us || start >= q->to_us || start < q->now_us + q->notice_min * US_PER_MIN ||
        start > q->now_us + q->horizon_days * US_PER_DAY || !oracle.grid[oracle.wall[minute]])
        return false;
    for (int64_t m = minute - p->service.before_min;
         m < minute + p->service.duration_min + p->service.after_min; m++)
        if (oracle.taken[m])
            return false;
    return all_open(minute, p->service.duration_min);
}

/* ---- the two, compared -------------------------------------------------------------------------
 */

static struct time_span got[OUT_MAX], part[OUT_MAX];

static void compare(const struct problem *p, struct arena *arena, const char *where, size_t *ret)
{
    size_t count, next = 0;
    bool more;
    int64_t minutes = oracle_prepare(p);

    assert_int_equal(slots_find(&p->q, arena, got, OUT_MAX, &count, &more), 0);
    assert_false(more);
    for (int64_t m = 0; m < minutes - PLAN_DAY_MIN; m++) {
        int64_t start = (oracle.first_minute + m) * US_PER_MIN;
        bool want = m >= p->service.before_min && is_free(p, m);
        bool have = next < count && got[next].start_us == start;
        if (want != have)
            fail_msg("%s: minute %lld is %s", where, (long long)start / US_PER_MIN,
                     want ? "free and not offered" : "offered and not free");
        if (have && got[next++].end_us != start + p->service.duration_min * US_PER_MIN)
            fail_msg("%s: a slot of another length", where);
    }
    if (next != count) /* between two minutes, out of order, or twice */
        fail_msg("%s: slot %zu of %zu stands where no minute is", where, next, count);
    *ret = count;
}

/* Asked for some at a time, it is the same list. */
static void compare_pages(const struct problem *p, struct arena *arena, size_t count)
{
    struct slots_query q = p->q;
    size_t max = (size_t)between(1, 40), seen = 0, n;
    bool more = true;

    for (int pages = 0; more && pages < 12; pages++) {
        assert_int_equal(slots_find(&q, arena, part, max, &n, &more), 0);
        assert_true(n <= max && seen + n <= count);
        assert_memory_equal(part, got + seen, n * sizeof *part);
        seen += n;
        assert_int_equal(more, seen < count);
        if (n > 0)
            q.from_us = part[n - 1].start_us + 1;
    }
}

static void compare_cover(const struct problem *p, struct arena *arena, const char *where)
{
    for (int i = 0; i < 20; i++) {
        int64_t minute = 200 + between(0, (p->q.to_us - p->q.from_us) / US_PER_MIN);
        int64_t length = between(1, 300), start = (oracle.first_minute + minute) * US_PER_MIN;
        struct time_span span = {start, start + length * US_PER_MIN};
        bool covers;
        assert_int_equal(slots_plan_covers(&p->plan, &p->zone, span, arena, &covers), 0);
        if (covers != all_open(minute, length))
            fail_msg("%s: minute %lld, length %lld", where, (long long)start / US_PER_MIN,
                     (long long)length);
    }
}

static int64_t utc(const char *text)
{
    int64_t us;

    assert_int_equal(clock_parse(str_from(text), &us), 0);
    return us;
}

static const struct {
    const char *zone;
    const char *middle; /* the change of the clock, or what else is worth a look */
} places[] = {
    {"America/Sao_Paulo", "2018-11-04T03:00:00Z"},   /* midnight is skipped */
    {"America/Sao_Paulo", "2018-02-18T02:00:00Z"},   /* 23:00-24:00 twice */
    {"America/Sao_Paulo", "2019-02-17T02:00:00Z"},   /* the last time ever */
    {"America/Sao_Paulo", "2024-02-29T03:00:00Z"},   /* leap day */
    {"America/New_York", "2026-03-08T07:00:00Z"},    /* 02:00-03:00 skipped */
    {"America/New_York", "2026-11-01T06:00:00Z"},    /* 01:00-02:00 twice */
    {"Europe/Lisbon", "2026-03-29T01:00:00Z"},       /* 01:00-02:00 skipped */
    {"Europe/Lisbon", "2026-10-25T01:00:00Z"},       /* 01:00-02:00 twice */
    {"Australia/Lord_Howe", "2026-10-03T15:30:00Z"}, /* half an hour is skipped */
    {"Australia/Lord_Howe", "2026-04-04T15:00:00Z"}, /* half an hour twice */
    {"Asia/Kolkata", "2028-02-29T00:00:00Z"},        /* half past hours, leap day */
    {"UTC", "2026-12-31T23:00:00Z"},
};

static void slots_are_what_the_oracle_says(void **state)
{
    (void)state;
    static struct problem p;
    struct arena arena;
    char where[100];
    size_t total = 0, count;

    arena_init(&arena, (size_t)16 << 20);
    print_message("seed %llu, cases %d of each of %zu places\n", (unsigned long long)SEED,
                  CASES_PER_PLACE, COUNT_OF(places));
    for (size_t i = 0; i < COUNT_OF(places); i++) {
        assert_int_equal(setenv("TZ", places[i].zone, 1), 0);
        tzset();
        for (int n = 0; n < CASES_PER_PLACE; n++) {
            chance_state = SEED + (uint64_t)n * 1000 + i; /* each case stands alone */
            (void)snprintf(where, sizeof where, "%s %s case %d", places[i].zone, places[i].middle,
                           n);
            make_problem(&p, places[i].zone, utc(places[i].middle));
            compare(&p, &arena, where, &count);
            compare_pages(&p, &arena, count);
            compare_cover(&p, &arena, where);
            arena_reset(&arena);
            total += count;
        }
    }
    arena_done(&arena);
    print_message("slots %zu\n", total);
    assert_true(total > 100 * COUNT_OF(places)); /* the cases are not all empty */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(slots_are_what_the_oracle_says),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
