/*
 * accounts.h - the accounts aggregate: people of every role. CPF numbers are sealed here and found
 * by a blind index; they leave this room only masked.
 */
#ifndef ACOLHE_STORE_ACCOUNTS_H
#define ACOLHE_STORE_ACCOUNTS_H

#include "crypto/crypto.h"
#include "db/db.h"
#include "domain/account.h"
#include "store/grant.h"

struct new_account {
    struct id id;
    enum role role;
    struct str name;
    struct str social_name;
    struct str email;
    struct str email_norm;
    struct str phone;
    struct str locale;
    struct str birth_date;
    struct str password_hash; /* STR_NONE: to be set by a one-time link */
    struct str cpf;           /* 11 digits or STR_NONE */
    struct str terms_version;
};
/* RIGHT_SIGN_IN (patients only) or RIGHT_ACCOUNTS. 0; -E_DUPLICATE (e-mail or CPF taken). */
int account_insert(struct db *db, const struct grant *g, const struct keyring *keys,
                   const struct new_account *account, int64_t now_us);

/* RIGHT_ACCOUNT on it. For doctors, `doctor` is filled too. 0 or -E_NOT_FOUND. */
int account_get(struct db *db, const struct grant *g, const struct keyring *keys, struct arena *a,
                const struct id *id, int64_t now_us, struct account *ret);

struct account_filter {
    int64_t role;    /* 0: all */
    int64_t state;   /* 0: all */
    int verified;    /* doctors: 1 verified, 0 not; -1: all */
    struct str text; /* folded, part of the name or address; STR_NONE: all */
    struct str after_name;
    struct id after_id;
    int64_t limit;
};
struct account_key {
    struct id id;
    struct str name_folded;
};
/* RIGHT_ACCOUNTS. Ids by folded name. */
int account_list(struct db *db, const struct grant *g, struct arena *a,
                 const struct account_filter *filter, struct account_key **ret, size_t *ret_count);

/* RIGHT_ACCOUNT. Compare-and-swap: -E_CONFLICT when the version is another. */
int account_update_profile(struct db *db, const struct grant *g, struct arena *a,
                           const struct account *account, int64_t now_us);
/* RIGHT_ACCOUNT or RIGHT_SIGN_IN. */
int account_set_password(struct db *db, const struct grant *g, const struct id *id,
                         const char *hash, int64_t now_us);
/* RIGHT_ACCOUNTS. */
int account_set_state(struct db *db, const struct grant *g, const struct id *id,
                      enum account_state state, int64_t now_us);

struct credentials {
    struct id id;
    enum role role;
    enum account_state state;
    const char *password_hash; /* NULL: none set */
    struct str name;
    struct str email_norm;
};
/* RIGHT_SIGN_IN. */
int account_credentials(struct db *db, const struct grant *g, struct arena *a,
                        struct str email_norm, struct credentials *ret);
/* RIGHT_ACCOUNT or RIGHT_SIGN_IN. */
int account_credentials_by_id(struct db *db, const struct grant *g, struct arena *a,
                              const struct id *id, struct credentials *ret);
/* RIGHT_SYSTEM. */
int account_count(struct db *db, const struct grant *g, enum role role, int64_t *ret);

#endif
