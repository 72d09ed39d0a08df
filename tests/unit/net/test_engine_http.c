/* test_engine_http.c - the whole engine over a real socket, as far as HTTP goes. */
#include <pthread.h>
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

static void *stop_engine(void *arg)
{
    struct engine *e = arg;

    net_stop(e->net, 5 * US_PER_S);
    return NULL;
}

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

/* ---- one connection, many requests ---- */

static void pipelined_requests_wait_their_turn(void **state)
{
    struct engine e;
    struct net_limits limits = engine_limits();

    (void)state;
    engine_start(&e, &limits, 1);
    int fd = client_open(&e);
    client_say(fd, GET("/1") GET("/hold") GET("/later") "POST /4 HTTP/1.1\r\nHost: x\r\n");
    assert_int_equal(client_answer(fd, answer, sizeof answer), 200);
    assert_non_null(strstr(answer, "GET /1"));
    client_say(fd, "Content-Length: 2\r\n\r\nok");
    wait_for(&e.requests, 2);
    (void)usleep(20000);
    assert_int_equal(atomic_load(&e.requests), 2); /* the third is not handed out yet */
    struct http_request *held = atomic_load(&e.held);
    struct http_reply *reply = http_reply_new(404);
    net_reply(e.net, held->conn, reply);
    net_request_free(held);
    assert_int_equal(client_answer(fd, answer, sizeof answer), 404);
    assert_int_equal(client_answer(fd, answer, sizeof answer), 200);
    assert_non_null(strstr(answer, "later"));
    assert_int_equal(client_answer(fd, answer, sizeof answer), 200);
    assert_non_null(strstr(answer, "POST /4 ok"));
    (void)close(fd);
    engine_stop(&e);
}

/* More in one burst than one read takes. */
static void a_thousand_pipelined(void **state)
{
    struct engine e;
    struct net_limits limits = engine_limits();
    static const char one[] = "POST /n HTTP/1.1\r\nHost: x\r\nContent-Length: 400\r\n\r\n";
    char request[sizeof one - 1 + 400];

    (void)state;
    memcpy(request, one, sizeof one - 1);
    memset(request + sizeof one - 1, 'b', 400);
    engine_start(&e, &limits, 1);
    int fd = client_open(&e);
    for (int i = 0; i < 1000; i++)
        client_send(fd, request, sizeof request);
    for (int i = 0; i < 1000; i++)
        assert_int_equal(client_answer(fd, answer, sizeof answer), 200);
    assert_int_equal(atomic_load(&e.requests), 1000);
    (void)close(fd);
    engine_stop(&e);
}

static void byte_by_byte(void **state)
{
    static const char request[] = "POST /slow HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nbody";
    struct engine e;
    struct net_limits limits = engine_limits();

    (void)state;
    engine_start(&e, &limits, 1);
    int fd = client_open(&e);
    for (size_t i = 0; i < sizeof request - 1; i++) {
        client_send(fd, request + i, 1);
        (void)usleep(200);
    }
    assert_int_equal(client_answer(fd, answer, sizeof answer), 200);
    assert_non_null(strstr(answer, "POST /slow body"));
    (void)close(fd);
    engine_stop(&e);
}

