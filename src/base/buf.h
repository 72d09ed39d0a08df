/*
 * buf.h - a growable byte buffer with a mandatory maximum.
 *
 *      data            data+len          data+cap <= max
 *       |  bytes held    |  room to write  |
 *
 * A failed append (maximum reached, no memory) sets `err` and leaves the contents as they were;
 * every later append fails with the same error. So a writer may append many times and look at
 * `err` once, at the end. A buf belongs to one thread at a time.
 */
#ifndef ACOLHE_BASE_BUF_H
#define ACOLHE_BASE_BUF_H

#include "base/str.h"

struct buf {
    char *data;
    size_t len;
    size_t cap;
    size_t max;
    int err; /* 0, or the negative error of the first append that failed */
};

void buf_init(struct buf *b, size_t max); /* allocates nothing; max > 0 is asserted */
void buf_done(struct buf *b);             /* frees; the buf may be initialised again */
void buf_clear(struct buf *b);            /* keeps the memory, forgets bytes and error */

int buf_reserve(struct buf *b, size_t more); /* room for `more` bytes beyond len */
int buf_add(struct buf *b, const void *bytes, size_t n);
int buf_add_str(struct buf *b, struct str s);
int buf_add_text(struct buf *b, const char *cstring);
int buf_add_char(struct buf *b, char c);
int buf_add_i64(struct buf *b, int64_t v);
int buf_addf(struct buf *b, const char *format, ...) __attribute__((format(printf, 2, 3)));
void buf_consume(struct buf *b, size_t n); /* drops the first n bytes; n <= len is asserted */

static inline struct str buf_str(const struct buf *b)
{
    return (struct str){b->data ? b->data : "", b->len};
}

#endif
