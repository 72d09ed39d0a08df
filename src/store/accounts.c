/* accounts.c - see accounts.h. */
#include "store/accounts.h"

#include "base/error.h"
#include "base/secret.h"
#include "domain/cpf.h"
#include "domain/fold.h"
#include "store/doctors.h"
#include "store/rows.h"

/* Seals the CPF under a key of its own, bound to the account's id. */
static int seal_cpf(const struct keyring *keys, const struct new_account *account,
                    uint8_t wrapped[WRAPPED_KEY], struct buf *sealed, uint8_t index[BLIND_INDEX])
{
    struct data_key key;
    struct str record = str_of(account->id.b, sizeof account->id.b);

    data_key_new(keys, record, &key, wrapped);
    int r = seal(&key, account->cpf, record, sealed);
    secret_wipe(&key, sizeof key);
    blind_index(keys, "cpf", account->cpf, index);
    return r;
}

int account_insert(struct db *db, const struct grant *g, const struct keyring *keys,
                   const struct new_account *account, int64_t now_us)
{
    enum right needed = account->role == ROLE_PATIENT ? RIGHT_SIGN_IN : RIGHT_ACCOUNTS;
    uint8_t wrapped[WRAPPED_KEY];
    uint8_t index[BLIND_INDEX];
    struct arena arena;
    struct str folded;
    struct buf sealed;

    int r = grant_require(g, needed, NULL);
    if (r < 0)
        return r;
    arena_init(&arena, 65536);
    buf_init(&sealed, 256);
    r = text_fold(account->name, &arena, &folded);
    if (r == 0 && account->cpf.p)
        r = seal_cpf(keys, account, wrapped, &sealed, index);
    if (r == 0) {
        bool cpf = account->cpf.p != NULL;
        const struct q_user_insert_params params = {
            .id = account->id,
            .role = account->role,
            .state = ACCOUNT_ACTIVE,
            .name = account->name,
            .social_name = account->social_name,
            .name_folded = folded,
            .email = account->email,
            .email_norm = account->email_norm,
            .phone = account->phone,
            .locale = account->locale,
            .birth_date = account->birth_date,
            .password_hash = account->password_hash,
            .cpf_key = cpf ? blob(wrapped, sizeof wrapped) : STR_NONE,
            .cpf_sealed = cpf ? buf_str(&sealed) : STR_NONE,
            .cpf_index = cpf ? blob(index, sizeof index) : STR_NONE,
            .terms_version = account->terms_version,
            .terms_at = int_or_null(account->terms_version.p ? now_us : 0),
            .now = now_us,
        };
        r = q_user_insert(db, &params, NULL);
    }
    buf_done(&sealed);
    arena_done(&arena);
    return r;
}

static int mask_cpf(const struct keyring *keys, const struct q_user_by_id_row *row, struct arena *a,
                    struct str *ret)
{
    struct str record = str_of(row->id.b, sizeof row->id.b);
    struct data_key key;
    struct str digits;

    *ret = STR_NONE;
    if (!row->cpf_sealed.p)
        return 0;
    int r = data_key_unwrap(keys, row->cpf_key, record, &key);
    if (r < 0)
        return r;
    r = unseal(&key, row->cpf_sealed, record, a, &digits);
    secret_wipe(&key, sizeof key);
    if (r < 0)
        return r;
    char *masked = arena_alloc(a, CPF_MASKED + 1);
    if (!masked)
        return -E_NO_MEMORY;
    if (digits.n != CPF_DIGITS)
        return -E_CORRUPT;
    cpf_mask(digits.p, masked);
    *ret = str_from(masked);
    return 0;
}

int account_get(struct db *db, const struct grant *g, const struct keyring *keys, struct arena *a,
                const struct id *id, int64_t now_us, struct account *ret)
{
    struct q_user_by_id_row row;
    const struct q_user_by_id_params params = {.id = *id};

    int r = grant_require(g, RIGHT_ACCOUNT, id);
    if (r == 0)
        r = q_user_by_id(db, &params, a, &row);
    if (r != 0)
        return r;
    *ret = (struct account){
        .id = row.id,
        .role = (enum role)row.role,
        .state = (enum account_state)row.state,
        .name = row.name,
        .social_name = row.social_name,
        .display_name = row.social_name.p ? row.social_name : row.name,
        .email = row.email,
        .phone = row.phone,
        .locale = row.locale,
        .birth_date = row.birth_date,
        .terms_version = row.terms_version,
        .created_at = row.created_at,
        .version = row.version,
    };
    r = mask_cpf(keys, &row, a, &ret->cpf_masked);
    if (r == 0 && ret->role == ROLE_DOCTOR) {
        ret->doctor = arena_new(a, struct doctor);
        r = ret->doctor ? doctor_of_account(db, g, a, id, now_us, ret->doctor) : -E_NO_MEMORY;
    }
    return r;
}

