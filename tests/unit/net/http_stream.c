/* http_stream.c - see http_stream.h. */
#include "http_stream.h"

#include <stdlib.h>

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

struct net_limits limits;

int stream_setup(void **state)
{
    (void)state;
    limits = net_limits_default;
    return 0;
}

static void describe(struct buf *out, const struct http_request *q)
{
    (void)buf_addf(out, "[%.*s %.*s ?%s%.*s host=%.*s", STR_FMT(q->method_text), STR_FMT(q->path),
                   q->query.p ? "" : "-", STR_FMT(q->query), STR_FMT(q->host));
    for (size_t i = 0; i < q->field_count; i++)
        (void)buf_addf(out, " %.*s=<%.*s>", STR_FMT(q->fields[i].name),
                       STR_FMT(q->fields[i].value));
    (void)buf_addf(out, "%s body=", q->upgrade_websocket ? " websocket" : "");
    (void)buf_add_str(out, q->body);
    (void)buf_add_char(out, ']');
}

/* Reads the stream in pieces and says what came of it: the requests, then the state. Each piece is
 * an allocation of its own size, so that reading beyond it is seen by AddressSanitizer. */
static int read_stream(struct buf *out, const char *bytes, size_t n, size_t step)
{
    struct http_reader r;
    enum http_reader_state state = HTTP_READER_HEAD;

    http_reader_init(&r, &limits);
    for (size_t at = 0; at < n && state != HTTP_READER_FAILED;) {
        size_t size = n - at < step ? n - at : step;
        char *piece = malloc(size);
        size_t used = 0;
        assert_non_null(piece);
        memcpy(piece, bytes + at, size);
        state = http_reader_push(&r, piece, size, &used);
        free(piece);
        assert_true(used <= size);
        assert_true(used > 0 || state == HTTP_READER_FAILED);
        at += used;
        if (state == HTTP_READER_DONE) {
            struct http_request *q = http_reader_take(&r);
            describe(out, q);
            net_request_free(q);
        }
    }
    int err = r.state == HTTP_READER_FAILED ? r.err : 0;
    (void)buf_addf(out, " state=%d err=%d last=%d", r.state, err, r.state != 4 && r.last);
    http_reader_done(&r);
    return err;
}

/* All cuts agree; the outcome as text (the caller's buffer), and its error. */
static int outcome(struct buf *out, const char *bytes, size_t n)
{
    static const size_t steps[] = {1, 7, 1000};
    int err;

    buf_init(out, (size_t)1 << 20);
    err = read_stream(out, bytes, n, n > 0 ? n : 1);
    assert_int_equal(buf_add_char(out, '\0'), 0);
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        struct buf again;
        buf_init(&again, (size_t)1 << 20);
        assert_int_equal(read_stream(&again, bytes, n, steps[i]), err);
        (void)buf_add_char(&again, '\0');
        assert_string_equal(again.data, out->data);
        buf_done(&again);
    }
    return err;
}

void expect_text(const char *stream, const char *wanted)
{
    struct buf out;

    assert_int_equal(outcome(&out, stream, strlen(stream)), 0);
    if (!strstr(out.data, wanted)) {
        print_error("wanted: %s\n   got: %s\n", wanted, out.data);
        fail();
    }
    buf_done(&out);
}

void expect_error_n(const char *name, const char *stream, size_t n, int wanted)
{
    struct buf out;
    int err = outcome(&out, stream, n);

    if (err != wanted) {
        print_error("%s: wanted %s, got %s: %s\n", name, error_info(wanted)->symbol,
                    error_info(err)->symbol, out.data);
        fail();
    }
    buf_done(&out);
}
