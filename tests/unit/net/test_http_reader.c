/*
 * test_http_reader.c - the HTTP reader alone. Every stream of bytes here is read whole, byte by
 * byte and in pieces of 7, and must come out the same each time.
 */
#include <stdio.h>
#include <stdlib.h>

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "base/error.h"
#include "net/http_reader.h"

#define H "Host: clinic.example\r\n"
#define OUTCOME 65536

static struct net_limits limits;

static int setup(void **state)
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

static void expect_text(const char *stream, const char *wanted)
{
    struct buf out;

    assert_int_equal(outcome(&out, stream, strlen(stream)), 0);
    if (!strstr(out.data, wanted)) {
        print_error("wanted: %s\n   got: %s\n", wanted, out.data);
        fail();
    }
    buf_done(&out);
}

static void expect_error_n(const char *name, const char *stream, size_t n, int wanted)
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

/* ---- what is read ---- */

static void reads(void **state)
{
    (void)state;
    expect_text("GET / HTTP/1.1\r\n" H "\r\n", "[GET / ?- host=clinic.example");
    expect_text("GET /a?b=c&d HTTP/1.1\r\n" H "\r\n", "[GET /a ?b=c&d host");
    expect_text("GET /a? HTTP/1.1\r\n" H "\r\n", "[GET /a ? host");
    expect_text("GET /a/ HTTP/1.1\r\n" H "\r\n", "[GET /a/ ?-");
    expect_text("GET /%6f%C3%A1%20 HTTP/1.1\r\n" H "\r\n", "[GET /o\xc3\xa1  ?-");
    expect_text("GET /%2525 HTTP/1.1\r\n" H "\r\n", "[GET /%25 ?-"); /* once only */
    expect_text("GET /...a/.b/b. HTTP/1.1\r\n" H "\r\n", "[GET /...a/.b/b. ?-");
    expect_text("BREW /pot HTTP/1.1\r\n" H "\r\n", "[BREW /pot");
    expect_text("GET / HTTP/1.1\r\nhOsT:x:80\r\nX-A: \t a b \t\r\n\r\n",
                "host=x:80 host=<x:80> x-a=<a b>");
    expect_text("GET / HTTP/1.1\r\nHost: [::1]:8080\r\n\r\n", "host=[::1]:8080");
    expect_text("GET / HTTP/1.1\r\n" H "X-Empty:\r\n\r\n", "x-empty=<>");
    expect_text("GET / HTTP/1.1\r\n" H "Cookie: a=1\r\nX: 1\r\nCookie: b=2\r\nCookie: c=3\r\n\r\n",
                "cookie=<a=1; b=2; c=3> x=<1> body");
    expect_text("GET / HTTP/1.1\r\n" H "Accept: a\r\nAccept: b\r\n\r\n", "accept=<a> accept=<b>");
    expect_text("GET / HTTP/1.1\r\n" H "X: ol\xc3\xa1\r\n\r\n", "x=<ol\xc3\xa1>");
}

static void reads_bodies(void **state)
{
    (void)state;
    expect_text("POST /a HTTP/1.1\r\n" H "Content-Length: 5\r\n\r\nhello", "body=hello]");
    expect_text("POST /a HTTP/1.1\r\n" H "Content-Length: 0\r\n\r\n", "body=] state=1");
    expect_text("POST /a HTTP/1.1\r\n" H "Content-Length: 0005\r\n\r\nhello", "body=hello]");
    expect_text("POST /a HTTP/1.1\r\n" H "Transfer-Encoding: Chunked\r\n\r\n"
                "5\r\nhello\r\n00A\r\n, worldly!\r\n0\r\n\r\n",
                "body=hello, worldly!] state=1");
    expect_text("POST /a HTTP/1.1\r\n" H "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                "body=] state=1");
    expect_text("POST /a HTTP/1.1\r\n" H "Content-Length: 5\r\n\r\nhell", " state=2 err=0");
    expect_text("POST /a HTTP/1.1\r\n" H "Expect: 100-continue\r\nContent-Length: 2\r\n\r\nhi",
                "body=hi]");
}

