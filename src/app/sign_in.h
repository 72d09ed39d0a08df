/*
 * sign_in.h - becoming somebody: sign-up, sign-in, sessions, passwords, one-time links.
 *
 * The use cases that hash a password run on the password pool and manage their own transaction, so
 * that no lock is held while a hash is computed; the others run inside the caller's.
 */
#ifndef ACOLHE_APP_SIGN_IN_H
#define ACOLHE_APP_SIGN_IN_H

#include "app/app.h"

struct signed_in {
    struct account account;
    struct session session;
    int64_t idle_expires_at;
    char csrf[TOKEN_TEXT + 1];
    char token[TOKEN_TEXT + 1]; /* of a session that was just made, else empty */
};

struct registration {
    struct str name;
    struct str social_name;
    struct str email;
    struct str password;
    struct str cpf;
    struct str birth_date;
    struct str phone;
    struct str locale;
    struct str terms_version;
};
/* RIGHT_SIGN_IN; own transaction. -E_VALIDATION, -E_ACCOUNT_EXISTS. */
int sign_up(struct call *call, const struct registration *in, struct signed_in *ret);

struct sign_in_request {
    struct str email;
    struct str password;
};
/* RIGHT_SIGN_IN; own transaction. -E_INVALID_CREDENTIALS for an unknown account, a wrong password
 * and a disabled account alike, in the same time. */
int sign_in(struct call *call, const struct sign_in_request *in, struct signed_in *ret);
/* RIGHT_ACCOUNT; inside the caller's transaction. */
int sign_out(struct call *call);

/* RIGHT_ACCOUNT. Who is signed in, as GET /me tells it. */
int who_am_i(struct call *call, struct signed_in *ret);
/* RIGHT_ACCOUNT; inside the caller's write transaction: the session's idle time starts anew. */
int session_extend(struct call *call, struct signed_in *ret);
/* When the session's idle time ends, as the store counts it. */
int64_t session_idle_end(const struct call *call);

int sessions_of_account(struct call *call, struct session_row **ret, size_t *ret_count);
int session_revoke(struct call *call, const struct id *session);

struct password_change {
    struct str current_password;
    struct str new_password;
};
/* RIGHT_ACCOUNT; own transaction; the other sessions end. */
int password_change(struct call *call, const struct password_change *in);
struct credentials; /* store/accounts.h */
/* In the write transaction: is the account as it was when its password was verified, outside of it?
 * Hashing takes long enough for the password to be changed meanwhile, and what the old one opens
 * then must not outlive the change. 0; -E_INVALID_CREDENTIALS when another password holds or the
 * account is disabled. */
int password_still(struct call *call, const struct credentials *verified);
struct password_by_link {
    struct str token;
    struct str password;
};
/* RIGHT_SIGN_IN; own transaction; all sessions end. -E_LINK_USED. */
int password_set_by_link(struct call *call, const struct password_by_link *in);

#endif
