/*
 * slots.c - see slots.h.
 *
 *   work plan --add_day--> local hours less breaks --add_local--> pieces in UTC, one for each
 *   stretch of one offset --sort--> runs of touching pieces --scan_run--> free starts
 *
 * A piece is a stretch of open time with a grid of its own; a zone's change of offset cuts a piece
 * in two, which is all that has to be done for gaps and repeated hours. Time is worked through in
 * chunks of days, so that who asks for the next three free slots does not pay for three months.
 */
#include "domain/slots.h"

#include <stdlib.h>

#include "base/error.h"

#define CHUNK_US (16 * US_PER_DAY)
#define PIECES_FIRST 64

struct piece {
    int64_t start_us;
    int64_t end_us;
    int64_t anchor_us; /* at or before start_us; the grid is anchor + n * step */
};

struct pieces {
    struct arena *arena;
    struct piece *v;
    size_t n;
    size_t cap;
};

static int add_piece(struct pieces *p, struct piece piece)
{
    if (p->n == p->cap) {
        size_t cap = p->cap ? 2 * p->cap : PIECES_FIRST;
        struct piece *v = arena_array(p->arena, cap, sizeof *v);
        if (!v)
            return -E_NO_MEMORY;
        if (p->n)
            memcpy(v, p->v, p->n * sizeof *v);
        p->v = v;
        p->cap = cap;
    }
    p->v[p->n++] = piece;
    return 0;
}

/* ---- from the plan to pieces ------------------------------------------------------------------
 */

struct opening {
    const struct work_plan *plan;
    const struct zone_spans *zone;
    struct time_span window; /* pieces that do not meet it are not kept */
    struct pieces pieces;
};

