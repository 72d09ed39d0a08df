/*
 * test_engine_memory.c - every allocation fails once. The engine may refuse, never fall: afterwards
 * it must serve as before, and AddressSanitizer sees what was lost on the way.
 *
 * The linker sends malloc, calloc and realloc of the program through here (--wrap).
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "engine.h"

void *__real_malloc(size_t n);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *p, size_t n);
void *__wrap_malloc(size_t n);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *p, size_t n);

static atomic_long countdown; /* allocations until the one that fails; negative: none */
static atomic_int failed;

static bool fails(void)
{
    if (atomic_load(&countdown) < 0 || atomic_fetch_sub(&countdown, 1) != 0)
        return false;
    atomic_fetch_add(&failed, 1);
    return true;
}

void *__wrap_malloc(size_t n)
{
    return fails() ? NULL : __real_malloc(n);
}

void *__wrap_calloc(size_t n, size_t size)
{
    return fails() ? NULL : __real_calloc(n, size);
}

void *__wrap_realloc(void *p, size_t n)
{
    return fails() ? NULL : __real_realloc(p, n);
}

static void on_request(void *ctx, struct http_request *r)
{
    struct engine *e = ctx;

    if (r->upgrade_websocket) {
        net_ws_accept(e->net, r->conn, r->ws_key, NULL, NULL, NULL);
    } else {
        struct http_reply *reply = http_reply_new(200);
        if (reply)
            (void)buf_add_str(&reply->body, r->body);
        net_reply(e->net, r->conn, reply);
    }
    net_request_free(r);
}

static void on_message(void *ctx, struct net_ref conn, void *user, struct str text)
{
    struct engine *e = ctx;
    struct ws_frame *f = ws_frame_text(text);

    (void)user;
    if (!f || !net_ws_send_here(e->net, conn, f))
        (void)net_ws_close_here(e->net, conn, 1011, "no memory");
    ws_frame_unref(f);
}

static void on_closed(void *ctx, struct net_ref conn, void *user)
{
    struct engine *e = ctx;

    (void)conn;
    (void)user;
    atomic_fetch_add(&e->closed, 1);
}

/* A conversation that reaches every allocation: split head and body, upgrade, split message, ping.
 * Whatever the server answers, it is read to its end. Nothing here allocates. */
static void converse(const struct engine *e)
{
    static const char upgrade[] =
        "GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
    static const char *const says[] = {
        "POST / HTTP/1.1\r\nHo",
        "st: x\r\nContent-Length: 9\r\nCookie: a\r\nCookie: b\r\n\r\n1234",
        "56789",
        upgrade,
        "\x81\x84mask\x0c\x0d",
        "\x12\x02\x89\x81mask\x0c",
        "\x88\x80mask",
    };
    static char rest[4096];
    int fd = client_open(e);

    for (size_t i = 0; i < sizeof says / sizeof *says; i++) {
        client_say(fd, says[i]);
        (void)usleep(1500);
    }
    (void)shutdown(fd, SHUT_WR);
    (void)client_rest(fd, rest, sizeof rest);
    (void)close(fd);
}

static void every_allocation_fails_once(void **state)
{
    static struct engine e;
    const struct net_options options = {
        .listen = "127.0.0.1:0",
        .loops = 1,
        .limits = net_limits_default,
        .handlers = {.request = on_request, .ws_message = on_message, .ws_closed = on_closed},
        .ctx = &e,
    };
    int runs = 0;
    char answer[4096];

    (void)state;
    atomic_store(&countdown, -1);
    assert_int_equal(net_new(&options, &e.net), 0);
    e.port = net_port(e.net);
    assert_int_equal(net_start(e.net), 0);
    for (;; runs++) {
        int before = atomic_load(&failed);
        atomic_store(&countdown, runs);
        converse(&e);
        atomic_store(&countdown, -1);
        if (atomic_load(&failed) == before)
            break;
        int fd = client_open(&e);
        client_say(fd, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nok");
        assert_int_equal(client_answer(fd, answer, sizeof answer), 200);
        assert_non_null(strstr(answer, "\r\n\r\nok"));
        (void)close(fd);
    }
    assert_true(runs > 10);
    net_stop(e.net, US_PER_S);
    net_free(e.net);
}

/* And those of starting. */
static void starting_fails_cleanly(void **state)
{
    const struct net_options options = {
        .listen = "127.0.0.1:0", .loops = 2, .limits = net_limits_default};
    struct net *net;
    int runs = 0;

    (void)state;
    for (;; runs++) {
        atomic_store(&countdown, runs);
        int err = net_new(&options, &net);
        atomic_store(&countdown, -1);
        if (err == 0)
            break;
        assert_int_equal(err, -E_NO_MEMORY);
        assert_null(net);
    }
    assert_true(runs >= 5);
    net_free(net);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_allocation_fails_once),
        cmocka_unit_test(starting_fails_cleanly),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
