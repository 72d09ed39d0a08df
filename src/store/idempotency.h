/*
 * idempotency.h - answers remembered by Idempotency-Key: per account and route, 24 hours. The
 * stored answer is sealed, because it may hold a one-time link.
 */
#ifndef ACOLHE_STORE_IDEMPOTENCY_H
#define ACOLHE_STORE_IDEMPOTENCY_H

#include "crypto/crypto.h"
#include "db/db.h"
#include "store/grant.h"

struct idempotency {
    struct id account;
    const char *route;
    struct str key;
    uint8_t request_hash[CRYPTO_SHA256];
};
/* 0 with the first answer; -E_NOT_FOUND: new; -E_IDEMPOTENCY: the key came with another request.
 * In the write transaction of the creation. RIGHT_ACCOUNT of the account is not needed: the key
 * belongs to whoever is signed in, and `account` is taken from the session. */
int idempotency_find(struct db *db, const struct keyring *keys, struct arena *a,
                     const struct idempotency *which, int64_t now_us, int *ret_status,
                     struct str *ret_answer);
int idempotency_remember(struct db *db, const struct keyring *keys, const struct idempotency *which,
                         int status, struct str answer, int64_t now_us);

#endif
