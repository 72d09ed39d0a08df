/* test_limits.c - token buckets: what a burst is, how it comes back, and that they stay bounded. */
#include <pthread.h>
#include <stdatomic.h>

#include "../unit.h"
#include "api/limits.h"
#include "base/clock.h"

#define START (100 * US_PER_HOUR)

static const struct {
    enum rate rate;
    int64_t burst, per_minute;
} rules[] = {
#define X(name, burst, per_minute) {RATE_##name, burst, per_minute},
    RATE_TABLE(X)
#undef X
};

static int64_t take_all(struct limits *l, enum rate rate, uint64_t key, int64_t now,
                        int64_t *ret_wait)
{
    int64_t n = 0;

    while (n < 100000 && limits_take(l, rate, key, now, ret_wait))
        n++;
    return n;
}

static void burst_and_refill(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rules); i++) {
        struct limits *l = limits_new(true);
        enum rate rate = rules[i].rate;
        int64_t wait = 0;
        assert_int_equal(limits_burst(rate), rules[i].burst);
        if (rate == RATE_NONE) { /* no limit at all */
            assert_int_equal(take_all(l, rate, 7, START, &wait), 100000);
            limits_free(l);
            continue;
        }
        assert_int_equal(take_all(l, rate, 7, START, &wait), rules[i].burst);
        assert_in_range(wait, 1, 60 / rules[i].per_minute + 1);
        /* not before the time that was told, and then one */
        int64_t each = US_PER_MIN / rules[i].per_minute;
        int64_t unused;
        assert_false(limits_take(l, rate, 7, START + each - 2 * US_PER_MS, &unused));
        assert_true(limits_take(l, rate, 7, START + wait * US_PER_S + US_PER_MS, &unused));
        /* a minute brings what it says, and no time brings more than the burst */
        struct limits *m = limits_new(true);
        (void)take_all(m, rate, 7, START, &wait);
        int64_t minute =
            rules[i].per_minute < rules[i].burst ? rules[i].per_minute : rules[i].burst;
        assert_int_equal(take_all(m, rate, 7, START + US_PER_MIN, &wait), minute);
        assert_int_equal(take_all(m, rate, 7, START + 10 * US_PER_DAY, &wait), rules[i].burst);
        limits_free(m);
        limits_free(l);
    }
}

static void keys_and_classes_are_apart(void **state)
{
    struct limits *l = limits_new(true);
    int64_t wait;

    (void)state;
    assert_int_equal(take_all(l, RATE_SIGN_IN, 1, START, &wait), limits_burst(RATE_SIGN_IN));
    assert_int_equal(take_all(l, RATE_SIGN_IN, 2, START, &wait), limits_burst(RATE_SIGN_IN));
    assert_int_equal(take_all(l, RATE_WRITE, 1, START, &wait), limits_burst(RATE_WRITE));
    assert_int_equal(take_all(l, RATE_SIGN_IN, 1, START, &wait), 0);
    /* ids of accounts as keys: high bits matter as well as low ones */
    for (int bit = 0; bit < 56; bit++)
        assert_int_equal(take_all(l, RATE_REGISTER, UINT64_C(1) << bit, START, &wait),
                         limits_burst(RATE_REGISTER));
    limits_free(l);
}

static void keys_of_texts(void **state)
{
    (void)state;
    const uint64_t one = limits_key_text("pair", STR("ana"), STR("10.0.0.1"));
    const uint64_t same = limits_key_text("pair", STR("ana"), STR("10.0.0.1"));
    const uint64_t others[] = {
        limits_key_text("account", STR("ana"), STR("10.0.0.1")),
        limits_key_text("pair", STR("ana1"), STR("0.0.0.1")), /* not merely joined */
        limits_key_text("pair", STR("ana10.0.0.1"), STR("")),
        limits_key_text("pair", STR("10.0.0.1"), STR("ana")),
    };

    assert_true(one == same);
    for (size_t i = 0; i < COUNT_OF(others); i++)
        assert_true(others[i] != one);
    /* one subscriber of IPv6 has 64 bits of addresses: changing them is no new beginning */
    const uint64_t v6 = limits_key_address(STR("2001:db8:1:2::5"));
    assert_true(v6 == limits_key_address(STR("2001:db8:1:2:ffff:1:2:3")));
    assert_true(v6 != limits_key_address(STR("2001:db8:1:3::5")));
    assert_true(limits_key_address(STR("10.0.0.1")) != limits_key_address(STR("10.0.0.2")));
    assert_true(limits_key_address(STR("10.0.0.1")) == limits_key_address(STR("10.0.0.1")));
}

