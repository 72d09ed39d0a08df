/*
 * test_ws_reader.c - the WebSocket reader alone. Every stream of frames is read whole, byte by byte
 * and in pieces of 7, and must come out the same each time.
 */
#include <stdio.h>
#include <stdlib.h>

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "net/ws_reader.h"

#define MESSAGE_MAX 1000

/* ---- streams of frames ---- */

static struct buf stream;
static bool allow_binary;

static int setup(void **state)
{
    (void)state;
    buf_init(&stream, (size_t)1 << 20);
    allow_binary = true;
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    buf_done(&stream);
    return 0;
}

static void raw(const char *bytes, size_t n)
{
    assert_int_equal(buf_add(&stream, bytes, n), 0);
}

/* A masked frame with the shortest length. */
static void frame(unsigned first, const char *payload, size_t n)
{
    static const unsigned char mask[4] = {0xA5, 0x01, 0xFF, 0x3C};

    (void)buf_add_char(&stream, (char)first);
    if (n < 126) {
        (void)buf_add_char(&stream, (char)(0x80 | n));
    } else if (n < 65536) {
        (void)buf_add_char(&stream, (char)(0x80 | 126));
        (void)buf_add_char(&stream, (char)(n >> 8));
        (void)buf_add_char(&stream, (char)(n & 0xFF));
    } else {
        (void)buf_add_char(&stream, (char)(0x80 | 127));
        for (int shift = 56; shift >= 0; shift -= 8)
            (void)buf_add_char(&stream, (char)(n >> shift & 0xFF));
    }
    (void)buf_add(&stream, mask, 4);
    for (size_t i = 0; i < n; i++)
        (void)buf_add_char(&stream, (char)((unsigned char)payload[i] ^ mask[i % 4]));
    assert_int_equal(stream.err, 0);
}

static void text(unsigned first, const char *payload)
{
    frame(first, payload, strlen(payload));
}

static void describe(struct buf *out, const struct ws_result *r)
{
    static const char *const names[] = {
        [WS_EVENT_TEXT] = "text", [WS_EVENT_BINARY] = "binary", [WS_EVENT_PING] = "ping",
        [WS_EVENT_PONG] = "pong", [WS_EVENT_CLOSE] = "close",   [WS_EVENT_FAILED] = "failed",
    };

    if (r->event == WS_EVENT_NONE)
        return;
    (void)buf_addf(out, "%s", names[r->event]);
    if (r->event == WS_EVENT_CLOSE || r->event == WS_EVENT_FAILED)
        (void)buf_addf(out, " %d", r->code);
    (void)buf_addf(out, "(%.*s) ", STR_FMT(r->payload));
}

static void read_stream(struct buf *out, size_t step)
{
    struct ws_reader r;
    bool over = false;

    ws_reader_init(&r, MESSAGE_MAX, allow_binary);
    for (size_t at = 0; at < stream.len && !over;) {
        size_t size = stream.len - at < step ? stream.len - at : step;
        char *piece = malloc(size); /* of its own size, for AddressSanitizer */
        assert_non_null(piece);
        memcpy(piece, stream.data + at, size);
        for (size_t used = 0; used < size && !over;) {
            struct ws_result result = ws_reader_next(&r, piece + used, size - used);
            assert_true(result.used > 0 && result.used <= size - used);
            used += result.used;
            describe(out, &result);
            over = result.event == WS_EVENT_FAILED || result.event == WS_EVENT_CLOSE;
        }
        free(piece);
        at += size;
    }
    ws_reader_done(&r);
}

static void expect(const char *wanted)
{
    static const size_t steps[] = {1, 2, 7, SIZE_MAX};

    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        struct buf out;
        buf_init(&out, (size_t)1 << 20);
        read_stream(&out, steps[i]);
        (void)buf_add_char(&out, '\0');
        assert_string_equal(out.data, wanted);
        buf_done(&out);
    }
    buf_clear(&stream);
}