static void pipelines(void **state)
{
    (void)state;
    expect_text("POST /1 HTTP/1.1\r\n" H "Content-Length: 3\r\n\r\nabc"
                "GET /2 HTTP/1.1\r\n" H "\r\n"
                "POST /3 HTTP/1.1\r\n" H "Transfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n"
                "GET /4 HTTP/1.1\r\nHo",
                "body=abc][GET /2 ?- host=clinic.example host=<clinic.example> body=][POST /3");
    expect_text("GET / HTTP/1.1\r\n" H "Connection: keep-alive, Close\r\n\r\n", "last=1");
    expect_text("GET / HTTP/1.1\r\n" H "Connection: keep-alive\r\n\r\n", "last=0");
    expect_text("GET / HTTP/1.1\r\n" H "Connection: a\r\nConnection: close\r\n\r\n", "last=1");
}

static void continue_is_asked_for_once_the_head_is_good(void **state)
{
    static const char head[] =
        "PUT / HTTP/1.1\r\n" H "Expect: 100-Continue\r\nContent-Length: 1\r\n\r\n";
    struct http_reader r;
    size_t used;

    (void)state;
    http_reader_init(&r, &limits);
    assert_int_equal(http_reader_push(&r, head, sizeof head - 2, &used), HTTP_READER_HEAD);
    assert_false(r.wants_continue);
    assert_int_equal(http_reader_push(&r, "\n", 1, &used), HTTP_READER_BODY);
    assert_true(r.wants_continue);
    assert_int_equal(http_reader_push(&r, "x", 1, &used), HTTP_READER_DONE);
    assert_false(r.wants_continue);
    http_reader_done(&r);
}

static void holds_nothing_between_requests(void **state)
{
    static const char stream[] = "POST / HTTP/1.1\r\n" H "Content-Length: 5\r\n\r\nhello";
    struct http_reader r;
    size_t used;

    (void)state;
    http_reader_init(&r, &limits);
    for (size_t i = 0; i < sizeof stream - 1; i++)
        (void)http_reader_push(&r, stream + i, 1, &used);
    assert_int_equal(r.state, HTTP_READER_DONE);
    net_request_free(http_reader_take(&r));
    assert_null(r.pending.data);
    assert_null(r.request);
    assert_false(http_reader_started(&r));
}

/* ---- what is refused ---- */

