/* wheel.c - see wheel.h. */
#include "net/wheel.h"

void wheel_init(struct wheel *w, int64_t now_us)
{
    for (size_t i = 0; i < WHEEL_SLOTS; i++)
        list_init(&w->slots[i]);
    w->tick = now_us / WHEEL_TICK_US;
}

static struct list *slot_of(struct wheel *w, int64_t tick)
{
    return &w->slots[(uint64_t)tick % WHEEL_SLOTS];
}

void wheel_set(struct wheel *w, struct wheel_node *n, int64_t at_us)
{
    /* the tick after, so that all that is due in a slot is due when the slot is reached */
    int64_t tick = at_us / WHEEL_TICK_US + 1;

    if (tick < w->tick)
        tick = w->tick;
    list_unlink(&n->link);
    n->at_us = at_us;
    list_append(slot_of(w, tick), &n->link);
}

void wheel_clear(struct wheel_node *n)
{
    list_unlink(&n->link);
}

struct wheel_node *wheel_fire(struct wheel *w, int64_t now_us)
{
    int64_t now_tick = now_us / WHEEL_TICK_US;

    /* after a long stop (a suspended machine) one whole turn sees every node */
    if (now_tick - w->tick > WHEEL_SLOTS)
        w->tick = now_tick - WHEEL_SLOTS;
    for (; w->tick <= now_tick; w->tick++) {
        list_for_each (pos, slot_of(w, w->tick)) {
            struct wheel_node *n = container_of(pos, struct wheel_node, link);
            if (n->at_us <= now_us) {
                list_unlink(&n->link);
                return n;
            }
        }
    }
    return NULL;
}

int64_t wheel_quiet_us(const struct wheel *w, int64_t now_us, int64_t max_us)
{
    for (int64_t t = w->tick; t * WHEEL_TICK_US < now_us + max_us; t++)
        if (!list_empty(&w->slots[(uint64_t)t % WHEEL_SLOTS]))
            return t * WHEEL_TICK_US > now_us ? t * WHEEL_TICK_US - now_us : 0;
    return max_us;
}
