/* net.c - the engine's public face: start, stop, and what any thread may ask of a connection. See
 * net.h. On the owning loop a call acts at once; from elsewhere it becomes a mail. */
#include "net/net.h"

#include <assert.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/error.h"
#include "net/loop.h"
#include "net/reply.h"

const struct net_limits net_limits_default = {
    .head_max = 8192,
    .fields_max = 64,
    .body_max = 65536,
    .frame_max = 65536,
    .output_max = 1048576,
    .answers_max = 16777216,
    .connections_max = 65536,
    .per_address_max = 0,
    .head_timeout_us = 10 * US_PER_S,
    .body_timeout_us = 60 * US_PER_S,
    .keepalive_timeout_us = 30 * US_PER_S,
    .write_timeout_us = 30 * US_PER_S,
    .ping_interval_us = 30 * US_PER_S,
    .ping_timeout_us = 75 * US_PER_S,
};

static unsigned processors(void)
{
    cpu_set_t set;

    if (sched_getaffinity(0, sizeof set, &set) < 0)
        return 1;
    int n = CPU_COUNT(&set);
    return n > 0 ? (unsigned)n : 1;
}

int net_new(const struct net_options *options, struct net **ret)
{
    struct net *n = calloc(1, sizeof *n);
    int port;

    *ret = NULL;
    if (!n)
        return -E_NO_MEMORY;
    assert(options->limits.head_max > 0 && options->limits.output_max > 0);
    n->options = *options;
    peers_init(&n->peers, options->limits.per_address_max);
    unsigned count = options->loops > 0 ? options->loops : processors();
    n->loops = calloc(count, sizeof *n->loops);
    int err = n->loops ? listen_open(options->listen, n->listeners, &n->listener_count, &port)
                       : -E_NO_MEMORY;
    while (err == 0 && n->loop_count < count) {
        err = loop_init(&n->loops[n->loop_count], n, n->loop_count);
        if (err == 0)
            n->loop_count++;
    }
    if (err < 0) {
        net_free(n);
        return err;
    }
    *ret = n;
    return 0;
}

int net_port(const struct net *n)
{
    return listen_port(&n->listeners[0]);
}

unsigned net_loops(const struct net *n)
{
    return n->loop_count;
}

static void post_stop(struct loop *l, int64_t stop_by_us)
{
    struct mail *m = malloc(sizeof *m);

    assert(m); /* the process is ending anyway */
    *m = (struct mail){.kind = MAIL_STOP, .stop_by_us = stop_by_us};
    if (mailbox_post(&l->mailbox, m) < 0)
        free(m);
}

static void stop_loops(struct net *n, unsigned count, int64_t grace_us)
{
    int64_t stop_by_us = clock_mono_us() + grace_us;

    for (unsigned i = 0; i < count; i++)
        post_stop(&n->loops[i], stop_by_us);
    for (unsigned i = 0; i < count; i++)
        (void)pthread_join(n->loops[i].thread, NULL);
}

int net_start(struct net *n)
{
    sigset_t all;
    sigset_t before;
    unsigned started = 0;

    /* signals are the main thread's business */
    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, &before);
    while (started < n->loop_count) {
        struct loop *l = &n->loops[started];
        char name[16];
        if (pthread_create(&l->thread, NULL, loop_run, l) != 0)
            break;
        (void)snprintf(name, sizeof name, "loop-%u", started);
        (void)pthread_setname_np(l->thread, name);
        started++;
    }
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (started < n->loop_count) {
        stop_loops(n, started, 0);
        return -E_IO;
    }
    n->started = true;
    return 0;
}

void net_stop(struct net *n, int64_t grace_us)
{
    if (!n->started)
        return;
    n->started = false;
    /* new connections are refused at once rather than left waiting in the backlog */
    for (size_t i = 0; i < n->listener_count; i++)
        (void)shutdown(n->listeners[i].fd, SHUT_RDWR);
    stop_loops(n, n->loop_count, grace_us);
}

void net_free(struct net *n)
{
    if (!n)
        return;
    assert(!n->started);
    for (unsigned i = 0; i < n->loop_count; i++)
        loop_done(&n->loops[i]);
    free(n->loops);
    listen_close(n->listeners, n->listener_count);
    peers_done(&n->peers);
    free(n);
}

/* ---- any thread ---- */

static struct loop *loop_of(struct net *n, struct net_ref conn)
{
    return conn.loop < n->loop_count ? &n->loops[conn.loop] : NULL;
}

void net_reply(struct net *n, struct net_ref conn, struct http_reply *reply)
{
    struct loop *l = loop_of(n, conn);

    if (l && l == loop_here()) {
        loop_reply(l, conn, reply);
        return;
    }
    struct mail *m = reply ? reply_mail(reply) : malloc(sizeof *m);
    if (m) {
        *m = (struct mail){.kind = MAIL_REPLY, .conn = conn, .reply = reply};
        if (l && mailbox_post(&l->mailbox, m) == 0)
            return;
    }
    if (!reply)
        free(m);
    http_reply_free(reply);
}

