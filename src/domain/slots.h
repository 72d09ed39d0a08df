/*
 * slots.h - the free times of one doctor for one service: computed, never stored. Pure: no clock,
 * no I/O; scratch memory from the arena. Any thread, one arena each.
 *
 * A start is offered when
 *   - it is on the grid: each opening is laid out from its own local start every step_min, and
 *     anew after each break (08:00, 08:50 … 14:00, 14:50 …); bookings do not move the grid;
 *   - the clock shows an open minute (work_plan.h) throughout [start, start + duration); openings
 *     that touch or overlap are as one for this;
 *   - [start - before, end + after) meets nothing busy and nothing blocked. Buffers may lie
 *     outside of open time;
 *   - now + notice <= start <= now + horizon, and from <= start < to.
 *
 * When the clock is changed: open is what the wall clock shows. A time that it skips does not
 * exist, so no slot starts there, and the grid goes on as if it had; of an hour that it shows
 * twice both showings are offered, each instant once. Durations, buffers, notice and horizon are
 * elapsed time.
 *
 * Cost: the slots returned, the busy and blocked spans given, and the days up to the last slot.
 * Starts under a booking are jumped over, not tried.
 */
#ifndef ACOLHE_DOMAIN_SLOTS_H
#define ACOLHE_DOMAIN_SLOTS_H

#include "base/arena.h"
#include "domain/service.h"
#include "domain/work_plan.h"
#include "domain/zone_spans.h"

#define SLOTS_HORIZON_MAX_DAYS 366

struct slots_query {
    const struct work_plan *plan;       /* passed work_plan_check */
    const struct service_time *service; /* passed service_time_check */
    const struct zone_spans *zone;      /* made for [from, to), or the part within the horizon */
    const struct time_span *blocked;    /* ascending by start; may overlap; borrowed */
    size_t blocked_count;
    const struct time_span *busy; /* the same: bookings with their buffers (service_doctor_span),
                                     and other people's that must not be met, as the patient's */
    size_t busy_count;
    int64_t now_us;
    int64_t notice_min;
    int64_t horizon_days; /* 0 to SLOTS_HORIZON_MAX_DAYS */
    int64_t from_us;
    int64_t to_us;
};

/* Fills `out` with up to `max` free spans [start, end) without buffers, ascending by start.
 * *ret_more: there are others after them; ask again from the last start + 1.
 * 0; -E_VALIDATION: horizon or notice out of bounds, or zone does not cover the time asked for;
 * -E_NO_MEMORY: past the arena's bound. */
int slots_find(const struct slots_query *q, struct arena *arena, struct time_span *out, size_t max,
               size_t *ret_count, bool *ret_more);

/* Does the plan open all of that span, whatever is booked? For bookings that a changed plan
 * leaves outside. *ret is set on 0; errors as above. */
int slots_plan_covers(const struct work_plan *plan, const struct zone_spans *zone,
                      struct time_span span, struct arena *arena, bool *ret);

#endif