static const struct abuse {
    const char *name;
    const char *stream;
    int err;
} abuses[] = {
    /* request line */
    {"empty line first", "\r\nGET / HTTP/1.1\r\n" H "\r\n", -E_MALFORMED},
    {"no version", "GET /\r\n" H "\r\n", -E_MALFORMED},
    {"HTTP/0.9", "GET /\r\n\r\n", -E_MALFORMED},
    {"HTTP/1.0", "GET / HTTP/1.0\r\n" H "\r\n", -E_MALFORMED},
    {"HTTP/1.2", "GET / HTTP/1.2\r\n" H "\r\n", -E_MALFORMED},
    {"HTTP/2.0", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", -E_MALFORMED},
    {"http/1.1", "GET / http/1.1\r\n" H "\r\n", -E_MALFORMED},
    {"HTTP/1.1 and more", "GET / HTTP/1.1 \r\n" H "\r\n", -E_MALFORMED},
    {"HTTP/01.1", "GET / HTTP/01.1\r\n" H "\r\n", -E_MALFORMED},
    {"two spaces", "GET  / HTTP/1.1\r\n" H "\r\n", -E_MALFORMED},
    {"two spaces behind", "GET /  HTTP/1.1\r\n" H "\r\n", -E_MALFORMED},
    {"leading space", " GET / HTTP/1.1\r\n" H "\r\n", -E_MALFORMED},
    {"tab", "GET\t/\tHTTP/1.1\r\n" H "\r\n", -E_MALFORMED},
    {"no method", " / HTTP/1.1\r\n" H "\r\n", -E_MALFORMED},
    {"bad method", "GE(T / HTTP/1.1\r\n" H "\r\n", -E_MALFORMED},
    {"absolute form", "GET http://clinic.example/ HTTP/1.1\r\n" H "\r\n", -E_MALFORMED},
    {"authority form", "CONNECT clinic.example:80 HTTP/1.1\r\n" H "\r\n", -E_MALFORMED},
    {"asterisk form", "OPTIONS * HTTP/1.1\r\n" H "\r\n", -E_MALFORMED},
    {"no slash", "GET a HTTP/1.1\r\n" H "\r\n", -E_MALFORMED},
    {"fragment", "GET /a#b HTTP/1.1\r\n" H "\r\n", -E_MALFORMED},
    {"fragment in query", "GET /a?b#c HTTP/1.1\r\n" H "\r\n", -E_MALFORMED},
    {"raw UTF-8 in path", "GET /\xc3\xa1 HTTP/1.1\r\n" H "\r\n", -E_MALFORMED},
    {"control in query", "GET /?\x01 HTTP/1.1\r\n" H "\r\n", -E_MALFORMED},
    {"DEL in query", "GET /?\x7f HTTP/1.1\r\n" H "\r\n", -E_MALFORMED},
    {"only an empty line", "\r\n\r\n", -E_MALFORMED},
    {"TLS", "\x16\x03\x01\x02\n", -E_MALFORMED},
    /* paths */
    {"encoded slash", "GET /a%2Fb HTTP/1.1\r\n" H "\r\n", -E_MALFORMED},
    {"encoded slash, lower", "GET /a%2fb HTTP/1.1\r\n" H "\r\n", -E_MALFORMED},
    {"encoded backslash", "GET /a%5Cb HTTP/1.1\r\n" H "\r\n", -E_MALFORMED},
    {"backslash", "GET /a\\b HTTP/1.1\r\n" H "\r\n", -E_MALFORMED},
    {"NUL in path", "GET /a%00b HTTP/1.1\r\n" H "\r\n", -E_MALFORMED},
    {"newline in path", "GET /a%0ab HTTP/1.1\r\n" H "\r\n", -E_MALFORMED},
    {"dot", "GET /./a HTTP/1.1\r\n" H "\r\n", -E_MALFORMED},
    {"dot at the end", "GET /a/. HTTP/1.1\r\n" H "\r\n", -E_MALFORMED},
    {"dots", "GET /a/../b HTTP/1.1\r\n" H "\r\n", -E_MALFORMED},
    {"dots at the end", "GET /a/.. HTTP/1.1\r\n" H "\r\n", -E_MALFORMED},
    {"encoded dots", "GET /a/%2e%2E/b HTTP/1.1\r\n" H "\r\n", -E_MALFORMED},
    {"half-encoded dots", "GET /.%2e/b HTTP/1.1\r\n" H "\r\n", -E_MALFORMED},
    {"empty segment", "GET //a HTTP/1.1\r\n" H "\r\n", -E_MALFORMED},
    {"empty segment inside", "GET /a//b HTTP/1.1\r\n" H "\r\n", -E_MALFORMED},
    {"bad escape", "GET /%zz HTTP/1.1\r\n" H "\r\n", -E_MALFORMED},
    {"short escape", "GET /%2 HTTP/1.1\r\n" H "\r\n", -E_MALFORMED},
    {"bare percent", "GET /% HTTP/1.1\r\n" H "\r\n", -E_MALFORMED},
    {"bad UTF-8", "GET /%ff HTTP/1.1\r\n" H "\r\n", -E_MALFORMED},
    {"overlong slash", "GET /%c0%af HTTP/1.1\r\n" H "\r\n", -E_MALFORMED},
    {"surrogate", "GET /%ed%a0%80 HTTP/1.1\r\n" H "\r\n", -E_MALFORMED},
    /* fields */
    {"bare LF", "GET / HTTP/1.1\n" H "\r\n", -E_MALFORMED},
    {"bare LF in fields", "GET / HTTP/1.1\r\nHost: x\nA: b\r\n\r\n", -E_MALFORMED},
    {"bare LF at the end", "GET / HTTP/1.1\r\n" H "\n", -E_MALFORMED},
    {"bare CR", "GET / HTTP/1.1\r\n" H "A: b\rC: d\r\n\r\n", -E_MALFORMED},
    {"CR CR LF", "GET / HTTP/1.1\r\n" H "A: b\r\r\n\r\n", -E_MALFORMED},
    {"folding", "GET / HTTP/1.1\r\n" H "A: b\r\n c\r\n\r\n", -E_MALFORMED},
    {"folding with tab", "GET / HTTP/1.1\r\n" H "A: b\r\n\tc\r\n\r\n", -E_MALFORMED},
    {"folded first field", "GET / HTTP/1.1\r\n " H "\r\n", -E_MALFORMED},
    {"space before colon", "GET / HTTP/1.1\r\nHost : x\r\n\r\n", -E_MALFORMED},
    {"no colon", "GET / HTTP/1.1\r\n" H "abc\r\n\r\n", -E_MALFORMED},
    {"no name", "GET / HTTP/1.1\r\n" H ": b\r\n\r\n", -E_MALFORMED},
    {"bad name", "GET / HTTP/1.1\r\n" H "A(: b\r\n\r\n", -E_MALFORMED},
    {"non-ASCII name", "GET / HTTP/1.1\r\n" H "\xc3\xa1: b\r\n\r\n", -E_MALFORMED},
    {"control in value", "GET / HTTP/1.1\r\n" H "A: b\x01\r\n\r\n", -E_MALFORMED},
    {"escape in value", "GET / HTTP/1.1\r\n" H "A: \x1b[2J\r\n\r\n", -E_MALFORMED},
    {"DEL in value", "GET / HTTP/1.1\r\n" H "A: \x7f\r\n\r\n", -E_MALFORMED},
    {"bad UTF-8 in value", "GET / HTTP/1.1\r\n" H "A: \xff\r\n\r\n", -E_MALFORMED},
    {"no Host", "GET / HTTP/1.1\r\n\r\n", -E_MALFORMED},
    {"empty Host", "GET / HTTP/1.1\r\nHost:\r\n\r\n", -E_MALFORMED},
    {"two Hosts", "GET / HTTP/1.1\r\n" H H "\r\n", -E_MALFORMED},
    {"Host list", "GET / HTTP/1.1\r\nHost: a, b\r\n\r\n", -E_MALFORMED},
    {"Host with path", "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", -E_MALFORMED},
    {"Host with user", "GET / HTTP/1.1\r\nHost: a@b\r\n\r\n", -E_MALFORMED},
    {"two Origins", "GET / HTTP/1.1\r\n" H "Origin: a\r\nOrigin: a\r\n\r\n", -E_MALFORMED},
    {"two Content-Types", "GET / HTTP/1.1\r\n" H "Content-Type: a\r\ncontent-type: a\r\n\r\n",
     -E_MALFORMED},
    {"two Authorizations", "GET / HTTP/1.1\r\n" H "Authorization: a\r\nAuthorization: b\r\n\r\n",
     -E_MALFORMED},
    {"another expectation", "GET / HTTP/1.1\r\n" H "Expect: 200-ok\r\n\r\n", -E_MALFORMED},
    /* framing */
    {"two lengths, same", "POST / HTTP/1.1\r\n" H "Content-Length: 1\r\nContent-Length: 1\r\n\r\nx",
     -E_MALFORMED},
    {"two lengths", "POST / HTTP/1.1\r\n" H "Content-Length: 1\r\nContent-Length: 2\r\n\r\nxx",
     -E_MALFORMED},
    {"length list", "POST / HTTP/1.1\r\n" H "Content-Length: 1, 1\r\n\r\nx", -E_MALFORMED},
    {"length +1", "POST / HTTP/1.1\r\n" H "Content-Length: +1\r\n\r\nx", -E_MALFORMED},
    {"length -1", "POST / HTTP/1.1\r\n" H "Content-Length: -1\r\n\r\nx", -E_MALFORMED},
    {"length 0x1", "POST / HTTP/1.1\r\n" H "Content-Length: 0x1\r\n\r\nx", -E_MALFORMED},
    {"length 1 1", "POST / HTTP/1.1\r\n" H "Content-Length: 1 1\r\n\r\nx", -E_MALFORMED},
    {"length 1.0", "POST / HTTP/1.1\r\n" H "Content-Length: 1.0\r\n\r\nx", -E_MALFORMED},
    {"empty length", "POST / HTTP/1.1\r\n" H "Content-Length:\r\n\r\n", -E_MALFORMED},
    {"length and chunked",
     "POST / HTTP/1.1\r\n" H "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
     -E_MALFORMED},
    {"chunked and length",
     "POST / HTTP/1.1\r\n" H "Transfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n0\r\n\r\n",
     -E_MALFORMED},
    {"two codings",
     "POST / HTTP/1.1\r\n" H
     "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
     -E_MALFORMED},
    {"identity", "POST / HTTP/1.1\r\n" H "Transfer-Encoding: identity\r\n\r\n", -E_NOT_IMPLEMENTED},
    {"gzip, chunked", "POST / HTTP/1.1\r\n" H "Transfer-Encoding: gzip, chunked\r\n\r\n",
     -E_NOT_IMPLEMENTED},
    {"chunked, chunked", "POST / HTTP/1.1\r\n" H "Transfer-Encoding: chunked, chunked\r\n\r\n",
     -E_NOT_IMPLEMENTED},
    {"xchunked", "POST / HTTP/1.1\r\n" H "Transfer-Encoding: xchunked\r\n\r\n", -E_NOT_IMPLEMENTED},
    {"\"chunked\"", "POST / HTTP/1.1\r\n" H "Transfer-Encoding: \"chunked\"\r\n\r\n",
     -E_NOT_IMPLEMENTED},
    {"empty coding", "POST / HTTP/1.1\r\n" H "Transfer-Encoding:\r\n\r\n", -E_NOT_IMPLEMENTED},
    {"VT chunked",
     "POST / HTTP/1.1\r\n" H "Transfer-Encoding: \x0b"
     "chunked\r\n\r\n",
     -E_MALFORMED},
    {"coding, space before colon", "POST / HTTP/1.1\r\n" H "Transfer-Encoding : chunked\r\n\r\n",
     -E_MALFORMED},
};

/* What follows the head of a chunked request. */
static const struct abuse bad_chunks[] = {
    {"no digits", "\r\n", -E_MALFORMED},
    {"not hexadecimal", "g\r\n", -E_MALFORMED},
    {"sign", "+5\r\nhello\r\n0\r\n\r\n", -E_MALFORMED},
    {"0x", "0x5\r\nhello\r\n0\r\n\r\n", -E_MALFORMED},
    {"leading space", " 5\r\nhello\r\n0\r\n\r\n", -E_MALFORMED},
    {"trailing space", "5 \r\nhello\r\n0\r\n\r\n", -E_MALFORMED},
    {"bare LF behind the size", "5\nhello\r\n0\r\n\r\n", -E_MALFORMED},
    {"bare CR behind the size", "5\rhello\r\n0\r\n\r\n", -E_MALFORMED},
    {"bare LF behind the data", "5\r\nhello\n0\r\n\r\n", -E_MALFORMED},
    {"data too long", "5\r\nhello!\r\n0\r\n\r\n", -E_MALFORMED},
    {"extension", "5;a=b\r\nhello\r\n0\r\n\r\n", -E_MALFORMED},
    {"extension with LF", "5;a\nb\r\nhello\r\n0\r\n\r\n", -E_MALFORMED},
    {"trailer field", "0\r\nA: b\r\n\r\n", -E_MALFORMED},
    {"trailer that frames", "0\r\nContent-Length: 5\r\n\r\n", -E_MALFORMED},
    {"bare LF at the end", "0\r\n\n", -E_MALFORMED},
    {"17 digits", "00000000000000001\r\nx\r\n0\r\n\r\n", -E_MALFORMED},
    {"size 2^31-1", "7fffffff\r\n", -E_TOO_LARGE},
    {"size 2^31", "80000000\r\n", -E_TOO_LARGE},
    {"size 2^32+5", "100000005\r\nhello\r\n0\r\n\r\n", -E_TOO_LARGE},
    {"size 2^63", "8000000000000000\r\n", -E_TOO_LARGE},
    {"size 2^64-1", "ffffffffffffffff\r\n", -E_TOO_LARGE},
    {"size 2^64+5", "10000000000000005\r\nhello\r\n0\r\n\r\n", -E_TOO_LARGE},
};

static void refuses_abuse(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof abuses / sizeof *abuses; i++)
        expect_error_n(abuses[i].name, abuses[i].stream, strlen(abuses[i].stream), abuses[i].err);
}

