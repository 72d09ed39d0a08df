/* test_ws_frame.c - the frames that the server sends. */
#include "net/ws_frame.h"

#include <stdlib.h>

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void frames_are_encoded(void **state)
{
    static const struct {
        size_t n;
        size_t head;
        const char *bytes;
    } cases[] = {
        {0, 2, "\x81\x00"},
        {125, 2, "\x81\x7d"},
        {126, 4, "\x81\x7e\x00\x7e"},
        {65535, 4, "\x81\x7e\xff\xff"},
        {65536, 10, "\x81\x7f\x00\x00\x00\x00\x00\x01\x00\x00"},
    };
    char *payload = calloc(1, 65536);

    (void)state;
    assert_non_null(payload);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct ws_frame *f = ws_frame_text(str_of(payload, cases[i].n));
        assert_int_equal(f->size, cases[i].head + cases[i].n);
        assert_memory_equal(f->bytes, cases[i].bytes, cases[i].head);
        assert_ptr_equal(ws_frame_ref(f), f);
        ws_frame_unref(f);
        ws_frame_unref(f);
    }
    free(payload);
    ws_frame_unref(NULL);
}

static void close_frames_are_cut_to_fit(void **state)
{
    char reason[200];

    (void)state;
    memset(reason, 'a', sizeof reason);
    memcpy(reason + 122, "\xc3\xa1", 2); /* bytes 122 and 123: the second does not fit */
    struct ws_frame *f = ws_frame_close(1001, str_of(reason, sizeof reason));
    assert_int_equal(f->size, 2 + 2 + 122);
    assert_memory_equal(f->bytes,
                        "\x88\x7c\x03\xe9"
                        "aa",
                        6);
    ws_frame_unref(f);
    f = ws_frame_close(WS_CLOSE_NONE, STR_NONE);
    assert_int_equal(f->size, 2);
    ws_frame_unref(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(frames_are_encoded),
        cmocka_unit_test(close_frames_are_cut_to_fit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
