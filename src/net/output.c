/*
 * output.c - what waits to be written to a socket, and the one writev per turn that writes it.
 *
 *      out_first -> [frame][frame][answer's block, body]...   out_bytes = all of them - out_sent
 *                    ^ out_sent bytes of it are gone
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/uio.h>

#include "base/clock.h"
#include "base/error.h"
#include "net/loop.h"

#define IOV_MANY 128
#define LINGER_US (2 * US_PER_S) /* for the peer to close after our last byte */
#define BODY_INLINE 4096         /* bodies up to this are copied behind the head */
#define OUTS_KEPT ((size_t)4096) /* free list of a loop: 100 KB */

static struct str reply_body(const struct http_reply *reply)
{
    return reply->body_static.p ? reply->body_static : buf_str(&reply->body);
}

static struct out *out_new(struct loop *l)
{
    struct out *o = l->free_outs;

    if (!o)
        return malloc(sizeof *o);
    l->free_outs = o->next;
    l->free_out_count--;
    return o;
}

static void out_free(struct loop *l, struct out *o)
{
    ws_frame_unref(o->frame);
    http_reply_free(o->reply);
    l->answer_bytes -= o->held;
    if (l->free_out_count >= OUTS_KEPT) {
        free(o);
        return;
    }
    o->next = l->free_outs;
    l->free_outs = o;
    l->free_out_count++;
}

/* The connection whose answer has waited longest for its reader, but for `but`; NULL: none waits.
 */
static struct conn *longest_blocked(const struct loop *l, const struct conn *but)
{
    struct conn *found = NULL;

    for (size_t p = 0; p < l->page_count; p++)
        for (size_t i = 0; i < SLAB_PAGE; i++) {
            struct conn *c = &l->pages[p][i];
            if (c != but && (c->state == CONN_HTTP || c->state == CONN_LINGER) &&
                c->blocked_at != 0 && (!found || c->blocked_at < found->blocked_at))
                found = c;
        }
    return found;
}

/* Answers that nobody reads must not take the machine's memory: past the bound, whoever has let us
 * wait longest is dropped, so that a crowd of slow readers harms itself and not the others. */
static void shed_answers(struct conn *c)
{
    struct loop *l = c->loop;

    while (l->answer_bytes > l->net->options.limits.answers_max) {
        struct conn *slow = longest_blocked(l, c);
        if (!slow)
            return;
        stat_add(l, dropped_slow, 1);
        conn_die(slow);
        output_drop(slow, false);
        slow->blocked_at = 0;
    }
}

static int append(struct conn *c, struct ws_frame *frame, struct http_reply *reply)
{
    struct out *o = out_new(c->loop);

    if (!o) {
        ws_frame_unref(frame);
        http_reply_free(reply);
        return -E_NO_MEMORY;
    }
    *o = (struct out){.frame = frame, .reply = reply};
    if (reply && !reply->body_static.p)
        o->held = reply->body.cap;
    c->loop->answer_bytes += o->held;
    *c->out_last = o;
    c->out_last = &o->next;
    c->out_bytes += frame->size + (reply ? reply_body(reply).n : 0);
    if (frame->pong)
        c->pongs++;
    loop_mark_dirty(c);
    shed_answers(c);
    return 0;
}

int output_frame(struct conn *c, struct ws_frame *frame)
{
    return frame ? append(c, frame, NULL) : -E_NO_MEMORY;
}

static char *put(char *at, const void *bytes, size_t n)
{
    if (n > 0)
        memcpy(at, bytes, n);
    return at + n;
}

static bool has_body(int status)
{
    return status >= 200 && status != 204 && status != 304;
}

int output_answer(struct conn *c, struct http_reply *reply, bool head_only, bool close)
{
    char line[160];
    struct str body = reply_body(reply);
    bool allowed = has_body(reply->status);
    int n = snprintf(line, sizeof line, "HTTP/1.1 %d %s\r\n%s", reply->status,
                     http_status_text(reply->status), c->loop->date);
    char length[64];
    int m = allowed ? snprintf(length, sizeof length, "Content-Length: %zu\r\n", body.n) : 0;
    struct str closing = close ? STR("Connection: close\r\n\r\n") : STR("\r\n");
    size_t copied = head_only || !allowed ? 0 : body.n;
    bool separate = copied > BODY_INLINE;

    if (separate)
        copied = 0;
    struct ws_frame *block =
        n < 0 || m < 0 ? NULL
                       : ws_frame_raw((size_t)n + (size_t)m + reply->head.len + closing.n + copied);
    if (!block) {
        http_reply_free(reply);
        return -E_NO_MEMORY;
    }
    char *at = put(block->bytes, line, (size_t)n);
    at = put(at, length, (size_t)m);
    at = put(at, reply->head.data, reply->head.len);
    at = put(at, closing.p, closing.n);
    (void)put(at, body.p, copied);
    if (!separate) {
        http_reply_free(reply);
        reply = NULL;
    }
    return append(c, block, reply);
}

