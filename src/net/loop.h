/*
 * loop.h - one loop thread: its epoll, its connections, and the lists that a turn works off.
 *
 *      wait -> events -> mails -> ready -> timers -> tick -> accept -> flush dirty -> reap
 */
#ifndef ACOLHE_NET_LOOP_H
#define ACOLHE_NET_LOOP_H

#include <stdatomic.h>

#include "net/conn.h"
#include "net/listen.h"
#include "net/mailbox.h"

#define LOOP_READ_SIZE ((size_t)65536)
#define LOOP_DATE 38 /* "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n" and a NUL */
#define SLAB_PAGE 256

struct loop_stats {
    atomic_size_t connections;
    atomic_size_t websockets;
    atomic_uint_fast64_t requests;
    atomic_uint_fast64_t messages_in;
    atomic_uint_fast64_t frames_out;
    atomic_uint_fast64_t dropped_slow;
};

struct conn_list {
    struct conn *first;
    struct conn **last;
};

struct loop {
    struct net *net;
    unsigned index;
    pthread_t thread;
    int epoll_fd;
    struct mailbox mailbox;
    int64_t now_us; /* monotonic, of this turn */
    int64_t tick_us;
    int64_t date_s;
    char date[LOOP_DATE];
    char *read_buffer; /* LOOP_READ_SIZE, shared by all connections */
    struct wheel wheel;
    /* the slab: pages of connections, never moved or given back */
    struct conn **pages;
    size_t page_count;
    struct conn *free_slots;
    struct conn_list ready;
    struct conn_list dirty;
    struct conn *reap;
    struct out *free_outs;
    size_t free_out_count;
    size_t answer_bytes; /* of answers that wait for their readers, on this loop */
    struct ws_frame *ping;
    unsigned listening;  /* bit i: listener i is in the epoll set */
    unsigned accept_due; /* bit i: listener i has connections waiting */
    bool stopping;
    int64_t stop_by_us;
    struct loop_stats stats;
};

struct net {
    struct net_options options;
    struct listener listeners[LISTENERS_MAX];
    size_t listener_count;
    struct loop *loops;
    unsigned loop_count;
    bool started;
    struct peers peers;
    atomic_size_t connections; /* of all loops */
};

int loop_init(struct loop *l, struct net *net, unsigned index); /* 0, -E_NO_MEMORY, -E_IO */
void loop_done(struct loop *l);
void *loop_run(void *arg);
/* The loop that the calling thread runs, or NULL. */
struct loop *loop_here(void);
struct conn *loop_find(struct loop *l, struct net_ref ref); /* NULL when it is gone */
struct conn *loop_slot_take(struct loop *l);                /* NULL out of memory */

void loop_mark_ready(struct conn *c);
void loop_mark_dirty(struct conn *c);
void loop_mark_reap(struct conn *c);

/* What mails do, also called directly on the owning loop. They take what the mail carries. */
void loop_reply(struct loop *l, struct net_ref ref, struct http_reply *reply);
void loop_accept_ws(struct loop *l, struct net_ref ref, const char key[24], const char *subprotocol,
                    void *user, void (*gone)(void *ctx, void *user));

#define stat_add(l, member, n)                                                                     \
    ((void)atomic_fetch_add_explicit(&(l)->stats.member, (n), memory_order_relaxed))

#endif
