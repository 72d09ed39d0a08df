/* test_engine_ws.c - the whole engine over a real socket, as far as WebSocket goes. */
#include <pthread.h>
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

static void frames_behind_the_handshake_are_read(void **state)
{
    struct engine e;
    struct net_limits limits = engine_limits();
    size_t n;

    (void)state;
    engine_start(&e, &limits, 1);
    int fd = client_open(&e);
    client_say(fd,
               "GET /r HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
               "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
               "\x81\x81"); /* the same piece; a mask of zeros follows */
    client_send(fd, "\0\0\0\0x", 5);
    assert_int_equal(client_answer(fd, text, sizeof text), 101);
    assert_int_equal(client_ws_read(fd, text, sizeof text, &n), 0x81);
    assert_string_equal(text, "x");
    (void)close(fd);
    wait_for(&e.closed, 1);
    engine_stop(&e);
}

static void messages_of_all_sizes(void **state)
{
    static const size_t sizes[] = {0, 1, 125, 126, 65535, 65536};
    static char payload[65536];
    struct engine e;
    struct net_limits limits = engine_limits();
    size_t n;

    (void)state;
    memset(payload, 'm', sizeof payload);
    engine_start(&e, &limits, 1);
    int fd = client_ws(&e, "/");
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        client_frame(fd, 0x81, payload, sizes[i]);
        assert_int_equal(client_ws_read(fd, text, sizeof text, &n), 0x81);
        assert_int_equal(n, sizes[i]);
        assert_memory_equal(text, payload, n);
    }
    (void)close(fd);
    wait_for(&e.closed, 1);
    engine_stop(&e);
}

/* ---- ways to close ---- */

static void bad_frames_close_with_their_code(void **state)
{
    static const struct {
        unsigned char first;
        const char *payload;
        size_t n;
        int code;
    } cases[] = {
        {0xC1, "", 0, 1002},
        {0x80, "", 0, 1002},
        {0x82, "binary", 6, 1003},
        {0x81, "\xff", 1, 1007},
        {0x88, "x", 1, 1002},
        {0x88, "\x03\xec", 2, 1002},
        {0x88, "\x03\xe8\xff", 3, 1007},
        {0x88, "", 0, 1005},
        {0x88, "\x0f\xa0why", 5, 4000},
    };
    struct engine e;
    struct net_limits limits = engine_limits();

    (void)state;
    engine_start(&e, &limits, 1);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        int fd = client_ws(&e, "/");
        client_frame(fd, cases[i].first, cases[i].payload, cases[i].n);
        client_frame(fd, 0x81, "too late", 8);
        client_expect_close(fd, cases[i].code);
        assert_true(client_ended(fd));
        (void)close(fd);
    }
    wait_for(&e.closed, (int)(sizeof cases / sizeof *cases));
    engine_stop(&e);
}

static void limit_frame_max(void **state)
{
    struct engine e;
    struct net_limits limits = engine_limits();
    static char payload[65537];

    (void)state;
    memset(payload, 'm', sizeof payload);
    engine_start(&e, &limits, 1);
    int fd = client_ws(&e, "/");
    client_frame(fd, 0x81, payload, sizeof payload);
    client_expect_close(fd, 1009);
    assert_true(client_ended(fd));
    (void)close(fd);
    wait_for(&e.closed, 1);
    engine_stop(&e);
}

static void closing_inside_its_own_callback(void **state)
{
    struct engine e;
    struct net_limits limits = engine_limits();

    (void)state;
    engine_start(&e, &limits, 1);
    int fd = client_ws(&e, "/");
    client_frame(fd, 0x81, "close me", 8);
    client_frame(fd, 0x81, "never heard", 11);
    client_expect_close(fd, 4401);
    client_frame(fd, 0x88, "\x11\x31", 2);
    assert_true(client_ended(fd));
    (void)close(fd);
    wait_for(&e.closed, 1);
    engine_stop(&e);
}

static void closing_from_another_thread(void **state)
{
    struct engine e;
    struct net_limits limits = engine_limits();
    size_t n;

    (void)state;
    engine_start(&e, &limits, 2);
    int fd = client_ws(&e, "/");
    wait_for(&e.opened, 1);
    struct ws_frame *f = ws_frame_text(STR("before"));
    net_ws_send(e.net, engine_ws(&e), f);
    net_ws_close(e.net, engine_ws(&e), 4403, "account lost");
    net_ws_send(e.net, engine_ws(&e), f); /* nothing is sent after it */
    ws_frame_unref(f);
    assert_int_equal(client_ws_read(fd, text, sizeof text, &n), 0x81);
    assert_string_equal(text, "before");
    client_expect_close(fd, 4403);
    /* the peer never answers: it is not waited for for long */
    int64_t start = clock_mono_us();
    assert_true(client_ended(fd));
    assert_true(clock_mono_us() - start < 5 * US_PER_S);
    wait_for(&e.closed, 1);
    (void)close(fd);
    engine_stop(&e);
}

