/*
 * route.h - the table of routes, and one exchange of request and answer.
 *
 * routes.def is the only list: method, path, who may, on what object, how the body and the answer
 * look, in which transaction, on which pool, at what rate, under which audit event. A row without
 * an access rule does not compile.
 */
#ifndef ACOLHE_API_ROUTE_H
#define ACOLHE_API_ROUTE_H

#include "api/limits.h"
#include "app/app.h"
#include "net/net.h"
#include "json/json.h"

enum tx {
    TX_NONE = 1, /* the use case has its own, or needs none */
    TX_READ,
    TX_WRITE
};
enum lane {
    LANE_DB = 1,
    LANE_PASSWORD, /* hashes a password: few threads, a short queue */
    LANE_SOCKET    /* the WebSocket upgrade; on the database pool */
};

struct exchange;
struct route {
    enum http_method method;
    const char *path; /* with at most one "{id}" segment */
    enum access access;
    enum object object;
    const struct json_desc *body;                 /* NULL: takes none */
    void (*reply)(struct buf *b, const void *in); /* NULL: no body */
    int status;
    enum tx tx;
    enum lane lane;
    enum rate rate;
    const char *action; /* audit event; "" for none */
    bool idempotent;    /* accepts an Idempotency-Key */
    int (*handle)(struct exchange *ex);
};

/* One request on a worker thread. */
struct exchange {
    struct call call;
    struct limits *limits;
    struct net *net;
    bool answered; /* the handler has answered by itself (a WebSocket upgrade) */
    const struct route *route;
    const struct http_request *request;
    struct id id;         /* the path's {id} */
    const void *body;     /* bound by route->body */
    const void *reply;    /* to be written by route->reply */
    int status;           /* of success; may be changed by the handler */
    struct str set_token; /* a session cookie to set */
    bool clear_cookie;
    int64_t retry_after_s; /* for -E_RATE_LIMITED */
};

extern const struct route routes[];
extern const size_t route_count;

/* The row for a path and method. NULL: *ret_allowed tells the methods that the path has ("" when
 * there is no such path). *ret_id is filled for paths with {id}; a malformed id is -E_NOT_FOUND,
 * told by *ret_bad_id. */
const struct route *route_find(struct str path, enum http_method method, struct id *ret_id,
                               bool *ret_bad_id, char ret_allowed[64]);

/* "GET" and so on; "" for those that no route has. */
const char *route_method_name(enum http_method method);

/* ---- query parameters: percent-decoded, valid UTF-8, each at most once ---- */

/* STR_NONE when absent. Adds a field error for bad encoding or a duplicate. */
int query_text(struct exchange *ex, const char *name, struct str *ret);
/* Digits within [min, max]; `fallback` when absent. */
int query_i64(struct exchange *ex, const char *name, int64_t min, int64_t max, int64_t fallback,
              int64_t *ret);
int query_id(struct exchange *ex, const char *name, struct id *ret);
int query_time(struct exchange *ex, const char *name, int64_t *ret); /* 0 when absent */
/* 1-based index into names; 0 when absent. */
int query_enum(struct exchange *ex, const char *name, const char *const *names, int64_t *ret);
/* Refuses parameters that are not in the NULL-terminated list. */
int query_only(struct exchange *ex, const char *const *names);

#endif
