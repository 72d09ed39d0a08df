/* relationships.c - see relationships.h. */
#include "store/relationships.h"

#include "base/error.h"
#include "store/rows.h"

/* RIGHT_CARE speaks of the actor's own pairs only. */
static int require_side(const struct grant *g, const struct id *patient, const struct id *doctor)
{
    struct id actor = grant_actor(g);
    int r = grant_require(g, RIGHT_CARE, NULL);

    if (r == 0 && !id_eq(&actor, patient) && !id_eq(&actor, doctor))
        r = -E_FORBIDDEN;
    return r;
}

int relationship_of_pair(struct db *db, const struct grant *g, const struct id *patient,
                         const struct id *doctor, struct id *ret)
{
    struct q_relationship_of_pair_row row;
    const struct q_relationship_of_pair_params params = {*patient, *doctor};

    int r = require_side(g, patient, doctor);
    if (r == 0)
        r = q_relationship_of_pair(db, &params, NULL, &row);
    if (r == 0)
        *ret = row.id;
    return r;
}

static int add_history(struct db *db, const struct id *id, int64_t version,
                       enum relationship_state state, const struct id *actor, int64_t now_us)
{
    const struct q_relationship_history_insert_params params = {*id, version, state, *actor,
                                                                now_us};
    return q_relationship_history_insert(db, &params, NULL);
}

int relationship_insert(struct db *db, const struct grant *g, const struct id *id,
                        const struct id *patient, const struct id *doctor, int64_t now_us)
{
    struct id actor = grant_actor(g);
    const struct q_relationship_insert_params params = {
        *id, *patient, *doctor, RELATIONSHIP_REQUESTED, actor, now_us};

    int r = require_side(g, patient, doctor);
    if (r == 0)
        r = q_relationship_insert(db, &params, NULL);
    return r < 0 ? r : add_history(db, id, 1, RELATIONSHIP_REQUESTED, &actor, now_us);
}

int relationship_get(struct db *db, const struct grant *g, struct arena *a, const struct id *id,
                     struct relationship *ret)
{
    struct q_relationship_by_id_row row;
    const struct q_relationship_by_id_params params = {.id = *id};

    int r = grant_require(g, RIGHT_RELATIONSHIP, id);
    if (r == 0)
        r = q_relationship_by_id(db, &params, a, &row);
    if (r == 0)
        relationship_from_row(&row, ret);
    return r;
}

int relationship_move(struct db *db, const struct grant *g, const struct relationship *was,
                      enum relationship_state state, const struct id *requested_by, int64_t now_us)
{
    struct id actor = grant_actor(g);
    int64_t changes;
    const struct q_relationship_move_params params = {was->id, state, *requested_by, was->version,
                                                      now_us};

    int r = grant_require(g, RIGHT_RELATIONSHIP, &was->id);
    if (r == 0)
        r = q_relationship_move(db, &params, &changes);
    if (r == 0 && changes != 1)
        r = -E_CONFLICT;
    return r < 0 ? r : add_history(db, &was->id, was->version + 1, state, &actor, now_us);
}

int relationship_list(struct db *db, const struct grant *g, struct arena *a,
                      const struct page_key *before, int64_t limit, struct page_key **ret,
                      size_t *ret_count)
{
    struct q_relationship_list_row *rows;
    const struct q_relationship_list_params params = {grant_actor(g), before->at, before->id,
                                                      limit};

    int r = grant_require(g, RIGHT_CARE, NULL);
    if (r == 0)
        r = q_relationship_list(db, &params, a, &rows, ret_count);
    if (r != 0)
        return r;
    *ret = arena_array(a, *ret_count, sizeof **ret);
    if (!*ret)
        return -E_NO_MEMORY;
    for (size_t i = 0; i < *ret_count; i++)
        (*ret)[i] = (struct page_key){rows[i].id, rows[i].updated_at};
    return 0;
}

int relationship_doctors_of(struct db *db, const struct grant *g, struct arena *a,
                            const struct id *patient, struct id **ret, size_t *ret_count)
{
    struct q_care_doctors_of_row *rows;
    const struct q_care_doctors_of_params params = {.patient_id = *patient};

    int r = grant_require(g, RIGHT_SYSTEM, NULL);
    if (r == 0)
        r = q_care_doctors_of(db, &params, a, &rows, ret_count);
    if (r != 0)
        return r;
    *ret = arena_array(a, *ret_count, sizeof **ret);
    for (size_t i = 0; *ret && i < *ret_count; i++)
        (*ret)[i] = rows[i].doctor_id;
    return *ret ? 0 : -E_NO_MEMORY;
}

int relationship_patients_of(struct db *db, const struct grant *g, struct arena *a,
                             const struct id *doctor, struct id **ret, size_t *ret_count)
{
    struct q_care_patients_of_row *rows;
    const struct q_care_patients_of_params params = {.doctor_id = *doctor};

    int r = grant_require(g, RIGHT_SYSTEM, NULL);
    if (r == 0)
        r = q_care_patients_of(db, &params, a, &rows, ret_count);
    if (r != 0)
        return r;
    *ret = arena_array(a, *ret_count, sizeof **ret);
    for (size_t i = 0; *ret && i < *ret_count; i++)
        (*ret)[i] = rows[i].patient_id;
    return *ret ? 0 : -E_NO_MEMORY;
}
