/* test_http_abuse.c - what the HTTP reader must refuse (ASVS 1.4.2 and 4.2.1), and with which
 * error. */
#include <stdio.h>

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "http_stream.h"

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

int main(void)
{
#define TEST(f) cmocka_unit_test_setup(f, stream_setup)
    const struct CMUnitTest tests[] = {
        TEST(refuses_abuse),
        TEST(refuses_bad_chunks),
        TEST(refuses_nul_anywhere),
        TEST(refuses_lengths_that_wrap),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
