/* zone_spans.c - see zone_spans.h. The offset is sampled once a day, and a change between two
 * samples found by halving: no zone changes twice within a day (zone.c relies on it too). */
#include "domain/zone_spans.h"

#include "base/clock.h"
#include "base/error.h"
#include "domain/zone.h"

static int64_t offset_at(const char *zone, int64_t utc_us)
{
    return zone_utc_offset_s(zone, utc_us) * US_PER_S;
}

/* The first instant, on a whole second, with an offset other than `before`. */
static int64_t find_change(const char *zone, int64_t low_us, int64_t high_us, int64_t before)
{
    int64_t low = low_us / US_PER_S - (low_us % US_PER_S < 0);
    int64_t high = high_us / US_PER_S + (high_us % US_PER_S > 0);

    while (high - low > 1) {
        int64_t middle = low + (high - low) / 2;
        if (offset_at(zone, middle * US_PER_S) == before)
            low = middle;
        else
            high = middle;
    }
    return high * US_PER_S;
}

int zone_spans_make(const char *zone, int64_t from_us, int64_t to_us, struct zone_spans *ret)
{
    if (to_us <= from_us || to_us - from_us > ZONE_SPANS_DAYS_MAX * US_PER_DAY ||
        !zone_exists(zone))
        return -E_VALIDATION;
    int64_t at = from_us - US_PER_DAY;
    int64_t end = to_us + US_PER_DAY;
    struct zone_span *last = &ret->span[0];

    ret->count = 1;
    *last = (struct zone_span){at, end, offset_at(zone, at)};
    while (at < end) {
        int64_t next = end - at > US_PER_DAY ? at + US_PER_DAY : end;
        int64_t offset = offset_at(zone, next);
        if (offset != last->offset_us) {
            if (ret->count == ZONE_SPANS_MAX)
                return -E_TOO_LARGE;
            int64_t change = find_change(zone, at, next, last->offset_us);
            last->end_us = change;
            last = &ret->span[ret->count++];
            *last = (struct zone_span){change, end, offset};
        }
        at = next;
    }
    return 0;
}
