/*
 * id.h - identifiers: UUID version 7 (RFC 9562), 16 bytes in memory and storage, 36 characters
 * of lower-case text outside. Times inside them are Unix milliseconds.
 */
#ifndef ACOLHE_BASE_ID_H
#define ACOLHE_BASE_ID_H

#include "base/str.h"

#define ID_TEXT 36

struct id {
    uint8_t b[16];
};

#define ID_NONE ((struct id){{0}})

/* A new id for the present moment: 48 bits of milliseconds, then 74 random bits from the system
 * (getrandom), 12 of which count upward: the ids of one thread increase strictly, also within a
 * millisecond and when the clock steps back by less than 10 s. Any thread. */
struct id id_new(void);
/* Accepts upper and lower case of the canonical form only. 0 or -E_MALFORMED. */
int id_parse(struct str text, struct id *ret);
void id_format(const struct id *id, char out[ID_TEXT + 1]);
/* Milliseconds since the epoch inside a version 7 id; -1 if it is of another version/variant. */
int64_t id_time_ms(const struct id *id);
/* Total order, by bytes, as every database here sorts them. */
int id_cmp(const struct id *a, const struct id *b);

static inline bool id_eq(const struct id *a, const struct id *b)
{
    return memcmp(a->b, b->b, sizeof a->b) == 0;
}
static inline bool id_is_none(const struct id *id)
{
    static const struct id none;
    return id_eq(id, &none);
}
static inline uint64_t id_hash(const struct id *id)
{
    uint64_t h;
    memcpy(&h, id->b + 8, sizeof h); /* the random half; the hash tables that use it are bounded */
    return h * UINT64_C(0x9E3779B97F4A7C15);
}

#endif
