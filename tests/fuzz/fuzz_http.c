/*
 * fuzz_http.c - any bytes into the HTTP reader, whole and in pieces. It must neither crash nor see
 * a difference between the two, and what it accepts must be what net.h promises.
 *
 * The first byte of the input chooses the limits, the second the size of the pieces.
 */
#include <stdlib.h>

#include "base/error.h"
#include "net/http_reader.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
    if (!holds)
        abort();
}

static bool printable(struct str s)
{
    for (size_t i = 0; i < s.n; i++)
        if (((unsigned char)s.p[i] < 0x20 && s.p[i] != '\t') || s.p[i] == 0x7F)
            return false;
    return str_utf8(s, NULL);
}

static void check_path(struct str path)
{
    struct str rest = {path.p + 1, path.n - 1};

    must(path.n > 0 && path.p[0] == '/' && printable(path) && !memchr(path.p, '\\', path.n));
    while (rest.p) {
        struct str segment = str_cut(rest, '/', &rest);
        must(!str_is(segment, ".") && !str_is(segment, ".."));
        must(segment.n > 0 || !rest.p);
    }
}

static void check(const struct http_request *q, const struct net_limits *limits)
{
    size_t hosts = 0;
    size_t lengths = 0;
    size_t codings = 0;

    check_path(q->path);
    must(q->method != 0 && q->method_text.n > 0);
    must(q->field_count <= limits->fields_max);
    must(q->body.p && q->body.n <= limits->body_max);
    for (size_t i = 0; i < q->field_count; i++) {
        const struct http_field *f = &q->fields[i];
        must(f->name.n > 0 && f->value.p && printable(f->value));
        for (size_t k = 0; k < f->name.n; k++)
            must(f->name.p[k] > ' ' && f->name.p[k] < 0x7F &&
                 !(f->name.p[k] >= 'A' && f->name.p[k] <= 'Z'));
        hosts += str_is(f->name, "host");
        lengths += str_is(f->name, "content-length");
        codings += str_is(f->name, "transfer-encoding");
    }
    must(hosts == 1 && q->host.n > 0 && lengths + codings <= 1);
    must(!q->upgrade_websocket || (q->ws_key.n == 24 && q->method == HTTP_GET && q->body.n == 0));
}

static void describe(struct buf *out, const struct http_request *q)
{
    (void)buf_add_str(out, q->method_text);
    (void)buf_add_str(out, q->path);
    (void)buf_add_str(out, q->query);
    for (size_t i = 0; i < q->field_count; i++) {
        (void)buf_add_str(out, q->fields[i].name);
        (void)buf_add_char(out, ':');
        (void)buf_add_str(out, q->fields[i].value);
        (void)buf_add_char(out, '\n');
    }
    (void)buf_add_str(out, q->body);
    (void)buf_add_i64(out, q->upgrade_websocket);
}

static void read_all(struct buf *out, const struct net_limits *limits, const uint8_t *data,
                     size_t size, size_t step)
{
    struct http_reader r;
    enum http_reader_state state = HTTP_READER_HEAD;

    http_reader_init(&r, limits);
    for (size_t at = 0; at < size && state != HTTP_READER_FAILED;) {
        size_t n = size - at < step ? size - at : step;
        size_t used = 0;
        char *piece = malloc(n); /* of its own size, so that reading beyond it is seen */
        must(piece != NULL);
        memcpy(piece, data + at, n);
        state = http_reader_push(&r, piece, n, &used);
        free(piece);
        must(used <= n && (used > 0 || state == HTTP_READER_FAILED));
        at += used;
        if (state == HTTP_READER_DONE) {
            struct http_request *q = http_reader_take(&r);
            check(q, limits);
            describe(out, q);
            net_request_free(q);
        }
    }
    (void)buf_add_i64(out, r.state);
    (void)buf_add_i64(out, r.state == HTTP_READER_FAILED ? r.err : 0);
    http_reader_done(&r);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct net_limits limits = net_limits_default;
    struct buf whole;
    struct buf pieces;

    if (size < 3)
        return 0;
    if (data[0] & 1)
        limits.head_max = 128;
    if (data[0] & 2)
        limits.body_max = 16;
    if (data[0] & 4)
        limits.fields_max = 3;
    buf_init(&whole, (size_t)16 << 20);
    buf_init(&pieces, (size_t)16 << 20);
    read_all(&whole, &limits, data + 2, size - 2, size);
    read_all(&pieces, &limits, data + 2, size - 2, (size_t)data[1] % 32 + 1);
    must(str_eq(buf_str(&whole), buf_str(&pieces)));
    buf_done(&whole);
    buf_done(&pieces);
    return 0;
}
