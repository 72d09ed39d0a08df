/* test_reply.c - answers under construction: no field can forge another, every error is a problem.
 */
#include <stdio.h>

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "base/error.h"
#include "net/net.h"

static void fields_are_lines(void **state)
{
    struct http_reply *r = http_reply_new(200);

    (void)state;
    http_reply_field(r, "X-A", STR("b c"));
    http_reply_field(r, "X-Empty", STR(""));
    assert_int_equal(r->head.err, 0);
    (void)buf_add_char(&r->head, '\0');
    assert_string_equal(r->head.data, "X-A: b c\r\nX-Empty: \r\n");
    http_reply_free(r);
    http_reply_free(NULL);
}

static void fields_cannot_forge(void **state)
{
    static const struct str bad[] = {{"a\r\nB: c", 7}, {"a\nB: c", 6}, {"a\r", 2}, {"a\0b", 3}};

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct http_reply *r = http_reply_new(200);
        http_reply_field(r, "X-A", bad[i]);
        assert_int_equal(r->head.err, -E_MALFORMED);
        assert_int_equal(r->head.len, 0);
        http_reply_free(r);
    }
}

static void has_looks_at_names_only(void **state)
{
    struct http_reply *r = http_reply_new(200);

    (void)state;
    assert_false(http_reply_has(r, "x-a"));
    http_reply_field(r, "X-A", STR("x-b: 1"));
    http_reply_field(r, "X-C", STR(""));
    assert_true(http_reply_has(r, "x-a"));
    assert_true(http_reply_has(r, "X-C"));
    assert_false(http_reply_has(r, "x-b"));
    assert_false(http_reply_has(r, "x"));
    assert_false(http_reply_has(r, ""));
    http_reply_free(r);
}

static void every_error_is_a_problem(void **state)
{
    char wanted[300];

    (void)state;
    for (int err = 1; err < ERR_COUNT_; err++) {
        const struct error_info *info = error_info(err);
        struct http_reply *r = http_reply_problem(-err);
        assert_non_null(r);
        assert_int_equal(r->status, info->status);
        assert_string_not_equal(http_status_text(r->status), "Unknown");
        assert_true(http_reply_has(r, "content-type"));
        (void)snprintf(wanted, sizeof wanted,
                       "{\"type\":\"about:blank\",\"title\":\"%s\",\"status\":%d,\"code\":\"%s\","
                       "\"detail\":\"%s\"}",
                       http_status_text(info->status), info->status, info->code, info->detail);
        assert_true(str_is(buf_str(&r->body), wanted));
        /* the words are put in as they are, so they must not need escaping */
        assert_null(strpbrk(info->detail, "\"\\"));
        http_reply_free(r);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fields_are_lines),
        cmocka_unit_test(fields_cannot_forge),
        cmocka_unit_test(has_looks_at_names_only),
        cmocka_unit_test(every_error_is_a_problem),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
