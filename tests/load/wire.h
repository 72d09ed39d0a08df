/*
 * wire.h - the load generator's side of the network: non-blocking sockets on one epoll, client
 * WebSocket frames in and out, and nothing of the server's own code, so that both sides cannot
 * share a mistake. One thread. Every failure ends the program with a message: a load test that
 * goes on after an error measures something else.
 */
#ifndef ACOLHE_LOAD_WIRE_H
#define ACOLHE_LOAD_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct bytes {
    char *at;
    size_t len;
    size_t cap;
};
void bytes_add(struct bytes *b, const void *from, size_t n);
void bytes_free(struct bytes *b);

struct wire;

/* One connection. `id` and `owner` are the caller's. */
struct peer {
    int fd;
    uint32_t id;
    void *owner;
    bool dirty;   /* has output and is in the wire's list of those to flush this turn */
    bool blocked; /* the kernel took no more: waits for EPOLLOUT */
    struct bytes in;
    struct bytes out;
    size_t out_sent;
};

struct wire {
    int epoll;
    struct peer **dirty;
    size_t dirty_count;
    size_t dirty_cap;
    /* A whole text message (WebSocket) arrived; borrowed. */
    void (*on_text)(struct wire *w, struct peer *p, const char *text, size_t len);
    /* Raw bytes instead (HTTP mode): returns how many it consumed. NULL = WebSocket. */
    size_t (*on_bytes)(struct wire *w, struct peer *p, const char *at, size_t len);
    void *ctx;
};

struct target {
    const char *host;
    const char *port;
    const char *origin;
};

void die(const char *format, ...) __attribute__((format(printf, 1, 2), noreturn));
int64_t now_ns(void); /* monotonic */

void wire_init(struct wire *w);
void wire_done(struct wire *w);
/* Connects (waiting for it). The peer is the caller's and must stay where it is. */
void wire_connect(struct wire *w, struct peer *p, const struct target *t);
/* Upgrades the connection (waiting for the answer) and hands it to the epoll. subprotocol and
 * cookie may be NULL. */
void wire_upgrade(struct wire *w, struct peer *p, const struct target *t, const char *path,
                  const char *subprotocol, const char *cookie);
/* Hands a plain connection to the epoll. */
void wire_watch(struct wire *w, struct peer *p);
void peer_close(struct peer *p);

/* Queues bytes, or one masked text frame, for the flush at the end of the turn. */
void wire_send(struct wire *w, struct peer *p, const void *at, size_t n);
void wire_send_text(struct wire *w, struct peer *p, const char *text, size_t len);
/* One turn: flushes, waits at most until the deadline (monotonic ns), reads what came. */
void wire_turn(struct wire *w, int64_t deadline_ns);
/* Makes an extra descriptor (a timer) wake the turn. */
void wire_wake(struct wire *w, int fd);

#endif
