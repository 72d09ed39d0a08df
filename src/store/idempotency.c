/* idempotency.c - see idempotency.h. */
#include "store/idempotency.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/secret.h"
#include "store/rows.h"

int idempotency_find(struct db *db, const struct keyring *keys, struct arena *a,
                     const struct idempotency *which, int64_t now_us, int *ret_status,
                     struct str *ret_answer)
{
    struct q_idempotency_find_row row;
    struct data_key key;
    struct str place = str_of(which->account.b, sizeof which->account.b);
    const struct q_idempotency_find_params params = {which->account, str_from(which->route),
                                                     which->key, now_us - US_PER_DAY};

    int r = q_idempotency_find(db, &params, a, &row);
    if (r < 0)
        return r;
    if (row.request_hash.n != CRYPTO_SHA256 ||
        !crypto_equal(row.request_hash.p, which->request_hash, CRYPTO_SHA256))
        return -E_IDEMPOTENCY;
    r = data_key_unwrap(keys, row.wrapped_key, place, &key);
    if (r < 0)
        return r;
    r = unseal(&key, row.answer, which->key, a, ret_answer);
    secret_wipe(&key, sizeof key);
    *ret_status = (int)row.status;
    return r;
}

int idempotency_remember(struct db *db, const struct keyring *keys, const struct idempotency *which,
                         int status, struct str answer, int64_t now_us)
{
    const struct q_idempotency_expire_params old = {now_us - US_PER_DAY};
    uint8_t wrapped[WRAPPED_KEY];
    struct data_key key;
    struct buf sealed;

    int r = q_idempotency_expire(db, &old, NULL);
    if (r < 0)
        return r;
    data_key_new(keys, str_of(which->account.b, sizeof which->account.b), &key, wrapped);
    buf_init(&sealed, answer.n + SEAL_OVERHEAD);
    r = seal(&key, answer, which->key, &sealed);
    secret_wipe(&key, sizeof key);
    if (r == 0) {
        const struct q_idempotency_insert_params params = {
            .account_id = which->account,
            .route = str_from(which->route),
            .key = which->key,
            .request_hash = blob(which->request_hash, CRYPTO_SHA256),
            .status = status,
            .wrapped_key = blob(wrapped, sizeof wrapped),
            .answer = buf_str(&sealed),
            .now = now_us,
        };
        r = q_idempotency_insert(db, &params, NULL);
    }
    buf_done(&sealed);
    return r;
}