static void refuses_bad_chunks(void **state)
{
    char stream[512];

    (void)state;
    for (size_t i = 0; i < sizeof bad_chunks / sizeof *bad_chunks; i++) {
        int n = snprintf(stream, sizeof stream,
                         "POST / HTTP/1.1\r\n" H "Transfer-Encoding: chunked\r\n\r\n%s",
                         bad_chunks[i].stream);
        expect_error_n(bad_chunks[i].name, stream, (size_t)n, bad_chunks[i].err);
    }
}

static void refuses_nul_anywhere(void **state)
{
    static const char good[] = "POST /a HTTP/1.1\r\n" H "X: y\r\nContent-Length: 1\r\n\r\n";
    char stream[sizeof good];

    (void)state;
    for (size_t i = 0; i < sizeof good - 5; i++) { /* the last bytes: an LF is still missing */
        memcpy(stream, good, sizeof good);
        stream[i] = '\0';
        expect_error_n("NUL", stream, sizeof good - 1, -E_MALFORMED);
    }
}

static void refuses_lengths_that_wrap(void **state)
{
    static const char *const lengths[] = {
        "2147483647",
        "2147483648",
        "4294967295",
        "4294967296",
        "4294967301",
        "9223372036854775807",
        "9223372036854775808",
        "18446744073709551615",
        "18446744073709551616",
        "18446744073709551621",
        "99999999999999999999999999999999999",
    };
    char stream[512];

    (void)state;
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        int n = snprintf(stream, sizeof stream,
                         "POST / HTTP/1.1\r\n" H "Content-Length: %s\r\n\r\nhello", lengths[i]);
        expect_error_n(lengths[i], stream, (size_t)n, -E_TOO_LARGE);
    }
}

