/* hub_internal.h - what hub.c, hub_mail.c and hub_hold.c share. */
#ifndef ACOLHE_REALTIME_HUB_INTERNAL_H
#define ACOLHE_REALTIME_HUB_INTERNAL_H

#include <pthread.h>
#include <stdatomic.h>

#include "realtime/hub.h"

#define HUB_BUCKET_BITS 13
#define HUB_BUCKETS ((size_t)1 << HUB_BUCKET_BITS)

/* A user with at least one socket, over all loops. */
struct online {
    struct online *next;
    struct id user;
    int count;
};

struct hub {
    struct net *net;
    struct hub_hooks hooks;
    pthread_mutex_t presence_lock;
    struct online **presence; /* under presence_lock */
    unsigned loop_count;
    atomic_bool *lost;       /* for each loop: a mail to it was, see hub_lose */
    struct socket **loops[]; /* each: buckets of one loop, touched by its thread alone */
};

static inline bool same_conn(struct net_ref a, struct net_ref b)
{
    return a.loop == b.loop && a.slot == b.slot && a.generation == b.generation;
}

struct socket **hub_bucket(struct hub *h, unsigned loop, const struct id *user);
struct socket *hub_find(struct hub *h, struct net_ref conn, const struct id *user);

/* Holds the frame if that conversation is being synced on this socket. True: taken care of. */
bool hold_take(struct hub *h, struct socket *s, const struct delivery *d);
/* Ends the hold: sends what waited, but for messages that the sync has brought. */
void hold_end(struct hub *h, struct socket *s, const struct id *conversation, int64_t synced_seq);
/* The part up to `after` has been sent: the rest waits for its turn. */
void hold_wait(struct socket *s, const struct id *conversation, int64_t after);
void hold_free_all(struct socket *s);

#endif
