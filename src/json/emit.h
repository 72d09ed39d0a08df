/*
 * emit.h - writing JSON member by member, where a struct and its form outside differ too much for
 * a descriptor: answers and frames. Commas are kept by looking at the last byte written, so the
 * calls nest without state. Errors stick to the buffer (buf.h).
 */
#ifndef ACOLHE_JSON_EMIT_H
#define ACOLHE_JSON_EMIT_H

#include "json/json.h"

/* The name (a snake_case literal) and colon of the next member; NULL: the next item of an array. */
void emit_name(struct buf *b, const char *name);
void emit_open(struct buf *b, const char *name, char bracket); /* '{' or '[' */
static inline void emit_close(struct buf *b, char bracket)
{
    (void)buf_add_char(b, bracket);
}
void emit_text(struct buf *b, const char *name, struct str v);     /* STR_NONE: null */
void emit_literal(struct buf *b, const char *name, const char *v); /* a known, plain text */
void emit_id(struct buf *b, const char *name, const struct id *v); /* ID_NONE: null */
void emit_i64(struct buf *b, const char *name, int64_t v);
void emit_bool(struct buf *b, const char *name, bool v);
void emit_time(struct buf *b, const char *name, int64_t us); /* 0: null */
void emit_null(struct buf *b, const char *name);

#endif
