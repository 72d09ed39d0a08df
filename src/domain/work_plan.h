/*
 * work_plan.h - when a doctor works: the weekly plan of one service with its breaks, exceptions of
 * some days, extra openings and the clinic's holidays. Plain data and its checks; pure; borrows
 * every list. What it opens is computed in slots.h.
 *
 * Days are local days counted from 1970-01-01 (clock_days_from_civil); minutes count from 00:00 on
 * the wall clock of the plan's zone. Hours may run past midnight (22:00-26:00 is {1320, 1560}) and
 * belong to the day on which they start, so that a night shift is closed by the holiday on which it
 * begins, never cut at midnight by the one after. What wins, from weakest to strongest:
 *
 *   weekly hours less the breaks  <  an exception of that day (its hours, or none: closed; of
 *   two the later in the list)  <  a holiday (closed)  <  an extra opening  <  blocked, booked
 */
#ifndef ACOLHE_DOMAIN_WORK_PLAN_H
#define ACOLHE_DOMAIN_WORK_PLAN_H

#include <stddef.h>
#include <stdint.h>

#define PLAN_DAY_MIN INT64_C(1440)
#define PLAN_HOURS_MAX 42 /* of a week, and of an exception */
#define PLAN_BREAKS_MAX 42
#define PLAN_EXCEPTIONS_MAX 200
#define PLAN_EXCEPTION_DAYS_MAX 366
#define PLAN_EXTRAS_MAX 200
#define PLAN_HOLIDAYS_MAX 400

struct plan_hours {
    int64_t weekday;   /* ISO: 1 = Monday … 7 = Sunday; 0 = each day, only in an exception */
    int64_t start_min; /* 0–1439, a multiple of CELL_MIN */
    int64_t end_min;   /* above start_min by at most a day, a multiple of CELL_MIN */
};

struct plan_exception {
    int64_t first_day;
    int64_t last_day;               /* included */
    const struct plan_hours *hours; /* without weekly breaks: leave a gap between two hours */
    size_t hours_count;             /* 0: closed */
};

struct plan_extra {
    int64_t day;
    int64_t start_min; /* as of plan_hours */
    int64_t end_min;
};

struct work_plan {
    const struct plan_hours *weekly;
    size_t weekly_count;
    const struct plan_hours *breaks; /* cut weekly hours wherever they meet them */
    size_t breaks_count;
    const struct plan_exception *exceptions;
    size_t exceptions_count;
    const struct plan_extra *extras;
    size_t extras_count;
    const int64_t *holidays; /* local days, ascending */
    size_t holidays_count;
};

/* A new doctor's: Monday to Friday 08:00-18:00, break 12:00-14:00. */
extern const struct work_plan work_plan_default;

/* Bounds, and no two weekly hours over the same time. 0 or -E_VALIDATION. */
int work_plan_check(const struct work_plan *plan);

int64_t plan_weekday(int64_t day); /* 1–7 */

#endif
