/*
 * http_reader.c - from bytes to one HTTP request: where the head ends, and the body behind it.
 *
 * The head is only looked at line by line until it is complete, and then parsed at once by
 * http_head.c; so a cut anywhere cannot change the outcome. A head that arrives in one piece is
 * not buffered here at all.
 *
 *      push -> head_push -> http_head_parse -> body_begin
 *           -> length_push | chunk_push -> body_end
 */
#include "net/http_reader.h"

#include "base/error.h"

void http_reader_init(struct http_reader *r, const struct net_limits *limits)
{
    *r = (struct http_reader){.limits = limits, .state = HTTP_READER_HEAD};
    buf_init(&r->pending, limits->head_max);
}

void http_reader_done(struct http_reader *r)
{
    buf_done(&r->pending);
    net_request_free(r->request);
    r->request = NULL;
}

static enum http_reader_state fail(struct http_reader *r, int err)
{
    http_reader_done(r);
    r->err = err;
    return r->state = HTTP_READER_FAILED;
}

/* The pending bytes become something else: forget them and their memory. */
static void pending_restart(struct http_reader *r, size_t max)
{
    buf_done(&r->pending);
    buf_init(&r->pending, max > 0 ? max : 1);
}

static enum http_reader_state body_end(struct http_reader *r)
{
    struct http_request *q = r->request;

    if (r->pending.len > 0) {
        q->body = arena_str(&q->arena, buf_str(&r->pending));
        if (!q->body.p)
            return fail(r, -E_NO_MEMORY);
    }
    pending_restart(r, r->limits->head_max);
    r->wants_continue = false;
    return r->state = HTTP_READER_DONE;
}

static enum http_reader_state body_begin(struct http_reader *r, const struct http_framing *f)
{
    r->last = f->close;
    r->scanned = 0;
    r->lines = 0;
    pending_restart(r, r->limits->body_max);
    r->state = HTTP_READER_BODY;
    r->wants_continue = f->expect_continue && (f->chunked || f->length > 0);
    r->left = f->length;
    r->digits = 0;
    r->chunk = f->chunked ? HTTP_CHUNK_SIZE : 0;
    if (!f->chunked && f->length == 0)
        return body_end(r);
    return r->state;
}

/* Counts the complete lines of `bytes` from r->scanned on. Returns the length of the head when its
 * empty line is there, 0 when it is not, or a negative error. */
static ssize_t head_scan(struct http_reader *r, const char *bytes, size_t n)
{
    while (r->scanned < n) {
        const char *line = bytes + r->scanned;
        const char *lf = memchr(line, '\n', n - r->scanned);
        if (!lf)
            return 0;
        if (lf == line || lf[-1] != '\r')
            return -E_MALFORMED;
        r->scanned = (size_t)(lf - bytes) + 1;
        r->lines++;
        if (lf - line == 1)
            return (ssize_t)r->scanned;
    }
    return 0;
}

static enum http_reader_state head_push(struct http_reader *r, const char *bytes, size_t n,
                                        size_t *ret_used)
{
    size_t before = r->pending.len;
    size_t room = r->limits->head_max - before;
    const char *head = bytes;
    size_t have = n < room ? n : room;
    size_t took = have;

    /* no method starts like this: whoever speaks TLS to a plain port is told at once */
    if (before == 0 && (bytes[0] <= 0x20 || bytes[0] == 0x7F))
        return fail(r, -E_MALFORMED);
    if (before > 0) {
        if (buf_add(&r->pending, bytes, have) < 0)
            return fail(r, r->pending.err == -E_TOO_LARGE ? -E_HEADERS_TOO_LARGE : -E_NO_MEMORY);
        head = r->pending.data;
        have = r->pending.len;
    }
    ssize_t size = head_scan(r, head, have);
    if (size < 0)
        return fail(r, (int)size);
    if (size == 0) {
        *ret_used = took;
        if (have >= r->limits->head_max)
            return fail(r, r->lines == 0 ? -E_URI_TOO_LONG : -E_HEADERS_TOO_LARGE);
        if (before == 0 && buf_add(&r->pending, bytes, took) < 0)
            return fail(r, -E_NO_MEMORY);
        return r->state;
    }
    *ret_used = (size_t)size - before;
    struct http_framing framing;
    int err =
        http_head_parse(str_of(head, (size_t)size), r->lines, r->limits, &r->request, &framing);
    return err < 0 ? fail(r, err) : body_begin(r, &framing);
}