static void expect_failed(int code)
{
    char wanted[32];

    (void)snprintf(wanted, sizeof wanted, "failed %d() ", code);
    expect(wanted);
}

/* ---- what is read ---- */

static void messages(void **state)
{
    (void)state;
    text(0x81, "hello");
    text(0x81, "");
    text(0x82, "bytes");
    text(0x81, "ol\xc3\xa1 \xf0\x9f\x98\x80");
    expect("text(hello) text() binary(bytes) text(ol\xc3\xa1 \xf0\x9f\x98\x80) ");
}

static void all_length_forms(void **state)
{
    static const size_t lengths[] = {0, 1, 125, 126, 127, 128, 255, 256, MESSAGE_MAX};
    char payload[MESSAGE_MAX + 1];
    char wanted[MESSAGE_MAX + 32];

    (void)state;
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        memset(payload, 'a', sizeof payload);
        payload[lengths[i]] = '\0';
        text(0x81, payload);
        (void)snprintf(wanted, sizeof wanted, "text(%s) ", payload);
        expect(wanted);
    }
}

static void fragments(void **state)
{
    (void)state;
    text(0x01, "hel");
    text(0x00, "");
    text(0x89, "still there?"); /* control frames may come between */
    text(0x00, "l");
    text(0x8A, "");
    text(0x80, "o");
    text(0x81, "next");
    expect("ping(still there?) pong() text(hello) text(next) ");
    text(0x02, "");
    text(0x80, "");
    expect("binary() ");
    text(0x01, "\xc3"); /* a character over two frames */
    text(0x80, "\xa1");
    expect("text(\xc3\xa1) ");
}

static void holds_nothing_between_messages(void **state)
{
    struct ws_reader r;

    (void)state;
    ws_reader_init(&r, MESSAGE_MAX, true);
    text(0x01, "hel");
    text(0x80, "lo");
    struct ws_result result = ws_reader_next(&r, stream.data, stream.len);
    assert_int_equal(result.event, WS_EVENT_TEXT);
    assert_non_null(r.buf.data);
    ws_reader_trim(&r);
    assert_null(r.buf.data);
}

static void memory_follows_bytes_not_lengths(void **state)
{
    struct ws_reader r;

    (void)state;
    ws_reader_init(&r, (size_t)1 << 40, true);
    raw("\x82\xff\x00\x00\x00\x80\x00\x00\x00\x00mask....", 18);
    assert_int_equal(ws_reader_next(&r, stream.data, stream.len).event, WS_EVENT_NONE);
    assert_true(r.buf.cap <= 64);
    ws_reader_done(&r);
}

/* ---- 1002 ---- */

static void protocol_errors(void **state)
{
    static const struct {
        const char *name;
        const char *bytes;
        size_t n;
    } bad[] = {
        {"not masked", "\x81\x01x", 3},
        {"RSV1", "\xC1\x80mask", 6},
        {"RSV2", "\xA1\x80mask", 6},
        {"RSV3", "\x91\x80mask", 6},
        {"RSV on a control frame", "\xC9\x80mask", 6},
        {"opcode 3", "\x83\x80mask", 6},
        {"opcode 7", "\x87\x80mask", 6},
        {"opcode 11", "\x8B\x80mask", 6},
        {"opcode 15", "\x8F\x80mask", 6},
        {"nothing to continue", "\x80\x80mask", 6},
        {"nothing to continue, not final", "\x00\x80mask", 6},
        {"fragmented ping", "\x09\x80mask", 6},
        {"fragmented close", "\x08\x80mask", 6},
        {"ping of 126", "\x89\xFE\x00\x7Emask", 8},
        {"close of 127", "\x88\xFF\0\0\0\0\0\0\0\x01mask", 14},
        {"text inside a text", "\x01\x80mask\x81\x80mask", 12},
        {"binary inside a text", "\x01\x80mask\x82\x80mask", 12},
        {"125 in 16 bits", "\x81\xFE\x00\x7Dmask", 8},
        {"65535 in 64 bits", "\x81\xFF\0\0\0\0\0\0\xFF\xFFmask", 14},
        {"2^63", "\x81\xFF\x80\0\0\0\0\0\0\0mask", 14},
        {"2^64-1", "\x81\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFFmask", 14},
        {"close of one byte", "\x88\x81maskx", 7},
    };

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        raw(bad[i].bytes, bad[i].n);
        expect_failed(WS_CLOSE_PROTOCOL);
    }
}

