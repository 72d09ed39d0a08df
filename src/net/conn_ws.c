/*
 * conn_ws.c - a connection while it speaks WebSocket: the opening answer, messages to the program,
 * control frames, and both ways to close.
 */
#include "base/clock.h"
#include "base/error.h"
#include "net/handshake.h"
#include "net/loop.h"

#define CLOSE_WAIT_US (3 * US_PER_S) /* for the peer's half of the closing handshake */
#define PONGS_MAX 64                 /* queued; pings beyond it go unanswered */

bool ws_begin(struct conn *c, const char key[24], const char *subprotocol, void *user)
{
    const struct net_options *o = &c->loop->net->options;
    char accept[HANDSHAKE_ACCEPT + 1];
    struct http_reply *reply = http_reply_new(101);

    if (!reply || handshake_accept(str_of(key, 24), accept) < 0) {
        http_reply_free(reply);
        return false;
    }
    http_reply_field(reply, "Upgrade", STR("websocket"));
    http_reply_field(reply, "Connection", STR("Upgrade"));
    http_reply_field(reply, "Sec-WebSocket-Accept", str_from(accept));
    if (subprotocol)
        http_reply_field(reply, "Sec-WebSocket-Protocol", str_from(subprotocol));
    if (reply->head.err) {
        http_reply_free(reply);
        return false;
    }
    if (o->handlers.default_fields)
        o->handlers.default_fields(o->ctx, reply);
    if (output_answer(c, reply, false, false) < 0)
        return false;
    http_reader_done(&c->http);
    ws_reader_init(&c->ws, o->limits.frame_max, o->handlers.ws_binary != NULL);
    c->state = CONN_WS;
    c->outstanding = false;
    c->phase_at = 0;
    c->seen_at = c->loop->now_us;
    c->ping_at = c->loop->now_us + o->limits.ping_interval_us;
    c->user = user;
    c->user_owned = true;
    conn_arm(c);
    stat_add(c->loop, websockets, 1);
    if (c->pending.len > 0 || c->readable)
        loop_mark_ready(c);
    if (o->handlers.ws_open)
        o->handlers.ws_open(o->ctx, conn_ref(c), user);
    return true;
}

static void closing(struct conn *c)
{
    c->state = CONN_WS_CLOSING;
    c->phase_at = c->loop->now_us + CLOSE_WAIT_US;
    conn_arm(c);
}

void ws_close(struct conn *c, int code, const char *reason)
{
    if (c->state != CONN_WS)
        return;
    if (output_frame(c, ws_frame_close(code, str_from(reason))) < 0)
        conn_die(c);
    else
        closing(c);
}

/* The peer reads too slowly: what is queued is lost to it, so it is told to come back and sync. */
static void overflow(struct conn *c)
{
    output_drop(c, true);
    stat_add(c->loop, dropped_slow, 1);
    ws_close(c, WS_CLOSE_TRY_LATER, "too slow");
}

void ws_send(struct conn *c, struct ws_frame *frame)
{
    size_t output_max = c->loop->net->options.limits.output_max;

    if (c->state != CONN_WS || !frame)
        return;
    if (c->out_bytes > output_max || frame->size > output_max - c->out_bytes) {
        overflow(c);
        return;
    }
    stat_add(c->loop, frames_out, 1);
    if (output_frame(c, ws_frame_ref(frame)) < 0)
        conn_die(c);
}

static void on_message(struct conn *c, const struct ws_result *r)
{
    const struct net_options *o = &c->loop->net->options;

    if (c->state != CONN_WS)
        return;
    stat_add(c->loop, messages_in, 1);
    if (r->event == WS_EVENT_TEXT)
        o->handlers.ws_message(o->ctx, conn_ref(c), c->user, r->payload);
    else
        o->handlers.ws_binary(o->ctx, conn_ref(c), c->user, r->payload);
    ws_reader_trim(&c->ws);
}

/* The peer's close frame, or a frame that cannot be read: answer, flush, end. */
static void on_end(struct conn *c, int code)
{
    int err = 0;

    if (c->state == CONN_WS)
        err = output_frame(c, ws_frame_close(code, STR_NONE));
    if (err < 0)
        conn_die(c);
    else
        conn_linger(c);
}

static void on_ping(struct conn *c, struct str payload)
{
    if (c->state != CONN_WS || c->pongs >= PONGS_MAX)
        return;
    if (output_frame(c, ws_frame_new(WS_OP_PONG, payload)) < 0)
        conn_die(c);
}

size_t ws_input(struct conn *c, char *bytes, size_t n)
{
    struct ws_result r = ws_reader_next(&c->ws, bytes, n);

    switch (r.event) {
    case WS_EVENT_TEXT:
    case WS_EVENT_BINARY:
        on_message(c, &r);
        break;
    case WS_EVENT_PING:
        on_ping(c, r.payload);
        break;
    case WS_EVENT_CLOSE:
    case WS_EVENT_FAILED:
        on_end(c, r.code);
        return n;
    case WS_EVENT_NONE:
    case WS_EVENT_PONG:
        break;
    }
    return r.used;
}

void ws_timer(struct conn *c)
{
    const struct net_limits *limits = &c->loop->net->options.limits;

    if (c->loop->now_us >= c->seen_at + limits->ping_timeout_us) {
        conn_die(c); /* half-open: a close frame would reach nobody */
        return;
    }
    if (c->loop->now_us >= c->ping_at) {
        c->ping_at = c->loop->now_us + limits->ping_interval_us;
        if (output_frame(c, ws_frame_ref(c->loop->ping)) < 0)
            conn_die(c);
    }
}
