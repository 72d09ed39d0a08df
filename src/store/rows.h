/*
 * rows.h - turning generated rows into domain structs, shared inside store/.
 */
#ifndef ACOLHE_STORE_ROWS_H
#define ACOLHE_STORE_ROWS_H

#include "db/queries.h"
#include "domain/care.h"

static inline int64_t int_or_zero(struct db_int v)
{
    return v.set ? v.v : 0;
}
static inline struct db_int int_or_null(int64_t v)
{
    return (struct db_int){.set = v != 0, .v = v};
}
static inline struct db_uuid uuid_or_null(const struct id *id)
{
    return (struct db_uuid){.set = !id_is_none(id), .v = *id};
}
static inline struct id uuid_or_none(struct db_uuid v)
{
    return v.set ? v.v : ID_NONE;
}
static inline struct str blob(const void *p, size_t n)
{
    return str_of(p, n);
}
/* A LIKE pattern "%text%" with '!' escaping; STR_NONE stays STR_NONE (no filter). */
struct str like_pattern(struct arena *a, struct str text);

void relationship_from_row(const struct q_relationship_by_id_row *row, struct relationship *ret);
void conversation_from_row(const struct q_conversation_by_id_row *row, struct conversation *ret);

#endif
