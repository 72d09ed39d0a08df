/* test_engine_limits.c - each limit of struct net_limits over a real socket, by its name (those of
 * WebSocket are in test_engine_ws.c). */
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

static void expect_head_refused(const struct net_limits *limits, size_t line, size_t fields,
                                int status)
{
    struct engine e;
    struct buf request;

    buf_init(&request, 65536);
    (void)buf_add_text(&request, "GET /");
    for (size_t i = 0; i < line; i++)
        (void)buf_add_char(&request, 'a');
    (void)buf_add_text(&request, " HTTP/1.1\r\nHost: x\r\n");
    for (size_t i = 0; i < fields; i++)
        (void)buf_addf(&request, "X-%zu: y\r\n", i);
    (void)buf_add_text(&request, "\r\n");
    engine_start(&e, limits, 1);
    int fd = client_open(&e);
    client_send(fd, request.data, request.len);
    assert_int_equal(client_answer(fd, answer, sizeof answer), status);
    (void)close(fd);
    engine_stop(&e);
    buf_done(&request);
}

static void limit_head_max(void **state)
{
    struct net_limits limits = engine_limits();

    (void)state;
    expect_head_refused(&limits, limits.head_max, 0, 414);
    expect_head_refused(&limits, limits.head_max - 50, 10, 431);
    expect_head_refused(&limits, limits.head_max - 50, 0, 200);
}

static void limit_fields_max(void **state)
{
    struct net_limits limits = engine_limits();

    (void)state;
    expect_head_refused(&limits, 0, limits.fields_max - 1, 200);
    expect_head_refused(&limits, 0, limits.fields_max, 431);
}

/* Bytes that keep coming do not move the deadline. */
static void drip(int fd, const char *first, int64_t timeout_us)
{
    int64_t start = clock_mono_us();

    client_say(fd, first);
    char c;
    while (recv(fd, &c, 1, MSG_DONTWAIT | MSG_PEEK) != 1) {
        assert_true(clock_mono_us() - start < timeout_us * 10);
        client_say(fd, "a");
        (void)usleep(10000);
    }
    assert_int_equal(client_answer(fd, answer, sizeof answer), 408);
    assert_true(clock_mono_us() - start >= timeout_us);
    assert_true(client_ended(fd));
}

static void limit_head_timeout_us(void **state)
{
    struct engine e;
    struct net_limits limits = engine_limits();

    (void)state;
    limits.head_timeout_us = 300 * US_PER_MS;
    engine_start(&e, &limits, 1);
    int fd = client_open(&e);
    drip(fd, "GET / HTTP/1.1\r\nHost: ", limits.head_timeout_us);
    (void)close(fd);
    /* one that never says a word is simply closed */
    fd = client_open(&e);
    assert_true(client_ended(fd));
    (void)close(fd);
    engine_stop(&e);
}