static void stays_failed(void **state)
{
    static const char good[] = "GET / HTTP/1.1\r\n" H "\r\n";
    struct http_reader r;
    size_t used;

    (void)state;
    http_reader_init(&r, &limits);
    assert_int_equal(http_reader_push(&r, "\n", 1, &used), HTTP_READER_FAILED);
    assert_int_equal(http_reader_push(&r, good, sizeof good - 1, &used), HTTP_READER_FAILED);
    assert_int_equal(r.err, -E_MALFORMED);
    http_reader_done(&r);
}

/* ---- limits, by name ---- */

/* A head of exactly that many bytes. */
static char *head_of(size_t n)
{
    static const char begin[] = "GET / HTTP/1.1\r\n" H "X: ";
    char *head = malloc(n + 1);

    assert_non_null(head);
    assert_true(n > sizeof begin + 4);
    memset(head, 'a', n);
    memcpy(head, begin, sizeof begin - 1);
    memcpy(head + n - 4, "\r\n\r\n", 5);
    return head;
}

static void limit_head_max(void **state)
{
    (void)state;
    limits.head_max = 300;
    char *fits = head_of(300);
    char *over = head_of(301);
    expect_text(fits, "[GET / ");
    expect_error_n("301", over, 301, -E_HEADERS_TOO_LARGE);
    /* and before its end was seen: no more than the limit is ever kept */
    expect_error_n("301 without end", over, 300, -E_HEADERS_TOO_LARGE);
    expect_text("GET /", " state=1");
    free(fits);
    free(over);
}

