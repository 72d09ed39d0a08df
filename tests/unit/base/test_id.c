/* test_id.c - UUIDv7: order, form, and the time inside. */
#include "../unit.h"
#include "base/clock.h"
#include "base/id.h"

static void ids_increase(void **state)
{
    (void)state;
    struct id last = id_new();
    for (int i = 0; i < 200000; i++) { /* many more in a millisecond than its counter holds */
        struct id next = id_new();
        if (id_cmp(&last, &next) >= 0)
            fail_msg("id %d does not increase", i);
        last = next;
    }
    int64_t ahead = id_time_ms(&last) - clock_now_us() / 1000;
    assert_true(ahead < 1000);
}

static void ids_are_of_now_and_version_7(void **state)
{
    (void)state;
    int64_t before = clock_now_us() / 1000;
    struct id id = id_new();
    int64_t ms = id_time_ms(&id);
    assert_int_equal(id.b[6] >> 4, 7);
    assert_int_equal(id.b[8] >> 6, 2);
    assert_true(ms >= before && ms <= before + 1000);
    assert_false(id_is_none(&id));
    id.b[6] = (uint8_t)(0x40 | (id.b[6] & 0x0F));
    assert_int_equal(id_time_ms(&id), -1);
    id.b[6] = (uint8_t)(0x70 | (id.b[6] & 0x0F));
    id.b[8] = 0xC0;
    assert_int_equal(id_time_ms(&id), -1);
}

/* The example of RFC 9562, appendix A.6. */
static void example_of_the_rfc(void **state)
{
    (void)state;
    struct id id;
    char text[ID_TEXT + 1];
    assert_int_equal(id_parse(STR("017F22E2-79B0-7CC3-98C4-DC0C0C07398F"), &id), 0);
    assert_int_equal(id_time_ms(&id), 0x017F22E279B0);
    id_format(&id, text);
    assert_string_equal(text, "017f22e2-79b0-7cc3-98c4-dc0c0c07398f");
}

static void other_forms_are_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {"",
                                      "017f22e279b07cc398c4dc0c0c07398f",
                                      "017f22e2-79b0-7cc3-98c4-dc0c0c07398",
                                      "017f22e2-79b0-7cc3-98c4-dc0c0c07398ff",
                                      "{17f22e2-79b0-7cc3-98c4-dc0c0c07398}",
                                      "017f22e2-79b0-7cc3-98c4_dc0c0c07398f",
                                      "017f22e2-79b0-7cc3-98c4-dc0c0c07398g",
                                      "017f22e-279b0-7cc3-98c4-dc0c0c07398f",
                                      " 17f22e2-79b0-7cc3-98c4-dc0c0c07398f"};
    struct id id;
    for (size_t i = 0; i < COUNT_OF(bad); i++)
        assert_int_equal(id_parse(str_from(bad[i]), &id), -E_MALFORMED);
    assert_int_equal(id_parse(STR("017f22e2-79b0-7cc3-98c4-dc0c0c07398\0"), &id), -E_MALFORMED);
}

static void order_is_that_of_bytes(void **state)
{
    (void)state;
    struct id a = {{1}}, b = {{1, 1}}, c = {{0xFF}};
    assert_true(id_cmp(&a, &b) < 0);
    assert_true(id_cmp(&c, &b) > 0);
    assert_int_equal(id_cmp(&a, &a), 0);
    assert_true(id_eq(&a, &a));
    assert_false(id_eq(&a, &b));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ids_increase),           cmocka_unit_test(ids_are_of_now_and_version_7),
        cmocka_unit_test(example_of_the_rfc),     cmocka_unit_test(other_forms_are_refused),
        cmocka_unit_test(order_is_that_of_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