static void head_has_no_body(void **state)
{
    struct engine e;
    struct net_limits limits = engine_limits();

    (void)state;
    engine_start(&e, &limits, 1);
    int fd = client_open(&e);
    client_say(fd, "HEAD /a HTTP/1.1\r\nHost: x\r\n\r\n"
                   "GET /b HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    (void)client_rest(fd, answer, sizeof answer);
    assert_non_null(strstr(answer, "Content-Length: 8\r\n")); /* of "HEAD /a " */
    assert_null(strstr(answer, "HEAD /a "));
    assert_non_null(strstr(answer, "\r\n\r\nHTTP/1.1 200 OK\r\n"));
    assert_non_null(strstr(answer, "GET /b "));
    (void)close(fd);
    engine_stop(&e);
}

static void continues(void **state)
{
    struct engine e;
    struct net_limits limits = engine_limits();

    (void)state;
    engine_start(&e, &limits, 1);
    int fd = client_open(&e);
    client_say(fd,
               "POST /a HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
    assert_int_equal(client_answer(fd, answer, sizeof answer), 100);
    client_say(fd, "hi");
    assert_int_equal(client_answer(fd, answer, sizeof answer), 200);
    assert_non_null(strstr(answer, "POST /a hi"));
    (void)close(fd);
    /* one that is too long gets its answer instead of the invitation */
    fd = client_open(&e);
    client_say(
        fd, "POST /a HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 99999\r\n\r\n");
    assert_int_equal(client_answer(fd, answer, sizeof answer), 413);
    (void)close(fd);
    engine_stop(&e);
}

static void half_closed_clients_get_their_answer(void **state)
{
    struct engine e;
    struct net_limits limits = engine_limits();

    (void)state;
    engine_start(&e, &limits, 1);
    int fd = client_open(&e);
    client_say(fd, GET("/later"));
    (void)shutdown(fd, SHUT_WR);
    assert_int_equal(client_answer(fd, answer, sizeof answer), 200);
    assert_non_null(strstr(answer, "later"));
    assert_true(client_ended(fd));
    (void)close(fd);
    engine_stop(&e);
}

/* ---- errors made by the engine ---- */

static void errors_are_problems(void **state)
{
    static const struct {
        const char *request;
        int status;
        const char *code;
    } cases[] = {
        {"GET / HTTP/1.0\r\nHost: x\r\n\r\n", 400, "\"code\":\"malformed\""},
        {"GET /\n", 400, "\"status\":400"},
        {"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 70000\r\n\r\n", 413, "\"too_large\""},
        {"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip\r\n\r\n", 501,
         "\"not_implemented\""},
        {GET("/forge"), 500, "\"code\":\"internal\""},
    };
    struct engine e;
    struct net_limits limits = engine_limits();

    (void)state;
    engine_start(&e, &limits, 1);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        int fd = client_open(&e);
        client_say(fd, cases[i].request);
        assert_int_equal(client_answer(fd, answer, sizeof answer), cases[i].status);
        assert_non_null(strstr(answer, cases[i].code));
        assert_non_null(strstr(answer, "Content-Type: application/problem+json\r\n"));
        assert_non_null(strstr(answer, "X-Standard: yes\r\n"));
        assert_null(strstr(answer, "Forged"));
        if (cases[i].status != 500) { /* the stream cannot be read further */
            assert_non_null(strstr(answer, "Connection: close\r\n"));
            assert_true(client_ended(fd));
        }
        (void)close(fd);
    }
    engine_stop(&e);
}

/* What the client still sends must not reset the connection under the answer. */
static void a_refused_body_does_not_eat_the_answer(void **state)
{
    static char body[300000];
    struct engine e;
    struct net_limits limits = engine_limits();

    (void)state;
    engine_start(&e, &limits, 1);
    int fd = client_open(&e);
    client_say(fd, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 300000\r\n\r\n");
    client_send(fd, body, sizeof body);
    assert_int_equal(client_answer(fd, answer, sizeof answer), 413);
    assert_int_equal(recv(fd, answer, 1, 0), 0); /* an end, not ECONNRESET */
    (void)close(fd);
    engine_stop(&e);
}

/* ---- who an answer is for ---- */

static void answers_never_reach_a_newer_connection(void **state)
{
    struct engine e;
    struct net_limits limits = engine_limits();

    (void)state;
    engine_start(&e, &limits, 1);
    int fd = client_open(&e);
    client_say(fd, GET("/hold"));
    wait_for(&e.requests, 1);
    struct http_request *old = atomic_load(&e.held);
    const struct linger reset = {.l_onoff = 1};
    (void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
    (void)close(fd);
    wait_for_connections(&e, 0);

    fd = client_open(&e);
    client_say(fd, GET("/hold"));
    wait_for(&e.requests, 2);
    struct http_request *new = atomic_load(&e.held);
    assert_int_equal(new->conn.slot, old->conn.slot); /* or the test shows nothing */
    assert_true(new->conn.generation != old->conn.generation);
    struct http_reply *wrong = http_reply_new(500);
    net_reply(e.net, old->conn, wrong);
    struct http_reply *right = http_reply_new(201);
    net_reply(e.net, new->conn, right);
    assert_int_equal(client_answer(fd, answer, sizeof answer), 201);
    net_request_free(old);
    net_request_free(new);
    (void)close(fd);
    engine_stop(&e);
}

static void references_to_nowhere_are_dropped(void **state)
{
    static const struct net_ref nowhere[] = {{0, 0, 0}, {0, 0, 1}, {0, 70000, 1}, {9, 0, 1}};
    struct engine e;
    struct net_limits limits = engine_limits();

    (void)state;
    engine_start(&e, &limits, 1);
    for (size_t i = 0; i < sizeof nowhere / sizeof *nowhere; i++) {
        struct ws_frame *f = ws_frame_text(STR("x"));
        net_reply(e.net, nowhere[i], http_reply_new(200));
        net_ws_send(e.net, nowhere[i], f);
        net_ws_close(e.net, nowhere[i], 1000, NULL);
        ws_frame_unref(f);
    }
    int fd = client_open(&e);
    client_say(fd, GET("/"));
    assert_int_equal(client_answer(fd, answer, sizeof answer), 200);
    (void)close(fd);
    engine_stop(&e);
}

/* ---- stopping ---- */

static void stopping_answers_what_is_in_flight(void **state)
{
    struct engine e;
    struct net_limits limits = engine_limits();

    (void)state;
    engine_start(&e, &limits, 1); /* so that the idle one's end shows that it is stopping */
    int idle = client_open(&e);
    client_say(idle, GET("/"));
    assert_int_equal(client_answer(idle, answer, sizeof answer), 200);
    int busy = client_open(&e);
    client_say(busy, GET("/hold"));
    wait_for(&e.requests, 2);
    struct http_request *held = atomic_load(&e.held);
    pthread_t stopper;
    assert_int_equal(pthread_create(&stopper, NULL, stop_engine, &e), 0);
    assert_true(client_ended(idle));
    net_reply(e.net, held->conn, http_reply_new(204));
    net_request_free(held);
    assert_int_equal(client_answer(busy, answer, sizeof answer), 204);
    assert_non_null(strstr(answer, "Connection: close\r\n"));
    assert_null(strstr(answer, "Content-Length"));
    assert_true(client_ended(busy));
    (void)close(busy);
    (void)close(idle);
    (void)pthread_join(stopper, NULL);
    assert_int_equal(net_post(e.net, 0, &e), -E_UNAVAILABLE);
    net_free(e.net);
}

/* A handler that never answers does not hold up the end for longer than the grace. */
static void stopping_ends_with_the_grace(void **state)
{
    struct engine e;
    struct net_limits limits = engine_limits();

    (void)state;
    engine_start(&e, &limits, 1);
    int fd = client_open(&e);
    client_say(fd, GET("/hold"));
    wait_for(&e.requests, 1);
    int64_t start = clock_mono_us();
    net_stop(e.net, 200 * US_PER_MS);
    assert_true(clock_mono_us() - start >= 200 * US_PER_MS);
    assert_true(clock_mono_us() - start < 2 * US_PER_S);
    assert_true(client_ended(fd));
    struct http_request *held = atomic_load(&e.held);
    net_reply(e.net, held->conn, http_reply_new(200)); /* too late, and harmless */
    net_request_free(held);
    (void)close(fd);
    net_free(e.net);
}

/* ---- mails of the program ---- */

static void posts_arrive(void **state)
{
    struct engine e;
    struct net_limits limits = engine_limits();

    (void)state;
    engine_start(&e, &limits, 2);
    for (unsigned i = 0; i < 100; i++)
        assert_int_equal(net_post(e.net, i % net_loops(e.net), malloc(1)), 0);
    wait_for(&e.mails, 100);
    assert_int_equal(net_post(e.net, 7, &e), -E_UNAVAILABLE);
    wait_for(&e.ticks, 2);
    engine_stop(&e);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(echoes),
        cmocka_unit_test(pipelined_requests_wait_their_turn),
        cmocka_unit_test(a_thousand_pipelined),
        cmocka_unit_test(byte_by_byte),
        cmocka_unit_test(head_has_no_body),
        cmocka_unit_test(continues),
        cmocka_unit_test(half_closed_clients_get_their_answer),
        cmocka_unit_test(errors_are_problems),
        cmocka_unit_test(a_refused_body_does_not_eat_the_answer),
        cmocka_unit_test(answers_never_reach_a_newer_connection),
        cmocka_unit_test(references_to_nowhere_are_dropped),
        cmocka_unit_test(stopping_answers_what_is_in_flight),
        cmocka_unit_test(stopping_ends_with_the_grace),
        cmocka_unit_test(posts_arrive),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