/* ---- 1009 ---- */

static void limit_frame_max(void **state)
{
    static const char *const lengths[] = {
        "\x00\x00\x00\x00\x00\x01\x00\x00", /* 65536 */
        "\x00\x00\x00\x00\x7F\xFF\xFF\xFF", /* 2^31-1 */
        "\x00\x00\x00\x00\x80\x00\x00\x00", /* 2^31 */
        "\x00\x00\x00\x01\x00\x00\x00\x05", /* 2^32+5 */
        "\x7F\xFF\xFF\xFF\xFF\xFF\xFF\xFF", /* 2^63-1 */
    };
    char payload[MESSAGE_MAX + 1];

    (void)state;
    memset(payload, 'a', sizeof payload);
    frame(0x81, payload, MESSAGE_MAX + 1);
    expect_failed(WS_CLOSE_TOO_BIG);
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        raw("\x81\xFF", 2);
        raw(lengths[i], 8);
        raw("mask", 4);
        expect_failed(WS_CLOSE_TOO_BIG);
    }
}

static void limit_frame_max_over_fragments(void **state)
{
    char payload[MESSAGE_MAX];
    char wanted[MESSAGE_MAX + 32];

    (void)state;
    memset(payload, 'a', sizeof payload);
    frame(0x01, payload, 600);
    frame(0x00, payload, 400);
    frame(0x80, payload, 0);
    (void)snprintf(wanted, sizeof wanted, "text(%.*s) ", MESSAGE_MAX, payload);
    expect(wanted);
    frame(0x01, payload, 600);
    raw("\x80\xfe\x01\x91mask", 8); /* 401 more, of which none is there yet */
    expect_failed(WS_CLOSE_TOO_BIG);
    /* each message is counted anew */
    frame(0x81, payload, MESSAGE_MAX);
    frame(0x81, payload, 1);
    (void)snprintf(wanted, sizeof wanted, "text(%.*s) text(a) ", MESSAGE_MAX, payload);
    expect(wanted);
}

/* ---- 1003, 1007 ---- */

static void binary_is_refused_where_nobody_takes_it(void **state)
{
    (void)state;
    allow_binary = false;
    text(0x82, "bytes");
    expect_failed(WS_CLOSE_UNSUPPORTED);
    text(0x02, "by");
    expect_failed(WS_CLOSE_UNSUPPORTED);
    text(0x81, "text");
    expect("text(text) ");
}

static const struct utf8_case {
    const char *bytes;
    bool good;
} utf8_cases[] = {
    {"\xce\xba\xe1\xbd\xb9\xcf\x83\xce\xbc\xce\xb5", true},
    {"\x7f", true},
    {"\xc2\x80", true},
    {"\xdf\xbf", true},
    {"\xe0\xa0\x80", true},
    {"\xed\x9f\xbf", true},
    {"\xee\x80\x80", true},
    {"\xef\xbf\xbf", true},
    {"\xf0\x90\x80\x80", true},
    {"\xf4\x8f\xbf\xbf", true},
    {"12345678\xc3\xa1"
     "12345678",
     true},
    {"\x80", false},
    {"\xbf", false},
    {"\xc0\x80", false},
    {"\xc1\xbf", false},
    {"\xc3", false},
    {"\xc3x", false},
    {"\xc3\xc3\xa1", false},
    {"\xe0\x9f\xbf", false},
    {"\xe1\x80", false},
    {"\xed\xa0\x80", false},
    {"\xed\xbf\xbf", false},
    {"\xf0\x8f\xbf\xbf", false},
    {"\xf4\x90\x80\x80", false},
    {"\xf1\x80\x80", false},
    {"\xf5\x80\x80\x80", false},
    {"\xfe", false},
    {"\xff", false},
    {"1234567\xc3"
     "2345678",
     false},
    {"12345678\xff", false},
};

