/*
 * test_bind_memory.c - every allocation of a parse fails once: the answer is -E_NO_MEMORY and never
 * "malformed" or, worse, a tree with something missing; AddressSanitizer sees what is lost or torn.
 *
 * The linker sends malloc, calloc and realloc of the program through here (--wrap).
 */
#include <stdlib.h>

#include "../unit.h"
#include "json/json.h"

void *__real_malloc(size_t n);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *p, size_t n);
void *__wrap_malloc(size_t n);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *p, size_t n);

static long countdown = -1; /* allocations until the one that fails; negative: none */

static bool fails(void)
{
    return countdown >= 0 && countdown-- == 0;
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

struct letter {
    struct str to, text;
    int64_t copies;
};
static const struct json_field fields[] = {
    {"to", JSON_TEXT, offsetof(struct letter, to), JSON_REQUIRED, 1, 100, NULL, NULL,
     JSON_NO_PRESENT},
    {"text", JSON_TEXT, offsetof(struct letter, text), JSON_REQUIRED, 1, 4000, NULL, NULL,
     JSON_NO_PRESENT},
    {"copies", JSON_I64, offsetof(struct letter, copies), 0, 0, 9, NULL, NULL, JSON_NO_PRESENT},
};
static const struct json_desc desc = {"letter", fields, COUNT_OF(fields), sizeof(struct letter)};

static void every_allocation_may_fail(void **state)
{
    char text[3000];
    long k = 0;
    int r;

    (void)state;
    /* a string that grows jansson's buffers several times */
    int n = snprintf(text, sizeof text, "{\"to\":\"ana\",\"copies\":3,\"text\":\"%02000d\"}", 7);
    do {
        struct issues issues;
        struct letter letter;
        struct arena arena;

        arena_init(&arena, (size_t)1 << 16);
        countdown = k++;
        r = json_bind(&desc, str_of(text, (size_t)n), &arena, &letter, &issues);
        bool failed = countdown < 0;
        countdown = -1;
        assert_int_equal(r, failed ? -E_NO_MEMORY : 0);
        if (r == 0) {
            assert_int_equal(letter.text.n, 2000);
            assert_int_equal(letter.copies, 3);
        }
        arena_done(&arena);
    } while (r < 0);
    assert_true(k > 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_allocation_may_fail)};

    return cmocka_run_group_tests_name("json/bind_memory", tests, NULL, NULL);
}
