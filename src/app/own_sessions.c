/* own_sessions.c - who is signed in, and that person's sessions. See sign_in.h. */
#include "app/sign_in.h"
#include "base/error.h"
#include "store/accounts.h"
#include "store/sessions.h"

int who_am_i(struct call *call, struct signed_in *ret)
{
    int r = account_get(call->db, call->grant, call->app->keys, call->arena, &call->session->user,
                        call->now_us, &ret->account);

    ret->session = *call->session;
    ret->idle_expires_at = session_idle_end(call);
    csrf_token(call->app->keys, &call->session->id, ret->csrf);
    return r;
}

int session_extend(struct call *call, struct signed_in *ret)
{
    ret->session = *call->session;
    ret->session.last_seen_at = call->now_us;
    call->session = &ret->session;
    ret->idle_expires_at = session_idle_end(call);
    return session_touch(call->db, call->grant, call->session, call->now_us);
}

int sign_out(struct call *call)
{
    int r =
        session_end(call->db, call->grant, &call->session->user, &call->session->id, call->now_us);

    if (r == 0)
        r = call_audit(call, "session", &call->session->id, STR_NONE);
    return r < 0 ? r : call_revocations_changed(call);
}

int sessions_of_account(struct call *call, struct session_row **ret, size_t *ret_count)
{
    int r = session_list(call->db, call->grant, call->arena, &call->session->user, call->now_us,
                         call->app->config.sessions.idle_us, ret, ret_count);

    for (size_t i = 0; r == 0 && i < *ret_count; i++)
        (*ret)[i].current = id_eq(&(*ret)[i].id, &call->session->id);
    return r;
}

int session_revoke(struct call *call, const struct id *session)
{
    int r = session_end(call->db, call->grant, &call->session->user, session, call->now_us);

    if (r == 0)
        r = call_audit(call, "session", session, STR_NONE);
    return r < 0 ? r : call_revocations_changed(call);
}
