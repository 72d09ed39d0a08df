/*
 * json.h - JSON in and out of C structs by descriptor tables.
 *
 * A descriptor says for each member: its name, kind, place in the struct, bounds, and whether it is
 * required or secret. Binding refuses unknown and duplicate members, wrong types, bad UTF-8, NUL
 * inside text, texts and arrays past their bound, and collects all field errors for a 422 answer.
 * Writing walks the same tables straight into a buffer; it never builds a tree. The parser is
 * jansson's, behind this room only.
 */
#ifndef ACOLHE_JSON_JSON_H
#define ACOLHE_JSON_JSON_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/id.h"
#include "base/issue.h"
#include "base/str.h"

enum json_kind {
    JSON_TEXT = 1,   /* struct str; min/max count Unicode scalar values */
    JSON_I64,        /* int64_t; min/max are values; JSON integers only; 0 counts as absent when
                        writing with JSON_OMIT or JSON_NULLABLE */
    JSON_BOOL,       /* bool */
    JSON_ID,         /* struct id; none = absent */
    JSON_TIME,       /* int64_t microseconds; RFC 3339; 0 = absent */
    JSON_ENUM,       /* int: 1-based index into `names`; 0 = absent */
    JSON_OBJECT,     /* struct described by `sub`, embedded */
    JSON_OBJECT_PTR, /* pointer to such a struct in the arena; NULL = absent (written as null) */
    JSON_ARRAY       /* struct json_array of structs described by `sub`; min/max count items */
};

struct json_array {
    void *items; /* count structs of sub->size bytes, in the arena */
    size_t count;
};

enum json_flag {
    JSON_REQUIRED = 1,  /* reading: must be there and not null */
    JSON_NULLABLE = 2,  /* reading: null is as absent; writing: absent is written as null */
    JSON_OMIT = 4,      /* writing: absent (or false, for JSON_BOOL) is left out */
    JSON_SECRET = 8,    /* never logged; memory of it is wiped with the arena's owner */
    JSON_CLINICAL = 16, /* never logged */
    JSON_TRIM = 32,     /* reading: blanks at both ends are dropped before the bounds are checked */
    JSON_LINE = 64      /* reading: no control characters (a single line of text) */
};

/* min = max = 0 means "no bounds of its own" (the request's size is bounded anyway). A required
 * text or array that is empty although min > 0 is reported as `required`. */
struct json_desc;
struct json_field {
    const char *name;
    enum json_kind kind;
    size_t offset;
    unsigned flags;
    int64_t min, max;
    const char *const *names; /* JSON_ENUM: NULL-terminated */
    const struct json_desc *sub;
    size_t present; /* reading: offset of a bool set when the member was given (also as null), for
                       PATCH; JSON_NO_PRESENT where not wanted */
};
#define JSON_NO_PRESENT SIZE_MAX

struct json_desc {
    const char *name;
    const struct json_field *fields;
    size_t count;
    size_t size;
};

/* Reads one object. *out (desc->size bytes, zeroed here) borrows from the arena only.
 * 0; -E_MALFORMED (not JSON, not an object, duplicate member, too deep); -E_VALIDATION with issues;
 * -E_NO_MEMORY. Depth is bounded to 16. */
int json_bind(const struct json_desc *desc, struct str text, struct arena *a, void *out,
              struct issues *issues);

/* Appends one object. Errors stick to the buffer (buf.h). */
void json_write(struct buf *b, const struct json_desc *desc, const void *in);
/* Pieces, for answers written by hand (hot paths): a quoted string with everything escaped that
 * JSON or an HTML/JS context could trip over (quotes, controls, U+2028/9, '<', '>' and '&'). */
void json_write_text(struct buf *b, struct str s); /* STR_NONE is written as null */
void json_write_id(struct buf *b, const struct id *id);
void json_write_time(struct buf *b, int64_t us);

#endif
