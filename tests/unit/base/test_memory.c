/* test_memory.c - bounded buffers and arenas: their limits, alignment, and reuse. */
#include <stdalign.h>

#include "../unit.h"
#include "base/arena.h"
#include "base/buf.h"

static void buf_grows_to_its_bound(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, 100);
    assert_str(buf_str(&b), "");
    for (int i = 0; i < 100; i++)
        assert_int_equal(buf_add_char(&b, 'x'), 0);
    assert_int_equal(buf_add_char(&b, 'y'), -E_TOO_LARGE);
    assert_int_equal(b.len, 100);
    assert_int_equal(buf_add(&b, "", 0), -E_TOO_LARGE); /* the error stays */
    buf_clear(&b);
    assert_int_equal(buf_add_text(&b, "again"), 0);
    assert_int_equal(buf_reserve(&b, SIZE_MAX), -E_TOO_LARGE); /* no overflow of len + more */
    assert_str(buf_str(&b), "again");
    buf_done(&b);
    buf_done(&b);
}

static void buf_formats(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, 200);
    (void)buf_add_i64(&b, INT64_MIN);
    (void)buf_add_char(&b, ' ');
    (void)buf_add_i64(&b, INT64_MAX);
    (void)buf_addf(&b, " %d-%s", 7, "seven");
    (void)buf_add_i64(&b, 0);
    assert_str(buf_str(&b), "-9223372036854775808 9223372036854775807 7-seven0");
    buf_consume(&b, 21);
    assert_str(buf_str(&b), "9223372036854775807 7-seven0");
    buf_consume(&b, b.len);
    assert_str(buf_str(&b), "");
    buf_done(&b);
    buf_init(&b, 4);
    assert_int_equal(buf_addf(&b, "%s", "12345"), -E_TOO_LARGE);
    assert_int_equal(b.len, 0);
    buf_done(&b);
}

static void arena_is_bounded_and_aligned(void **state)
{
    (void)state;
    struct arena a;
    arena_init(&a, 64 * 1024);
    size_t got = 0;
    for (size_t size = 0;; size = (size + 7) % 900) {
        unsigned char *p = arena_alloc(&a, size);
        if (!p)
            break;
        assert_int_equal((uintptr_t)p % alignof(max_align_t), 0);
        for (size_t i = 0; i < size; i++)
            assert_int_equal(p[i], 0);
        if (size > 0)
            memset(p, 0xAA, size);
        got += size;
    }
    assert_true(got <= 64 * 1024);
    assert_true(got > 32 * 1024); /* most of the bound is of use */
    assert_true(a.total <= a.max);
    assert_null(arena_alloc(&a, SIZE_MAX));
    assert_null(arena_array(&a, SIZE_MAX / 2, 3));
    arena_reset(&a);
    unsigned char *p = arena_alloc(&a, 64);
    assert_non_null(p);
    assert_int_equal(p[0], 0); /* zeroed also when used before */
    arena_done(&a);
    arena_reset(&a);
    arena_done(&a);
}

static void arena_texts(void **state)
{
    (void)state;
    struct arena a;
    arena_init(&a, 8192);
    struct str copy = arena_str(&a, STR("a\0b"));
    assert_int_equal(copy.n, 3);
    assert_int_equal(copy.p[3], '\0');
    assert_null(arena_str(&a, STR_NONE).p);
    assert_non_null(arena_str(&a, STR("")).p);
    assert_str(arena_printf(&a, "%s[%d]", "x", 3), "x[3]");
    assert_null(arena_printf(&a, "%9000d", 1).p);
    arena_done(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(buf_grows_to_its_bound),
        cmocka_unit_test(buf_formats),
        cmocka_unit_test(arena_is_bounded_and_aligned),
        cmocka_unit_test(arena_texts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