static int64_t max_of(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

static int64_t min_of(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* [start_min, end_min) of a local day, with one grid from its start. */
static int add_local(struct opening *o, int64_t day, int64_t start_min, int64_t end_min)
{
    int64_t local_us = day * US_PER_DAY + start_min * US_PER_MIN;
    int64_t length_us = (end_min - start_min) * US_PER_MIN;
    int rc = 0;

    for (size_t i = 0; i < o->zone->count && rc == 0; i++) {
        const struct zone_span *z = &o->zone->span[i];
        int64_t anchor_us = local_us - z->offset_us;
        struct piece piece = {max_of(anchor_us, z->start_us),
                              min_of(anchor_us + length_us, z->end_us), anchor_us};
        if (piece.start_us < piece.end_us && piece.start_us < o->window.end_us &&
            piece.end_us > o->window.start_us)
            rc = add_piece(&o->pieces, piece);
    }
    return rc;
}

/* From a minute of a local day: the end of the breaks that cover it (the minute itself if none
 * does), and where the next one starts (at most end_min). */
static int64_t after_breaks(const struct work_plan *plan, int64_t day, int64_t minute,
                            int64_t end_min, int64_t *ret_next)
{
    *ret_next = end_min;
    for (int64_t d = -1; d <= 1; d++) { /* breaks of the day before, this and the next one */
        int64_t weekday = plan_weekday(day + d);
        for (size_t i = 0; i < plan->breaks_count; i++) {
            if (plan->breaks[i].weekday != weekday)
                continue;
            int64_t start = plan->breaks[i].start_min + d * PLAN_DAY_MIN;
            int64_t end = plan->breaks[i].end_min + d * PLAN_DAY_MIN;
            if (start <= minute && minute < end) /* begin again: another may cover its end */
                return after_breaks(plan, day, end, end_min, ret_next);
            if (start > minute)
                *ret_next = min_of(*ret_next, start);
        }
    }
    return minute;
}

static int add_weekly(struct opening *o, int64_t day, const struct plan_hours *h)
{
    int64_t at = h->start_min;

    while (at < h->end_min) {
        int64_t next;
        at = after_breaks(o->plan, day, at, h->end_min, &next);
        if (at >= h->end_min)
            break;
        int rc = add_local(o, day, at, next);
        if (rc < 0)
            return rc;
        at = next;
    }
    return 0;
}

static bool is_holiday(const struct work_plan *plan, int64_t day)
{
    size_t low = 0, high = plan->holidays_count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (plan->holidays[middle] < day)
            low = middle + 1;
        else
            high = middle;
    }
    return low < plan->holidays_count && plan->holidays[low] == day;
}

static const struct plan_exception *exception_of(const struct work_plan *plan, int64_t day)
{
    for (size_t i = plan->exceptions_count; i > 0; i--)
        if (plan->exceptions[i - 1].first_day <= day && day <= plan->exceptions[i - 1].last_day)
            return &plan->exceptions[i - 1];
    return NULL;
}

static int add_day(struct opening *o, int64_t day)
{
    const struct plan_exception *exception = exception_of(o->plan, day);
    const struct plan_hours *hours = exception ? exception->hours : o->plan->weekly;
    size_t count = exception ? exception->hours_count : o->plan->weekly_count;
    int64_t weekday = plan_weekday(day);
    int rc = 0;

    for (size_t i = 0; i < count && rc == 0; i++) {
        if (hours[i].weekday != weekday && hours[i].weekday != 0)
            continue;
        rc = exception ? add_local(o, day, hours[i].start_min, hours[i].end_min)
                       : add_weekly(o, day, &hours[i]);
    }
    return rc;
}

static int by_start(const void *a, const void *b)
{
    const struct piece *x = a, *y = b;

    return (x->start_us > y->start_us) - (x->start_us < y->start_us);
}

/* All pieces that meet o->window, ascending by start. */
static int open_window(struct opening *o)
{
    /* a local day is within a day of the UTC day, and hours run into one more */
    int64_t first = o->window.start_us / US_PER_DAY - 2;
    int64_t last = o->window.end_us / US_PER_DAY + 2;
    int rc = 0;

    o->pieces.n = 0;
    for (int64_t day = first; day <= last && rc == 0; day++)
        if (!is_holiday(o->plan, day))
            rc = add_day(o, day);
    for (size_t i = 0; i < o->plan->extras_count && rc == 0; i++) {
        const struct plan_extra *e = &o->plan->extras[i];
        if (e->day >= first && e->day <= last)
            rc = add_local(o, e->day, e->start_min, e->end_min);
    }
    if (rc == 0 && o->pieces.n > 1)
        qsort(o->pieces.v, o->pieces.n, sizeof *o->pieces.v, by_start);
    return rc;
}

/* The pieces from `first` on that touch or overlap: *ret_end_us is where their union ends, the
 * result the index after the last of them. */
static size_t run_of(const struct pieces *p, size_t first, int64_t *ret_end_us)
{
    size_t i = first + 1;

    *ret_end_us = p->v[first].end_us;
    for (; i < p->n && p->v[i].start_us <= *ret_end_us; i++)
        *ret_end_us = max_of(*ret_end_us, p->v[i].end_us);
    return i;
}

/* ---- from pieces to free starts ---------------------------------------------------------------
 */

/* A list of taken spans, walked once: asked for spans whose ends only rise. */
struct taken {
    const struct time_span *v;
    size_t n;
    size_t at;        /* those before it start before the end last asked for … */
    int64_t until_us; /* … and this is the latest of their ends */
};

/* The instant up to which a span is taken; at most span.start_us if it is free. */
static int64_t taken_until(struct taken *t, struct time_span span)
{
    for (; t->at < t->n && t->v[t->at].start_us < span.end_us; t->at++)
        if (t->v[t->at].start_us < t->v[t->at].end_us)
            t->until_us = max_of(t->until_us, t->v[t->at].end_us);
    return t->until_us;
}

struct search {
    const struct service_time *service;
    struct opening open;
    struct taken busy;
    struct taken blocked;
    struct time_span starts; /* of the present chunk */
    struct time_span *out;
    size_t max;
    size_t count;
    bool more;
};

/* The first start on the grid of one of the pieces [*first, end) at or after `at_us`; INT64_MAX if
 * there is none. Leaves behind the pieces that have ended. */
static int64_t next_start(const struct search *s, size_t *first, size_t end, int64_t at_us)
{
    const struct piece *v = s->open.pieces.v;
    int64_t step_us = s->service->step_min * US_PER_MIN;
    int64_t best = INT64_MAX;

    while (*first < end && v[*first].end_us <= at_us)
        ++*first;
    for (size_t i = *first; i < end && v[i].start_us < best; i++) {
        int64_t steps = (max_of(at_us, v[i].start_us) - v[i].anchor_us + step_us - 1) / step_us;
        int64_t start = v[i].anchor_us + steps * step_us;
        if (start < v[i].end_us)
            best = min_of(best, start);
    }
    return best;
}

static void scan_run(struct search *s, size_t first, size_t end, int64_t run_end_us)
{
    int64_t last_us = min_of(s->starts.end_us - 1, /* the last start that is possible */
                             run_end_us - s->service->duration_min * US_PER_MIN);
    int64_t at = next_start(s, &first, end, s->starts.start_us);

    while (at <= last_us) {
        struct time_span span = service_doctor_span(s->service, at);
        int64_t until = max_of(taken_until(&s->busy, span), taken_until(&s->blocked, span));
        if (until > span.start_us) { /* what begins before its end is taken too */
            at = next_start(s, &first, end, until + s->service->before_min * US_PER_MIN);
            continue;
        }
        if (s->count == s->max) {
            s->more = true;
            return;
        }
        s->out[s->count++] = service_patient_span(s->service, at);
        at = next_start(s, &first, end, at + 1);
    }
}

static int scan_chunk(struct search *s)
{
    int rc;

    s->open.window = s->starts;
    s->open.window.end_us += s->service->duration_min * US_PER_MIN;
    if ((rc = open_window(&s->open)) < 0)
        return rc;
    for (size_t i = 0; i < s->open.pieces.n && !s->more;) {
        int64_t run_end_us;
        size_t end = run_of(&s->open.pieces, i, &run_end_us);
        scan_run(s, i, end, run_end_us);
        i = end;
    }
    return 0;
}

static bool zone_covers(const struct zone_spans *zone, struct time_span span)
{
    return zone->count > 0 && zone->span[0].start_us <= span.start_us &&
           zone->span[zone->count - 1].end_us >= span.end_us;
}

int slots_find(const struct slots_query *q, struct arena *arena, struct time_span *out, size_t max,
               size_t *ret_count, bool *ret_more)
{
    *ret_count = 0;
    *ret_more = false;
    if (q->horizon_days < 0 || q->horizon_days > SLOTS_HORIZON_MAX_DAYS || q->notice_min < 0 ||
        q->notice_min > SLOTS_HORIZON_MAX_DAYS * PLAN_DAY_MIN || q->service->step_min <= 0)
        return -E_VALIDATION;
    struct search s = {
        .service = q->service,
        .open = {.plan = q->plan, .zone = q->zone, .pieces = {.arena = arena}},
        .busy = {q->busy, q->busy_count, 0, INT64_MIN},
        .blocked = {q->blocked, q->blocked_count, 0, INT64_MIN},
        .out = out,
        .max = max,
    };
    struct time_span all = {max_of(q->from_us, q->now_us + q->notice_min * US_PER_MIN),
                            min_of(q->to_us, q->now_us + q->horizon_days * US_PER_DAY + 1)};
    int rc = 0;

    if (all.start_us >= all.end_us)
        return 0;
    if (!zone_covers(
            q->zone,
            (struct time_span){all.start_us, service_patient_span(q->service, all.end_us).end_us}))
        return -E_VALIDATION;
    for (int64_t at = all.start_us; at < all.end_us && rc == 0 && !s.more; at = s.starts.end_us) {
        s.starts = (struct time_span){at, min_of(at + CHUNK_US, all.end_us)};
        rc = scan_chunk(&s);
    }
    *ret_count = s.count;
    *ret_more = s.more;
    return rc;
}

int slots_plan_covers(const struct work_plan *plan, const struct zone_spans *zone,
                      struct time_span span, struct arena *arena, bool *ret)
{
    struct opening o = {.plan = plan, .zone = zone, .window = span, .pieces = {.arena = arena}};

    *ret = false;
    if (span.start_us >= span.end_us || span.end_us - span.start_us > CHUNK_US ||
        !zone_covers(zone, span))
        return -E_VALIDATION;
    int rc = open_window(&o);
    for (size_t i = 0; i < o.pieces.n && rc == 0 && !*ret;) {
        int64_t end_us;
        size_t next = run_of(&o.pieces, i, &end_us);
        *ret = o.pieces.v[i].start_us <= span.start_us && end_us >= span.end_us;
        i = next;
    }
    return rc;
}
