/*
 * loop.c - one turn after the other. See loop.h for the order within a turn; what a callback does
 * to other connections (mark them dirty, ready or dead) is worked off in the same turn or, without
 * waiting, in the next.
 */
#include "net/loop.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/log.h"
#include "net/accept.h"
#include "net/reply.h"

#define EVENTS_PER_TURN 256

static _Thread_local struct loop *here;

struct loop *loop_here(void)
{
    return here;
}

/* ---- lists of the turn ---- */

static void list_reset(struct conn_list *list)
{
    list->first = NULL;
    list->last = &list->first;
}

void loop_mark_ready(struct conn *c)
{
    if (c->in_ready)
        return;
    c->in_ready = true;
    c->ready_next = NULL;
    *c->loop->ready.last = c;
    c->loop->ready.last = &c->ready_next;
}

void loop_mark_dirty(struct conn *c)
{
    if (c->in_dirty)
        return;
    c->in_dirty = true;
    c->dirty_next = NULL;
    *c->loop->dirty.last = c;
    c->loop->dirty.last = &c->dirty_next;
}

void loop_mark_reap(struct conn *c)
{
    if (c->in_reap)
        return;
    c->in_reap = true;
    c->reap_next = c->loop->reap;
    c->loop->reap = c;
}

/* ---- the slab ---- */

struct conn *loop_slot_take(struct loop *l)
{
    if (!l->free_slots) {
        struct conn **pages = realloc(l->pages, (l->page_count + 1) * sizeof *pages);
        if (!pages)
            return NULL;
        l->pages = pages;
        struct conn *page = calloc(SLAB_PAGE, sizeof *page);
        if (!page)
            return NULL;
        l->pages[l->page_count] = page;
        for (size_t i = SLAB_PAGE; i-- > 0;) {
            page[i].generation = 1;
            page[i].slot = (uint32_t)(l->page_count * SLAB_PAGE + i);
            page[i].reap_next = l->free_slots;
            l->free_slots = &page[i];
        }
        l->page_count++;
    }
    struct conn *c = l->free_slots;
    l->free_slots = c->reap_next;
    *c = (struct conn){.loop = l, .generation = c->generation, .slot = c->slot};
    return c;
}

struct conn *loop_find(struct loop *l, struct net_ref ref)
{
    if (ref.slot / SLAB_PAGE >= l->page_count)
        return NULL;
    struct conn *c = &l->pages[ref.slot / SLAB_PAGE][ref.slot % SLAB_PAGE];
    return c->generation == ref.generation && c->state != CONN_FREE && c->state != CONN_DEAD ? c
                                                                                             : NULL;
}

/* ---- mails ---- */

void loop_reply(struct loop *l, struct net_ref ref, struct http_reply *reply)
{
    struct conn *c = loop_find(l, ref);

    if (c && c->state == CONN_HTTP)
        http_answer(c, reply);
    else
        http_reply_free(reply);
}

void loop_accept_ws(struct loop *l, struct net_ref ref, const char key[24], const char *subprotocol,
                    void *user, void (*gone)(void *ctx, void *user))
{
    struct conn *c = loop_find(l, ref);
    bool asked = c && c->state == CONN_HTTP && c->outstanding;

    if (asked && c->upgrade && !l->stopping && ws_begin(c, key, subprotocol, user))
        return;
    if (asked) /* stopping, out of memory; or accepted by mistake what asked for something else */
        http_answer(c, http_reply_problem(c->upgrade ? E_UNAVAILABLE : E_INTERNAL));
    if (gone)
        gone(l->net->options.ctx, user);
}

static void stop_begin(struct loop *l, int64_t stop_by_us)
{
    l->stopping = true;
    l->stop_by_us = stop_by_us;
    accept_unwatch(l);
    for (size_t i = 0; i < l->page_count * SLAB_PAGE; i++) {
        struct conn *c = &l->pages[i / SLAB_PAGE][i % SLAB_PAGE];
        if (c->state == CONN_WS)
            ws_close(c, WS_CLOSE_GOING_AWAY, "server is stopping");
        else if (c->state == CONN_HTTP && !c->outstanding && !http_reader_started(&c->http))
            conn_linger(c);
    }
}

