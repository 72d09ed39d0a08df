/* booking_rules.c - see booking_rules.h. */
#include "domain/booking_rules.h"

#include "base/error.h"

#define HOUR_MIN INT64_C(60)
#define DAY_MIN (24 * HOUR_MIN)

const struct booking_rules booking_rules_default = {
    .service = {.duration_min = 30, .before_min = 0, .after_min = 0, .step_min = 15},
    .notice_min = 120,
    .horizon_days = 90,
    .hold_min = 10,
    .request_min = DAY_MIN,
    .cutoff_min = DAY_MIN,
    .patient_limit = 3,
    .patient_doctor_limit = 1,
    .reminder_min = {DAY_MIN, 2 * HOUR_MIN},
    .tele_reminder_min = 10,
    .join_before_min = 10,
    .join_after_min = 15,
    .no_show_after_min = 15,
};

static const char *const names[] = {"",
#define X(symbol, name) name,
                                    BOOKING_RULE_TABLE(X)
#undef X
};

const char *booking_rule_name(enum booking_rule rule)
{
    return rule > RULE_NONE && rule < RULE_COUNT_ ? names[rule] : names[RULE_NONE];
}

static bool within(int64_t value, int64_t least, int64_t most)
{
    return value >= least && value <= most;
}

int booking_rules_check(const struct booking_rules *r)
{
    bool good = service_time_check(&r->service) == 0 && within(r->notice_min, 0, 30 * DAY_MIN) &&
                within(r->horizon_days, 1, 366) && within(r->hold_min, 1, 60) &&
                within(r->request_min, 1, 30 * DAY_MIN) && within(r->cutoff_min, 0, 30 * DAY_MIN) &&
                within(r->patient_limit, 1, 100) && within(r->patient_doctor_limit, 1, 100) &&
                within(r->tele_reminder_min, 0, 7 * DAY_MIN) && within(r->join_before_min, 0, 60) &&
                within(r->join_after_min, 0, 60) &&
                /* no one is absent who may still come in */
                within(r->no_show_after_min, r->join_after_min, DAY_MIN);

    for (size_t i = 0; i < REMINDERS_EACH; i++)
        good = good && within(r->reminder_min[i], 0, 7 * DAY_MIN);
    return good ? 0 : -E_VALIDATION;
}

enum booking_rule rule_notice(const struct booking_rules *r, int64_t now_us, int64_t start_us)
{
    return start_us < now_us + r->notice_min * US_PER_MIN ? RULE_NOTICE : RULE_NONE;
}

enum booking_rule rule_horizon(const struct booking_rules *r, int64_t now_us, int64_t start_us)
{
    return start_us > now_us + r->horizon_days * US_PER_DAY ? RULE_HORIZON : RULE_NONE;
}

int64_t hold_expires_us(const struct booking_rules *r, int64_t held_us)
{
    return held_us + r->hold_min * US_PER_MIN;
}

int64_t request_expires_us(const struct booking_rules *r, int64_t requested_us, int64_t start_us)
{
    int64_t asked = requested_us + r->request_min * US_PER_MIN;
    int64_t near = start_us - r->notice_min * US_PER_MIN;

    return asked < near ? asked : near;
}

bool cutoff_passed(const struct booking_rules *r, int64_t now_us, int64_t start_us)
{
    return now_us > start_us - r->cutoff_min * US_PER_MIN;
}

enum booking_rule rule_limits(const struct booking_rules *r, int64_t of_patient,
                              int64_t of_patient_and_doctor)
{
    if (of_patient_and_doctor >= r->patient_doctor_limit)
        return RULE_PATIENT_DOCTOR_LIMIT;
    return of_patient >= r->patient_limit ? RULE_PATIENT_LIMIT : RULE_NONE;
}

static bool contains(const int64_t *list, size_t count, int64_t value)
{
    for (size_t i = 0; i < count; i++)
        if (list[i] == value)
            return true;
    return false;
}

size_t reminder_times(const struct booking_rules *r, enum service_kind kind, int64_t start_us,
                      int64_t now_us, int64_t out[REMINDERS_MAX])
{
    int64_t before_min[REMINDERS_EACH + 1];
    size_t count = 0;

    memcpy(before_min, r->reminder_min, sizeof r->reminder_min);
    before_min[REMINDERS_EACH] = kind == SERVICE_TELECONSULTATION ? r->tele_reminder_min : 0;
    for (size_t i = 0; i < REMINDERS_EACH + 1; i++) {
        int64_t at = start_us - before_min[i] * US_PER_MIN;
        size_t place = count;
        if (before_min[i] <= 0 || at <= now_us || contains(out, count, at))
            continue;
        for (; place > 0 && out[place - 1] > at; place--)
            out[place] = out[place - 1];
        out[place] = at;
        count++;
    }
    return count;
}

enum booking_rule rule_join(const struct booking_rules *r, struct time_span when, int64_t now_us)
{
    bool open = now_us >= when.start_us - r->join_before_min * US_PER_MIN &&
                now_us < when.end_us + r->join_after_min * US_PER_MIN;

    return open ? RULE_NONE : RULE_JOIN_WINDOW;
}

int64_t no_show_us(const struct booking_rules *r, int64_t end_us)
{
    return end_us + r->no_show_after_min * US_PER_MIN;
}
