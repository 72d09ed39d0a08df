/*
 * hub_mail.c - the mails between threads: posting them, and what a loop does with each.
 */
#include <stdatomic.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/log.h"
#include "realtime/frames.h"
#include "realtime/hub_internal.h"

enum mail_kind { MAIL_DELIVER = 1, MAIL_REVOKED, MAIL_CHECKED, MAIL_SYNCED };

struct mail {
    enum mail_kind kind;
    atomic_uint refs; /* loops that have not handled it yet */
    struct delivery_list list;
    struct revocation revocation;
    struct net_ref conn;
    struct id user;
    struct session session;
    bool live;
    bool disabled;
    bool more;
    bool waits; /* for its turn to go on from `seq` */
    struct id conversation;
    int64_t seq;
};

static struct mail *mail_new(enum mail_kind kind)
{
    struct mail *m = calloc(1, sizeof *m);

    if (m) {
        m->kind = kind;
        atomic_init(&m->refs, 1);
    }
    return m;
}

static void lose(struct hub *h, unsigned loop)
{
    atomic_store_explicit(&h->lost[loop], true, memory_order_relaxed);
}

void hub_lose(struct hub *h)
{
    for (unsigned i = 0; i < h->loop_count; i++)
        lose(h, i);
}

/* Gives back `n` references, at least one, at once: the mail may be gone after it. */
static void mail_unref(struct mail *m, unsigned n)
{
    if (atomic_fetch_sub_explicit(&m->refs, n, memory_order_acq_rel) == n) {
        delivery_list_done(&m->list);
        free(m);
    }
}

static void post_all(struct hub *h, struct mail *m)
{
    unsigned refused = 0;

    atomic_store_explicit(&m->refs, h->loop_count, memory_order_relaxed);
    for (unsigned i = 0; i < h->loop_count; i++)
        if (net_post(h->net, i, m) < 0) {
            lose(h, i);
            refused++;
        }
    if (refused)
        mail_unref(m, refused);
}

static void post_one(struct hub *h, unsigned loop, struct mail *m)
{
    if (net_post(h->net, loop, m) < 0) {
        lose(h, loop);
        mail_unref(m, 1);
    }
}

void hub_post(struct hub *h, struct delivery_list *l)
{
    if (l->count == 0) {
        delivery_list_done(l);
        return;
    }
    struct mail *m = mail_new(MAIL_DELIVER);
    if (!m) {
        hub_lose(h);
        delivery_list_done(l);
        return;
    }
    m->list = *l;
    delivery_list_init(l);
    post_all(h, m);
}

void hub_post_one(struct hub *h, const struct id *to, struct ws_frame *frame)
{
    struct delivery_list l;

    if (!frame)
        return;
    delivery_list_init(&l);
    if (delivery_add(&l, &(struct delivery){.to = {*to}, .to_count = 1, .frame = frame}) == 0)
        hub_post(h, &l);
    else
        hub_lose(h);
}

void hub_post_revocation(struct hub *h, const struct revocation *revocation)
{
    struct mail *m = mail_new(MAIL_REVOKED);

    if (!m) {
        hub_lose(h);
        return;
    }
    m->revocation = *revocation;
    post_all(h, m);
}

void hub_post_checked(struct hub *h, struct net_ref conn, const struct id *user,
                      const struct session *session, bool disabled)
{
    struct mail *m = mail_new(MAIL_CHECKED);

    if (!m) {
        lose(h, conn.loop);
        return;
    }
    m->conn = conn;
    m->user = *user;
    m->live = session != NULL;
    if (session)
        m->session = *session;
    m->disabled = disabled;
    post_one(h, conn.loop, m);
}

static void post_synced(struct hub *h, struct net_ref conn, const struct id *user,
                        const struct id *conversation, struct delivery_list *frames,
                        int64_t last_seq, bool more, bool waits)
{
    struct mail *m = mail_new(MAIL_SYNCED);

    if (!m) {
        delivery_list_done(frames);
        lose(h, conn.loop);
        return;
    }
    m->conn = conn;
    m->user = *user;
    m->conversation = *conversation;
    m->list = *frames;
    delivery_list_init(frames);
    m->seq = last_seq;
    m->more = more;
    m->waits = waits;
    post_one(h, conn.loop, m);
}

void hub_post_synced(struct hub *h, struct net_ref conn, const struct id *user,
                     const struct id *conversation, struct delivery_list *frames, int64_t last_seq,
                     bool more)
{
    post_synced(h, conn, user, conversation, frames, last_seq, more, false);
}

void hub_post_sync_part(struct hub *h, struct net_ref conn, const struct id *user,
                        const struct id *conversation, struct delivery_list *frames, int64_t after)
{
    post_synced(h, conn, user, conversation, frames, after, true, true);
}

