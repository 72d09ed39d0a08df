/*
 * office_hours.h - when a doctor's practice answers: weekly intervals in the doctor's own zone.
 *
 * Intervals are half-open minutes of a local day, [start_min, end_min). Patients see these hours
 * and the next opening, never a presence (ux.md, 2).
 */
#ifndef ACOLHE_DOMAIN_OFFICE_HOURS_H
#define ACOLHE_DOMAIN_OFFICE_HOURS_H

#include "base/str.h"

#define OFFICE_HOURS_PER_DAY 6
#define OFFICE_HOURS_MAX ((size_t)7 * OFFICE_HOURS_PER_DAY)

struct office_interval {
    int64_t weekday;   /* ISO: 1 = Monday … 7 = Sunday */
    int64_t start_min; /* 0–1439 */
    int64_t end_min;   /* 1–1440, above start_min */
};

/* Within the day, no overlap, at most OFFICE_HOURS_PER_DAY a day. 0 or -E_VALIDATION. */
int office_hours_check(const struct office_interval *list, size_t count);

/* Is the practice open at that instant? `zone` is an IANA name that zone_exists. */
bool office_hours_open(const struct office_interval *list, size_t count, const char *zone,
                       int64_t now_us);
/* The next instant at which it opens (strictly after now), within two weeks; -1 if there is none.
 */
int64_t office_hours_next_open(const struct office_interval *list, size_t count, const char *zone,
                               int64_t now_us);

/* A minute of the day as text, "08:00"; the end of a day is "24:00". 0 or -E_MALFORMED. */
#define DAY_MINUTE_TEXT 5
int day_minute_parse(struct str text, int64_t *ret);
void day_minute_format(int64_t minute, char out[DAY_MINUTE_TEXT + 1]); /* 0–1440 */

#endif
