/* authz.c - see authz.h. */
#include "authz/authz.h"

#include "base/error.h"
#include "store/grant_make.h"
#include "store/rights.h"

const char *const access_names[] = {"public", "signed_in", "doctor", "care", "admin", NULL};
const char *const object_names[] = {"nothing",   "sign_in",  "own_account",  "accounts",
                                    "directory", "own_care", "relationship", "conversation",
                                    "trail",     NULL};

static int check_session(const struct rights_session *found, const struct session_limits *limits,
                         int64_t now_us, struct session *ret)
{
    const struct session *s = &found->session;

    if (found->ended_at != 0 || found->state != ACCOUNT_ACTIVE || now_us >= s->expires_at ||
        now_us - s->created_at >= limits->absolute_us ||
        now_us - s->last_seen_at >= limits->idle_us)
        return -E_UNAUTHENTICATED;
    *ret = *s;
    return 0;
}

int authz_session(struct db *db, struct str token_hash, const struct session_limits *limits,
                  int64_t now_us, struct session *ret)
{
    struct rights_session found;

    int r = rights_session_by_token(db, token_hash, &found);
    if (r == -E_NOT_FOUND)
        return -E_UNAUTHENTICATED;
    return r < 0 ? r : check_session(&found, limits, now_us, ret);
}

int authz_session_again(struct db *db, const struct id *session,
                        const struct session_limits *limits, int64_t now_us, struct session *ret,
                        bool *ret_disabled)
{
    struct rights_session found;

    *ret_disabled = false;
    int r = rights_session_by_id(db, session, &found);
    if (r == -E_NOT_FOUND)
        return -E_UNAUTHENTICATED;
    if (r < 0)
        return r;
    *ret_disabled = found.state != ACCOUNT_ACTIVE;
    return check_session(&found, limits, now_us, ret);
}

int authz_access(enum access access, const struct session *session)
{
    if (access == ACCESS_PUBLIC)
        return 0;
    if (!session)
        return -E_UNAUTHENTICATED;
    switch (access) {
    case ACCESS_PUBLIC:
    case ACCESS_SIGNED_IN:
        return 0;
    case ACCESS_DOCTOR:
        return session->role == ROLE_DOCTOR ? 0 : -E_FORBIDDEN;
    case ACCESS_CARE:
        return session->role == ROLE_PATIENT || (session->role == ROLE_DOCTOR && session->verified)
                   ? 0
                   : -E_FORBIDDEN;
    case ACCESS_ADMIN:
        return session->role == ROLE_ADMIN ? 0 : -E_FORBIDDEN;
    }
    return -E_FORBIDDEN;
}

static int give(struct arena *a, enum right right, const struct session *session,
                const struct id *object, const struct grant **ret)
{
    *ret = grant_make(a, right, session ? &session->user : NULL, object);
    return *ret ? 0 : -E_NO_MEMORY;
}

int authz_object(struct db *db, struct arena *a, const struct session *session, enum object object,
                 const struct id *id, const struct grant **ret)
{
    struct conversation conversation;
    struct relationship relationship;

    *ret = NULL;
    switch (object) {
    case OBJECT_NOTHING:
        return 0;
    case OBJECT_SIGN_IN:
        return give(a, RIGHT_SIGN_IN, session, NULL, ret);
    case OBJECT_OWN_ACCOUNT:
        return session ? give(a, RIGHT_ACCOUNT, session, &session->user, ret) : -E_UNAUTHENTICATED;
    case OBJECT_ACCOUNTS:
        return session && session->role == ROLE_ADMIN ? give(a, RIGHT_ACCOUNTS, session, NULL, ret)
                                                      : -E_FORBIDDEN;
    case OBJECT_DIRECTORY:
        return session ? give(a, RIGHT_DIRECTORY, session, NULL, ret) : -E_UNAUTHENTICATED;
    case OBJECT_OWN_CARE:
        return session ? give(a, RIGHT_CARE, session, NULL, ret) : -E_UNAUTHENTICATED;
    case OBJECT_RELATIONSHIP:
        return id ? authz_relationship(db, a, session, id, &relationship, ret) : -E_NOT_FOUND;
    case OBJECT_CONVERSATION:
        return id ? authz_conversation(db, a, session, id, RIGHT_CONVERSATION_READ, &conversation,
                                       ret)
                  : -E_NOT_FOUND;
    case OBJECT_TRAIL:
        return session && session->role == ROLE_ADMIN ? give(a, RIGHT_TRAIL, session, NULL, ret)
                                                      : -E_FORBIDDEN;
    }
    return -E_FORBIDDEN;
}

enum side authz_side(const struct conversation *conversation, const struct id *user)
{
    if (id_eq(&conversation->member[SIDE_PATIENT - 1], user))
        return SIDE_PATIENT;
    if (id_eq(&conversation->member[SIDE_DOCTOR - 1], user))
        return SIDE_DOCTOR;
    return (enum side)0;
}

int authz_conversation_of(struct arena *a, const struct session *session,
                          const struct conversation *conversation, enum right right,
                          const struct grant **ret_grant)
{
    if (!session || authz_side(conversation, &session->user) == 0)
        return -E_NOT_FOUND;
    if (session->role == ROLE_DOCTOR && !conversation->doctor_verified)
        return -E_FORBIDDEN;
    if (right == RIGHT_CONVERSATION_WRITE &&
        (conversation->state != CONVERSATION_OPEN || !conversation->doctor_verified))
        return -E_CLOSED;
    if (right != RIGHT_CONVERSATION_READ && right != RIGHT_CONVERSATION_WRITE)
        return -E_FORBIDDEN;
    return give(a, right, session, &conversation->id, ret_grant);
}

int authz_conversation_find(struct db *db, struct arena *a, const struct id *id,
                            struct conversation *ret)
{
    return rights_conversation(db, a, id, ret);
}

int authz_conversation(struct db *db, struct arena *a, const struct session *session,
                       const struct id *id, enum right right, struct conversation *ret,
                       const struct grant **ret_grant)
{
    int r = rights_conversation(db, a, id, ret);

    return r < 0 ? r : authz_conversation_of(a, session, ret, right, ret_grant);
}

int authz_relationship(struct db *db, struct arena *a, const struct session *session,
                       const struct id *id, struct relationship *ret,
                       const struct grant **ret_grant)
{
    int r = rights_relationship(db, a, id, ret);

    if (r < 0)
        return r;
    if (!session ||
        (!id_eq(&ret->patient.id, &session->user) && !id_eq(&ret->doctor.id, &session->user)))
        return -E_NOT_FOUND;
    return give(a, RIGHT_RELATIONSHIP, session, id, ret_grant);
}

const struct grant *authz_system(struct arena *a)
{
    return grant_make(a, RIGHT_SYSTEM, NULL, NULL);
}
