/* test_limits.c - a socket lives no longer than its session: idle and absolute limits on open
 * sockets, and what keeps a session alive. Short limits, the real clock. */
#include <unistd.h>

#include "live.h"

static struct live *start(const struct session_limits *limits, struct id *ret_ana)
{
    struct live *l = live_new(limits);

    *ret_ana = clinic_patient(l->c, "Ana");
    return l;
}

static void an_idle_socket_closes(void **state)
{
    const struct session_limits limits = {1000 * US_PER_MS, US_PER_HOUR};
    struct id ana;
    struct live *l = start(&limits, &ana);
    struct live_client *idle = live_connect(l, &ana, ROLE_PATIENT);
    struct live_client *busy = live_connect(l, &ana, ROLE_PATIENT);
    int64_t begin = clock_mono_us();

    while (clock_mono_us() - begin < 3 * US_PER_S) {
        live_say(busy, "touch", &ana, 0);
        (void)usleep(200000);
    }
    live_expect_close(l, idle, CLOSE_SESSION_ENDED);
    live_expect_nothing(l, busy); /* what it did was stored in time */
    assert_int_equal(clinic_ask(l->c, "SELECT count(*) FROM sessions WHERE last_seen_at > "
                                      "created_at + 2000000"),
                     1);
    *state = l;
}

/* The idle time ran out by this socket's count, but another tab kept the session alive. */
static void another_tab_keeps_it_alive(void **state)
{
    const struct session_limits limits = {1000 * US_PER_MS, US_PER_HOUR};
    struct id ana;
    struct live *l = start(&limits, &ana);
    const struct session session = clinic_session(l->c, &ana, ROLE_PATIENT, clock_now_us(), NULL);
    struct live_client *quiet = live_connect_as(l, &session);
    struct live_client *busy = live_connect_as(l, &session);
    int64_t begin = clock_mono_us();

    while (clock_mono_us() - begin < 3 * US_PER_S) {
        live_say(busy, "touch", &ana, 0);
        (void)usleep(200000);
    }
    live_expect_nothing(l, quiet);
    live_expect_nothing(l, busy);
    *state = l;
}

static void the_absolute_limit_cannot_be_moved(void **state)
{
    const struct session_limits limits = {US_PER_HOUR, 2 * US_PER_S};
    struct id ana;
    struct live *l = start(&limits, &ana);
    struct session session = clinic_session(l->c, &ana, ROLE_PATIENT, clock_now_us(), NULL);

    session.expires_at = session.created_at + limits.absolute_us;
    clinic_sql(l->c, "UPDATE sessions SET expires_at = created_at + 2000000");
    struct live_client *k = live_connect_as(l, &session);
    for (int i = 0; i < 20; i++) {
        live_say(k, "touch", &ana, 0);
        (void)usleep(100000);
    }
    live_expect_close(l, k, CLOSE_SESSION_ENDED);
    assert_true(clock_now_us() - session.created_at < 5 * US_PER_S);
    *state = l;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(an_idle_socket_closes, NULL, live_teardown),
        cmocka_unit_test_setup_teardown(another_tab_keeps_it_alive, NULL, live_teardown),
        cmocka_unit_test_setup_teardown(the_absolute_limit_cannot_be_moved, NULL, live_teardown),
    };
    return cmocka_run_group_tests_name("realtime/limits", tests, NULL, NULL);
}