static void a_good_attempt_is_given_back(void **state)
{
    struct limits *l = limits_new(true);
    const int64_t burst = limits_burst(RATE_SIGN_IN_PAIR);
    int64_t wait;

    (void)state;
    for (int i = 0; i < 100; i++) { /* the right password as often as one likes */
        assert_true(limits_take(l, RATE_SIGN_IN_PAIR, 5, START, &wait));
        limits_return(l, RATE_SIGN_IN_PAIR, 5);
    }
    limits_return(l, RATE_SIGN_IN_PAIR, 5); /* never more than there were */
    limits_return(l, RATE_SIGN_IN_PAIR, 99);
    assert_int_equal(take_all(l, RATE_SIGN_IN_PAIR, 5, START, &wait), burst);
    limits_return(l, RATE_SIGN_IN_PAIR, 5);
    assert_int_equal(take_all(l, RATE_SIGN_IN_PAIR, 5, START, &wait), 1);
    limits_free(l);
}

static void switched_off(void **state)
{
    struct limits *l = limits_new(false);
    int64_t wait;

    (void)state;
    assert_int_equal(take_all(l, RATE_REGISTER, 1, START, &wait), 100000);
    limits_return(l, RATE_REGISTER, 1);
    limits_free(l);
    limits_free(NULL);
}

/* Many more keys than there is room for: the stalest give way, and whoever is busy stays known. */
static void strangers_push_out_the_stale(void **state)
{
    struct limits *l = limits_new(true);
    int64_t now = START;
    int64_t wait;

    (void)state;
    assert_int_equal(take_all(l, RATE_REGISTER, 1, now, &wait), limits_burst(RATE_REGISTER));
    for (uint64_t key = 1000; key < 1000 + 5 * (uint64_t)LIMITS_SLOTS; key++) {
        now += 100; /* half a minute in all: a token or so comes back */
        assert_true(limits_take(l, RATE_REGISTER, key * UINT64_C(0x9E3779B97F4A7C15), now, &wait));
        if (key % 300 == 0)
            (void)limits_take(l, RATE_REGISTER, 1, now, &wait);
    }
    assert_true(take_all(l, RATE_REGISTER, 1, now, &wait) <= 2);
    /* one that was pushed out starts anew: a limiter forgets, it does not lock out */
    assert_true(limits_take(l, RATE_REGISTER, 1000 * UINT64_C(0x9E3779B97F4A7C15), now, &wait));
    limits_free(l);
}

struct taker {
    pthread_t thread;
    struct limits *limits;
    atomic_int *taken;
};

static void *take_many(void *arg)
{
    struct taker *t = arg;
    int64_t wait;

    for (int i = 0; i < 200; i++)
        if (limits_take(t->limits, RATE_WRITE, 3, START, &wait))
            atomic_fetch_add(t->taken, 1);
    return NULL;
}

static void threads_share_a_bucket(void **state)
{
    struct taker takers[8];
    atomic_int taken = 0;
    struct limits *l = limits_new(true);

    (void)state;
    for (size_t i = 0; i < COUNT_OF(takers); i++) {
        takers[i] = (struct taker){.limits = l, .taken = &taken};
        assert_int_equal(pthread_create(&takers[i].thread, NULL, take_many, &takers[i]), 0);
    }
    for (size_t i = 0; i < COUNT_OF(takers); i++)
        assert_int_equal(pthread_join(takers[i].thread, NULL), 0);
    assert_int_equal(atomic_load(&taken), limits_burst(RATE_WRITE));
    limits_free(l);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(burst_and_refill),       cmocka_unit_test(keys_and_classes_are_apart),
        cmocka_unit_test(keys_of_texts),          cmocka_unit_test(a_good_attempt_is_given_back),
        cmocka_unit_test(switched_off),           cmocka_unit_test(strangers_push_out_the_stale),
        cmocka_unit_test(threads_share_a_bucket),
    };
    return cmocka_run_group_tests_name("api/limits", tests, NULL, NULL);
}
