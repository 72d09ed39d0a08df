/*
 * watcher.c - what ended anywhere must end here: reads the revocations, which every process of the
 * clinic writes (another node, the command line), once a second or at once when told, and passes
 * them to the hub, which closes the sockets concerned.
 */
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/log.h"
#include "realtime/realtime_internal.h"
#include "store/sessions.h"

#define WATCH_INTERVAL_MS 1000

struct watcher {
    struct realtime *rt;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    pthread_t thread;
    bool started;
    bool stopping; /* under lock */
    bool kicked;   /* under lock */
    int64_t last;  /* the newest revocation that was passed on */
};

int watcher_new(struct realtime *rt, struct watcher **ret)
{
    struct watcher *w = calloc(1, sizeof *w);
    pthread_condattr_t attr;

    if (!w)
        return -E_NO_MEMORY;
    w->rt = rt;
    pthread_mutex_init(&w->lock, NULL);
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&w->wake, &attr);
    pthread_condattr_destroy(&attr);
    *ret = w;
    return 0;
}

static int pass_on(struct watcher *w, struct arena *arena)
{
    struct revocation *list;
    size_t count;

    int r = revocation_after(w->rt->options.watch_db, authz_system(arena), arena, w->last, &list,
                             &count);
    for (size_t i = 0; r == 0 && i < count; i++) {
        hub_post_revocation(w->rt->hub, &list[i]);
        w->last = list[i].id;
    }
    return r;
}

/* Waits for a kick or the interval; false when the watcher is to end. */
static bool wait_turn(struct watcher *w)
{
    struct timespec until;

    (void)clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_nsec += WATCH_INTERVAL_MS % 1000 * 1000000L;
    until.tv_sec += WATCH_INTERVAL_MS / 1000 + until.tv_nsec / 1000000000;
    until.tv_nsec %= 1000000000;
    pthread_mutex_lock(&w->lock);
    int r = 0;
    while (!w->stopping && !w->kicked && r == 0)
        r = pthread_cond_timedwait(&w->wake, &w->lock, &until);
    w->kicked = false;
    bool go_on = !w->stopping;
    pthread_mutex_unlock(&w->lock);
    return go_on;
}

static void *watcher_main(void *arg)
{
    struct watcher *w = arg;
    struct arena arena;
    bool failing = false;

    arena_init(&arena, (size_t)1 << 20);
    while (wait_turn(w)) {
        int r = pass_on(w, &arena);
        if (r < 0 && !failing)
            log_event(LOG_ERROR, "realtime", "revocations cannot be read", log_err("error", r));
        failing = r < 0;
        arena_reset(&arena);
    }
    arena_done(&arena);
    return NULL;
}

int watcher_start(struct watcher *w)
{
    struct arena arena;

    arena_init(&arena, 4096);
    int r = revocation_last(w->rt->options.watch_db, authz_system(&arena), &w->last);
    arena_done(&arena);
    if (r < 0)
        return r;
    if (pthread_create(&w->thread, NULL, watcher_main, w) != 0)
        return -E_NO_MEMORY;
    w->started = true;
    (void)pthread_setname_np(w->thread, "watcher");
    return 0;
}

void watcher_kick(struct watcher *w)
{
    pthread_mutex_lock(&w->lock);
    w->kicked = true;
    pthread_cond_signal(&w->wake);
    pthread_mutex_unlock(&w->lock);
}

void watcher_stop(struct watcher *w)
{
    pthread_mutex_lock(&w->lock);
    w->stopping = true;
    pthread_cond_signal(&w->wake);
    pthread_mutex_unlock(&w->lock);
    if (w->started)
        pthread_join(w->thread, NULL);
    w->started = false;
}

void watcher_free(struct watcher *w)
{
    if (!w)
        return;
    pthread_cond_destroy(&w->wake);
    pthread_mutex_destroy(&w->lock);
    free(w);
}
