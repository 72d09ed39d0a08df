/*
 * arena.h - memory that lives as long as one request, freed all at once.
 *
 * A request, a job or a batch has one arena; everything it reads or builds is allocated there and
 * nothing is freed one by one. The total is bounded, so that a request cannot take the machine's
 * memory. An arena belongs to one thread at a time; what crosses a thread is copied or handed over
 * with its arena.
 */
#ifndef ACOLHE_BASE_ARENA_H
#define ACOLHE_BASE_ARENA_H

#include "base/str.h"

struct arena_block;
struct arena {
    struct arena_block *blocks;
    char *at;     /* next free byte of the newest block */
    size_t left;  /* bytes left in it */
    size_t total; /* bytes taken from the heap */
    size_t max;   /* bound on total */
};

void arena_init(struct arena *a, size_t max); /* allocates nothing */
void arena_done(struct arena *a);             /* frees everything; may be initialised again */
void arena_reset(struct arena *a);            /* forgets everything, keeps one block for reuse */

/* Zeroed memory aligned for any object, or NULL past the bound or out of memory. size may be 0. */
void *arena_alloc(struct arena *a, size_t size);
void *arena_array(struct arena *a, size_t count, size_t size); /* NULL also on overflow */
/* Copies; the result is followed by a NUL that is not counted. STR_NONE stays STR_NONE.
 * On failure .p is NULL although s.p was not. */
struct str arena_str(struct arena *a, struct str s);
char *arena_cstring(struct arena *a, struct str s); /* NULL on failure */
struct str arena_printf(struct arena *a, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#define arena_new(a, type) ((type *)arena_alloc((a), sizeof(type)))

#endif
