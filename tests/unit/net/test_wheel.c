/* test_wheel.c - deadlines fire in time: never early, and late by a tick at most. */
#include "net/wheel.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "base/clock.h"

#define NODES 2000
#define FAR (10 * US_PER_MIN) /* many turns of the wheel */

static struct wheel wheel;
static struct wheel_node nodes[NODES];
static uint32_t seed;

static int setup(void **state)
{
    (void)state;
    seed = 1;
    for (size_t i = 0; i < NODES; i++)
        wheel_node_init(&nodes[i]);
    return 0;
}

/* The same numbers in every run. */
static uint32_t number(uint32_t below)
{
    seed = seed * 1664525U + 1013904223U;
    return (seed >> 8) % below;
}

static void fires_in_time(void **state)
{
    int64_t now = 12345;
    size_t fired = 0;

    (void)state;
    wheel_init(&wheel, now);
    for (size_t i = 0; i < NODES; i++)
        wheel_set(&wheel, &nodes[i], now + (int64_t)number((uint32_t)FAR));
    while (fired < NODES && now < 2 * FAR) {
        struct wheel_node *n;
        int64_t before = now;
        now += 1000 + number(70000);
        while ((n = wheel_fire(&wheel, now))) {
            assert_true(n->at_us <= now);
            assert_true(n->at_us > before - WHEEL_TICK_US);
            fired++;
        }
    }
    assert_int_equal(fired, NODES);
}

/* Sleeping as long as wheel_quiet_us says misses nothing and wakes up rarely. */
static void quiet_never_oversleeps(void **state)
{
    int64_t now = 999999;
    size_t fired = 0;
    size_t naps = 0;

    (void)state;
    wheel_init(&wheel, now);
    for (size_t i = 0; i < 100; i++)
        wheel_set(&wheel, &nodes[i], now + (int64_t)number((uint32_t)FAR));
    while (fired < 100) {
        struct wheel_node *n;
        int64_t nap = wheel_quiet_us(&wheel, now, US_PER_S);
        assert_true(nap >= 0 && nap <= US_PER_S);
        now += nap > 0 ? nap : 1;
        naps++;
        while ((n = wheel_fire(&wheel, now))) {
            assert_true(now - n->at_us <= WHEEL_TICK_US + 1);
            fired++;
        }
    }
    assert_true(naps < 10000); /* 10 minutes of naps; a spin would take millions */
}

static void moves_and_clears(void **state)
{
    int64_t now = US_PER_S;

    (void)state;
    wheel_init(&wheel, now);
    wheel_set(&wheel, &nodes[0], now + US_PER_S);
    wheel_set(&wheel, &nodes[1], now + US_PER_S);
    wheel_set(&wheel, &nodes[2], now + US_PER_S);
    wheel_set(&wheel, &nodes[0], now + 5 * US_PER_S);
    wheel_clear(&nodes[1]);
    wheel_clear(&nodes[1]);
    now += 2 * US_PER_S;
    assert_ptr_equal(wheel_fire(&wheel, now), &nodes[2]);
    assert_null(wheel_fire(&wheel, now));
    now += 4 * US_PER_S;
    assert_ptr_equal(wheel_fire(&wheel, now), &nodes[0]);
    assert_null(wheel_fire(&wheel, now));
}

static void the_past_fires_at_once(void **state)
{
    int64_t now = US_PER_MIN;

    (void)state;
    wheel_init(&wheel, now);
    assert_null(wheel_fire(&wheel, now));
    wheel_set(&wheel, &nodes[0], now - US_PER_S);
    assert_true(wheel_quiet_us(&wheel, now, US_PER_S) <= WHEEL_TICK_US);
    assert_ptr_equal(wheel_fire(&wheel, now + WHEEL_TICK_US), &nodes[0]);
}

static void a_long_stop_loses_nothing(void **state)
{
    int64_t now = US_PER_S;
    size_t fired = 0;

    (void)state;
    wheel_init(&wheel, now);
    for (size_t i = 0; i < NODES; i++)
        wheel_set(&wheel, &nodes[i], now + (int64_t)number((uint32_t)FAR));
    while (wheel_fire(&wheel, now + US_PER_DAY))
        fired++;
    assert_int_equal(fired, NODES);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup(f, setup)
    const struct CMUnitTest tests[] = {
        TEST(fires_in_time),          TEST(quiet_never_oversleeps),    TEST(moves_and_clears),
        TEST(the_past_fires_at_once), TEST(a_long_stop_loses_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
