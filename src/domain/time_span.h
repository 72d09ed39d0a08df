/*
 * time_span.h - half-open intervals [start, end) of UTC microseconds, and the 5-minute cells that
 * one covers. Pure; any thread.
 *
 * Cells are how the database itself refuses a double booking (domain.md, "Scheduling"): a booking
 * writes one row per resource and cell it covers, and (resource, cell) is unique. Two spans that
 * overlap always share a cell. The opposite holds too for spans that start and end on a cell's
 * border, which is why every duration, buffer, step and opening is a multiple of CELL_MIN.
 */
#ifndef ACOLHE_DOMAIN_TIME_SPAN_H
#define ACOLHE_DOMAIN_TIME_SPAN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"

#define CELL_MIN 5
#define CELL_US (CELL_MIN * US_PER_MIN)

struct time_span {
    int64_t start_us;
    int64_t end_us; /* above start_us, or the span is empty and meets nothing */
};

bool time_span_overlaps(struct time_span a, struct time_span b); /* touching is no overlap */

/* Walks the cells of a span, ascending:
 *     for (struct cells c = cells_of(span); cells_next(&c, &cell);) …
 * Cell n is [n * CELL_US, (n + 1) * CELL_US); a cell that is covered in part counts. */
struct cells {
    int64_t next;
    int64_t end;
};
struct cells cells_of(struct time_span span);
bool cells_next(struct cells *c, int64_t *ret_cell);
int64_t cells_left(const struct cells *c);

#endif
