/*
 * relationships.h - the care relationship aggregate. The states are decided by
 * domain/relationship.c; here they are only stored, by compare-and-swap, with their history.
 */
#ifndef ACOLHE_STORE_RELATIONSHIPS_H
#define ACOLHE_STORE_RELATIONSHIPS_H

#include "db/db.h"
#include "domain/care.h"
#include "store/grant.h"

/* RIGHT_CARE: the actor is one of the two. -E_NOT_FOUND when the pair has none yet. */
int relationship_of_pair(struct db *db, const struct grant *g, const struct id *patient,
                         const struct id *doctor, struct id *ret);
/* RIGHT_CARE: the actor is one of the two, and asks. */
int relationship_insert(struct db *db, const struct grant *g, const struct id *id,
                        const struct id *patient, const struct id *doctor, int64_t now_us);
/* RIGHT_RELATIONSHIP on it. */
int relationship_get(struct db *db, const struct grant *g, struct arena *a, const struct id *id,
                     struct relationship *ret);
/* RIGHT_RELATIONSHIP on it. From `was` (its version) to a state; -E_CONFLICT when it has moved. */
int relationship_move(struct db *db, const struct grant *g, const struct relationship *was,
                      enum relationship_state state, const struct id *requested_by, int64_t now_us);

struct page_key {
    struct id id;
    int64_t at;
};
/* RIGHT_CARE. The actor's own, newest change first, before a key. */
int relationship_list(struct db *db, const struct grant *g, struct arena *a,
                      const struct page_key *before, int64_t limit, struct page_key **ret,
                      size_t *ret_count);

/* RIGHT_SYSTEM. Who may see a patient's presence, and whose presence a doctor may see. */
int relationship_doctors_of(struct db *db, const struct grant *g, struct arena *a,
                            const struct id *patient, struct id **ret, size_t *ret_count);
int relationship_patients_of(struct db *db, const struct grant *g, struct arena *a,
                             const struct id *doctor, struct id **ret, size_t *ret_count);

#endif
