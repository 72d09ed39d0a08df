/* doctors.c - see doctors.h. */
#include "store/doctors.h"

#include "base/error.h"
#include "domain/fold.h"
#include "store/rows.h"

static int insert_hours(struct db *db, const struct id *doctor, const struct office_interval *hours,
                        size_t count)
{
    int r = 0;

    for (size_t i = 0; r == 0 && i < count; i++) {
        const struct q_hours_insert_params params = {*doctor, hours[i].weekday, hours[i].start_min,
                                                     hours[i].end_min};
        r = q_hours_insert(db, &params, NULL);
    }
    return r;
}

int doctor_insert(struct db *db, const struct grant *g, struct arena *a,
                  const struct new_doctor *doctor)
{
    const struct q_doctor_insert_params params = {doctor->id, doctor->uf, doctor->crm,
                                                  doctor->timezone};

    int r = grant_require(g, RIGHT_ACCOUNTS, NULL);
    if (r == 0)
        r = q_doctor_insert(db, &params, NULL);
    for (size_t i = 0; r == 0 && i < doctor->specialty_count; i++) {
        struct q_specialty_insert_params specialty = {.doctor_id = doctor->id,
                                                      .position = (int64_t)i,
                                                      .name = doctor->specialties[i].name,
                                                      .rqe = doctor->specialties[i].rqe};
        r = text_fold(specialty.name, a, &specialty.name_folded);
        if (r == 0)
            r = q_specialty_insert(db, &specialty, NULL);
    }
    return r < 0 ? r : insert_hours(db, &doctor->id, doctor->hours, doctor->hour_count);
}

static int read_specialties(struct db *db, struct arena *a, bool public_only, struct doctor *doctor)
{
    const struct q_specialty_list_params params = {.doctor_id = doctor->id};
    struct q_specialty_list_row *rows;
    size_t count;

    int r = q_specialty_list(db, &params, a, &rows, &count);
    if (r < 0)
        return r;
    doctor->specialties = arena_array(a, count, sizeof *doctor->specialties);
    if (!doctor->specialties)
        return -E_NO_MEMORY;
    for (size_t i = 0; i < count; i++)
        if (rows[i].rqe.p || !public_only)
            doctor->specialties[doctor->specialty_count++] =
                (struct specialty){rows[i].name, rows[i].rqe};
    return 0;
}

static int read_hours(struct db *db, struct arena *a, int64_t now_us, struct doctor *doctor)
{
    const struct q_hours_list_params params = {.doctor_id = doctor->id};
    struct q_hours_list_row *rows;

    int r = q_hours_list(db, &params, a, &rows, &doctor->hour_count);
    if (r < 0)
        return r;
    doctor->hours = arena_array(a, doctor->hour_count, sizeof *doctor->hours);
    const char *zone = arena_cstring(a, doctor->timezone);
    if (!doctor->hours || !zone)
        return -E_NO_MEMORY;
    for (size_t i = 0; i < doctor->hour_count; i++)
        doctor->hours[i] =
            (struct office_interval){rows[i].weekday, rows[i].start_min, rows[i].end_min};
    doctor->open_now = office_hours_open(doctor->hours, doctor->hour_count, zone, now_us);
    int64_t next = office_hours_next_open(doctor->hours, doctor->hour_count, zone, now_us);
    doctor->next_open_at = next < 0 ? 0 : next;
    return 0;
}

static int read_doctor(struct db *db, struct arena *a, const struct id *id, bool public_only,
                       int64_t now_us, struct doctor *ret)
{
    const struct q_doctor_by_id_params params = {.user_id = *id};
    struct q_doctor_by_id_row row;

    int r = q_doctor_by_id(db, &params, a, &row);
    if (r < 0)
        return r;
    *ret = (struct doctor){
        .id = row.user_id,
        .name = row.social_name.p ? row.social_name : row.name,
        .crm = row.crm_number,
        .uf = row.crm_uf,
        .verified = row.verified_at.set,
        .state = (enum account_state)row.state,
        .timezone = row.timezone,
        .usual_reply_minutes = int_or_zero(row.usual_reply_minutes),
        .about = row.about,
    };
    r = read_specialties(db, a, public_only, ret);
    return r < 0 ? r : read_hours(db, a, now_us, ret);
}

