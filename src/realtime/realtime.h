/*
 * realtime.h - everything live, behind one handle: the hub of sockets, the message writer, syncs,
 * presence, typing and the closing of sockets whose session is over.
 *
 *   net/websocket -> api/realtime_ops -> app/messages -> realtime_write -> writer thread
 *       -> store (one transaction for a batch) -> commit -> hub -> net/websocket
 *
 * Calls that read the database become jobs of the database pool; nothing here blocks a loop.
 */
#ifndef ACOLHE_REALTIME_REALTIME_H
#define ACOLHE_REALTIME_REALTIME_H

#include "base/pool.h"
#include "realtime/hub.h"

struct audit_entry;
struct keyring;

struct realtime_options {
    struct net *net;
    struct pool *pool;    /* its state is a struct db of each thread */
    struct db *writer_db; /* a connection for the writer alone; stays the caller's */
    struct db *watch_db;  /* a connection for the watcher alone; stays the caller's */
    const struct keyring *keys;
    struct id node; /* whose audit chain the writer appends to */
    struct session_limits sessions;
    /* A record was read or written by somebody who may: to be noted, coalesced, without blocking.
     * May be NULL. Any thread; borrows the entry. */
    void (*note)(void *arg, const struct audit_entry *entry);
    void *note_arg;
};
struct realtime;
int realtime_new(const struct realtime_options *options, struct realtime **ret);
/* Starts the writer and the watcher. */
int realtime_start(struct realtime *rt);
/* Commits what is queued, then joins both threads. Before the loops end, so that the answers still
 * arrive; what is asked from now on is refused with -E_UNAVAILABLE. */
void realtime_stop(struct realtime *rt);
void realtime_free(struct realtime *rt);
struct hub *realtime_hub(struct realtime *rt);

/* ---- what a socket may ask for; each takes nothing, answers by frames ---- */

enum write_kind { WRITE_SEND = 1, WRITE_EDIT, WRITE_DELETE, WRITE_RECEIVED, WRITE_READ };
struct write_request {
    enum write_kind kind;
    struct net_ref origin;
    struct session session;
    struct id conversation;
    struct id client_id; /* WRITE_SEND */
    int64_t seq;         /* the others */
    struct str text;     /* WRITE_SEND, WRITE_EDIT; copied */
    struct str address;  /* for the audit row of an edit or deletion; copied */
};
/* Queues it for the writer, which answers every request exactly once: with the ack or event after
 * the commit, or an error frame. 0, or -E_OVERLOADED / -E_NO_MEMORY / -E_UNAVAILABLE (not queued).
 * The request must have passed domain/message_rules.h. Any thread. */
int realtime_write(struct realtime *rt, const struct write_request *request);
#define WRITE_QUEUE_MAX 8192                 /* requests waiting */
#define WRITE_QUEUE_BYTES ((size_t)32 << 20) /* bytes waiting */
#define WRITE_BATCH_MAX 512                  /* requests in one transaction */

/* On the socket's loop. 0, or a negative error to be answered. */
int realtime_sync(struct realtime *rt, struct socket *s, const struct id *conversation,
                  int64_t after);
int realtime_typing(struct realtime *rt, const struct socket *s, const struct id *conversation);
/* The person used this socket: keeps the session alive (stored at most every 15 s). */
void realtime_touch(struct realtime *rt, struct socket *s, int64_t now_us);
/* From net's tick: sends sockets past their session's end for a check. */
void realtime_tick(struct realtime *rt, unsigned loop);

/* ---- after a commit, from use cases ---- */

/* {"op":"event"} to people. */
void realtime_event(struct realtime *rt, const struct id *to, size_t count, const char *topic,
                    const struct id *id);
/* A message that a use case itself appended: in db_commit_publish, so that order holds. */
void realtime_message(struct realtime *rt, const struct conversation *conversation,
                      const struct message *message);
/* Something was added to the revocations: the watcher looks at once instead of within a second. */
void realtime_revocations_changed(struct realtime *rt);

struct realtime_stats {
    uint64_t taken; /* requests that the writer took */
    uint64_t batches;
    size_t queued;
};
void realtime_stats(struct realtime *rt, struct realtime_stats *ret);

#endif
