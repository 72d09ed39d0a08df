/* sign_in.c - sign-up and sign-in. See sign_in.h; sessions and passwords are in their own files. */
#include "app/sign_in.h"

#include "app/fields.h"
#include "base/error.h"
#include "base/secret.h"
#include "store/accounts.h"
#include "store/sessions.h"

#define USER_AGENT_MAX 300

int64_t session_idle_end(const struct call *call)
{
    int64_t idle = call->session->last_seen_at + call->app->config.sessions.idle_us;

    return idle < call->session->expires_at ? idle : call->session->expires_at;
}

/* A new session with a new token: never one that the browser brought (ASVS 7.2.4). */
static int start_session(struct call *call, const struct id *user, enum role role,
                         struct signed_in *ret)
{
    uint8_t hash[TOKEN_HASH];
    struct str agent = call->user_agent;

    token_new(ret->token, hash);
    ret->session = (struct session){
        .id = id_new(),
        .user = *user,
        .role = role,
        .created_at = call->now_us,
        .last_seen_at = call->now_us,
        .expires_at = call->now_us + call->app->config.sessions.absolute_us,
    };
    if (agent.n > USER_AGENT_MAX)
        agent.n = USER_AGENT_MAX;
    if (!str_utf8(agent, NULL))
        agent = STR("");
    return session_insert(call->db, call->grant, &ret->session, hash, call->address, agent);
}

/* From here on the call speaks for the one who signed in. */
static int finish(struct call *call, struct signed_in *ret)
{
    const struct grant *own;

    call->session = &ret->session;
    int r = authz_object(call->db, call->arena, &ret->session, OBJECT_OWN_ACCOUNT, NULL, &own);
    if (r == 0)
        r = account_get(call->db, own, call->app->keys, call->arena, &ret->session.user,
                        call->now_us, &ret->account);
    if (r == 0)
        r = call_audit(call, "account", &ret->session.user, STR_NONE);
    ret->session.verified = !ret->account.doctor || ret->account.doctor->verified;
    ret->idle_expires_at = session_idle_end(call);
    csrf_token(call->app->keys, &ret->session.id, ret->csrf);
    return r;
}

static int check_registration(struct call *call, const struct registration *in,
                              struct new_account *account)
{
    int r = field_name(call, "name", in->name, &account->name);

    r = first_error(
        r, field_optional_name(call, "social_name", in->social_name, &account->social_name));
    r = first_error(r,
                    field_email(call, "email", in->email, &account->email_norm, &account->email));
    r = first_error(r, field_phone(call, "phone", in->phone, &account->phone));
    r = first_error(r, field_cpf(call, "cpf", in->cpf, &account->cpf));
    r = first_error(r, field_birth_date(call, "birth_date", in->birth_date, &account->birth_date));
    r = first_error(r, field_locale(call, "locale", in->locale, &account->locale));
    r = first_error(
        r, field_password(call, "password", in->password, account->email_norm, account->name));
    if (!str_eq(in->terms_version, call->app->config.terms_version))
        r = first_error(
            r, call_invalid(call, "terms_version", "mismatch", "Accept the present terms."));
    account->terms_version = in->terms_version;
    return r;
}

int sign_up(struct call *call, const struct registration *in, struct signed_in *ret)
{
    struct new_account account = {.id = id_new(), .role = ROLE_PATIENT};
    char hash[PASSWORD_HASH_MAX];

    int r = check_registration(call, in, &account);
    if (r < 0)
        return r;
    r = password_hash(in->password, hash);
    if (r < 0)
        return r;
    account.password_hash = str_from(hash);
    r = call_begin(call, DB_WRITE);
    if (r < 0)
        return r;
    r = account_insert(call->db, call->grant, call->app->keys, &account, call->now_us);
    if (r == -E_DUPLICATE)
        r = -E_ACCOUNT_EXISTS;
    if (r == 0)
        r = start_session(call, &account.id, ROLE_PATIENT, ret);
    if (r == 0)
        r = finish(call, ret);
    if (r == 0)
        return call_commit(call);
    call_rollback(call);
    call->session = NULL;
    return r;
}

/* 0 when the password is right and the account may sign in. The hash is computed in any case. */
static int check_credentials(struct call *call, const struct sign_in_request *in,
                             struct credentials *ret)
{
    struct str norm;
    struct str shown;
    struct issues unused = {0};
    struct issues *issues = call->issues;

    call->issues = &unused; /* a malformed address is answered like an unknown one */
    int r = field_email(call, "email", in->email, &norm, &shown);
    call->issues = issues;
    if (r == 0)
        r = account_credentials(call->db, call->grant, call->arena, norm, ret);
    bool known = r == 0 && ret->password_hash;
    if (r < 0 && r != -E_NOT_FOUND && r != -E_VALIDATION)
        return r;
    int verified = password_verify(known ? ret->password_hash : NULL, in->password);
    if (!known || verified < 0 || ret->state != ACCOUNT_ACTIVE)
        return verified == -E_NO_MEMORY ? verified : -E_INVALID_CREDENTIALS;
    return 0;
}

int sign_in(struct call *call, const struct sign_in_request *in, struct signed_in *ret)
{
    char rehashed[PASSWORD_HASH_MAX];
    struct credentials known = {0};

    int r = check_credentials(call, in, &known);
    if (r < 0)
        return r;
    bool rehash = password_needs_rehash(known.password_hash);
    if (rehash)
        r = password_hash(in->password, rehashed);
    if (r == 0)
        r = call_begin(call, DB_WRITE);
    if (r < 0)
        return r;
    r = password_still(call, &known);
    if (r == 0 && rehash)
        r = account_set_password(call->db, call->grant, &known.id, rehashed, call->now_us);
    if (r == 0)
        r = start_session(call, &known.id, known.role, ret);
    if (r == 0)
        r = finish(call, ret);
    if (r == 0)
        return call_commit(call);
    call_rollback(call);
    call->session = NULL;
    return r;
}
