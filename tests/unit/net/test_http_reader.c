/* test_http_reader.c - what the HTTP reader reads, and its limits. */
#include <stdio.h>
#include <stdlib.h>

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "http_stream.h"

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
#define TEST(f) cmocka_unit_test_setup(f, stream_setup)
    const struct CMUnitTest tests[] = {
        TEST(reads),
        TEST(reads_bodies),
        TEST(pipelines),
        TEST(continue_is_asked_for_once_the_head_is_good),
        TEST(holds_nothing_between_requests),
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
