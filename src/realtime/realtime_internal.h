/* realtime_internal.h - what the files of realtime/ share. */
#ifndef ACOLHE_REALTIME_INTERNAL_H
#define ACOLHE_REALTIME_INTERNAL_H

#include "realtime/realtime.h"

struct writer;
struct watcher;

/* realtime.c: tells options.note. */
void realtime_note(struct realtime *rt, const struct id *actor, const char *action,
                   const struct id *conversation, struct str address, int64_t now_us);

struct realtime {
    struct realtime_options options;
    struct hub *hub;
    struct writer *writer;
    struct watcher *watcher;
};

/* writer.c */
int writer_new(struct realtime *rt, struct writer **ret);
int writer_start(struct writer *w);
void writer_stop(struct writer *w); /* commits what is queued */
void writer_free(struct writer *w);

/* One request in the writer's queue: a copy, with its text behind it. */
struct write_op {
    struct write_op *next;
    struct write_request request; /* text and address point into `bytes` */
    size_t size;
    char bytes[];
};

/* batch.c: one transaction for the ops given, in order; every op is answered by a delivery, or the
 * batch is split when it fails. Takes nothing; the ops stay the caller's. */
void batch_commit(struct realtime *rt, struct write_op **ops, size_t count);

/* watcher.c */
int watcher_new(struct realtime *rt, struct watcher **ret);
int watcher_start(struct watcher *w);
void watcher_kick(struct watcher *w);
void watcher_stop(struct watcher *w);
void watcher_free(struct watcher *w);

/* presence.c: hooks of the hub */
void presence_changed(void *rt, const struct socket *s, bool online);
void presence_opened(void *rt, struct socket *s);
/* sync.c: hook of the hub */
int sync_next(void *rt, struct socket *s, const struct id *conversation, int64_t after);
/* sessions.c: hook of the hub */
void session_recheck(void *rt, struct socket *s);

#endif