static void stopping_says_1001(void **state)
{
    struct engine e;
    struct net_limits limits = engine_limits();
    int fds[10];

    (void)state;
    engine_start(&e, &limits, 2);
    for (size_t i = 0; i < 10; i++)
        fds[i] = client_ws(&e, "/");
    wait_for(&e.opened, 10);
    net_stop(e.net, 300 * US_PER_MS);
    assert_int_equal(atomic_load(&e.closed), 10);
    for (size_t i = 0; i < 10; i++) {
        client_expect_close(fds[i], 1001);
        assert_true(client_ended(fds[i]));
        (void)close(fds[i]);
    }
    net_free(e.net);
}

/* ---- accepting too late, or what was not asked ---- */

static void gone(void *ctx, void *user)
{
    struct engine *e = ctx;

    assert_ptr_equal(user, &text);
    atomic_fetch_add(&e->gone, 1);
}

static void accept_of_what_is_gone(void **state)
{
    struct engine e;
    struct net_limits limits = engine_limits();
    const struct linger reset = {.l_onoff = 1};

    (void)state;
    engine_start(&e, &limits, 1);
    int fd = client_open(&e);
    client_say(fd, "GET /hold HTTP/1.1\r\nHost: x\r\n\r\n");
    wait_for(&e.requests, 1);
    struct http_request *held = atomic_load(&e.held);
    /* it did not ask for a WebSocket */
    net_ws_accept(e.net, held->conn, STR("dGhlIHNhbXBsZSBub25jZQ=="), NULL, &text, gone);
    wait_for(&e.gone, 1);
    assert_int_equal(client_answer(fd, text, sizeof text), 500);
    /* it is there no more */
    (void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
    (void)close(fd);
    net_ws_accept(e.net, held->conn, STR("dGhlIHNhbXBsZSBub25jZQ=="), NULL, &text, gone);
    wait_for(&e.gone, 2);
    net_request_free(held);
    assert_int_equal(atomic_load(&e.opened), 0);
    engine_stop(&e);
}

/* ---- peers that do not behave ---- */

/* Whole text frames, then a close of that code. Returns how many. */
static size_t read_until_close(int fd, int code)
{
    size_t texts = 0;
    size_t n;
    unsigned char first;

    while ((first = client_ws_read(fd, text, sizeof text, &n)) != 0x88) {
        assert_int_equal(first, 0x81);
        texts++;
    }
    assert_int_equal((unsigned char)text[0] << 8 | (unsigned char)text[1], code);
    return texts;
}

static void limit_output_max(void **state)
{
    struct engine e;
    struct net_limits limits = engine_limits();
    struct net_stats stats;

    (void)state;
    limits.output_max = 100000;
    engine_start(&e, &limits, 1);
    /* in one turn, before anything could be written */
    int fd = client_ws(&e, "/");
    client_frame(fd, 0x81, "flood me", 8);
    (void)read_until_close(fd, 1013);
    assert_true(client_ended(fd));
    (void)close(fd);
    wait_for(&e.closed, 1);
    net_stats(e.net, &stats);
    assert_int_equal(stats.dropped_slow, 1);
    engine_stop(&e);
}

/* The reader stalls while frames keep coming: what was begun is finished, then comes the close. */
static void slow_readers_are_dropped(void **state)
{
    static char line[30000];
    struct engine e;
    struct net_limits limits = engine_limits();
    struct net_stats stats = {0};

    (void)state;
    engine_start(&e, &limits, 1);
    int fd = client_ws(&e, "/");
    int other = client_ws(&e, "/");
    size_t n;
    wait_for(&e.opened, 2);
    /* the frames are for whichever opened last; let the other be the slow one's witness */
    memset(line, 's', sizeof line);
    struct ws_frame *f = ws_frame_text(str_of(line, sizeof line));
    for (int i = 0; i < 20000 && stats.dropped_slow == 0; i++) {
        net_ws_send(e.net, engine_ws(&e), f);
        if (i % 5 == 0) /* so that some are begun before the queue is full */
            (void)usleep(1000);
        net_stats(e.net, &stats);
    }
    ws_frame_unref(f);
    assert_int_equal(stats.dropped_slow, 1);
    client_frame(fd, 0x81, "still served", 12);
    assert_int_equal(client_ws_read(fd, text, sizeof text, &n), 0x81);
    assert_string_equal(text, "still served");
    assert_true(read_until_close(other, 1013) > 1);
    (void)close(fd);
    (void)close(other);
    wait_for(&e.closed, 2);
    engine_stop(&e);
}

static void ping_floods_are_bounded(void **state)
{
    struct engine e;
    struct net_limits limits = engine_limits();
    size_t pongs = 0;
    size_t n;

    (void)state;
    engine_start(&e, &limits, 1);
    int fd = client_ws(&e, "/");
    struct buf flood;
    buf_init(&flood, 1 << 20);
    for (int i = 0; i < 5000; i++)
        (void)buf_add(&flood, "\x89\x80mask", 6);
    client_send(fd, flood.data, flood.len);
    client_frame(fd, 0x81, "end", 3);
    while (client_ws_read(fd, text, sizeof text, &n) == 0x8A)
        pongs++;
    assert_string_equal(text, "end");
    assert_true(pongs >= 1 && pongs < 5000);
    buf_done(&flood);
    (void)close(fd);
    wait_for(&e.closed, 1);
    engine_stop(&e);
}

static void ten_pings_get_ten_pongs_in_order(void **state)
{
    struct engine e;
    struct net_limits limits = engine_limits();
    size_t n;

    (void)state;
    engine_start(&e, &limits, 1);
    int fd = client_ws(&e, "/");
    for (char c = '0'; c <= '9'; c++)
        client_frame(fd, 0x89, &c, 1);
    for (char c = '0'; c <= '9'; c++) {
        assert_int_equal(client_ws_read(fd, text, sizeof text, &n), 0x8A);
        assert_int_equal(text[0], c);
    }
    (void)close(fd);
    wait_for(&e.closed, 1);
    engine_stop(&e);
}

static void limit_ping_interval_us_and_timeout_us(void **state)
{
    struct engine e;
    struct net_limits limits = engine_limits();
    size_t n;

    (void)state;
    limits.ping_interval_us = 150 * US_PER_MS;
    limits.ping_timeout_us = 500 * US_PER_MS;
    engine_start(&e, &limits, 1);
    /* who answers stays */
    int fd = client_ws(&e, "/");
    int64_t start = clock_mono_us();
    int64_t last = start;
    while (clock_mono_us() - start < 2 * limits.ping_timeout_us) {
        assert_int_equal(client_ws_read(fd, text, sizeof text, &n), 0x89);
        last = clock_mono_us();
        client_frame(fd, 0x8A, "", 0);
    }
    /* who does not is dropped, without a word */
    size_t got = client_rest(fd, text, sizeof text);
    assert_true(clock_mono_us() - last >= limits.ping_timeout_us);
    for (size_t i = 0; i < got; i += 2)
        assert_int_equal((unsigned char)text[i], 0x89);
    wait_for(&e.closed, 1);
    (void)close(fd);
    engine_stop(&e);
}

/* Clients that come and go at any moment, from several threads, while frames are sent to them. */
static void *come_and_go(void *arg)
{
    const struct engine *e = arg;

    for (int i = 0; i < 60; i++) {
        int fd = client_ws(e, "/");
        client_frame(fd, 0x81, "hello", 5);
        if (i % 3 == 0)
            client_frame(fd, 0x88, "\x03\xe8", 2);
        if (i % 3 == 1)
            client_frame(fd, 0x81, "close me", 8);
        (void)close(fd);
    }
    return NULL;
}

static void many_come_and_go(void **state)
{
    struct engine e;
    struct net_limits limits = engine_limits();
    pthread_t threads[3];

    (void)state;
    engine_start(&e, &limits, 2);
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, come_and_go, &e), 0);
    struct ws_frame *f = ws_frame_text(STR("to whom it may concern"));
    while (atomic_load(&e.opened) < 180) {
        net_ws_send(e.net, engine_ws(&e), f);
        (void)usleep(100);
    }
    ws_frame_unref(f);
    for (size_t i = 0; i < 3; i++)
        (void)pthread_join(threads[i], NULL);
    wait_for(&e.closed, 180);
    engine_stop(&e);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(echoes),
        cmocka_unit_test(frames_behind_the_handshake_are_read),
        cmocka_unit_test(messages_of_all_sizes),
        cmocka_unit_test(bad_frames_close_with_their_code),
        cmocka_unit_test(limit_frame_max),
        cmocka_unit_test(closing_inside_its_own_callback),
        cmocka_unit_test(closing_from_another_thread),
        cmocka_unit_test(stopping_says_1001),
        cmocka_unit_test(accept_of_what_is_gone),
        cmocka_unit_test(limit_output_max),
        cmocka_unit_test(slow_readers_are_dropped),
        cmocka_unit_test(ping_floods_are_bounded),
        cmocka_unit_test(ten_pings_get_ten_pongs_in_order),
        cmocka_unit_test(limit_ping_interval_us_and_timeout_us),
        cmocka_unit_test(many_come_and_go),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