void net_ws_accept(struct net *n, struct net_ref conn, struct str ws_key, const char *subprotocol,
                   void *user, void (*gone)(void *ctx, void *user))
{
    struct loop *l = loop_of(n, conn);

    assert(ws_key.n == 24);
    if (l && l == loop_here()) {
        loop_accept_ws(l, conn, ws_key.p, subprotocol, user, gone);
        return;
    }
    struct mail *m = l ? malloc(sizeof *m) : NULL;
    if (m) {
        *m = (struct mail){
            .kind = MAIL_ACCEPT_WS,
            .conn = conn,
            .accept = {.subprotocol = subprotocol, .user = user, .gone = gone},
        };
        memcpy(m->accept.key, ws_key.p, sizeof m->accept.key);
        if (mailbox_post(&l->mailbox, m) == 0)
            return;
        free(m);
    }
    net_reply(n, conn, NULL); /* ends the connection: its request will not be answered */
    if (gone)
        gone(n->options.ctx, user);
}

void net_ws_send(struct net *n, struct net_ref conn, struct ws_frame *frame)
{
    struct loop *l = loop_of(n, conn);

    if (!l || !frame)
        return;
    if (l == loop_here()) {
        (void)net_ws_send_here(n, conn, frame);
        return;
    }
    struct mail *m = malloc(sizeof *m);
    if (!m)
        return;
    *m = (struct mail){.kind = MAIL_SEND, .conn = conn, .frame = ws_frame_ref(frame)};
    if (mailbox_post(&l->mailbox, m) < 0) {
        ws_frame_unref(frame);
        free(m);
    }
}

void net_ws_close(struct net *n, struct net_ref conn, int code, const char *reason)
{
    struct loop *l = loop_of(n, conn);

    if (!l)
        return;
    if (l == loop_here()) {
        (void)net_ws_close_here(n, conn, code, reason);
        return;
    }
    struct mail *m = malloc(sizeof *m);
    if (!m)
        return;
    *m = (struct mail){.kind = MAIL_CLOSE, .conn = conn, .close = {.code = code}};
    (void)snprintf(m->close.reason, sizeof m->close.reason, "%s", reason ? reason : "");
    if (mailbox_post(&l->mailbox, m) < 0)
        free(m);
}

int net_post(struct net *n, unsigned loop, void *message)
{
    struct mail *m;

    if (loop >= n->loop_count)
        return -E_UNAVAILABLE;
    m = malloc(sizeof *m);
    if (!m)
        return -E_UNAVAILABLE;
    *m = (struct mail){.kind = MAIL_POST, .message = message};
    int err = mailbox_post(&n->loops[loop].mailbox, m);
    if (err < 0)
        free(m);
    return err;
}

/* ---- on the owning loop ---- */

bool net_ws_send_here(struct net *n, struct net_ref conn, struct ws_frame *frame)
{
    struct loop *l = loop_of(n, conn);

    assert(l && l == loop_here());
    struct conn *c = loop_find(l, conn);
    if (!c || c->state != CONN_WS)
        return false;
    ws_send(c, frame);
    return c->state == CONN_WS;
}

bool net_ws_close_here(struct net *n, struct net_ref conn, int code, const char *reason)
{
    struct loop *l = loop_of(n, conn);

    assert(l && l == loop_here());
    struct conn *c = loop_find(l, conn);
    if (!c || c->state != CONN_WS)
        return false;
    ws_close(c, code, reason);
    return true;
}

size_t net_ws_queued_here(struct net *n, struct net_ref conn)
{
    struct loop *l = loop_of(n, conn);

    assert(l && l == loop_here());
    const struct conn *c = loop_find(l, conn);
    return c ? c->out_bytes : 0;
}

void net_stats(const struct net *n, struct net_stats *ret)
{
    *ret = (struct net_stats){0};
    for (unsigned i = 0; i < n->loop_count; i++) {
        const struct loop_stats *s = &n->loops[i].stats;
        ret->connections += atomic_load_explicit(&s->connections, memory_order_relaxed);
        ret->websockets += atomic_load_explicit(&s->websockets, memory_order_relaxed);
        ret->requests += atomic_load_explicit(&s->requests, memory_order_relaxed);
        ret->messages_in += atomic_load_explicit(&s->messages_in, memory_order_relaxed);
        ret->frames_out += atomic_load_explicit(&s->frames_out, memory_order_relaxed);
        ret->dropped_slow += atomic_load_explicit(&s->dropped_slow, memory_order_relaxed);
    }
}
