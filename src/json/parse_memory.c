/* parse_memory.c - see parse_memory.h: each block carries its links and its size before it. */
#include "json/parse_memory.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

struct block {
    struct list link;
    size_t size;
    max_align_t bytes[];
};

static _Thread_local struct parse_memory *here;

void parse_memory_begin(struct parse_memory *m)
{
    list_init(&m->blocks);
    here = m;
}

void parse_memory_end(struct parse_memory *m)
{
    here = NULL;
    list_for_each (at, &m->blocks)
        parse_free(container_of(at, struct block, link)->bytes);
}

void *parse_malloc(size_t n)
{
    struct block *b = n <= SIZE_MAX - sizeof *b ? malloc(sizeof *b + n) : NULL;

    if (!b && here)
        longjmp(here->none_left, 1);
    if (!b)
        return NULL;
    list_init(&b->link);
    if (here)
        list_append(&here->blocks, &b->link);
    b->size = n;
    return b->bytes;
}

void parse_free(void *p)
{
    if (!p)
        return;
    struct block *b = container_of(p, struct block, bytes);
    list_unlink(&b->link);
    explicit_bzero(b->bytes, b->size);
    free(b);
}
