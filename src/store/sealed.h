/*
 * sealed.h - do these keys open what this database holds? Nothing is read but the wrapped keys of
 * the records: whether they open tells it, and no content is within reach.
 */
#ifndef ACOLHE_STORE_SEALED_H
#define ACOLHE_STORE_SEALED_H

#include "crypto/crypto.h"
#include "db/db.h"
#include "store/grant.h"

/* RIGHT_SYSTEM. 0 when every record's key opens; -E_CORRUPT at the first that does not. */
int sealed_check(struct db *db, const struct grant *g, const struct keyring *keys,
                 uint64_t *ret_checked);

#endif
