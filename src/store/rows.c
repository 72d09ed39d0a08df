/* rows.c - see rows.h. */
#include "store/rows.h"

struct str like_pattern(struct arena *a, struct str text)
{
    if (!text.p)
        return STR_NONE;
    char *p = arena_alloc(a, text.n * 2 + 3);
    if (!p)
        return STR_NONE;
    size_t n = 0;
    p[n++] = '%';
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] == '%' || text.p[i] == '_' || text.p[i] == '!')
            p[n++] = '!';
        p[n++] = text.p[i];
    }
    p[n++] = '%';
    return str_of(p, n);
}

static struct str shown(struct str name, struct str social_name)
{
    return social_name.p ? social_name : name;
}

void relationship_from_row(const struct q_relationship_by_id_row *row, struct relationship *ret)
{
    *ret = (struct relationship){
        .id = row->id,
        .state = (enum relationship_state)row->state,
        .requested_by = row->requested_by,
        .patient = {row->patient_id, shown(row->patient_name, row->patient_social_name)},
        .doctor = {row->doctor_id, shown(row->doctor_name, row->doctor_social_name)},
        .crm = row->crm_number,
        .uf = row->crm_uf,
        .conversation = uuid_or_none(row->conversation_id),
        .created_at = row->created_at,
        .updated_at = row->updated_at,
        .version = row->version,
    };
}

void conversation_from_row(const struct q_conversation_by_id_row *row, struct conversation *ret)
{
    *ret = (struct conversation){
        .no = row->no,
        .id = row->id,
        .relationship = row->relationship_id,
        .member = {row->patient_id, row->doctor_id},
        .state = (enum conversation_state)row->state,
        .doctor_verified = row->doctor_verified_at.set,
        .wrapped_key = row->wrapped_key,
        .last_seq = row->last_seq,
        .last_at = row->last_at,
        .marks = {{row->patient_delivered, row->patient_read},
                  {row->doctor_delivered, row->doctor_read}},
    };
}
