/*
 * conn_http.c - a connection while it speaks HTTP: bytes to the reader, requests to the program,
 * answers to the socket, one at a time.
 */
#include "base/error.h"
#include "net/loop.h"

/* A client that does not read its answers gets no further requests served. */
#define PIPELINE_OUTPUT_MAX ((size_t)262144)

bool http_wants_input(const struct conn *c)
{
    return !c->outstanding && c->out_bytes < PIPELINE_OUTPUT_MAX;
}

static void phase(struct conn *c, int64_t timeout_us)
{
    c->phase_at = timeout_us > 0 ? c->loop->now_us + timeout_us : 0;
    if (c->phase_at)
        conn_arm(c);
}

/* Queues an answer with the standard fields; what cannot be sent becomes a 500, or a 503 out of
 * memory. Takes it. */
static int answer_encode(struct conn *c, struct http_reply *reply, bool close)
{
    const struct net_options *o = &c->loop->net->options;

    if (reply &&
        (reply->head.err || reply->body.err || reply->status < 200 || reply->status > 599)) {
        bool full = reply->head.err == -E_NO_MEMORY || reply->body.err == -E_NO_MEMORY;
        http_reply_free(reply);
        reply = http_reply_problem(full ? E_NO_MEMORY : E_INTERNAL);
    }
    if (!reply)
        return -E_NO_MEMORY;
    if (o->handlers.default_fields) {
        o->handlers.default_fields(o->ctx, reply);
        reply->head.err = 0; /* a standard field that does not fit is left out, whole */
    }
    return output_answer(c, reply, c->head_only, close);
}

/* An answer of net's own to a request that cannot be read further; the connection ends with it. */
static void http_error(struct conn *c, int err)
{
    c->outstanding = false;
    if (answer_encode(c, http_reply_problem(err), true) < 0)
        conn_die(c);
    else
        conn_linger(c);
}

void http_answer(struct conn *c, struct http_reply *reply)
{
    const struct net_limits *limits = &c->loop->net->options.limits;

    if (!c->outstanding) { /* a second answer to one request: a fault of the caller */
        http_reply_free(reply);
        return;
    }
    c->outstanding = false;
    if (c->loop->stopping)
        c->close_after = true;
    if (answer_encode(c, reply, c->close_after) < 0) {
        conn_die(c);
        return;
    }
    if (c->close_after) {
        conn_linger(c);
        return;
    }
    phase(c, limits->keepalive_timeout_us);
    if (c->pending.len > 0 || c->readable)
        loop_mark_ready(c);
}

static void dispatch(struct conn *c)
{
    const struct net_options *o = &c->loop->net->options;
    struct http_request *q = http_reader_take(&c->http);

    q->conn = conn_ref(c);
    q->address = arena_str(&q->arena, str_from(c->address));
    if (!q->address.p) {
        net_request_free(q);
        http_error(c, E_NO_MEMORY);
        return;
    }
    c->outstanding = true;
    c->close_after = c->close_after || c->http.last;
    c->head_only = q->method == HTTP_HEAD;
    c->upgrade = q->upgrade_websocket;
    c->phase_at = 0;
    stat_add(c->loop, requests, 1);
    o->handlers.request(o->ctx, q);
}

static void send_continue(struct conn *c)
{
    static const char line[] = "HTTP/1.1 100 Continue\r\n\r\n";
    struct ws_frame *f = ws_frame_raw(sizeof line - 1);

    c->http.wants_continue = false;
    if (f)
        memcpy(f->bytes, line, sizeof line - 1);
    if (output_frame(c, f) < 0)
        conn_die(c);
}

size_t http_input(struct conn *c, const char *bytes, size_t n)
{
    const struct net_limits *limits = &c->loop->net->options.limits;
    bool started = http_reader_started(&c->http);
    enum http_reader_state before = c->http.state;
    size_t used = 0;

    switch (http_reader_push(&c->http, bytes, n, &used)) {
    case HTTP_READER_HEAD:
        if (!started)
            phase(c, limits->head_timeout_us);
        break;
    case HTTP_READER_BODY:
        if (before == HTTP_READER_HEAD)
            phase(c, limits->body_timeout_us);
        if (c->http.wants_continue)
            send_continue(c);
        break;
    case HTTP_READER_DONE:
        dispatch(c);
        break;
    case HTTP_READER_FAILED:
        c->head_only = false;
        http_error(c, c->http.err);
        return n;
    }
    return used;
}

void http_expired(struct conn *c)
{
    if (http_reader_started(&c->http)) {
        c->head_only = false;
        http_error(c, E_TIMEOUT);
    } else {
        conn_die(c); /* idle: nobody waits for an answer */
    }
}
