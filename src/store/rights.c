/* rights.c - see rights.h. */
#include "store/rights.h"

#include "base/error.h"
#include "store/rows.h"

/* The rows of the two session queries have the same columns, but distinct generated types. */
#define SESSION_FROM_ROW(row)                                                                      \
    (struct rights_session)                                                                        \
    {                                                                                              \
        .session = {.id = (row).id,                                                                \
                    .user = (row).user_id,                                                         \
                    .role = (enum role)(row).role,                                                 \
                    .verified = (row).role != ROLE_DOCTOR || (row).verified_at.set,                \
                    .created_at = (row).created_at,                                                \
                    .last_seen_at = (row).last_seen_at,                                            \
                    .expires_at = (row).expires_at},                                               \
        .state = (enum account_state)(row).state, .ended_at = int_or_zero((row).ended_at)          \
    }

int rights_session_by_token(struct db *db, struct str token_hash, struct rights_session *ret)
{
    struct q_session_by_token_row row;
    const struct q_session_by_token_params params = {.token_hash = token_hash};

    int r = q_session_by_token(db, &params, NULL, &row);
    if (r == 0)
        *ret = SESSION_FROM_ROW(row);
    return r;
}

int rights_session_by_id(struct db *db, const struct id *session, struct rights_session *ret)
{
    struct q_session_by_id_row row;
    const struct q_session_by_id_params params = {.id = *session};

    int r = q_session_by_id(db, &params, NULL, &row);
    if (r == 0)
        *ret = SESSION_FROM_ROW(row);
    return r;
}

int rights_relationship(struct db *db, struct arena *a, const struct id *id,
                        struct relationship *ret)
{
    struct q_relationship_by_id_row row;
    const struct q_relationship_by_id_params params = {.id = *id};

    int r = q_relationship_by_id(db, &params, a, &row);
    if (r == 0)
        relationship_from_row(&row, ret);
    return r;
}

int rights_conversation(struct db *db, struct arena *a, const struct id *id,
                        struct conversation *ret)
{
    struct q_conversation_by_id_row row;
    const struct q_conversation_by_id_params params = {.id = *id};

    int r = q_conversation_by_id(db, &params, a, &row);
    if (r == 0)
        conversation_from_row(&row, ret);
    return r;
}
