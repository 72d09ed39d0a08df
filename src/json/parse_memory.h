/*
 * parse_memory.h - the memory that jansson parses with.
 *
 *      parse_memory_begin -> setjmp(m.none_left) -> json_loadb ... json_decref -> parse_memory_end
 *
 * When memory runs out in the middle of a string, jansson 2.14 (Debian 12 and 13) goes on with half
 * of what it believes to have and writes past its buffers. So no allocation fails in its eyes: the
 * parse is left by longjmp, and what it had is freed. What was freed is wiped, since a request
 * holds passwords and messages.
 */
#ifndef ACOLHE_JSON_PARSE_MEMORY_H
#define ACOLHE_JSON_PARSE_MEMORY_H

#include <setjmp.h>

#include "base/list.h"

struct parse_memory {
    struct list blocks;
    jmp_buf none_left; /* set by the caller of jansson before it may allocate */
};
/* From here to the end this thread's parse_malloc draws on m. Not nested. */
void parse_memory_begin(struct parse_memory *m);
void parse_memory_end(struct parse_memory *m); /* frees what is left */

/* jansson's malloc and free. Outside begin and end: plain memory, NULL when there is none. */
void *parse_malloc(size_t n);
void parse_free(void *p);

#endif
