/*
 * rights.h - what authz/ reads to decide, before there is any grant. For authz/ alone:
 * tools/check-layers refuses other includes.
 */
#ifndef ACOLHE_STORE_RIGHTS_H
#define ACOLHE_STORE_RIGHTS_H

#include "db/db.h"
#include "domain/account.h"
#include "domain/care.h"

struct rights_session {
    struct session session;
    enum account_state state;
    int64_t ended_at; /* 0: live */
};
/* By the hash of the cookie's token (32 bytes), or by id. 0, -E_NOT_FOUND, or the database's error.
 */
int rights_session_by_token(struct db *db, struct str token_hash, struct rights_session *ret);
int rights_session_by_id(struct db *db, const struct id *session, struct rights_session *ret);
/* The two sides of a relationship. */
int rights_relationship(struct db *db, struct arena *a, const struct id *id,
                        struct relationship *ret);
/* A conversation with its members, state and key. */
int rights_conversation(struct db *db, struct arena *a, const struct id *id,
                        struct conversation *ret);

#endif