/* ---- on the loop ---- */

static void deliver_to_user(struct hub *h, unsigned loop, const struct delivery *d,
                            const struct id *user)
{
    if (!d->frame)
        return;
    for (struct socket *s = *hub_bucket(h, loop, user), *next; s; s = next) {
        next = s->next;
        if (!id_eq(&s->session.user, user))
            continue;
        if (d->has_origin && d->origin_frame && same_conn(s->conn, d->origin))
            continue;
        if (!hold_take(h, s, d))
            net_ws_send_here(h->net, s->conn, d->frame);
    }
}

static void deliver_to_origin(struct hub *h, const struct delivery *d)
{
    net_ws_send_here(h->net, d->origin, d->origin_frame);
    if (!d->refusal)
        return;
    struct socket *s = hub_find(h, d->origin, &d->origin_user);
    if (s && socket_count_error(s, clock_mono_us()))
        net_ws_close_here(h->net, s->conn, CLOSE_POLICY, "too many errors");
}

static void deliver(struct hub *h, unsigned loop, const struct delivery_list *l)
{
    for (size_t i = 0; i < l->count; i++) {
        const struct delivery *d = &l->items[i];
        if (d->has_origin && d->origin_frame && d->origin.loop == loop)
            deliver_to_origin(h, d);
        for (unsigned u = 0; u < d->to_count; u++)
            deliver_to_user(h, loop, d, &d->to[u]);
    }
}

static void revoke(struct hub *h, unsigned loop, const struct revocation *v)
{
    for (struct socket *s = *hub_bucket(h, loop, &v->user), *next; s; s = next) {
        next = s->next;
        if (!id_eq(&s->session.user, &v->user))
            continue;
        switch (v->kind) {
        case REVOKED_SESSION:
            if (id_is_none(&v->session) || id_eq(&s->session.id, &v->session))
                net_ws_close_here(h->net, s->conn, CLOSE_SESSION_ENDED, "session ended");
            break;
        case REVOKED_ACCOUNT:
            net_ws_close_here(h->net, s->conn, CLOSE_ACCOUNT_LOST, "account disabled");
            break;
        case REVOKED_RIGHTS:
            if (h->hooks.recheck)
                h->hooks.recheck(h->hooks.arg, s);
            break;
        }
    }
}

static void checked(struct hub *h, const struct mail *m)
{
    struct socket *s = hub_find(h, m->conn, &m->user);

    if (!s)
        return;
    s->checking = false;
    if (!m->live) {
        net_ws_close_here(h->net, s->conn, m->disabled ? CLOSE_ACCOUNT_LOST : CLOSE_SESSION_ENDED,
                          m->disabled ? "account disabled" : "session ended");
        return;
    }
    s->session = m->session;
    if (m->session.last_seen_at > s->checked_at)
        s->checked_at = m->session.last_seen_at;
}

static void synced(struct hub *h, const struct mail *m)
{
    struct socket *s = hub_find(h, m->conn, &m->user);

    if (!s)
        return;
    for (size_t i = 0; i < m->list.count; i++) {
        net_ws_send_here(h->net, s->conn, m->list.items[i].frame);
        if (m->list.items[i].refusal && socket_count_error(s, clock_mono_us()))
            net_ws_close_here(h->net, s->conn, CLOSE_POLICY, "too many errors");
    }
    /* a socket that died of its bound while sending is still in the table until ws_closed */
    if (m->waits)
        hold_wait(s, &m->conversation, m->seq);
    else if (!m->more)
        hold_end(h, s, &m->conversation, m->seq);
    if (m->waits || !m->more) {
        s->syncing = false;
        (void)hub_sync_on(h, s); /* the tick tries again */
    }
}

static void close_lost(void *arg, struct socket *s)
{
    const struct hub *h = arg;

    net_ws_close_here(h->net, s->conn, CLOSE_OVERFLOW, "out of memory");
}

void hub_tick(struct hub *h, unsigned loop)
{
    if (!atomic_exchange_explicit(&h->lost[loop], false, memory_order_relaxed))
        return;
    log_event(LOG_ERROR, "realtime", "out of memory: sockets are closed, to come back and sync",
              log_i64("loop", loop));
    hub_each(h, loop, close_lost, h);
}

void hub_mail(struct hub *h, unsigned loop, void *message)
{
    struct mail *m = message;

    switch (m->kind) {
    case MAIL_DELIVER:
        deliver(h, loop, &m->list);
        break;
    case MAIL_REVOKED:
        revoke(h, loop, &m->revocation);
        break;
    case MAIL_CHECKED:
        checked(h, m);
        break;
    case MAIL_SYNCED:
        synced(h, m);
        break;
    }
    mail_unref(m, 1);
}