int doctor_get_public(struct db *db, const struct grant *g, struct arena *a, const struct id *id,
                      int64_t now_us, struct doctor *ret)
{
    int r = grant_require(g, RIGHT_DIRECTORY, NULL);

    if (r == 0)
        r = read_doctor(db, a, id, true, now_us, ret);
    if (r == 0 && (!ret->verified || ret->state != ACCOUNT_ACTIVE))
        r = -E_NOT_FOUND;
    return r;
}

int doctor_of_account(struct db *db, const struct grant *g, struct arena *a, const struct id *id,
                      int64_t now_us, struct doctor *ret)
{
    int r = grant_require(g, RIGHT_ACCOUNT, id);

    return r < 0 ? r : read_doctor(db, a, id, false, now_us, ret);
}

int doctor_of_conversation(struct db *db, const struct grant *g, struct arena *a,
                           const struct id *conversation, const struct id *id, int64_t now_us,
                           struct doctor *ret)
{
    int r = grant_require(g, RIGHT_CONVERSATION_READ, conversation);

    return r < 0 ? r : read_doctor(db, a, id, true, now_us, ret);
}

int doctor_list(struct db *db, const struct grant *g, struct arena *a,
                const struct doctor_filter *filter, struct doctor_key **ret, size_t *ret_count)
{
    struct q_doctor_list_row *rows;
    const struct q_doctor_list_params params = {
        .pattern = like_pattern(a, filter->text),
        .specialty = like_pattern(a, filter->specialty),
        .after_name = filter->after_name.p ? filter->after_name : STR(""),
        .after_id = filter->after_id,
        .row_limit = filter->limit,
    };

    int r = grant_require(g, RIGHT_DIRECTORY, NULL);
    if (r == 0)
        r = q_doctor_list(db, &params, a, &rows, ret_count);
    if (r != 0)
        return r;
    *ret = arena_array(a, *ret_count, sizeof **ret);
    if (!*ret)
        return -E_NO_MEMORY;
    for (size_t i = 0; i < *ret_count; i++)
        (*ret)[i] = (struct doctor_key){rows[i].user_id, rows[i].name_folded};
    return 0;
}

int doctor_set_verified(struct db *db, const struct grant *g, const struct id *id,
                        const struct id *verified_by, int64_t now_us)
{
    int64_t changes;
    const struct q_doctor_set_verified_params params = {
        .user_id = *id,
        .verified_at = int_or_null(id_is_none(verified_by) ? 0 : now_us),
        .verified_by = uuid_or_null(verified_by),
    };

    int r = grant_require(g, RIGHT_ACCOUNTS, NULL);
    if (r == 0)
        r = q_doctor_set_verified(db, &params, &changes);
    return r != 0 ? r : changes == 1 ? 0 : -E_NOT_FOUND;
}

int doctor_set_practice(struct db *db, const struct grant *g, const struct doctor *doctor)
{
    const struct q_doctor_set_practice_params params = {
        .user_id = doctor->id,
        .timezone = doctor->timezone,
        .usual_reply_minutes = int_or_null(doctor->usual_reply_minutes),
        .about = doctor->about,
    };
    const struct q_hours_clear_params clear = {.doctor_id = doctor->id};

    int r = grant_require(g, RIGHT_ACCOUNT, &doctor->id);
    if (r == 0)
        r = q_doctor_set_practice(db, &params, NULL);
    if (r == 0)
        r = q_hours_clear(db, &clear, NULL);
    return r < 0 ? r : insert_hours(db, &doctor->id, doctor->hours, doctor->hour_count);
}
