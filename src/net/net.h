/*
 * net.h - the network engine as the rest of the program sees it: HTTP requests and WebSocket
 * messages in, bytes out. It knows nothing of patients.
 *
 *                       one thread per loop, several loops, one listening socket
 *   epoll -> conn (net/conn.c) -> http_reader (bytes -> request) -> handlers->request
 *                              -> ws_reader   (bytes -> message) -> handlers->ws_message
 *   any thread -> net_reply / net_ws_send / net_ws_close -> mailbox of the owning loop -> conn
 *
 * One thread owns a connection: everything that touches its state runs on its loop. Others name it
 * by a `struct net_ref`, which is checked by generation on arrival, so a reply to a connection
 * that is gone is dropped and never reaches a newer one. Every socket with something to write is
 * flushed once per loop turn with one writev. No call here blocks.
 */
#ifndef ACOLHE_NET_NET_H
#define ACOLHE_NET_NET_H

#include <sys/socket.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/id.h"
#include "base/str.h"

/* Limits, each with a test by its name (security.md, "HTTP limits" and "WebSocket"). */
struct net_limits {
    size_t head_max;        /* bytes of request line and fields: 8192 */
    size_t fields_max;      /* header fields: 64 */
    size_t body_max;        /* bytes of a body: 65536 */
    size_t frame_max;       /* bytes of one WebSocket message: 65536 */
    size_t output_max;      /* bytes queued to a socket before it is dropped (1013): 1 MiB */
    size_t answers_max;     /* bytes of answers waiting for slow readers, on one loop: 16 MiB;
                               past it the slowest reader is dropped */
    size_t connections_max; /* open connections in all: 65536 */
    size_t
        per_address_max; /* open connections of one address; 0 = off. Default 0 (nginx does it) */
    int64_t head_timeout_us;      /* total, from the first byte or accept: 10 s */
    int64_t body_timeout_us;      /* total: 60 s */
    int64_t keepalive_timeout_us; /* idle between requests: 30 s */
    int64_t write_timeout_us;     /* a peer that takes nothing for so long is dropped: 30 s */
    int64_t ping_interval_us;     /* 30 s */
    int64_t ping_timeout_us;      /* silence after which a WebSocket peer is dropped: 75 s */
};
extern const struct net_limits net_limits_default;

/* Names a connection from any thread. Plain value; may outlive what it names. */
struct net_ref {
    uint32_t loop;
    uint32_t slot;
    uint64_t generation;
};

struct http_field {
    struct str name; /* lower-cased by the reader */
    struct str value;
};

enum http_method {
    HTTP_GET = 1,
    HTTP_HEAD,
    HTTP_POST,
    HTTP_PUT,
    HTTP_PATCH,
    HTTP_DELETE,
    HTTP_OPTIONS,
    HTTP_OTHER /* a well-formed token that the program has no use for */
};

/* One whole request. All of it, the struct included, lives in `arena`, which the handler takes and
 * must free by net_request_free (any thread). */
struct http_request {
    struct arena arena;
    struct net_ref conn;
    enum http_method method;
    struct str method_text;
    struct str path; /* percent-decoded once, valid UTF-8, no NUL, no "." or ".." segment, no %2F */
    struct str query; /* raw, after '?' (visible ASCII without '#'); STR_NONE when there is none */
    struct str host;
    const struct http_field *fields;
    size_t field_count;
    struct str body;
    struct str address;     /* peer's address as text: the socket's (proxies are api's business) */
    bool upgrade_websocket; /* a well-formed RFC 6455 opening handshake (version 13, a 16-byte key)
                             */
    struct str ws_key;      /* then: the key */
    int64_t received_us;    /* monotonic, when the head was complete */
};
/* First field of that (lower-case) name, or STR_NONE. The reader refuses duplicates of the fields
 * that must be single (Host, Content-Length, Content-Type, Origin, Cookie is joined with "; "). */
struct str http_field(const struct http_request *r, const char *name);
void net_request_free(struct http_request *r);

/* A response under construction; the caller owns it until net_reply takes it. */
struct http_reply {
    int status;
    struct buf head; /* extra "Name: value\r\n" lines; net adds the status line, Date,
                        Content-Length and Connection */
    struct buf body;
    struct str body_static; /* instead of body: bytes that live for ever (embedded files) */
};
struct http_reply *http_reply_new(int status); /* NULL out of memory */
void http_reply_free(struct http_reply *reply);
/* Appends one header line. A value with CR, LF or NUL sets head.err (-E_MALFORMED). */
void http_reply_field(struct http_reply *reply, const char *name, struct str value);
/* Has it a line of that name already (any case)? */
bool http_reply_has(const struct http_reply *reply, const char *name);
/* The answer to an error of base/error.h: its status and a problem+json body (RFC 9457) of type,
 * title, status, code and detail. NULL out of memory. */
struct http_reply *http_reply_problem(int err);
const char *http_status_text(int status); /* "Not Found"; "Unknown" where there is no name */