static void limit_head_max_in_the_first_line(void **state)
{
    char line[400] = "GET /";

    (void)state;
    limits.head_max = 300;
    memset(line + 5, 'a', sizeof line - 5);
    expect_error_n("long target", line, sizeof line, -E_URI_TOO_LONG);
}

static void limit_fields_max(void **state)
{
    struct buf stream;

    (void)state;
    for (size_t more = 0; more < 2; more++) {
        buf_init(&stream, 65536);
        (void)buf_add_text(&stream, "GET / HTTP/1.1\r\n" H);
        for (size_t i = 1; i < limits.fields_max + more; i++)
            (void)buf_addf(&stream, "X-%zu: y\r\n", i);
        (void)buf_add_text(&stream, "\r\n");
        expect_error_n("fields", stream.data, stream.len, more ? -E_HEADERS_TOO_LARGE : 0);
        buf_done(&stream);
    }
}

static void limit_body_max(void **state)
{
    static const char *const framings[] = {"Content-Length: %zu\r\n\r\n",
                                           "Transfer-Encoding: chunked\r\n\r\n%zx\r\n"};
    struct buf stream;

    (void)state;
    limits.body_max = 1000;
    for (size_t f = 0; f < 2; f++) {
        for (size_t n = 1000; n <= 1001; n++) {
            buf_init(&stream, 65536);
            (void)buf_add_text(&stream, "POST / HTTP/1.1\r\n" H);
            (void)buf_addf(&stream, framings[f], n);
            for (size_t i = 0; i < n; i++)
                (void)buf_add_char(&stream, 'b');
            if (f == 1)
                (void)buf_add_text(&stream, "\r\n0\r\n\r\n");
            expect_error_n(framings[f], stream.data, stream.len, n > 1000 ? -E_TOO_LARGE : 0);
            buf_done(&stream);
        }
    }
}

