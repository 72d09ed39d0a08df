/* conversations.c - see conversations.h. */
#include "store/conversations.h"

#include "base/error.h"
#include "base/secret.h"
#include "store/rows.h"

static int insert(struct db *db, const struct keyring *keys,
                  const struct relationship *relationship, int64_t now_us, struct id *ret)
{
    uint8_t wrapped[WRAPPED_KEY];
    struct data_key key;

    *ret = id_new();
    data_key_new(keys, str_of(ret->b, sizeof ret->b), &key, wrapped);
    secret_wipe(&key, sizeof key);
    const struct q_conversation_insert_params params = {
        .id = *ret,
        .relationship_id = relationship->id,
        .patient_id = relationship->patient.id,
        .doctor_id = relationship->doctor.id,
        .wrapped_key = blob(wrapped, sizeof wrapped),
        .now = now_us,
    };
    return q_conversation_insert(db, &params, NULL);
}

static int set_state(struct db *db, const struct id *id, enum conversation_state state)
{
    const struct q_conversation_set_state_params params = {*id, state};

    return q_conversation_set_state(db, &params, NULL);
}

int conversation_open(struct db *db, const struct grant *g, const struct keyring *keys,
                      const struct relationship *relationship, int64_t now_us, struct id *ret)
{
    struct q_conversation_of_relationship_row row;
    const struct q_conversation_of_relationship_params params = {relationship->id};

    int r = grant_require(g, RIGHT_RELATIONSHIP, &relationship->id);
    if (r == 0)
        r = q_conversation_of_relationship(db, &params, NULL, &row);
    if (r == -E_NOT_FOUND)
        return insert(db, keys, relationship, now_us, ret);
    if (r != 0)
        return r;
    *ret = row.id;
    return set_state(db, ret, CONVERSATION_OPEN);
}

int conversation_close(struct db *db, const struct grant *g,
                       const struct relationship *relationship)
{
    int r = grant_require(g, RIGHT_RELATIONSHIP, &relationship->id);

    if (r < 0 || id_is_none(&relationship->conversation))
        return r;
    return set_state(db, &relationship->conversation, CONVERSATION_CLOSED);
}

int conversation_get(struct db *db, const struct grant *g, struct arena *a, const struct id *id,
                     struct conversation *ret)
{
    struct q_conversation_by_id_row row;
    const struct q_conversation_by_id_params params = {.id = *id};

    int r = grant_require(g, RIGHT_CONVERSATION_READ, id);
    if (r == 0)
        r = q_conversation_by_id(db, &params, a, &row);
    if (r == 0)
        conversation_from_row(&row, ret);
    return r;
}

int conversation_key(const struct grant *g, const struct keyring *keys,
                     const struct conversation *conversation, struct data_key *ret)
{
    int r = grant_require(g, RIGHT_CONVERSATION_READ, &conversation->id);

    return r < 0 ? r
                 : data_key_unwrap(keys, conversation->wrapped_key,
                                   str_of(conversation->id.b, sizeof conversation->id.b), ret);
}

int conversation_store(struct db *db, const struct grant *g,
                       const struct conversation *conversation)
{
    const struct q_conversation_store_params params = {
        .no = conversation->no,
        .last_seq = conversation->last_seq,
        .last_at = conversation->last_at,
        .patient_delivered = conversation->marks[0].delivered,
        .patient_read = conversation->marks[0].read,
        .doctor_delivered = conversation->marks[1].delivered,
        .doctor_read = conversation->marks[1].read,
    };

    int r = grant_require(g, RIGHT_CONVERSATION_READ, &conversation->id);
    return r < 0 ? r : q_conversation_store(db, &params, NULL);
}

int conversation_list(struct db *db, const struct grant *g, struct arena *a,
                      const struct page_key *before, int64_t limit, struct page_key **ret,
                      size_t *ret_count)
{
    struct q_conversation_list_row *rows;
    const struct q_conversation_list_params params = {grant_actor(g), before->at, before->id,
                                                      limit};

    int r = grant_require(g, RIGHT_CARE, NULL);
    if (r == 0)
        r = q_conversation_list(db, &params, a, &rows, ret_count);
    if (r != 0)
        return r;
    *ret = arena_array(a, *ret_count, sizeof **ret);
    if (!*ret)
        return -E_NO_MEMORY;
    for (size_t i = 0; i < *ret_count; i++)
        (*ret)[i] = (struct page_key){rows[i].id, rows[i].last_at};
    return 0;
}
