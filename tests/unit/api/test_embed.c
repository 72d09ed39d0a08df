/*
 * test_embed.c - a path finds exactly its file, whatever a stranger puts in it.
 *
 * The table is this test's own: the generated one belongs to the program and needs a built client.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "api/embed.h"

const struct embed_file embed_files[] = {
    {.path = "/assets/a-1.js", .type = "text/javascript; charset=utf-8", .immutable = true},
    {.path = "/assets/a-10.js", .type = "text/javascript; charset=utf-8", .immutable = true},
    {.path = "/favicon.svg", .type = "image/svg+xml"},
    {.path = "/index.html", .type = "text/html; charset=utf-8"},
    {.path = "/sw.js", .type = "text/javascript; charset=utf-8"},
};
const size_t embed_file_count = sizeof embed_files / sizeof *embed_files;

static void every_file_is_found(void **state)
{
    (void)state;
    for (size_t i = 0; i < embed_file_count; i++)
        assert_ptr_equal(embed_find(str_from(embed_files[i].path)), &embed_files[i]);
}

static void nothing_else_is(void **state)
{
    (void)state;
    const struct str wrong[] = {
        STR_NONE,
        STR(""),
        STR("/"),
        STR("/index.htm"),
        STR("/index.htmlx"),
        STR("/index.html\0"),
        STR("index.html"),
        STR("/Index.html"),
        STR("/assets/a-1"),
        STR("/assets/a-1.js\0.svg"),
        STR("/assets/"),
        STR("/zzz"),
        STR("\0"),
        STR("\xff"),
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_null(embed_find(wrong[i]));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_file_is_found),
        cmocka_unit_test(nothing_else_is),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
