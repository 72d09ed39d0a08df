/*
 * office_hours.c - see office_hours.h. Open or not is asked of the wall clock of the zone; an
 * opening is an instant that is open while the one before is not. So the rare days on which the
 * clock skips or repeats an hour need no rule of their own: they only bring more candidates.
 */
#include "domain/office_hours.h"

#include "base/clock.h"
#include "base/error.h"
#include "domain/zone.h"

#define MINUTES_PER_DAY 1440
#define DAYS_AHEAD 14

int office_hours_check(const struct office_interval *list, size_t count)
{
    size_t per_day[8] = {0};

    if (count > OFFICE_HOURS_MAX)
        return -E_VALIDATION;
    for (size_t i = 0; i < count; i++) {
        const struct office_interval *a = &list[i];
        if (a->weekday < 1 || a->weekday > 7 || a->start_min < 0 || a->end_min > MINUTES_PER_DAY ||
            a->start_min >= a->end_min || ++per_day[a->weekday] > OFFICE_HOURS_PER_DAY)
            return -E_VALIDATION;
        for (size_t j = 0; j < i; j++) {
            const struct office_interval *b = &list[j];
            if (a->weekday == b->weekday && a->start_min < b->end_min && b->start_min < a->end_min)
                return -E_VALIDATION;
        }
    }
    return 0;
}

static int64_t day_of(int64_t local_us)
{
    return local_us / US_PER_DAY - (local_us % US_PER_DAY < 0);
}

/* ISO: 1970-01-01 was a Thursday. */
static int64_t weekday_of(int64_t day)
{
    return ((day + 3) % 7 + 7) % 7 + 1;
}

bool office_hours_open(const struct office_interval *list, size_t count, const char *zone,
                       int64_t now_us)
{
    int64_t local = zone_to_local_us(zone, now_us);
    int64_t day = day_of(local);
    int64_t minute = (local - day * US_PER_DAY) / US_PER_MIN;

    for (size_t i = 0; i < count; i++)
        if (list[i].weekday == weekday_of(day) && minute >= list[i].start_min &&
            minute < list[i].end_min)
            return true;
    return false;
}

struct search {
    const struct office_interval *list;
    size_t count;
    const char *zone;
    int64_t now_us;
    int64_t best_us; /* -1: none yet */
};

static void try_instant(struct search *s, int64_t at_us)
{
    if (at_us > s->now_us && (s->best_us < 0 || at_us < s->best_us) &&
        office_hours_open(s->list, s->count, s->zone, at_us) &&
        !office_hours_open(s->list, s->count, s->zone, at_us - 1))
        s->best_us = at_us;
}

/* The second at which the offset changes between two instants that differ in it. */
static int64_t change_between(const char *zone, int64_t low_us, int64_t high_us)
{
    int64_t low = low_us / US_PER_S;
    int64_t high = high_us / US_PER_S;
    int before = zone_utc_offset_s(zone, low_us);

    while (high - low > 1) {
        int64_t middle = low + (high - low) / 2;
        if (zone_utc_offset_s(zone, middle * US_PER_S) == before)
            low = middle;
        else
            high = middle;
    }
    return high * US_PER_S;
}

/* All instants of one local day at which an interval may start. */
static void try_day(struct search *s, int64_t day)
{
    int64_t from = day * US_PER_DAY - US_PER_DAY;
    int64_t to = day * US_PER_DAY + 2 * US_PER_DAY;
    int before = zone_utc_offset_s(s->zone, from);
    int after = zone_utc_offset_s(s->zone, to);

    for (size_t i = 0; i < s->count; i++) {
        if (s->list[i].weekday != weekday_of(day))
            continue;
        int64_t local = day * US_PER_DAY + s->list[i].start_min * US_PER_MIN;
        try_instant(s, local - before * US_PER_S);
        if (after != before)
            try_instant(s, local - after * US_PER_S);
    }
    if (after != before)
        try_instant(s, change_between(s->zone, from, to));
}

int64_t office_hours_next_open(const struct office_interval *list, size_t count, const char *zone,
                               int64_t now_us)
{
    struct search s = {list, count, zone, now_us, -1};
    int64_t today = day_of(zone_to_local_us(zone, now_us));

    for (int64_t day = today; count > 0 && day <= today + DAYS_AHEAD; day++) {
        try_day(&s, day);
        if (s.best_us >= 0 && s.best_us < zone_from_local_us(zone, (day + 1) * US_PER_DAY))
            break; /* later days only bring later instants */
    }
    return s.best_us;
}

int day_minute_parse(struct str text, int64_t *ret)
{
    int64_t hours, minutes;

    if (text.n != 5 || text.p[2] != ':' || str_to_i64(str_of(text.p, 2), &hours) < 0 ||
        str_to_i64(str_of(text.p + 3, 2), &minutes) < 0)
        return -E_MALFORMED;
    if (minutes > 59 || hours * 60 + minutes > MINUTES_PER_DAY)
        return -E_MALFORMED;
    *ret = hours * 60 + minutes;
    return 0;
}

void day_minute_format(int64_t minute, char out[DAY_MINUTE_TEXT + 1])
{
    out[0] = (char)('0' + minute / 600 % 10);
    out[1] = (char)('0' + minute / 60 % 10);
    out[2] = ':';
    out[3] = (char)('0' + minute % 60 / 10);
    out[4] = (char)('0' + minute % 10);
    out[5] = '\0';
}