/* Takes the mail. */
static void deliver(struct loop *l, struct mail *m)
{
    const struct net_options *o = &l->net->options;
    struct conn *c;
    bool in_reply = m->kind == MAIL_REPLY && m->reply; /* then the mail is a part of the reply */

    switch (m->kind) {
    case MAIL_REPLY:
        loop_reply(l, m->conn, m->reply);
        if (in_reply)
            return;
        break;
    case MAIL_ACCEPT_WS:
        loop_accept_ws(l, m->conn, m->accept.key, m->accept.subprotocol, m->accept.user,
                       m->accept.gone);
        break;
    case MAIL_SEND:
        c = loop_find(l, m->conn);
        if (c)
            ws_send(c, m->frame);
        ws_frame_unref(m->frame);
        break;
    case MAIL_CLOSE:
        c = loop_find(l, m->conn);
        if (c)
            ws_close(c, m->close.code, m->close.reason);
        break;
    case MAIL_POST:
        if (o->handlers.mail)
            o->handlers.mail(o->ctx, l->index, m->message);
        break;
    case MAIL_SOCKET:
        conn_open(l, m->socket.fd, m->socket.tcp, &m->socket.address);
        if (l->stopping)
            stop_begin(l, l->stop_by_us);
        break;
    case MAIL_STOP:
        stop_begin(l, m->stop_by_us);
        break;
    }
    free(m);
}

static void mails(struct loop *l)
{
    struct mail *m = mailbox_take(&l->mailbox);

    while (m) {
        struct mail *next = m->next;
        deliver(l, m);
        m = next;
    }
}

/* ---- the parts of a turn ---- */

static void ready(struct loop *l)
{
    struct conn *c = l->ready.first;

    list_reset(&l->ready);
    while (c) {
        struct conn *next = c->ready_next;
        c->in_ready = false;
        conn_on_ready(c);
        c = next;
    }
}

static void flush(struct loop *l)
{
    while (l->dirty.first) {
        struct conn *c = l->dirty.first;
        l->dirty.first = c->dirty_next;
        if (!l->dirty.first)
            l->dirty.last = &l->dirty.first;
        c->in_dirty = false;
        if (c->state != CONN_DEAD && c->state != CONN_FREE)
            output_flush(c);
    }
}

/* Tells the program of sockets that are gone and frees the dead. A dead one that another list still
 * holds waits until that list was worked off. */
static void reap(struct loop *l)
{
    const struct net_options *o = &l->net->options;
    struct conn *c = l->reap;

    l->reap = NULL;
    while (c) {
        struct conn *next = c->reap_next;
        c->in_reap = false;
        if (c->user_owned) {
            c->user_owned = false;
            (void)atomic_fetch_sub_explicit(&l->stats.websockets, 1, memory_order_relaxed);
            if (o->handlers.ws_closed)
                o->handlers.ws_closed(o->ctx, conn_ref(c), c->user);
        }
        if (c->state == CONN_DEAD && (c->in_ready || c->in_dirty)) {
            loop_mark_reap(c);
        } else if (c->state == CONN_DEAD) {
            conn_release(c);
            c->reap_next = l->free_slots;
            l->free_slots = c;
        }
        c = next;
    }
}

static void set_date(struct loop *l)
{
    static const char *const days[] = {"Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"};
    static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    int64_t now = clock_now_us() / US_PER_S;
    int64_t day = now / 86400;
    int64_t s = now % 86400;
    int y;
    int m;
    int d;

    if (now == l->date_s || now < 0)
        return;
    l->date_s = now;
    clock_civil_from_days(day, &y, &m, &d);
    (void)snprintf(l->date, sizeof l->date, "Date: %s, %02d %s %04d %02d:%02d:%02d GMT\r\n",
                   days[day % 7], d, months[m - 1], y % 10000, (int)(s / 3600), (int)(s / 60 % 60),
                   (int)(s % 60));
}

static void tick(struct loop *l)
{
    const struct net_options *o = &l->net->options;

    if (l->now_us < l->tick_us)
        return;
    l->tick_us = l->now_us + US_PER_S;
    accept_watch(l);
    if (o->handlers.tick)
        o->handlers.tick(o->ctx, l->index, l->now_us);
}

