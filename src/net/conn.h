/*
 * conn.h - one connection: its states and what the loop calls on it. Only the loop that owns it
 * touches it.
 *
 *    accept -> HTTP --101--> WS --close sent--> WS_CLOSING
 *               |            | close received     | close received
 *               | last answer| or a bad frame     |
 *               v            v                    v
 *             LINGER: what is queued is flushed, then shut for writing, then read away until the
 *               |     peer closes too (so that a reset does not eat the last answer) or 2 s
 *               v
 *             DEAD (from any state): waits for the end of the turn, where loop_reap frees it
 *
 * No callback of the program runs while a connection is being freed, and none frees one: all they
 * can do is queue output and change the state.
 */
#ifndef ACOLHE_NET_CONN_H
#define ACOLHE_NET_CONN_H

#include <netinet/in.h>

#include "net/http_reader.h"
#include "net/peers.h"
#include "net/wheel.h"
#include "net/ws_frame.h"
#include "net/ws_reader.h"

struct loop;

enum conn_state {
    CONN_FREE = 0,
    CONN_HTTP,
    CONN_WS,
    CONN_WS_CLOSING,
    CONN_LINGER,
    CONN_DEAD,
};

/* One thing to write: a shared block, and behind it the body of an answer, if it has one. */
struct out {
    struct out *next;
    struct ws_frame *frame;   /* one reference */
    struct http_reply *reply; /* owned; only its body is sent */
    size_t held;              /* bytes that the body takes of the loop's answers_max */
};

struct conn {
    struct loop *loop;
    uint64_t generation; /* of this use of the slot; never 0 */
    uint32_t slot;
    int fd;
    enum conn_state state;
    enum conn_state reader_kind; /* CONN_HTTP or CONN_WS once LINGER or DEAD */
    /* the socket */
    bool tcp;
    bool readable; /* edge seen, EAGAIN not yet */
    bool writable;
    bool peer_shut; /* EPOLLRDHUP or HUP seen: a short read does not mean drained */
    bool eof;       /* end of stream read */
    bool shut;      /* we have shut it for writing */
    /* the request in progress */
    bool outstanding; /* handed to the program, not answered yet */
    bool close_after; /* its answer is the last */
    bool head_only;   /* HEAD */
    bool upgrade;     /* it asks for a WebSocket */
    bool user_owned;  /* ws_closed is due */
    /* memberships in the loop's lists of this turn */
    bool in_ready;
    bool in_dirty;
    bool in_reap;
    struct conn *ready_next;
    struct conn *dirty_next;
    struct conn *reap_next; /* also links free slots */
    /* deadlines, monotonic; 0 = none. The wheel node is never later than the earliest. */
    struct wheel_node timer;
    int64_t phase_at;   /* head, body, keep-alive, closing, lingering */
    int64_t write_at;   /* the peer must have taken something by then */
    int64_t blocked_at; /* HTTP: since when an answer waits for the peer to read; 0: none does */
    int64_t ping_at;    /* WS: next ping */
    int64_t seen_at;    /* WS: last byte received */
    /* output */
    struct out *out_first;
    struct out **out_last;
    size_t out_bytes;   /* queued and not sent */
    size_t out_sent;    /* of out_first */
    unsigned pongs;     /* queued */
    size_t lingered;    /* bytes read away in LINGER */
    struct buf pending; /* HTTP: bytes behind an outstanding request */
    union {
        struct http_reader http; /* HTTP */
        struct ws_reader ws;     /* WS, WS_CLOSING */
    };
    void *user; /* WS */
    struct peer_key peer;
    char address[INET6_ADDRSTRLEN];
};

/* ---- conn.c ---- */
/* Takes a fresh non-blocking socket; closes it when out of memory. */
void conn_open(struct loop *loop, int fd, bool tcp, const struct sockaddr_storage *address);
void conn_on_event(struct conn *c, uint32_t events);
void conn_on_ready(struct conn *c); /* has been put on the ready list */
void conn_on_timer(struct conn *c);
void conn_die(struct conn *c);     /* DEAD; freed at the end of the turn */
void conn_linger(struct conn *c);  /* flush, then close */
void conn_arm(struct conn *c);     /* after any deadline was set earlier */
void conn_release(struct conn *c); /* the loop's: frees what it holds, closes the socket */
struct net_ref conn_ref(const struct conn *c);

/* ---- conn_http.c ---- */
size_t http_input(struct conn *c, const char *bytes, size_t n); /* bytes used */
void http_answer(struct conn *c, struct http_reply *reply);     /* takes it */
void http_expired(struct conn *c);
bool http_wants_input(const struct conn *c);

/* ---- conn_ws.c ---- */
size_t ws_input(struct conn *c, char *bytes, size_t n);
bool ws_begin(struct conn *c, const char key[24], const char *subprotocol, void *user);
void ws_send(struct conn *c, struct ws_frame *frame); /* adds a reference */
void ws_close(struct conn *c, int code, const char *reason);
void ws_timer(struct conn *c);

/* ---- output.c ---- */
/* Queue; take what they are given. 0 or -E_NO_MEMORY (then it is freed). */
int output_frame(struct conn *c, struct ws_frame *frame);
int output_answer(struct conn *c, struct http_reply *reply, bool head_only, bool close);
void output_drop(struct conn *c, bool keep_begun);
void output_flush(struct conn *c);

#endif
