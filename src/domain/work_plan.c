/* work_plan.c - see work_plan.h. */
#include "domain/work_plan.h"

#include <stdbool.h>

#include "base/error.h"
#include "domain/time_span.h"

#define WEEK_MIN (7 * PLAN_DAY_MIN)
#define COUNT_OF(array) (sizeof(array) / sizeof *(array))

static const struct plan_hours default_weekly[] = {
    {1, 480, 1080}, {2, 480, 1080}, {3, 480, 1080}, {4, 480, 1080}, {5, 480, 1080}};
static const struct plan_hours default_breaks[] = {
    {1, 720, 840}, {2, 720, 840}, {3, 720, 840}, {4, 720, 840}, {5, 720, 840}};

const struct work_plan work_plan_default = {
    .weekly = default_weekly,
    .weekly_count = COUNT_OF(default_weekly),
    .breaks = default_breaks,
    .breaks_count = COUNT_OF(default_breaks),
};

int64_t plan_weekday(int64_t day)
{
    return ((day + 3) % 7 + 7) % 7 + 1; /* 1970-01-01 was a Thursday */
}

static bool minutes_good(int64_t start_min, int64_t end_min)
{
    return start_min >= 0 && start_min < PLAN_DAY_MIN && end_min > start_min &&
           end_min <= start_min + PLAN_DAY_MIN && start_min % CELL_MIN == 0 &&
           end_min % CELL_MIN == 0;
}

static bool hours_good(const struct plan_hours *list, size_t count, size_t max, int64_t weekday_min)
{
    if (count > max)
        return false;
    for (size_t i = 0; i < count; i++)
        if (list[i].weekday < weekday_min || list[i].weekday > 7 ||
            !minutes_good(list[i].start_min, list[i].end_min))
            return false;
    return true;
}

/* On the circle of a week: Sunday's hours past midnight meet Monday's. */
static bool weekly_overlap(const struct plan_hours *a, const struct plan_hours *b)
{
    int64_t a_start = (a->weekday - 1) * PLAN_DAY_MIN + a->start_min;
    int64_t b_start = (b->weekday - 1) * PLAN_DAY_MIN + b->start_min;
    int64_t a_end = a_start + a->end_min - a->start_min;
    int64_t b_end = b_start + b->end_min - b->start_min;

    for (int64_t shift = -WEEK_MIN; shift <= WEEK_MIN; shift += WEEK_MIN)
        if (a_start < b_end + shift && b_start + shift < a_end)
            return true;
    return false;
}

static bool weekly_good(const struct work_plan *plan)
{
    if (!hours_good(plan->weekly, plan->weekly_count, PLAN_HOURS_MAX, 1))
        return false;
    for (size_t i = 0; i < plan->weekly_count; i++)
        for (size_t j = 0; j < i; j++)
            if (weekly_overlap(&plan->weekly[i], &plan->weekly[j]))
                return false;
    return true;
}

static bool exceptions_good(const struct work_plan *plan)
{
    if (plan->exceptions_count > PLAN_EXCEPTIONS_MAX)
        return false;
    for (size_t i = 0; i < plan->exceptions_count; i++) {
        const struct plan_exception *e = &plan->exceptions[i];
        if (e->last_day < e->first_day || e->last_day - e->first_day >= PLAN_EXCEPTION_DAYS_MAX ||
            !hours_good(e->hours, e->hours_count, PLAN_HOURS_MAX, 0))
            return false;
    }
    return true;
}

int work_plan_check(const struct work_plan *plan)
{
    if (!weekly_good(plan) || !exceptions_good(plan) ||
        !hours_good(plan->breaks, plan->breaks_count, PLAN_BREAKS_MAX, 1) ||
        plan->extras_count > PLAN_EXTRAS_MAX || plan->holidays_count > PLAN_HOLIDAYS_MAX)
        return -E_VALIDATION;
    for (size_t i = 0; i < plan->extras_count; i++)
        if (!minutes_good(plan->extras[i].start_min, plan->extras[i].end_min))
            return -E_VALIDATION;
    for (size_t i = 1; i < plan->holidays_count; i++)
        if (plan->holidays[i] < plan->holidays[i - 1])
            return -E_VALIDATION;
    return 0;
}