static void limit_body_max_over_many_chunks(void **state)
{
    struct buf stream;

    (void)state;
    limits.body_max = 100;
    for (size_t chunks = 10; chunks <= 11; chunks++) {
        buf_init(&stream, 65536);
        (void)buf_add_text(&stream, "POST / HTTP/1.1\r\n" H "Transfer-Encoding: chunked\r\n\r\n");
        for (size_t i = 0; i < chunks; i++)
            (void)buf_add_text(&stream, "a\r\n0123456789\r\n");
        (void)buf_add_text(&stream, "0\r\n\r\n");
        expect_error_n("chunks", stream.data, stream.len, chunks > 10 ? -E_TOO_LARGE : 0);
        buf_done(&stream);
    }
}

/* A declared length reserves nothing. */
static void memory_follows_bytes_not_lengths(void **state)
{
    static const char head[] = "POST / HTTP/1.1\r\n" H "Content-Length: 65536\r\n\r\nx";
    struct http_reader r;
    size_t used;

    (void)state;
    http_reader_init(&r, &limits);
    assert_int_equal(http_reader_push(&r, head, sizeof head - 1, &used), HTTP_READER_BODY);
    assert_true(r.pending.cap <= 64);
    assert_true(r.request->arena.total <= 8192);
    http_reader_done(&r);
}

/* ---- the WebSocket upgrade ---- */

static void upgrade_is_recognised(void **state)
{
    static const char *const heads[][2] = {
        {"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
         "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n",
         " websocket body"},
        {"Connection: keep-alive, upgrade\r\nUpgrade: WebSocket\r\nSec-WebSocket-Version: 13\r\n"
         "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n",
         " websocket body"},
        {"Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
         "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n",
         "> body"},
        {"Connection: Upgrade\r\nUpgrade: h2c\r\nSec-WebSocket-Version: 13\r\n"
         "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n",
         "> body"},
        {"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 8\r\n"
         "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n",
         "> body"},
        {"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
         "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ\r\n",
         "> body"},
        {"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
         "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZR==\r\n", /* bits behind the 16th byte */
         "> body"},
        {"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n", "> body"},
        {"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
         "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nTransfer-Encoding: chunked\r\n",
         NULL},
    };
    char stream[512];

    (void)state;
    for (size_t i = 0; i < sizeof heads / sizeof *heads; i++) {
        (void)snprintf(stream, sizeof stream, "GET /r HTTP/1.1\r\n" H "%s\r\n", heads[i][0]);
        expect_text(stream, heads[i][1] ? heads[i][1] : " state=2");
    }
    (void)snprintf(stream, sizeof stream, "POST /r HTTP/1.1\r\n" H "%s\r\n", heads[0][0]);
    expect_text(stream, "> body");
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup(f, setup)
    const struct CMUnitTest tests[] = {
        TEST(reads),
        TEST(reads_bodies),
        TEST(pipelines),
        TEST(continue_is_asked_for_once_the_head_is_good),
        TEST(holds_nothing_between_requests),
        TEST(refuses_abuse),
        TEST(refuses_bad_chunks),
        TEST(refuses_nul_anywhere),
        TEST(refuses_lengths_that_wrap),
        TEST(stays_failed),
        TEST(limit_head_max),
        TEST(limit_head_max_in_the_first_line),
        TEST(limit_fields_max),
        TEST(limit_body_max),
        TEST(limit_body_max_over_many_chunks),
        TEST(memory_follows_bytes_not_lengths),
        TEST(upgrade_is_recognised),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
