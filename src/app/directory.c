/* directory.c - see directory.h. */
#include "app/directory.h"

#include "base/error.h"
#include "domain/fold.h"
#include "store/doctors.h"

static int fold_filter(struct call *call, struct str in, struct str *ret)
{
    *ret = STR_NONE;
    in = str_trim(in);
    return in.n == 0 ? 0 : text_fold(in, call->arena, ret);
}

int directory_list(struct call *call, const struct doctor_search *in, struct doctor **ret,
                   size_t *ret_count, struct name_cursor *ret_next)
{
    struct doctor_filter filter = {
        .after_name = in->after.name, .after_id = in->after.id, .limit = in->limit + 1};
    struct doctor_key *keys = NULL;
    size_t count = 0;

    *ret_next = (struct name_cursor){0};
    int r = fold_filter(call, in->text, &filter.text);
    if (r == 0)
        r = fold_filter(call, in->specialty, &filter.specialty);
    if (r == 0)
        r = doctor_list(call->db, call->grant, call->arena, &filter, &keys, &count);
    if (r < 0)
        return r;
    if (count > (size_t)in->limit) {
        count--;
        *ret_next = (struct name_cursor){keys[count - 1].name_folded, keys[count - 1].id};
    }
    *ret = arena_array(call->arena, count, sizeof **ret);
    *ret_count = count;
    for (size_t i = 0; *ret && r == 0 && i < count; i++)
        r = doctor_get_public(call->db, call->grant, call->arena, &keys[i].id, call->now_us,
                              &(*ret)[i]);
    return *ret ? r : -E_NO_MEMORY;
}

int directory_get(struct call *call, const struct id *doctor, struct doctor *ret)
{
    return doctor_get_public(call->db, call->grant, call->arena, doctor, call->now_us, ret);
}
