/* passwords.c - changing and setting passwords. See sign_in.h. Hashes are computed before the
 * transaction begins, so that no write lock is held meanwhile. */
#include "app/fields.h"
#include "app/sign_in.h"
#include "base/error.h"
#include "store/accounts.h"
#include "store/sessions.h"

/* Stores the hash and ends the sessions but `keep`, in the running transaction. */
static int replace_password(struct call *call, const struct id *user, const char *hash,
                            const struct id *keep)
{
    int r = account_set_password(call->db, call->grant, user, hash, call->now_us);

    if (r == 0)
        r = session_end_all(call->db, call->grant, user, keep, call->now_us);
    if (r == 0)
        r = link_void(call->db, call->grant, user, LINK_SET_PASSWORD, call->now_us);
    if (r == 0)
        r = call_audit(call, "account", user, STR_NONE);
    return r < 0 ? r : call_revocations_changed(call);
}

int password_still(struct call *call, const struct credentials *verified)
{
    struct credentials now;

    int r = account_credentials_by_id(call->db, call->grant, call->arena, &verified->id, &now);
    if (r < 0)
        return r;
    return now.state == ACCOUNT_ACTIVE && now.password_hash && verified->password_hash &&
                   strcmp(now.password_hash, verified->password_hash) == 0
               ? 0
               : -E_INVALID_CREDENTIALS;
}

/* A wrong password here is as telling as one at the door. */
static int wrong_password(struct call *call)
{
    call_note(call, "account", &call->session->user, -E_INVALID_CREDENTIALS, STR_NONE);
    return call_invalid(call, "current_password", "mismatch", "This is not your present password.");
}

int password_change(struct call *call, const struct password_change *in)
{
    const struct id *user = &call->session->user;
    char hash[PASSWORD_HASH_MAX];
    struct credentials known;

    int r = account_credentials_by_id(call->db, call->grant, call->arena, user, &known);
    if (r < 0)
        return r;
    r = password_verify(known.password_hash, in->current_password);
    if (r < 0)
        return r == -E_NO_MEMORY ? r : wrong_password(call);
    r = field_password(call, "new_password", in->new_password, known.email_norm, known.name);
    if (r == 0)
        r = password_hash(in->new_password, hash);
    if (r == 0)
        r = call_begin(call, DB_WRITE);
    if (r < 0)
        return r;
    r = password_still(call, &known);
    if (r == 0)
        r = replace_password(call, user, hash, &call->session->id);
    if (r == 0)
        return call_commit(call);
    call_rollback(call);
    return r == -E_INVALID_CREDENTIALS ? wrong_password(call) : r;
}

int password_set_by_link(struct call *call, const struct password_by_link *in)
{
    uint8_t token[TOKEN_HASH];
    char hash[PASSWORD_HASH_MAX];
    struct credentials known;
    struct id user;

    if (token_hash(in->token, token) < 0)
        return -E_LINK_USED;
    int r = link_look(call->db, call->grant, token, LINK_SET_PASSWORD, call->now_us, &user);
    if (r == 0)
        r = account_credentials_by_id(call->db, call->grant, call->arena, &user, &known);
    if (r == 0)
        r = field_password(call, "password", in->password, known.email_norm, known.name);
    if (r == 0)
        r = password_hash(in->password, hash);
    if (r == 0)
        r = call_begin(call, DB_WRITE);
    if (r < 0)
        return r;
    r = link_use(call->db, call->grant, token, call->now_us);
    if (r == 0)
        r = replace_password(call, &user, hash, &ID_NONE);
    if (r == 0)
        return call_commit(call);
    call_rollback(call);
    return r;
}
