/* test_engine_http.c - the whole engine over a real socket, as far as HTTP goes. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "engine.h"

#define GET(path) "GET " path " HTTP/1.1\r\nHost: x\r\n\r\n"

static char answer[1 << 21];

static void echoes(void **state)
{
    struct engine e;
    struct net_limits limits = engine_limits();

    (void)state;
    engine_start(&e, &limits, 2);
    int fd = client_open(&e);
    for (int i = 0; i < 3; i++) {
        client_say(fd, "POST /a%20b HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello");
        assert_int_equal(client_answer(fd, answer, sizeof answer), 200);
        assert_non_null(strstr(answer, "\r\n\r\nPOST /a b hello"));
        assert_non_null(strstr(answer, "X-Address: 127.0.0.1\r\n"));
        assert_non_null(strstr(answer, "X-Standard: yes\r\n"));
        assert_non_null(strstr(answer, " GMT\r\n"));
    }
    client_say(fd, "GET /x HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    assert_int_equal(client_answer(fd, answer, sizeof answer), 200);
    assert_non_null(strstr(answer, "Connection: close\r\n"));
    assert_true(client_ended(fd));
    (void)close(fd);
    engine_stop(&e);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(echoes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