static enum http_reader_state length_push(struct http_reader *r, const char *bytes, size_t n,
                                          size_t *ret_used)
{
    size_t take = n < r->left ? n : r->left;

    *ret_used = take;
    r->left -= take;
    if (r->left == 0 && r->pending.len == 0) { /* all of it in one piece: no copy on the way */
        struct http_request *q = r->request;
        q->body = arena_str(&q->arena, str_of(bytes, take));
        return q->body.p ? body_end(r) : fail(r, -E_NO_MEMORY);
    }
    if (buf_add(&r->pending, bytes, take) < 0)
        return fail(r, r->pending.err);
    return r->left == 0 ? body_end(r) : r->state;
}

/* One byte of a chunk-size line. No extensions: none is in use, and skipping them is where chunked
 * parsers come to disagree. At most 16 digits, so that a line of zeros ends too. */
static int chunk_size_byte(struct http_reader *r, char c)
{
    int digit = str_hex_digit(c);

    if (digit < 0) {
        if (c != '\r' || r->digits == 0)
            return -E_MALFORMED;
        r->chunk = HTTP_CHUNK_SIZE_LF;
        return 0;
    }
    if (++r->digits > 16)
        return -E_MALFORMED;
    if (r->left > (r->limits->body_max - r->pending.len) / 16)
        return -E_TOO_LARGE;
    r->left = r->left * 16 + (size_t)digit;
    return r->left > r->limits->body_max - r->pending.len ? -E_TOO_LARGE : 0;
}

/* One byte that is framing, not data. 0, 1 when it was the last of the body, or a negative error.
 */
static int chunk_byte(struct http_reader *r, char c)
{
    switch (r->chunk) {
    case HTTP_CHUNK_SIZE:
        return chunk_size_byte(r, c);
    case HTTP_CHUNK_SIZE_LF:
        r->digits = 0;
        r->chunk = r->left > 0 ? HTTP_CHUNK_DATA : HTTP_CHUNK_END_CR;
        return c == '\n' ? 0 : -E_MALFORMED;
    case HTTP_CHUNK_DATA_CR:
        r->chunk = HTTP_CHUNK_DATA_LF;
        return c == '\r' ? 0 : -E_MALFORMED;
    case HTTP_CHUNK_DATA_LF:
        r->chunk = HTTP_CHUNK_SIZE;
        return c == '\n' ? 0 : -E_MALFORMED;
    case HTTP_CHUNK_END_CR: /* no trailer fields */
        r->chunk = HTTP_CHUNK_END_LF;
        return c == '\r' ? 0 : -E_MALFORMED;
    case HTTP_CHUNK_END_LF:
        return c == '\n' ? 1 : -E_MALFORMED;
    case HTTP_CHUNK_DATA:
        break;
    }
    return -E_INTERNAL;
}

static enum http_reader_state chunk_push(struct http_reader *r, const char *bytes, size_t n,
                                         size_t *ret_used)
{
    size_t i = 0;

    while (i < n) {
        if (r->chunk == HTTP_CHUNK_DATA) {
            size_t take = n - i < r->left ? n - i : r->left;
            if (buf_add(&r->pending, bytes + i, take) < 0)
                return fail(r, r->pending.err);
            i += take;
            r->left -= take;
            if (r->left == 0)
                r->chunk = HTTP_CHUNK_DATA_CR;
            continue;
        }
        int got = chunk_byte(r, bytes[i++]);
        *ret_used = i;
        if (got < 0)
            return fail(r, got);
        if (got > 0)
            return body_end(r);
    }
    *ret_used = i;
    return r->state;
}

enum http_reader_state http_reader_push(struct http_reader *r, const char *bytes, size_t n,
                                        size_t *ret_used)
{
    size_t used = 0;

    if (n > 0 && r->state == HTTP_READER_HEAD)
        (void)head_push(r, bytes, n, &used);
    if (used < n && r->state == HTTP_READER_BODY) {
        size_t more = 0;
        if (r->chunk)
            (void)chunk_push(r, bytes + used, n - used, &more);
        else
            (void)length_push(r, bytes + used, n - used, &more);
        used += more;
    }
    *ret_used = used;
    return r->state;
}

struct http_request *http_reader_take(struct http_reader *r)
{
    struct http_request *q = r->request;

    r->request = NULL;
    r->state = HTTP_READER_HEAD;
    return q;
}