static void utf8(void **state)
{
    char wanted[64];

    (void)state;
    for (size_t i = 0; i < sizeof utf8_cases / sizeof *utf8_cases; i++) {
        const char *bytes = utf8_cases[i].bytes;
        assert_int_equal(str_utf8(str_from(bytes), NULL), utf8_cases[i].good);
        text(0x81, bytes);
        (void)snprintf(wanted, sizeof wanted, "text(%s) ", bytes);
        expect(utf8_cases[i].good ? wanted : "failed 1007() ");
        /* the same with each byte in a frame of its own */
        for (size_t k = 0; bytes[k]; k++)
            frame((k == 0 ? 0x01u : 0x00u) | (bytes[k + 1] ? 0u : 0x80u), bytes + k, 1);
        expect(utf8_cases[i].good ? wanted : "failed 1007() ");
        /* binary is not looked at */
        text(0x82, bytes);
        (void)snprintf(wanted, sizeof wanted, "binary(%s) ", bytes);
        expect(wanted);
    }
}

/* A bad byte fails at once, in the middle of a frame and of a message. */
static void utf8_fails_fast(void **state)
{
    struct ws_reader r;

    (void)state;
    ws_reader_init(&r, MESSAGE_MAX, true);
    text(0x01, "good \xed\xa0\x80 and more");
    /* up to the byte that makes it a surrogate: header 6, "good " 5, two bytes */
    struct ws_result result = ws_reader_next(&r, stream.data, 6 + 5 + 2);
    assert_int_equal(result.event, WS_EVENT_FAILED);
    assert_int_equal(result.code, WS_CLOSE_BAD_DATA);
    ws_reader_done(&r);
}

/* ---- closing ---- */

static void close_codes(void **state)
{
    (void)state;
    frame(0x88, "", 0);
    expect("close 1005() ");
    for (int code = 0; code <= 5001; code++) {
        char payload[2] = {(char)(code >> 8), (char)(code & 0xFF)};
        bool good =
            (code >= 1000 && code <= 1014 && code != 1004 && code != 1005 && code != 1006) ||
            (code >= 3000 && code <= 4999);
        char wanted[32];
        if (code > 1020 && code < 2990 && code % 100 != 0)
            continue; /* nothing changes in between */
        frame(0x88, payload, 2);
        (void)snprintf(wanted, sizeof wanted, good ? "close %d() " : "failed 1002() ", code);
        expect(wanted);
    }
}

static void close_reasons(void **state)
{
    char long_one[126];

    (void)state;
    text(0x88, "\x03\xe8"
               "bye \xc3\xa1");
    expect("close 1000(bye \xc3\xa1) ");
    text(0x88, "\x03\xe8"
               "\xff");
    expect_failed(WS_CLOSE_BAD_DATA);
    text(0x88, "\x03\xe8"
               "cut \xc3");
    expect_failed(WS_CLOSE_BAD_DATA);
    memset(long_one, 'r', sizeof long_one);
    long_one[0] = 0x0F;
    long_one[1] = (char)0xA0;
    frame(0x88, long_one, 125);
    long_one[125] = '\0';
    char wanted[160];
    (void)snprintf(wanted, sizeof wanted, "close 4000(%s) ", long_one + 2);
    expect(wanted);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(messages),
        TEST(all_length_forms),
        TEST(fragments),
        TEST(holds_nothing_between_messages),
        TEST(memory_follows_bytes_not_lengths),
        TEST(protocol_errors),
        TEST(limit_frame_max),
        TEST(limit_frame_max_over_fragments),
        TEST(binary_is_refused_where_nobody_takes_it),
        TEST(utf8),
        TEST(utf8_fails_fast),
        TEST(close_codes),
        TEST(close_reasons),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
