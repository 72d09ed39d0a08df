/*
 * authz.h - the only maker of grants: who is asking, may they, and on which object.
 *
 *   cookie token -> authz_session -> authz_access (the route's rule) -> authz_object (the record)
 *                                                                         -> struct grant -> store
 *
 * A foreign object answers -E_NOT_FOUND, never -E_FORBIDDEN: an id tells nothing (ASVS 8.2.1). The
 * caller audits refusals. Everything is decided from the database as it is now, so a revoked
 * session, a disabled account or an ended relationship counts from the next call on.
 */
#ifndef ACOLHE_AUTHZ_AUTHZ_H
#define ACOLHE_AUTHZ_AUTHZ_H

#include "base/arena.h"
#include "domain/account.h"
#include "domain/care.h"
#include "store/grant.h"

struct db;

struct session_limits {
    int64_t idle_us;
    int64_t absolute_us;
};

/* The live session of a token's hash (32 bytes), or by its id. 0; -E_UNAUTHENTICATED when there is
 * none, it ended, ran out (idle or absolute) or its account is disabled (*ret_disabled tells which
 * of these, so that an open socket can be closed with the right code). */
int authz_session(struct db *db, struct str token_hash, const struct session_limits *limits,
                  int64_t now_us, struct session *ret);
int authz_session_again(struct db *db, const struct id *session,
                        const struct session_limits *limits, int64_t now_us, struct session *ret,
                        bool *ret_disabled);

/* The rule of a route or realtime op. No value means "anybody by mistake": 0 is invalid. */
enum access {
    ACCESS_PUBLIC = 1, /* no session needed */
    ACCESS_SIGNED_IN,
    ACCESS_DOCTOR, /* any doctor, verified or not: one's own practice */
    ACCESS_CARE,   /* patients and verified doctors */
    ACCESS_ADMIN
};
extern const char *const access_names[]; /* NULL-terminated; [access - 1] */
/* `session` NULL: nobody is signed in. 0, -E_UNAUTHENTICATED or -E_FORBIDDEN. */
int authz_access(enum access access, const struct session *session);

/* What a route acts on: decides which grant its handler gets. */
enum object {
    OBJECT_NOTHING = 1,  /* no record: no grant */
    OBJECT_SIGN_IN,      /* credentials and one-time links */
    OBJECT_OWN_ACCOUNT,  /* the actor's account */
    OBJECT_ACCOUNTS,     /* any account (administration) */
    OBJECT_DIRECTORY,    /* verified doctors */
    OBJECT_OWN_CARE,     /* the actor's relationships and conversations, as lists */
    OBJECT_RELATIONSHIP, /* {id} */
    OBJECT_CONVERSATION, /* {id}, read */
    OBJECT_TRAIL         /* the audit trail */
};
extern const char *const object_names[]; /* NULL-terminated; [object - 1] */

/* The grant for a session that passed the route's access rule. `id` is the path's {id} (NULL where
 * there is none). In the arena. 0, -E_NOT_FOUND, -E_NO_MEMORY or the database's error. */
int authz_object(struct db *db, struct arena *a, const struct session *session, enum object object,
                 const struct id *id, const struct grant **ret);

/* A conversation and the grant to read or write it, in one look-up. For writing it must be open
 * (-E_CLOSED) and the doctor verified (-E_CLOSED for the patient, -E_FORBIDDEN for the doctor). */
int authz_conversation(struct db *db, struct arena *a, const struct session *session,
                       const struct id *id, enum right right, struct conversation *ret,
                       const struct grant **ret_grant);
/* The two halves of it, for a writer that decides for many senders of one conversation: the row,
 * read once inside the transaction, and the decision for one session. */
int authz_conversation_find(struct db *db, struct arena *a, const struct id *id,
                            struct conversation *ret);
int authz_conversation_of(struct arena *a, const struct session *session,
                          const struct conversation *conversation, enum right right,
                          const struct grant **ret_grant);
/* Which side of it the user is on; 0 when neither. */
enum side authz_side(const struct conversation *conversation, const struct id *user);

/* A relationship's own grant inside the transaction that made it: the actor must be a side. */
int authz_relationship(struct db *db, struct arena *a, const struct session *session,
                       const struct id *id, struct relationship *ret,
                       const struct grant **ret_grant);

/* For the command line, jobs and start-up: the program acts for its operator. */
const struct grant *authz_system(struct arena *a);

#endif
