/* hub.c - see hub.h. Mails are in hub_mail.c, holds in hub_hold.c; the table is here. */
#include "realtime/hub.h"

#include <assert.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/error.h"
#include "realtime/hub_internal.h"

void delivery_list_init(struct delivery_list *l)
{
    *l = (struct delivery_list){0};
}

void delivery_list_done(struct delivery_list *l)
{
    for (size_t i = 0; i < l->count; i++) {
        ws_frame_unref(l->items[i].frame);
        ws_frame_unref(l->items[i].origin_frame);
    }
    free(l->items);
    delivery_list_init(l);
}

int delivery_add(struct delivery_list *l, const struct delivery *d)
{
    int r = d->frame || d->origin_frame ? 0 : -E_NO_MEMORY;

    if (r == 0 && l->count == l->cap) {
        size_t cap = l->cap ? l->cap * 2 : 32;
        struct delivery *items = reallocarray(l->items, cap, sizeof *items);
        if (items) {
            l->items = items;
            l->cap = cap;
        } else {
            r = -E_NO_MEMORY;
        }
    }
    if (r < 0) {
        ws_frame_unref(d->frame);
        ws_frame_unref(d->origin_frame);
        return r;
    }
    l->items[l->count++] = *d;
    return 0;
}

int hub_new(struct net *net, struct hub **ret)
{
    unsigned loops = net_loops(net);
    struct hub *h = calloc(1, sizeof *h + loops * sizeof h->loops[0]);

    if (!h)
        return -E_NO_MEMORY;
    h->net = net;
    h->loop_count = loops;
    h->presence = calloc(HUB_BUCKETS, sizeof(struct online *));
    h->lost = calloc(loops, sizeof *h->lost);
    if (!h->presence || !h->lost || pthread_mutex_init(&h->presence_lock, NULL) != 0) {
        free(h->presence);
        free(h->lost);
        free(h);
        return -E_NO_MEMORY;
    }
    for (unsigned i = 0; i < loops; i++) {
        h->loops[i] = calloc(HUB_BUCKETS, sizeof(struct socket *));
        if (!h->loops[i]) {
            hub_free(h);
            return -E_NO_MEMORY;
        }
    }
    *ret = h;
    return 0;
}

void hub_free(struct hub *h)
{
    if (!h)
        return;
    for (unsigned i = 0; i < h->loop_count; i++) {
        for (size_t b = 0; h->loops[i] && b < HUB_BUCKETS; b++)
            while (h->loops[i][b]) {
                struct socket *s = h->loops[i][b];
                h->loops[i][b] = s->next;
                hold_free_all(s);
                free(s);
            }
        free(h->loops[i]);
    }
    for (size_t b = 0; b < HUB_BUCKETS; b++)
        while (h->presence[b]) {
            struct online *o = h->presence[b];
            h->presence[b] = o->next;
            free(o);
        }
    free(h->presence);
    free(h->lost);
    pthread_mutex_destroy(&h->presence_lock);
    free(h);
}

void hub_set_hooks(struct hub *h, const struct hub_hooks *hooks)
{
    h->hooks = *hooks;
}

struct socket **hub_bucket(struct hub *h, unsigned loop, const struct id *user)
{
    return &h->loops[loop][id_hash(user) >> (64 - HUB_BUCKET_BITS)];
}

/* Counts the user's sockets over all loops; true when they came (or went) just now. */
static bool count_online(struct hub *h, const struct id *user, int by, int *ret_count)
{
    bool changed = false;

    *ret_count = 0;
    pthread_mutex_lock(&h->presence_lock);
    struct online **at = &h->presence[id_hash(user) >> (64 - HUB_BUCKET_BITS)];
    while (*at && !id_eq(&(*at)->user, user))
        at = &(*at)->next;
    if (!*at && by > 0) {
        *at = calloc(1, sizeof **at);
        if (*at)
            (*at)->user = *user;
    }
    struct online *o = *at;
    if (o) {
        o->count += by;
        *ret_count = o->count;
        changed = by > 0 ? o->count == 1 : o->count == 0;
        if (o->count == 0) {
            *at = o->next;
            free(o);
        }
    }
    pthread_mutex_unlock(&h->presence_lock);
    return changed;
}

bool hub_online(struct hub *h, const struct id *user)
{
    bool online = false;

    pthread_mutex_lock(&h->presence_lock);
    for (struct online *o = h->presence[id_hash(user) >> (64 - HUB_BUCKET_BITS)]; o; o = o->next)
        if (id_eq(&o->user, user))
            online = true;
    pthread_mutex_unlock(&h->presence_lock);
    return online;
}

void hub_add(struct hub *h, struct socket *s)
{
    struct socket **bucket = hub_bucket(h, s->conn.loop, &s->session.user);

    s->next = *bucket;
    *bucket = s;
    int count;
    bool first = count_online(h, &s->session.user, +1, &count);
    /* every message goes to each of them, so they are what one person can multiply work by */
    if (count > HUB_SOCKETS_MAX)
        net_ws_close_here(h->net, s->conn, CLOSE_OVERFLOW, "too many sockets");
    if (h->hooks.opened)
        h->hooks.opened(h->hooks.arg, s);
    if (first && h->hooks.presence)
        h->hooks.presence(h->hooks.arg, s, true);
}

void hub_remove(struct hub *h, struct socket *s)
{
    struct socket **at = hub_bucket(h, s->conn.loop, &s->session.user);

    while (*at && *at != s)
        at = &(*at)->next;
    if (*at)
        *at = s->next;
    int count;
    bool last = count_online(h, &s->session.user, -1, &count);
    if (last && h->hooks.presence)
        h->hooks.presence(h->hooks.arg, s, false);
    hold_free_all(s);
    free(s);
}

void hub_each(struct hub *h, unsigned loop, void (*each)(void *arg, struct socket *s), void *arg)
{
    for (size_t b = 0; b < HUB_BUCKETS; b++)
        for (struct socket *s = h->loops[loop][b]; s; s = s->next)
            each(arg, s);
}

struct socket *hub_find(struct hub *h, struct net_ref conn, const struct id *user)
{
    struct socket *s = *hub_bucket(h, conn.loop, user);

    while (s && !same_conn(s->conn, conn))
        s = s->next;
    return s;
}

bool socket_count_error(struct socket *s, int64_t mono_us)
{
    if (mono_us - s->window_start > US_PER_MIN) {
        s->window_start = mono_us;
        s->errors = 0;
    }
    return ++s->errors > SOCKET_ERRORS_PER_MINUTE;
}