static void limit_body_timeout_us(void **state)
{
    struct engine e;
    struct net_limits limits = engine_limits();

    (void)state;
    limits.body_timeout_us = 300 * US_PER_MS;
    engine_start(&e, &limits, 1);
    int fd = client_open(&e);
    drip(fd, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5000\r\n\r\n", limits.body_timeout_us);
    (void)close(fd);
    engine_stop(&e);
}

static void limit_keepalive_timeout_us(void **state)
{
    struct engine e;
    struct net_limits limits = engine_limits();

    (void)state;
    limits.keepalive_timeout_us = 200 * US_PER_MS;
    engine_start(&e, &limits, 1);
    int fd = client_open(&e);
    int64_t start = clock_mono_us();
    client_say(fd, GET("/"));
    assert_int_equal(client_answer(fd, answer, sizeof answer), 200);
    assert_true(client_ended(fd));
    assert_true(clock_mono_us() - start >= limits.keepalive_timeout_us);
    (void)close(fd);
    engine_stop(&e);
}

static void limit_write_timeout_us(void **state)
{
    struct engine e;
    struct net_limits limits = engine_limits();

    (void)state;
    limits.write_timeout_us = 300 * US_PER_MS;
    engine_start(&e, &limits, 1);
    int fd = client_open(&e);
    for (int i = 0; i < 20; i++) /* 20 MB of answers, none of which is read */
        client_say(fd, GET("/big"));
    wait_for_connections(&e, 1);
    wait_for_connections(&e, 0);
    (void)close(fd);
    engine_stop(&e);
}

/* A crowd that asks and never reads loses its connections; who reads is served. */
static void limit_answers_max(void **state)
{
    enum { CROWD = 12 };
    static char bulk[2 << 20];
    struct net_stats stats;
    struct engine e;
    struct net_limits limits = engine_limits();
    int fds[CROWD];

    (void)state;
    limits.answers_max = 3 << 20;
    limits.write_timeout_us = 60 * US_PER_S; /* not what ends them here */
    engine_start(&e, &limits, 1);
    for (int c = 0; c < CROWD; c++) {
        fds[c] = client_open(&e);
        for (int i = 0; i < 20; i++)
            client_say(fds[c], GET("/bulk"));
    }
    int reader = client_open(&e);
    for (int i = 0; i < 5; i++) {
        client_say(reader, GET("/bulk"));
        assert_int_equal(client_answer(reader, bulk, sizeof bulk), 200);
    }
    /* each of the crowd holds a megabyte or more: three at the most are left */
    for (int64_t until = clock_mono_us() + 5 * US_PER_S;;) {
        net_stats(e.net, &stats);
        if (stats.connections <= 5 || clock_mono_us() > until)
            break;
        (void)usleep(10000);
    }
    assert_true(stats.connections <= 5);
    assert_true(stats.dropped_slow >= CROWD - 4);
    client_say(reader, GET("/bulk"));
    assert_int_equal(client_answer(reader, bulk, sizeof bulk), 200);
    for (int c = 0; c < CROWD; c++)
        (void)close(fds[c]);
    (void)close(reader);
    engine_stop(&e);
}

static void limit_connections_max(void **state)
{
    struct engine e;
    struct net_limits limits = engine_limits();

    (void)state;
    limits.connections_max = 2;
    engine_start(&e, &limits, 2);
    int a = client_open(&e);
    int b = client_open(&e);
    wait_for_connections(&e, 2);
    int c = client_open(&e);
    assert_int_equal(client_answer(c, answer, sizeof answer), 503);
    assert_true(client_ended(c));
    (void)close(c);
    (void)close(a);
    wait_for_connections(&e, 1);
    c = client_open(&e);
    client_say(c, GET("/"));
    assert_int_equal(client_answer(c, answer, sizeof answer), 200);
    (void)close(b);
    (void)close(c);
    engine_stop(&e);
}

static void limit_per_address_max(void **state)
{
    struct engine e;
    struct net_limits limits = engine_limits();

    (void)state;
    limits.per_address_max = 2;
    engine_start(&e, &limits, 1);
    int a = client_open(&e);
    int b = client_open(&e);
    wait_for_connections(&e, 2);
    int c = client_open(&e);
    assert_int_equal(client_answer(c, answer, sizeof answer), 503);
    (void)close(c);
    (void)close(a);
    (void)close(b);
    wait_for_connections(&e, 0);
    c = client_open(&e);
    client_say(c, GET("/"));
    assert_int_equal(client_answer(c, answer, sizeof answer), 200);
    (void)close(c);
    engine_stop(&e);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(limit_head_max),
        cmocka_unit_test(limit_fields_max),
        cmocka_unit_test(limit_head_timeout_us),
        cmocka_unit_test(limit_body_timeout_us),
        cmocka_unit_test(limit_keepalive_timeout_us),
        cmocka_unit_test(limit_write_timeout_us),
        cmocka_unit_test(limit_answers_max),
        cmocka_unit_test(limit_connections_max),
        cmocka_unit_test(limit_per_address_max),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
