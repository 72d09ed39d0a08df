/*
 * zone_spans.h - a zone's offsets over a stretch of time, asked once and then read without a lock.
 *
 * zone.h answers one instant at a time, under one lock; slots of fifty doctors over three months
 * would ask it ten thousand times. One of these serves every doctor of that zone in a request.
 * Plain data: may be shared by threads once made.
 */
#ifndef ACOLHE_DOMAIN_ZONE_SPANS_H
#define ACOLHE_DOMAIN_ZONE_SPANS_H

#include <stddef.h>
#include <stdint.h>

#define ZONE_SPANS_MAX 16
#define ZONE_SPANS_DAYS_MAX 800

struct zone_span {
    int64_t start_us; /* UTC */
    int64_t end_us;
    int64_t offset_us; /* east of Greenwich: local = UTC + offset */
};

struct zone_spans {
    size_t count; /* ascending, without holes; one more for each change of the clock */
    struct zone_span span[ZONE_SPANS_MAX];
};

/* Covers [from_us, to_us) and a day more at each end. 0; -E_VALIDATION: no such zone, or not
 * 0 < to − from <= ZONE_SPANS_DAYS_MAX days; -E_TOO_LARGE: more changes than fit. */
int zone_spans_make(const char *zone, int64_t from_us, int64_t to_us, struct zone_spans *ret);

#endif
