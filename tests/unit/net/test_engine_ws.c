/* test_engine_ws.c - the whole engine over a real socket, as far as WebSocket goes. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "engine.h"

static char text[1 << 17];

static void echoes(void **state)
{
    struct engine e;
    struct net_limits limits = engine_limits();
    size_t n;

    (void)state;
    engine_start(&e, &limits, 2);
    int fd = client_ws(&e, "/upgrade");
    client_frame(fd, 0x81, "ol\xc3\xa1", 4);
    assert_int_equal(client_ws_read(fd, text, sizeof text, &n), 0x81);
    assert_string_equal(text, "ol\xc3\xa1");
    client_frame(fd, 0x89, "ping", 4);
    assert_int_equal(client_ws_read(fd, text, sizeof text, &n), 0x8A);
    assert_string_equal(text, "ping");
    client_frame(fd, 0x88, "\x03\xe8", 2);
    client_expect_close(fd, 1000);
    assert_true(client_ended(fd));
    (void)close(fd);
    wait_for(&e.closed, 1);
    engine_stop(&e);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(echoes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
