/* test_peers.c - connections counted by address, against a plain array that counts the same. */
#include "net/peers.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define ADDRESSES 300
#define LIMIT 3

static struct peer_key key_of(const char *text)
{
    struct sockaddr_storage a = {0};
    struct sockaddr_in *in = (void *)&a;
    struct sockaddr_in6 *in6 = (void *)&a;

    if (inet_pton(AF_INET, text, &in->sin_addr) == 1) {
        a.ss_family = AF_INET;
    } else {
        assert_int_equal(inet_pton(AF_INET6, text, &in6->sin6_addr), 1);
        a.ss_family = AF_INET6;
    }
    return peer_key_from(&a);
}

static bool same(const char *a, const char *b)
{
    struct peer_key ka = key_of(a);
    struct peer_key kb = key_of(b);

    return memcmp(ka.b, kb.b, sizeof ka.b) == 0;
}

static void keys(void **state)
{
    (void)state;
    assert_true(same("192.0.2.1", "192.0.2.1"));
    assert_false(same("192.0.2.1", "192.0.2.2"));
    assert_true(same("192.0.2.1", "::ffff:192.0.2.1"));
    assert_true(same("2001:db8::1", "2001:db8::ffff:2")); /* one /64 */
    assert_false(same("2001:db8::1", "2001:db8:0:1::1"));
    assert_false(same("::1", "0.0.0.1"));
}

static void counts(void **state)
{
    struct peers peers;
    size_t model[ADDRESSES] = {0};
    uint32_t seed = 7;

    (void)state;
    peers_init(&peers, LIMIT);
    for (int i = 0; i < 200000; i++) {
        struct peer_key key = {{4, 10}};
        seed = seed * 1664525U + 1013904223U;
        uint32_t who = (seed >> 8) % ADDRESSES;
        memcpy(key.b + 2, &who, sizeof who);
        if (seed >> 30 != 0) {
            assert_int_equal(peers_enter(&peers, &key), model[who] < LIMIT);
            if (model[who] < LIMIT)
                model[who]++;
        } else if (model[who] > 0) {
            peers_leave(&peers, &key);
            model[who]--;
        }
        if (i % 1000 == 999) { /* now and then everybody goes */
            for (who = 0; who < ADDRESSES; who++)
                for (memcpy(key.b + 2, &who, sizeof who); model[who] > 0; model[who]--)
                    peers_leave(&peers, &key);
            assert_int_equal(peers.used, 0);
        }
    }
    peers_done(&peers);
}

static void no_limit_counts_nothing(void **state)
{
    struct peers peers;
    struct peer_key key = key_of("192.0.2.1");

    (void)state;
    peers_init(&peers, 0);
    for (int i = 0; i < 1000; i++)
        assert_true(peers_enter(&peers, &key));
    assert_null(peers.table);
    peers_leave(&peers, &key);
    peers_done(&peers);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys),
        cmocka_unit_test(counts),
        cmocka_unit_test(no_limit_counts_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
