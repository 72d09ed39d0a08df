/* arena.c - see arena.h. Blocks are malloc'd (so that sanitizers see them) and chained. */
#include "base/arena.h"

#include <stdalign.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

struct arena_block {
    struct arena_block *next;
    size_t size; /* of the bytes that follow */
    max_align_t bytes[];
};

#define ARENA_BLOCK_MIN ((size_t)4096 - sizeof(struct arena_block))

void arena_init(struct arena *a, size_t max)
{
    *a = (struct arena){.max = max};
}

void arena_done(struct arena *a)
{
    for (struct arena_block *b = a->blocks; b;) {
        struct arena_block *next = b->next;
        free(b);
        b = next;
    }
    arena_init(a, a->max);
}

void arena_reset(struct arena *a)
{
    struct arena_block *keep = a->blocks;

    if (!keep)
        return;
    a->blocks = keep->next;
    keep->next = NULL;
    arena_done(a);
    a->blocks = keep;
    a->at = (char *)keep->bytes;
    a->left = keep->size;
    a->total = keep->size;
}

static int arena_grow(struct arena *a, size_t size)
{
    size_t want = a->total > ARENA_BLOCK_MIN ? a->total : ARENA_BLOCK_MIN;

    if (want < size)
        want = size;
    if (a->total >= a->max || size > a->max - a->total)
        return -1;
    if (want > a->max - a->total)
        want = a->max - a->total;
    struct arena_block *b = malloc(sizeof *b + want);
    if (!b)
        return -1;
    b->next = a->blocks;
    b->size = want;
    a->blocks = b;
    a->at = (char *)b->bytes;
    a->left = want;
    a->total += want;
    return 0;
}

void *arena_alloc(struct arena *a, size_t size)
{
    const size_t align = alignof(max_align_t);

    if (size > SIZE_MAX - align)
        return NULL;
    size = size == 0 ? align : (size + align - 1) / align * align;
    if (size > a->left && arena_grow(a, size) < 0)
        return NULL;
    void *p = a->at;
    a->at += size;
    a->left -= size;
    memset(p, 0, size);
    return p;
}

void *arena_array(struct arena *a, size_t count, size_t size)
{
    size_t bytes;

    if (__builtin_mul_overflow(count, size, &bytes))
        return NULL;
    return arena_alloc(a, bytes);
}

struct str arena_str(struct arena *a, struct str s)
{
    if (!s.p)
        return STR_NONE;
    char *copy = arena_cstring(a, s);
    return copy ? (struct str){copy, s.n} : STR_NONE;
}

char *arena_cstring(struct arena *a, struct str s)
{
    char *copy = arena_alloc(a, s.n + 1);

    if (copy && s.n > 0)
        memcpy(copy, s.p, s.n);
    return copy;
}

struct str arena_printf(struct arena *a, const char *format, ...)
{
    va_list args;
    va_list again;
    struct str s = STR_NONE;

    va_start(args, format);
    va_copy(again, args);
    int n = vsnprintf(NULL, 0, format, args);
    va_end(args);
    if (n >= 0) {
        char *p = arena_alloc(a, (size_t)n + 1);
        if (p) {
            (void)vsnprintf(p, (size_t)n + 1, format, again);
            s = (struct str){p, (size_t)n};
        }
    }
    va_end(again);
    return s;
}
