/* time_span.c - see time_span.h. */
#include "domain/time_span.h"

bool time_span_overlaps(struct time_span a, struct time_span b)
{
    if (a.start_us >= a.end_us || b.start_us >= b.end_us)
        return false;
    return a.start_us < b.end_us && b.start_us < a.end_us;
}

static int64_t floor_cell(int64_t us)
{
    return us / CELL_US - (us % CELL_US < 0);
}

struct cells cells_of(struct time_span span)
{
    if (span.start_us >= span.end_us)
        return (struct cells){0, 0};
    return (struct cells){floor_cell(span.start_us), floor_cell(span.end_us - 1) + 1};
}

bool cells_next(struct cells *c, int64_t *ret_cell)
{
    if (c->next >= c->end)
        return false;
    *ret_cell = c->next++;
    return true;
}

int64_t cells_left(const struct cells *c)
{
    return c->end - c->next;
}
