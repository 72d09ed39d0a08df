/*
 * wheel.h - deadlines of many connections: a hashed timing wheel.
 *
 * Setting, moving and clearing cost the same however many there are. A node farther away than one
 * turn of the wheel waits in its slot until its time comes. Times are monotonic microseconds;
 * firing is late by at most one tick. Belongs to one loop thread.
 */
#ifndef ACOLHE_NET_WHEEL_H
#define ACOLHE_NET_WHEEL_H

#include "base/list.h"
#include "base/str.h"

#define WHEEL_TICK_US INT64_C(50000)
#define WHEEL_SLOTS 1024 /* 51 s */

struct wheel_node {
    struct list link; /* unlinked when not set */
    int64_t at_us;
};

struct wheel {
    struct list slots[WHEEL_SLOTS];
    int64_t tick; /* all slots before it have fired */
};

void wheel_init(struct wheel *w, int64_t now_us);
static inline void wheel_node_init(struct wheel_node *n)
{
    list_init(&n->link);
}
void wheel_set(struct wheel *w, struct wheel_node *n, int64_t at_us); /* moves one that is set */
void wheel_clear(struct wheel_node *n);
/* Takes one node whose time has come off the wheel; NULL when there is none (any more). */
struct wheel_node *wheel_fire(struct wheel *w, int64_t now_us);
/* How long nothing can fire, at most max_us. */
int64_t wheel_quiet_us(const struct wheel *w, int64_t now_us, int64_t max_us);

#endif
