/*
 * doctors.h - the doctors aggregate: registration, specialties, office hours, verification.
 */
#ifndef ACOLHE_STORE_DOCTORS_H
#define ACOLHE_STORE_DOCTORS_H

#include "db/db.h"
#include "domain/account.h"
#include "store/grant.h"

struct new_doctor {
    struct id id; /* of the account, inserted before in the same transaction */
    struct str crm;
    struct str uf;
    struct str timezone;
    const struct specialty *specialties;
    size_t specialty_count;
    const struct office_interval *hours;
    size_t hour_count;
};
/* RIGHT_ACCOUNTS. -E_DUPLICATE: the registration is taken. */
int doctor_insert(struct db *db, const struct grant *g, struct arena *a,
                  const struct new_doctor *doctor);

/* RIGHT_DIRECTORY. Whole, with hours and specialties; `open_now` is computed for now_us. Only
 * verified doctors of active accounts (-E_NOT_FOUND otherwise), only specialties with an RQE. */
int doctor_get_public(struct db *db, const struct grant *g, struct arena *a, const struct id *id,
                      int64_t now_us, struct doctor *ret);
/* RIGHT_ACCOUNT on it: whatever its state, all specialties. */
int doctor_of_account(struct db *db, const struct grant *g, struct arena *a, const struct id *id,
                      int64_t now_us, struct doctor *ret);
/* RIGHT_CONVERSATION_READ on the conversation that names it: as a patient sees the doctor there. */
int doctor_of_conversation(struct db *db, const struct grant *g, struct arena *a,
                           const struct id *conversation, const struct id *id, int64_t now_us,
                           struct doctor *ret);

struct doctor_filter {
    struct str text;      /* folded, part of the name; STR_NONE: all */
    struct str specialty; /* folded, part of a registered specialty; STR_NONE: all */
    struct str after_name;
    struct id after_id;
    int64_t limit;
};
struct doctor_key {
    struct id id;
    struct str name_folded;
};
/* RIGHT_DIRECTORY. Ids of verified, active doctors by folded name. */
int doctor_list(struct db *db, const struct grant *g, struct arena *a,
                const struct doctor_filter *filter, struct doctor_key **ret, size_t *ret_count);

/* RIGHT_ACCOUNTS. verified_by: ID_NONE takes the verification back. */
int doctor_set_verified(struct db *db, const struct grant *g, const struct id *id,
                        const struct id *verified_by, int64_t now_us);
/* RIGHT_ACCOUNT on it. Replaces hours, zone, usual reply and about. */
int doctor_set_practice(struct db *db, const struct grant *g, const struct doctor *doctor);

#endif
