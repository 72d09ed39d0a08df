/* test_write.c - JSON out: exact forms, and always valid JSON that no browser takes for HTML. */
#include <jansson.h>

#include "../unit.h"
#include "base/buf.h"
#include "base/id.h"

/* json.h's kinds and jansson's have the same names: here only its functions for texts are needed.
 */
void json_write_text(struct buf *b, struct str s);

static struct buf buf;

static int setup(void **state)
{
    (void)state;
    buf_init(&buf, 1 << 20);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    buf_done(&buf);
    return 0;
}

static struct str written(struct str s)
{
    buf_clear(&buf);
    json_write_text(&buf, s);
    assert_int_equal(buf.err, 0);
    return buf_str(&buf);
}

static void escapes(void **state)
{
    (void)state;
    assert_str(written(STR_NONE), "null");
    assert_str(written(STR("")), "\"\"");
    assert_str(written(STR("aé€😀")), "\"aé€😀\"");
    assert_str(written(STR("\"\\/")), "\"\\\"\\\\/\"");
    assert_str(written(STR("\b\t\n\f\r")), "\"\\b\\t\\n\\f\\r\"");
    assert_str(written(STR("\x01\x1f\x7f\0x")), "\"\\u0001\\u001f\\u007f\\u0000x\"");
    assert_str(written(STR("</script>&")), "\"\\u003c/script\\u003e\\u0026\"");
    assert_str(written(STR("a\u2028b\u2029c")), "\"a\\u2028b\\u2029c\"");
    assert_str(written(STR("\u2027\u202a")), "\"\u2027\u202a\"");
}

static void broken_bytes_become_replacements(void **state)
{
    (void)state;
    assert_str(written(STR("a\xff"
                           "b")),
               "\"a\\ufffdb\"");
    assert_str(written(STR("\xc3")), "\"\\ufffd\"");
    assert_str(written(STR("\xe2\x80")), "\"\\ufffd\\ufffd\"");
    assert_str(written(STR("\xed\xa0\x80")), "\"\\ufffd\\ufffd\\ufffd\"");
    assert_str(written(STR("\xf0\x9f\x98x")), "\"\\ufffd\\ufffd\\ufffdx\"");
}

/* Each scalar value by itself and between others comes back from a strict parser as it was. */
static void every_scalar_returns(void **state)
{
    (void)state;
    for (uint32_t c = 1; c < 0x110000; c += c < 0x3000 ? 1 : 37) {
        char text[8] = "<";
        size_t n = 1;
        if (c >= 0xD800 && c <= 0xDFFF)
            continue;
        if (c < 0x80) {
            text[n++] = (char)c;
        } else if (c < 0x800) {
            text[n++] = (char)(0xC0 | c >> 6);
            text[n++] = (char)(0x80 | (c & 0x3F));
        } else if (c < 0x10000) {
            text[n++] = (char)(0xE0 | c >> 12);
            text[n++] = (char)(0x80 | (c >> 6 & 0x3F));
            text[n++] = (char)(0x80 | (c & 0x3F));
        } else {
            text[n++] = (char)(0xF0 | c >> 18);
            text[n++] = (char)(0x80 | (c >> 12 & 0x3F));
            text[n++] = (char)(0x80 | (c >> 6 & 0x3F));
            text[n++] = (char)(0x80 | (c & 0x3F));
        }
        text[n++] = 'z';
        struct str out = written(str_of(text, n));
        json_t *back = json_loadb(out.p, out.n, JSON_DECODE_ANY, NULL);
        if (!back ||
            !str_eq(str_of(json_string_value(back), json_string_length(back)), str_of(text, n)))
            fail_msg("U+%04X", (unsigned)c);
        json_decref(back);
        assert_null(memchr(out.p, '<', out.n));
    }
}

static void random_bytes_stay_valid(void **state)
{
    (void)state;
    uint64_t seed = 42;
    for (int round = 0; round < 20000; round++) {
        char bytes[24];
        for (size_t i = 0; i < sizeof bytes; i++) {
            seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
            bytes[i] = (char)(seed >> 56);
        }
        struct str out = written(str_of(bytes, sizeof bytes));
        json_t *back = json_loadb(out.p, out.n, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
        if (!back)
            fail_msg("round %d", round);
        json_decref(back);
    }
}

static void a_full_buffer_stops(void **state)
{
    (void)state;
    struct buf small;
    buf_init(&small, 10);
    json_write_text(&small, STR("<<<<<<<<<<<<<<<<<<<<"));
    assert_int_equal(small.err, -E_TOO_LARGE);
    assert_true(small.len <= 10);
    buf_done(&small);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(escapes),
        cmocka_unit_test(broken_bytes_become_replacements),
        cmocka_unit_test(every_scalar_returns),
        cmocka_unit_test(random_bytes_stay_valid),
        cmocka_unit_test(a_full_buffer_stops),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
