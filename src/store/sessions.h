/*
 * sessions.h - sessions, one-time links and revocations. Tokens reach this room only as hashes.
 */
#ifndef ACOLHE_STORE_SESSIONS_H
#define ACOLHE_STORE_SESSIONS_H

#include "crypto/crypto.h"
#include "db/db.h"
#include "domain/account.h"
#include "store/grant.h"

/* RIGHT_SIGN_IN. */
int session_insert(struct db *db, const struct grant *g, const struct session *session,
                   const uint8_t hash[TOKEN_HASH], struct str address, struct str user_agent);
/* RIGHT_ACCOUNT of the owner. */
int session_touch(struct db *db, const struct grant *g, const struct session *session,
                  int64_t now_us);
int session_list(struct db *db, const struct grant *g, struct arena *a, const struct id *user,
                 int64_t now_us, int64_t idle_us, struct session_row **ret, size_t *ret_count);
/* Ends one session and says so in the revocations. -E_NOT_FOUND when it is no live one of `user`.
 */
int session_end(struct db *db, const struct grant *g, const struct id *user,
                const struct id *session, int64_t now_us);
/* Ends all but `keep` (ID_NONE: all). */
int session_end_all(struct db *db, const struct grant *g, const struct id *user,
                    const struct id *keep, int64_t now_us);

/* RIGHT_ACCOUNTS or RIGHT_ACCOUNT of the user: tells all nodes what ended. */
int revocation_add(struct db *db, const struct grant *g, enum revocation_kind kind,
                   const struct id *user, const struct id *session, int64_t now_us);
/* RIGHT_SYSTEM: those after an id, ascending, at most 1000. */
int revocation_after(struct db *db, const struct grant *g, struct arena *a, int64_t after,
                     struct revocation **ret, size_t *ret_count);
int revocation_last(struct db *db, const struct grant *g, int64_t *ret);

/* RIGHT_ACCOUNTS. The older links of the same account and purpose become useless. */
int link_insert(struct db *db, const struct grant *g, const uint8_t hash[TOKEN_HASH],
                const struct id *user, enum link_purpose purpose, int64_t now_us,
                int64_t expires_us);
/* RIGHT_SIGN_IN. Looks without using: -E_LINK_USED when unknown, used, expired or for another
 * purpose. */
int link_look(struct db *db, const struct grant *g, const uint8_t hash[TOKEN_HASH],
              enum link_purpose purpose, int64_t now_us, struct id *ret_user);
/* RIGHT_ACCOUNT of the user or RIGHT_SIGN_IN: those that are open become useless, as a password
 * that was changed by other means asks for. */
int link_void(struct db *db, const struct grant *g, const struct id *user,
              enum link_purpose purpose, int64_t now_us);
/* RIGHT_SIGN_IN. Uses it up; exactly one caller wins, the others get -E_LINK_USED. */
int link_use(struct db *db, const struct grant *g, const uint8_t hash[TOKEN_HASH], int64_t now_us);

#endif
