/*
 * clock.h - the two clocks, and times as text.
 *
 * Wall time is int64 microseconds since 1970-01-01T00:00:00Z (no leap seconds), the form it has in
 * every table; monotonic time is microseconds from an arbitrary start and is used for deadlines.
 * The domain room never reads a clock: the time is handed to it.
 */
#ifndef ACOLHE_BASE_CLOCK_H
#define ACOLHE_BASE_CLOCK_H

#include "base/str.h"

#define US_PER_MS INT64_C(1000)
#define US_PER_S INT64_C(1000000)
#define US_PER_MIN (60 * US_PER_S)
#define US_PER_HOUR (60 * US_PER_MIN)
#define US_PER_DAY (24 * US_PER_HOUR)

#define CLOCK_TEXT 24 /* "2026-11-22T17:20:12.345Z" */

int64_t clock_now_us(void);  /* wall clock, CLOCK_REALTIME */
int64_t clock_mono_us(void); /* CLOCK_MONOTONIC */

/* RFC 3339 in UTC with milliseconds. Years 0000-9999 (asserted by clamping). */
void clock_format(int64_t us, char out[CLOCK_TEXT + 1]);
/* Accepts RFC 3339 with any offset and up to 9 fraction digits. 0 or -E_MALFORMED. */
int clock_parse(struct str text, int64_t *ret_us);

/* Proleptic Gregorian calendar; day 0 is 1970-01-01. Month 1-12, day 1-31. */
int64_t clock_days_from_civil(int year, int month, int day);
void clock_civil_from_days(int64_t days, int *ret_year, int *ret_month, int *ret_day);
int clock_days_in_month(int year, int month);

#endif
