/*
 * hub_hold.c - keeping a conversation's live frames back while a socket syncs it.
 *
 * Without this, a message committed while the history is being read could overtake it, and the
 * socket would see its sequence numbers out of order.
 */
#include <stdlib.h>

#include "base/error.h"
#include "realtime/hub_internal.h"

struct held {
    struct ws_frame *frame;
    int64_t seq;
};

struct sync_hold {
    struct sync_hold *next;
    struct id conversation;
    struct held *frames;
    size_t count;
    size_t cap;
    size_t bytes;
    bool waiting; /* to be read from `after` on */
    int64_t after;
    bool over;          /* the sync was answered; see hold_end */
    int64_t synced_seq; /* then: up to here the sync has brought everything */
};

static struct sync_hold **find(struct socket *s, const struct id *conversation)
{
    struct sync_hold **at = &s->holds;

    while (*at && !id_eq(&(*at)->conversation, conversation))
        at = &(*at)->next;
    return at;
}

static void hold_free(struct sync_hold *hold)
{
    for (size_t i = 0; i < hold->count; i++)
        ws_frame_unref(hold->frames[i].frame);
    free(hold->frames);
    free(hold);
}

static void hold_remove(struct sync_hold **at)
{
    struct sync_hold *hold = *at;

    *at = hold->next;
    hold_free(hold);
}

void hold_free_all(struct socket *s)
{
    while (s->holds) {
        struct sync_hold *hold = s->holds;
        s->holds = hold->next;
        hold_free(hold);
    }
}

int hub_hold(struct hub *h, struct socket *s, const struct id *conversation)
{
    struct sync_hold **at = find(s, conversation);
    struct sync_hold **oldest_over = NULL;
    size_t active = 0;
    size_t count = 0;

    (void)h;
    if (*at && !(*at)->over)
        return -E_CONFLICT;
    if (*at)
        hold_remove(at);
    for (at = &s->holds; *at; at = &(*at)->next, count++) {
        active += !(*at)->over;
        if ((*at)->over)
            oldest_over = at;
    }
    if (active >= HUB_SYNCS_MAX)
        return -E_RATE_LIMITED;
    struct sync_hold *hold = calloc(1, sizeof *hold);
    if (!hold)
        return -E_NO_MEMORY;
    if (count >= HUB_SYNCS_MAX && oldest_over)
        hold_remove(oldest_over);
    hold->conversation = *conversation;
    hold->next = s->holds;
    s->holds = hold;
    return 0;
}

/* After the sync: what it has brought already is dropped; the first newer message ends the watch,
 * because a conversation's messages are published in order. */
static bool take_late(struct sync_hold **at, const struct delivery *d)
{
    if (d->seq == 0)
        return false;
    if (d->seq <= (*at)->synced_seq)
        return true;
    hold_remove(at);
    return false;
}

bool hold_take(struct hub *h, struct socket *s, const struct delivery *d)
{
    if (!s->holds || id_is_none(&d->conversation))
        return false;
    struct sync_hold **at = find(s, &d->conversation);
    struct sync_hold *hold = *at;
    if (!hold)
        return false;
    if (hold->over)
        return take_late(at, d);
    if (hold->count == hold->cap) {
        size_t cap = hold->cap ? hold->cap * 2 : 16;
        struct held *frames =
            cap <= HUB_HELD_MAX ? reallocarray(hold->frames, cap, sizeof *frames) : NULL;
        if (!frames) {
            net_ws_close_here(h->net, s->conn, CLOSE_OVERFLOW, "too far behind");
            return true;
        }
        hold->frames = frames;
        hold->cap = cap;
    }
    hold->bytes += ws_frame_size(d->frame);
    if (hold->bytes > HUB_HELD_BYTES) {
        net_ws_close_here(h->net, s->conn, CLOSE_OVERFLOW, "too far behind");
        return true;
    }
    hold->frames[hold->count++] = (struct held){ws_frame_ref(d->frame), d->seq};
    return true;
}

/* The hold stays, empty, until a newer message comes: one that was committed before the sync read
 * may be published only now, and would be seen twice and out of order. */
void hold_end(struct hub *h, struct socket *s, const struct id *conversation, int64_t synced_seq)
{
    struct sync_hold *hold = *find(s, conversation);

    if (!hold || hold->over)
        return;
    hold->over = true;
    hold->waiting = false;
    hold->synced_seq = synced_seq;
    for (size_t i = 0; i < hold->count; i++) {
        if (hold->frames[i].seq == 0 || hold->frames[i].seq > synced_seq)
            net_ws_send_here(h->net, s->conn, hold->frames[i].frame);
        ws_frame_unref(hold->frames[i].frame);
    }
    free(hold->frames);
    hold->frames = NULL;
    hold->count = hold->cap = hold->bytes = 0;
}

void hold_wait(struct socket *s, const struct id *conversation, int64_t after)
{
    struct sync_hold *hold = *find(s, conversation);

    if (!hold || hold->over)
        return;
    hold->waiting = true;
    hold->after = after;
}

int hub_sync(struct hub *h, struct socket *s, const struct id *conversation, int64_t after)
{
    hold_wait(s, conversation, after);
    return hub_sync_on(h, s);
}

int hub_sync_on(struct hub *h, struct socket *s)
{
    struct sync_hold *next = NULL;

    for (struct sync_hold *i = s->holds; i; i = i->next)
        if (i->waiting)
            next = i; /* the oldest is last */
    if (!next || s->syncing || net_ws_queued_here(h->net, s->conn) > HUB_SYNC_QUEUED)
        return 0;
    int r = h->hooks.sync_on(h->hooks.arg, s, &next->conversation, next->after);
    if (r < 0)
        return r;
    next->waiting = false;
    s->syncing = true;
    return 0;
}

void hub_release(struct hub *h, struct socket *s, const struct id *conversation)
{
    hold_end(h, s, conversation, 0);
}