static void pop(struct conn *c)
{
    struct out *o = c->out_first;

    c->out_first = o->next;
    if (!c->out_first)
        c->out_last = &c->out_first;
    if (o->frame->pong)
        c->pongs--;
    c->out_sent = 0;
    out_free(c->loop, o);
}

void output_drop(struct conn *c, bool keep_begun)
{
    struct out *kept = NULL;
    size_t sent = c->out_sent;

    if (keep_begun && sent > 0) {
        kept = c->out_first;
        c->out_first = kept->next;
    }
    while (c->out_first)
        pop(c);
    c->out_last = &c->out_first;
    c->out_bytes = 0;
    c->out_sent = 0;
    if (kept) {
        kept->next = NULL;
        c->out_first = kept;
        c->out_last = &kept->next;
        c->out_sent = sent;
        c->out_bytes = kept->frame->size + (kept->reply ? reply_body(kept->reply).n : 0) - sent;
    }
}

/* The unsent bytes, as many pieces of them as fit. */
static size_t gather(const struct conn *c, struct iovec *iov)
{
    size_t count = 0;
    size_t skip = c->out_sent;

    for (const struct out *o = c->out_first; o && count + 2 <= IOV_MANY; o = o->next) {
        struct str parts[2] = {str_of(o->frame->bytes, o->frame->size),
                               o->reply ? reply_body(o->reply) : STR_NONE};
        for (size_t i = 0; i < 2; i++) {
            size_t gone = skip < parts[i].n ? skip : parts[i].n;
            skip -= gone;
            if (gone < parts[i].n)
                iov[count++] = (struct iovec){.iov_base = (void *)(uintptr_t)(parts[i].p + gone),
                                              .iov_len = parts[i].n - gone};
        }
    }
    return count;
}

static void consume(struct conn *c, size_t n)
{
    c->out_bytes -= n;
    c->out_sent += n;
    while (c->out_first) {
        const struct out *o = c->out_first;
        size_t size = o->frame->size + (o->reply ? reply_body(o->reply).n : 0);
        if (c->out_sent < size)
            return;
        size_t over = c->out_sent - size;
        pop(c);
        c->out_sent = over;
    }
}

/* Nothing is left to write. */
static void drained(struct conn *c)
{
    c->write_at = 0;
    c->blocked_at = 0;
    if (c->state == CONN_LINGER) {
        if (c->eof) {
            conn_die(c);
        } else if (!c->shut) {
            c->shut = true;
            (void)shutdown(c->fd, SHUT_WR);
            c->phase_at = c->loop->now_us + LINGER_US;
            conn_arm(c);
            loop_mark_ready(c);
        }
    } else if (c->state == CONN_HTTP && (c->pending.len > 0 || c->readable)) {
        loop_mark_ready(c);
    }
}

void output_flush(struct conn *c)
{
    struct iovec iov[IOV_MANY];

    while (c->out_first) {
        if (!c->writable)
            return;
        struct msghdr message = {.msg_iov = iov, .msg_iovlen = gather(c, iov)};
        ssize_t n = sendmsg(c->fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (n < 0) {
            if (errno == EINTR)
                continue;
            if (errno != EAGAIN && errno != EWOULDBLOCK) {
                conn_die(c);
                return;
            }
            c->writable = false;
            if (c->blocked_at == 0)
                c->blocked_at = c->loop->now_us;
            if (c->write_at == 0) {
                c->write_at = c->loop->now_us + c->loop->net->options.limits.write_timeout_us;
                conn_arm(c);
            }
            return;
        }
        if (n > 0)
            c->write_at = 0; /* it takes something; EAGAIN starts the time anew */
        consume(c, (size_t)n);
    }
    drained(c);
}
