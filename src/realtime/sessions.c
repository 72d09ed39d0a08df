/*
 * sessions.c - sockets live no longer than their session: activity on a socket keeps the session
 * alive, and a socket past its session's idle or absolute limit is checked against the database
 * (another tab may have extended it) and closed when it is over.
 */
#include <stdlib.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/list.h"
#include "base/log.h"
#include "db/db.h"
#include "realtime/realtime_internal.h"
#include "store/sessions.h"

#define TOUCH_EVERY_US (15 * US_PER_S)

struct session_job {
    struct pool_job job;
    struct realtime *rt;
    struct net_ref conn;
    struct session session;
    bool touch;
};

static int touch(struct session_job *j, struct db *db, struct arena *a, int64_t now_us)
{
    const struct grant *g;

    int r = authz_object(db, a, &j->session, OBJECT_OWN_ACCOUNT, NULL, &g);
    if (r == 0)
        r = db_begin(db, DB_WRITE);
    if (r < 0)
        return r;
    r = session_touch(db, g, &j->session, now_us);
    if (r == 0)
        return db_commit(db);
    db_rollback(db);
    return r;
}

static void session_run(struct pool_job *job, void *state)
{
    struct session_job *j = container_of(job, struct session_job, job);
    const struct session_limits *limits = &j->rt->options.sessions;
    int64_t now_us = clock_now_us();
    struct session session;
    struct arena arena;
    bool disabled = false;

    arena_init(&arena, 65536);
    int r = authz_session_again(state, &j->session.id, limits, now_us, &session, &disabled);
    if (r == 0 && j->touch && touch(j, state, &arena, now_us) == 0)
        session.last_seen_at = now_us;
    /* when the database is away nobody is sent off: the next tick asks again */
    if (r == 0 || r == -E_UNAUTHENTICATED)
        hub_post_checked(j->rt->hub, j->conn, &j->session.user, r == 0 ? &session : NULL, disabled);
    else
        hub_post_checked(j->rt->hub, j->conn, &j->session.user, &j->session, false);
    arena_done(&arena);
    free(j);
}

static bool submit(struct realtime *rt, struct socket *s, bool with_touch)
{
    struct session_job *j = malloc(sizeof *j);

    if (!j)
        return false;
    *j = (struct session_job){{.run = session_run}, rt, s->conn, s->session, with_touch};
    if (pool_submit(rt->options.pool, &j->job) < 0) {
        free(j);
        return false;
    }
    s->checking = true;
    return true;
}

void session_recheck(void *rt, struct socket *s)
{
    /* also when a check is under way: that one may have read before the change */
    s->recheck = !submit(rt, s, false); /* with a full pool the next tick asks again */
}

void realtime_touch(struct realtime *rt, struct socket *s, int64_t now_us)
{
    int64_t every = rt->options.sessions.idle_us / 4;

    if (every > TOUCH_EVERY_US)
        every = TOUCH_EVERY_US;
    s->checked_at = now_us;
    if (now_us - s->touched_at < every || s->checking)
        return;
    s->touched_at = now_us;
    (void)submit(rt, s, true);
}

struct tick {
    struct realtime *rt;
    int64_t now_us;
};

static void check_deadline(void *arg, struct socket *s)
{
    const struct tick *t = arg;
    const struct session_limits *limits = &t->rt->options.sessions;

    if (s->recheck || (!s->checking && (t->now_us - s->checked_at >= limits->idle_us ||
                                        t->now_us >= s->session.expires_at)))
        session_recheck(t->rt, s);
    if (s->holds)
        (void)hub_sync_on(t->rt->hub, s);
}

void realtime_tick(struct realtime *rt, unsigned loop)
{
    struct tick t = {rt, clock_now_us()};

    hub_tick(rt->hub, loop);
    hub_each(rt->hub, loop, check_deadline, &t);
}
