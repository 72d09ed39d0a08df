/* sessions.c - see sessions.h. */
#include "store/sessions.h"

#include "base/error.h"
#include "store/rows.h"

int session_insert(struct db *db, const struct grant *g, const struct session *session,
                   const uint8_t hash[TOKEN_HASH], struct str address, struct str user_agent)
{
    const struct q_session_insert_params params = {
        .id = session->id,
        .token_hash = blob(hash, TOKEN_HASH),
        .user_id = session->user,
        .now = session->created_at,
        .expires_at = session->expires_at,
        .address = address,
        .user_agent = user_agent.p ? user_agent : STR(""),
    };

    int r = grant_require(g, RIGHT_SIGN_IN, NULL);
    return r < 0 ? r : q_session_insert(db, &params, NULL);
}

int session_touch(struct db *db, const struct grant *g, const struct session *session,
                  int64_t now_us)
{
    const struct q_session_touch_params params = {.id = session->id, .now = now_us};

    int r = grant_require(g, RIGHT_ACCOUNT, &session->user);
    return r < 0 ? r : q_session_touch(db, &params, NULL);
}

int session_list(struct db *db, const struct grant *g, struct arena *a, const struct id *user,
                 int64_t now_us, int64_t idle_us, struct session_row **ret, size_t *ret_count)
{
    struct q_session_list_row *rows;
    const struct q_session_list_params params = {*user, now_us, now_us - idle_us};

    int r = grant_require(g, RIGHT_ACCOUNT, user);
    if (r == 0)
        r = q_session_list(db, &params, a, &rows, ret_count);
    if (r != 0)
        return r;
    *ret = arena_array(a, *ret_count, sizeof **ret);
    if (!*ret)
        return -E_NO_MEMORY;
    for (size_t i = 0; i < *ret_count; i++)
        (*ret)[i] = (struct session_row){
            .id = rows[i].id,
            .created_at = rows[i].created_at,
            .last_seen_at = rows[i].last_seen_at,
            .expires_at = rows[i].expires_at,
            .address = rows[i].address,
            .user_agent = rows[i].user_agent,
        };
    return 0;
}

int session_end(struct db *db, const struct grant *g, const struct id *user,
                const struct id *session, int64_t now_us)
{
    int64_t changes;
    const struct q_session_end_params params = {*session, *user, now_us};

    int r = grant_require(g, RIGHT_ACCOUNT, user);
    if (r == 0)
        r = q_session_end(db, &params, &changes);
    if (r == 0 && changes != 1)
        r = -E_NOT_FOUND;
    return r < 0 ? r : revocation_add(db, g, REVOKED_SESSION, user, session, now_us);
}

int session_end_all(struct db *db, const struct grant *g, const struct id *user,
                    const struct id *keep, int64_t now_us)
{
    const struct q_session_end_all_params params = {*user, uuid_or_null(keep), now_us};

    int r = grant_holds(g, RIGHT_SIGN_IN) ? 0 : grant_require(g, RIGHT_ACCOUNT, user);
    if (r == 0)
        r = q_session_end_all(db, &params, NULL);
    if (r < 0)
        return r;
    /* one row whatever their number, or who signs in often enough could not be sent away: all
     * sockets end, or each looks at its own session */
    return revocation_add(db, g, id_is_none(keep) ? REVOKED_SESSION : REVOKED_RIGHTS, user,
                          &ID_NONE, now_us);
}

int revocation_add(struct db *db, const struct grant *g, enum revocation_kind kind,
                   const struct id *user, const struct id *session, int64_t now_us)
{
    const struct q_revocation_insert_params params = {kind, *user, uuid_or_null(session), now_us};
    int r = 0;

    if (!grant_holds(g, RIGHT_ACCOUNTS) && !grant_holds(g, RIGHT_SIGN_IN))
        r = grant_require(g, RIGHT_ACCOUNT, user);
    return r < 0 ? r : q_revocation_insert(db, &params, NULL);
}

int revocation_after(struct db *db, const struct grant *g, struct arena *a, int64_t after,
                     struct revocation **ret, size_t *ret_count)
{
    struct q_revocation_after_row *rows;
    const struct q_revocation_after_params params = {.after = after};

    int r = grant_require(g, RIGHT_SYSTEM, NULL);
    if (r == 0)
        r = q_revocation_after(db, &params, a, &rows, ret_count);
    if (r != 0)
        return r;
    *ret = arena_array(a, *ret_count, sizeof **ret);
    if (!*ret)
        return -E_NO_MEMORY;
    for (size_t i = 0; i < *ret_count; i++)
        (*ret)[i] = (struct revocation){rows[i].id, (enum revocation_kind)rows[i].kind,
                                        rows[i].user_id, uuid_or_none(rows[i].session_id)};
    return 0;
}

int revocation_last(struct db *db, const struct grant *g, int64_t *ret)
{
    struct q_revocation_last_row row;

    int r = grant_require(g, RIGHT_SYSTEM, NULL);
    if (r == 0)
        r = q_revocation_last(db, NULL, &row);
    if (r == 0)
        *ret = row.last;
    return r;
}

int link_insert(struct db *db, const struct grant *g, const uint8_t hash[TOKEN_HASH],
                const struct id *user, enum link_purpose purpose, int64_t now_us,
                int64_t expires_us)
{
    struct id actor = grant_actor(g);
    const struct q_link_void_all_params older = {*user, purpose, now_us};
    const struct q_link_insert_params params = {
        .token_hash = blob(hash, TOKEN_HASH),
        .user_id = *user,
        .purpose = purpose,
        .created_by = uuid_or_null(&actor),
        .now = now_us,
        .expires_at = expires_us,
    };

    int r = grant_require(g, RIGHT_ACCOUNTS, NULL);
    if (r == 0)
        r = q_link_void_all(db, &older, NULL);
    return r < 0 ? r : q_link_insert(db, &params, NULL);
}

int link_look(struct db *db, const struct grant *g, const uint8_t hash[TOKEN_HASH],
              enum link_purpose purpose, int64_t now_us, struct id *ret_user)
{
    struct q_link_by_token_row row;
    const struct q_link_by_token_params params = {.token_hash = blob(hash, TOKEN_HASH)};

    int r = grant_require(g, RIGHT_SIGN_IN, NULL);
    if (r == 0)
        r = q_link_by_token(db, &params, NULL, &row);
    if (r == -E_NOT_FOUND)
        return -E_LINK_USED;
    if (r != 0)
        return r;
    if (row.purpose != (int64_t)purpose || row.used_at.set || row.expires_at <= now_us)
        return -E_LINK_USED;
    *ret_user = row.user_id;
    return 0;
}

int link_void(struct db *db, const struct grant *g, const struct id *user,
              enum link_purpose purpose, int64_t now_us)
{
    const struct q_link_void_all_params params = {*user, purpose, now_us};

    int r = grant_holds(g, RIGHT_SIGN_IN) ? 0 : grant_require(g, RIGHT_ACCOUNT, user);
    return r < 0 ? r : q_link_void_all(db, &params, NULL);
}

int link_use(struct db *db, const struct grant *g, const uint8_t hash[TOKEN_HASH], int64_t now_us)
{
    int64_t changes;
    const struct q_link_use_params params = {blob(hash, TOKEN_HASH), now_us};

    int r = grant_require(g, RIGHT_SIGN_IN, NULL);
    if (r == 0)
        r = q_link_use(db, &params, &changes);
    return r != 0 ? r : changes == 1 ? 0 : -E_LINK_USED;
}