/* One outgoing WebSocket message, encoded once and shared by all its recipients. */
struct ws_frame;
/* A text frame holding a copy of the text, reference count 1; NULL out of memory. Any thread. */
struct ws_frame *ws_frame_text(struct str text);
struct ws_frame *ws_frame_binary(struct str bytes);
size_t ws_frame_size(const struct ws_frame *f); /* with its header */
struct ws_frame *ws_frame_ref(struct ws_frame *f);
void ws_frame_unref(struct ws_frame *f); /* any thread; NULL is accepted */

/* What the program above gives to the engine. All run on the loop that owns the connection and
 * must not block. `ctx` is net_options.ctx. */
struct net_handlers {
    /* Takes the request. Answer now or later by net_reply or net_ws_accept(r->conn…); one request
     * of a connection at a time is outstanding (pipelined ones wait). A HEAD request's body is
     * dropped by net. */
    void (*request)(void *ctx, struct http_request *r);
    /* Optional. Once for every answer, just before it is encoded: those given to net_reply, the 101
     * of a WebSocket, and net's own errors (400, 408, 413, 414, 431, 500, 501, 503), so that no
     * answer lacks the standard fields. Use http_reply_has not to add one twice. Interim 100s and
     * the 503 at connections_max are not passed here. */
    void (*default_fields)(void *ctx, struct http_reply *reply);
    /* A whole text message (valid UTF-8). `user` is what net_ws_accept was given. Borrowed. */
    void (*ws_message)(void *ctx, struct net_ref conn, void *user, struct str text);
    /* Optional: a whole binary message. Without it binary is refused at once with 1003. */
    void (*ws_binary)(void *ctx, struct net_ref conn, void *user, struct str bytes);
    /* The WebSocket is open: first call on it. */
    void (*ws_open)(void *ctx, struct net_ref conn, void *user);
    /* It is gone, for whatever reason; the last call that carries `user`, which is the handler's to
     * free. Runs once for each connection that net_ws_accept succeeded on. */
    void (*ws_closed)(void *ctx, struct net_ref conn, void *user);
    /* For each loop in turn, about once a second, on its thread. */
    void (*tick)(void *ctx, unsigned loop, int64_t mono_us);
    /* A message of net_post, on the loop's thread. Takes it. */
    void (*mail)(void *ctx, unsigned loop, void *message);
};

struct net_options {
    const char *listen; /* "localhost:8080", "127.0.0.1:0", "[::1]:8080", "unix:/path"; a name that
                           resolves to several addresses listens on all of them */
    unsigned loops;     /* threads; 0 = one per processor */
    struct net_limits limits;
    struct net_handlers handlers;
    void *ctx;
};

struct net;
/* Binds and listens, starts nothing. 0, -E_CONFIG (bad address), -E_IO (said in the log). */
int net_new(const struct net_options *options, struct net **ret);
/* The port bound (for "…:0"); 0 for a unix socket. */
int net_port(const struct net *n);
unsigned net_loops(const struct net *n);
int net_start(struct net *n); /* starts the loop threads and accepting */
/* Stops accepting, answers what is in flight with "Connection: close", closes WebSockets with
 * 1001, waits until all are flushed or grace_us is over, joins the threads. */
void net_stop(struct net *n, int64_t grace_us);
/* After net_stop, and when no other thread can be inside a call with it any more. */
void net_free(struct net *n);

/* ---- any thread ---- */

/* Takes the reply. Dropped if the connection is gone. NULL (out of memory) ends the connection. */
void net_reply(struct net *n, struct net_ref conn, struct http_reply *reply);
/* Answers the outstanding upgrade request with 101 and the subprotocol; `user` then belongs to the
 * connection until ws_closed. If the connection is already gone, `gone(ctx, user)` is called on
 * the loop instead (never both). */
void net_ws_accept(struct net *n, struct net_ref conn, struct str ws_key, const char *subprotocol,
                   void *user, void (*gone)(void *ctx, void *user));
/* Queues the frame (adds its own reference). Past output_max the socket is closed with 1013. */
void net_ws_send(struct net *n, struct net_ref conn, struct ws_frame *frame);
/* Starts the closing handshake; nothing is read or sent after it. reason: static or short text. */
void net_ws_close(struct net *n, struct net_ref conn, int code, const char *reason);
/* Hands a message to handlers.mail on that loop, in the order of posting per posting thread, and in
 * lock order between threads. Takes `message`. Returns -E_UNAVAILABLE when the loop has ended
 * (message stays the caller's). */
int net_post(struct net *n, unsigned loop, void *message);

/* ---- on the owning loop only: the same without a mailbox; false when the connection is gone ----
 */
bool net_ws_send_here(struct net *n, struct net_ref conn, struct ws_frame *frame);
bool net_ws_close_here(struct net *n, struct net_ref conn, int code, const char *reason);
/* Bytes queued to it that the peer has not taken yet; 0 when the connection is gone. */
size_t net_ws_queued_here(struct net *n, struct net_ref conn);

struct net_stats {
    size_t connections;
    size_t websockets;
    uint64_t requests;
    uint64_t messages_in;
    uint64_t frames_out;
    uint64_t dropped_slow;
};
void net_stats(const struct net *n, struct net_stats *ret); /* any thread; relaxed sums */

#endif
