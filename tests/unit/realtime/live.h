/*
 * live.h - realtime as it runs, for its tests: an engine on loopback with the hub behind it, a pool
 * with database connections, a real database, and WebSocket clients that read whole frames.
 *
 * There is no api above it: a client connects to /ws?N as the session that the test put in place N,
 * and asks by plain words for what must be called on its loop: "hold ID", "release ID", "sync ID
 * N", "typing ID", "touch"; "forgive" forgets what the socket did wrong.
 */
#ifndef ACOLHE_TESTS_LIVE_H
#define ACOLHE_TESTS_LIVE_H

#include <stdatomic.h>

#include "clinic.h"
#include "realtime/realtime_internal.h"

#define LIVE_CLIENTS 16

struct live_client {
    int fd;
    struct session session;
    struct net_ref conn;
};

struct live {
    struct clinic *c;
    struct net *net;
    struct pool *pool;
    struct db *writer_db;
    struct db *watch_db;
    struct realtime *rt;
    bool running; /* the writer and the watcher */
    struct live_client clients[LIVE_CLIENTS];
    size_t count;
    atomic_int opened;
    atomic_int closed;
    /* for the tests of api: takes every text instead of the words above; set before connecting */
    void (*on_json)(struct live *l, struct socket *s, struct str text);
    void *arg;         /* its own */
    atomic_int answer; /* of the last "hold": 1 - the result; of "forgive": 1 */
};

/* cmocka's set-up and tear-down; *state is a struct live. The loops run, the writer and watcher do
 * not until live_start. */
int live_setup(void **state);
int live_teardown(void **state);
/* As live_setup, with these limits instead of 15 minutes and 12 hours. */
struct live *live_new(const struct session_limits *limits);
void live_start(struct live *l);
void live_stop(struct live *l); /* commits what is queued */

/* Signs a person in (now) and connects. */
struct live_client *live_connect(struct live *l, const struct id *user, enum role role);
/* Connects as a session that is there already. */
struct live_client *live_connect_as(struct live *l, const struct session *session);
void live_say(struct live_client *k, const char *word, const struct id *id, int64_t n);

struct frame {
    char raw[2048];
    char op[16];
    char code[32];
    char text[512];
    char topic[16];
    char kind[16];
    struct id conversation, client_id, from, by, user, id;
    int64_t seq;
    bool online;
    bool has_text, has_retry;
};
/* The next frame whatever it is; a close fails the test. */
void live_read(struct live_client *k, struct frame *ret);
/* Everything that was posted to the client until now, in order, but for presence and marks. At most
 * `max`, or the test fails. */
size_t live_drain(struct live *l, struct live_client *k, struct frame *ret, size_t max);
void live_expect_close(struct live *l, struct live_client *k, int code);
void live_expect_nothing(struct live *l, struct live_client *k);
struct frame live_expect(struct live *l, struct live_client *k, const char *op);

/* A write request of that client. */
struct write_request live_request(const struct live_client *k, enum write_kind kind,
                                  const struct id *conversation, int64_t seq, struct str text);

#define L(f) cmocka_unit_test_setup_teardown(f, live_setup, live_teardown)

#endif
