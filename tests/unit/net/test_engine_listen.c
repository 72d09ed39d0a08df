/* test_engine_listen.c - where the engine listens, and what it does when it cannot accept. */
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "engine.h"

#define GET(path) "GET " path " HTTP/1.1\r\nHost: x\r\n\r\n"

static char answer[65536];

static void expect_served(int fd)
{
    client_say(fd, GET("/"));
    assert_int_equal(client_answer(fd, answer, sizeof answer), 200);
}

static void bad_addresses(void **state)
{
    static const char *const bad[] = {
        "",
        "localhost",
        ":8080",
        "localhost:",
        "localhost:http",
        "localhost:65536",
        "::1:80",
        "[::1]",
        "localhost:-1",
        "localhost: 80",
        "unix:",
        "unix:relative",
        "256.0.0.1.invalid:80",
    };
    struct net_options options = {.limits = net_limits_default, .loops = 1};
    struct net *net;

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        options.listen = bad[i];
        assert_int_equal(net_new(&options, &net), -E_CONFIG);
        assert_null(net);
    }
    /* an address that is someone else's */
    options.listen = "192.0.2.1:0";
    assert_int_equal(net_new(&options, &net), -E_IO);
}

static void a_port_in_use(void **state)
{
    struct engine e;
    struct net_limits limits = engine_limits();
    struct net_options options = {.limits = net_limits_default, .loops = 1};
    struct net *net;
    char where[32];

    (void)state;
    engine_start(&e, &limits, 1);
    (void)snprintf(where, sizeof where, "127.0.0.1:%d", e.port);
    options.listen = where;
    assert_int_equal(net_new(&options, &net), -E_IO);
    engine_stop(&e);
}

static void a_name_listens_on_all_its_addresses(void **state)
{
    struct engine e;
    struct net_limits limits = engine_limits();

    (void)state;
    engine_start_at(&e, &limits, 2, "localhost:0");
    int fd = client_open(&e);
    expect_served(fd);
    (void)close(fd);
    struct sockaddr_in6 a = {.sin6_family = AF_INET6,
                             .sin6_port = htons((uint16_t)e.port),
                             .sin6_addr = IN6ADDR_LOOPBACK_INIT};
    int probe = socket(AF_INET6, SOCK_STREAM, 0);
    if (probe >= 0 && connect(probe, (struct sockaddr *)&a, sizeof a) == 0) {
        fd = client_open_at((struct sockaddr *)&a, sizeof a);
        expect_served(fd);
        assert_non_null(strstr(answer, "X-Address: ::1\r\n"));
        (void)close(fd);
    } else {
        print_message("no IPv6 loopback here: that half is not tested\n");
    }
    if (probe >= 0)
        (void)close(probe);
    engine_stop(&e);
}

static void a_unix_socket(void **state)
{
    struct engine e;
    struct net_limits limits = engine_limits();
    char folder[] = "/tmp/acolhe-net-XXXXXX";
    char where[64];
    struct sockaddr_un a = {.sun_family = AF_UNIX};
    struct stat st;

    (void)state;
    assert_non_null(mkdtemp(folder));
    (void)snprintf(a.sun_path, sizeof a.sun_path, "%s/s", folder);
    (void)snprintf(where, sizeof where, "unix:%s/s", folder);
    /* what a killed process left behind is replaced */
    int stale = socket(AF_UNIX, SOCK_STREAM, 0);
    assert_int_equal(bind(stale, (struct sockaddr *)&a, sizeof a), 0);
    (void)close(stale);

    engine_start_at(&e, &limits, 2, where);
    assert_int_equal(net_port(e.net), 0);
    int fd = client_open_at((struct sockaddr *)&a, sizeof a);
    expect_served(fd);
    assert_non_null(strstr(answer, "X-Address: unix\r\n"));
    /* a live one is not */
    struct net_options options = {.listen = where, .limits = limits, .loops = 1};
    struct net *second;
    assert_int_equal(net_new(&options, &second), -E_IO);
    expect_served(fd);
    (void)close(fd);
    engine_stop(&e);
    assert_int_equal(stat(a.sun_path, &st), -1);
    (void)rmdir(folder);
}

static int64_t cpu_us(void)
{
    struct rusage u;

    (void)getrusage(RUSAGE_SELF, &u);
    return (u.ru_utime.tv_sec + u.ru_stime.tv_sec) * US_PER_S + u.ru_utime.tv_usec +
           u.ru_stime.tv_usec;
}

/* Out of descriptors: nobody is dropped, nothing spins, and who waited is served afterwards. */
static void out_of_descriptors(void **state)
{
    struct engine e;
    struct net_limits limits = engine_limits();
    struct rlimit before;

    (void)state;
    engine_start(&e, &limits, 2);
    int served = client_open(&e);
    expect_served(served);
    int waiting = socket(AF_INET, SOCK_STREAM, 0);
    const struct timeval patience = {.tv_sec = 5};
    (void)setsockopt(waiting, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    /* the next free number is the limit: no descriptor can be opened */
    int next = dup(served);
    (void)close(next);
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
    const struct rlimit none = {.rlim_cur = (rlim_t)next, .rlim_max = before.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons((uint16_t)e.port)};
    a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    assert_int_equal(connect(waiting, (struct sockaddr *)&a, sizeof a), 0);
    client_say(waiting, GET("/"));
    (void)usleep(100000);
    int64_t cpu = cpu_us();
    (void)usleep(500000);
    assert_true(cpu_us() - cpu < 250000); /* spinning on two loops would use up to 1 s */
    expect_served(served);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
    assert_int_equal(client_answer(waiting, answer, sizeof answer), 200);
    (void)close(waiting);
    (void)close(served);
    engine_stop(&e);
}

static void connections_are_spread_over_the_loops(void **state)
{
    struct engine e;
    struct net_limits limits = engine_limits();
    int fds[40];
    unsigned loops[2] = {0};

    (void)state;
    engine_start(&e, &limits, 2);
    for (size_t i = 0; i < 40; i++) {
        fds[i] = client_ws(&e, "/");
        loops[engine_ws(&e).loop]++;
    }
    assert_true(loops[0] >= 15 && loops[1] >= 15);
    for (size_t i = 0; i < 40; i++)
        (void)close(fds[i]);
    wait_for(&e.closed, 40);
    engine_stop(&e);
}

static void never_started(void **state)
{
    struct net_options options = {
        .listen = "127.0.0.1:0", .limits = net_limits_default, .loops = 3};
    struct net *net;

    (void)state;
    assert_int_equal(net_new(&options, &net), 0);
    assert_int_equal(net_loops(net), 3);
    net_stop(net, 0);
    net_free(net);
    net_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bad_addresses),
        cmocka_unit_test(a_port_in_use),
        cmocka_unit_test(a_name_listens_on_all_its_addresses),
        cmocka_unit_test(a_unix_socket),
        cmocka_unit_test(out_of_descriptors),
        cmocka_unit_test(connections_are_spread_over_the_loops),
        cmocka_unit_test(never_started),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