int account_list(struct db *db, const struct grant *g, struct arena *a,
                 const struct account_filter *filter, struct account_key **ret, size_t *ret_count)
{
    struct q_user_list_row *rows;
    const struct q_user_list_params params = {
        .role = int_or_null(filter->role),
        .state = int_or_null(filter->state),
        .verified = {.set = filter->verified >= 0, .v = filter->verified},
        .pattern = like_pattern(a, filter->text),
        .after_name = filter->after_name.p ? filter->after_name : STR(""),
        .after_id = filter->after_id,
        .row_limit = filter->limit,
    };

    int r = grant_require(g, RIGHT_ACCOUNTS, NULL);
    if (r == 0)
        r = q_user_list(db, &params, a, &rows, ret_count);
    if (r != 0)
        return r;
    *ret = arena_array(a, *ret_count, sizeof **ret);
    if (!*ret)
        return -E_NO_MEMORY;
    for (size_t i = 0; i < *ret_count; i++)
        (*ret)[i] = (struct account_key){rows[i].id, rows[i].name_folded};
    return 0;
}

int account_update_profile(struct db *db, const struct grant *g, struct arena *a,
                           const struct account *account, int64_t now_us)
{
    int64_t changes;
    struct str folded;

    int r = grant_require(g, RIGHT_ACCOUNT, &account->id);
    if (r == 0)
        r = text_fold(account->name, a, &folded);
    if (r < 0)
        return r;
    const struct q_user_update_profile_params params = {
        .id = account->id,
        .name = account->name,
        .social_name = account->social_name,
        .name_folded = folded,
        .phone = account->phone,
        .locale = account->locale,
        .version = account->version,
        .now = now_us,
    };
    r = q_user_update_profile(db, &params, &changes);
    return r != 0 ? r : changes == 1 ? 0 : -E_CONFLICT;
}

static int require_own_or_sign_in(const struct grant *g, const struct id *id)
{
    return grant_holds(g, RIGHT_SIGN_IN) ? 0 : grant_require(g, RIGHT_ACCOUNT, id);
}

int account_set_password(struct db *db, const struct grant *g, const struct id *id,
                         const char *hash, int64_t now_us)
{
    const struct q_user_set_password_params params = {
        .id = *id, .password_hash = str_from(hash), .now = now_us};

    int r = require_own_or_sign_in(g, id);
    return r < 0 ? r : q_user_set_password(db, &params, NULL);
}

int account_set_state(struct db *db, const struct grant *g, const struct id *id,
                      enum account_state state, int64_t now_us)
{
    const struct q_user_set_state_params params = {.id = *id, .state = state, .now = now_us};
    int64_t changes;

    int r = grant_require(g, RIGHT_ACCOUNTS, NULL);
    if (r == 0)
        r = q_user_set_state(db, &params, &changes);
    return r != 0 ? r : changes == 1 ? 0 : -E_NOT_FOUND;
}

int account_credentials(struct db *db, const struct grant *g, struct arena *a,
                        struct str email_norm, struct credentials *ret)
{
    struct q_user_credentials_row row;
    const struct q_user_credentials_params params = {.email_norm = email_norm};

    int r = grant_require(g, RIGHT_SIGN_IN, NULL);
    if (r == 0)
        r = q_user_credentials(db, &params, a, &row);
    if (r == 0)
        *ret = (struct credentials){
            row.id,   (enum role)row.role, (enum account_state)row.state, row.password_hash.p,
            row.name, row.email_norm};
    return r;
}

int account_credentials_by_id(struct db *db, const struct grant *g, struct arena *a,
                              const struct id *id, struct credentials *ret)
{
    struct q_user_credentials_by_id_row row;
    const struct q_user_credentials_by_id_params params = {.id = *id};

    int r = require_own_or_sign_in(g, id);
    if (r == 0)
        r = q_user_credentials_by_id(db, &params, a, &row);
    if (r == 0)
        *ret = (struct credentials){
            row.id,   (enum role)row.role, (enum account_state)row.state, row.password_hash.p,
            row.name, row.email_norm};
    return r;
}

int account_count(struct db *db, const struct grant *g, enum role role, int64_t *ret)
{
    struct q_user_count_by_role_row row;
    const struct q_user_count_by_role_params params = {.role = role};

    int r = grant_require(g, RIGHT_SYSTEM, NULL);
    if (r == 0)
        r = q_user_count_by_role(db, &params, NULL, &row);
    if (r == 0)
        *ret = row.n;
    return r;
}