static int wait_ms(const struct loop *l)
{
    int64_t us = l->tick_us - l->now_us;

    if (l->ready.first || l->dirty.first || l->reap)
        return 0;
    if (l->stopping && us > 10 * US_PER_MS)
        us = 10 * US_PER_MS;
    if (us <= 0)
        return 0;
    return (int)((wheel_quiet_us(&l->wheel, l->now_us, us) + US_PER_MS - 1) / US_PER_MS);
}

static void events(struct loop *l)
{
    struct epoll_event list[EVENTS_PER_TURN];
    int n = epoll_wait(l->epoll_fd, list, EVENTS_PER_TURN, wait_ms(l));

    l->now_us = clock_mono_us();
    set_date(l);
    l->accept_due = 0;
    for (int i = 0; i < n; i++) {
        uint64_t tag = list[i].data.u64;
        if (tag & 1)
            l->accept_due |= 1U << (tag >> 1);
        else if (tag != 0)
            conn_on_event(list[i].data.ptr, list[i].events);
    }
}

static void turn(struct loop *l)
{
    struct wheel_node *node;

    events(l);
    mails(l);
    ready(l);
    while ((node = wheel_fire(&l->wheel, l->now_us)))
        conn_on_timer(container_of(node, struct conn, timer));
    tick(l);
    for (size_t i = 0; i < l->net->listener_count; i++)
        if (l->accept_due & 1U << i && !l->stopping)
            accept_some(l, i);
    flush(l);
    reap(l);
}

static bool all_gone(const struct loop *l)
{
    return atomic_load_explicit(&l->stats.connections, memory_order_relaxed) == 0;
}

static void kill_all(struct loop *l)
{
    for (size_t i = 0; i < l->page_count * SLAB_PAGE; i++) {
        struct conn *c = &l->pages[i / SLAB_PAGE][i % SLAB_PAGE];
        if (c->state != CONN_FREE)
            conn_die(c);
    }
}

void *loop_run(void *arg)
{
    struct loop *l = arg;

    here = l;
    l->now_us = clock_mono_us();
    l->tick_us = l->now_us;
    accept_watch(l);
    while (!l->stopping || (!all_gone(l) && l->now_us < l->stop_by_us))
        turn(l);
    /* from here on nobody can post; what was posted is still delivered, to no connection */
    mailbox_close(&l->mailbox);
    kill_all(l);
    mails(l);
    kill_all(l);
    while (l->ready.first || l->dirty.first || l->reap) {
        ready(l);
        flush(l);
        reap(l);
    }
    here = NULL;
    return NULL;
}

int loop_init(struct loop *l, struct net *net, unsigned index)
{
    *l = (struct loop){.net = net, .index = index, .epoll_fd = -1, .date_s = -1};
    list_reset(&l->ready);
    list_reset(&l->dirty);
    l->now_us = clock_mono_us();
    wheel_init(&l->wheel, l->now_us);
    if (mailbox_init(&l->mailbox) < 0)
        return -E_IO;
    l->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    struct epoll_event e = {.events = EPOLLIN | EPOLLET, .data.u64 = 0};
    if (l->epoll_fd < 0 || epoll_ctl(l->epoll_fd, EPOLL_CTL_ADD, l->mailbox.event_fd, &e) < 0) {
        loop_done(l);
        return -E_IO;
    }
    l->read_buffer = malloc(LOOP_READ_SIZE);
    l->ping = ws_frame_new(WS_OP_PING, STR_NONE);
    if (!l->read_buffer || !l->ping) {
        loop_done(l);
        return -E_NO_MEMORY;
    }
    return 0;
}

void loop_done(struct loop *l)
{
    while (l->free_outs) {
        struct out *next = l->free_outs->next;
        free(l->free_outs);
        l->free_outs = next;
    }
    for (size_t i = 0; i < l->page_count; i++)
        free(l->pages[i]);
    free(l->pages);
    free(l->read_buffer);
    ws_frame_unref(l->ping);
    if (l->epoll_fd >= 0)
        (void)close(l->epoll_fd);
    mailbox_done(&l->mailbox);
}
