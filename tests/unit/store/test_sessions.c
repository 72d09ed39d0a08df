/* test_sessions.c - sessions, one-time links, revocations. */
#include <pthread.h>
#include <stdatomic.h>

#include "clinic.h"
#include "store/sessions.h"

static size_t list(struct clinic *c, const struct id *user, int64_t now, struct session_row **ret)
{
    const struct grant *g = clinic_grant(c, RIGHT_ACCOUNT, user, user);
    size_t n;

    assert_int_equal(session_list(c->db, g, &c->arena, user, now, 900 * US_PER_S, ret, &n), 0);
    return n;
}

static void live_sessions_are_listed(void **state)
{
    struct clinic *c = *state;
    const struct id ana = clinic_patient(c, "Ana");
    const struct id bruno = clinic_patient(c, "Bruno");
    const struct session a = clinic_session(c, &ana, ROLE_PATIENT, NOON, NULL);
    const struct session b = clinic_session(c, &ana, ROLE_PATIENT, NOON + 5, NULL);
    struct session_row *rows;

    (void)clinic_session(c, &bruno, ROLE_PATIENT, NOON, NULL);
    assert_int_equal(list(c, &ana, NOON + 10, &rows), 2);
    assert_true(id_eq(&rows[0].id, &b.id)); /* latest activity first */
    assert_true(id_eq(&rows[1].id, &a.id));
    assert_str(rows[0].address, "127.0.0.1");
    assert_str(rows[0].user_agent, "cmocka");
    assert_int_equal(rows[0].created_at, NOON + 5);
    assert_int_equal(rows[0].expires_at, NOON + 5 + 12 * US_PER_HOUR);
    COMMIT(c, session_touch(c->db, clinic_system(c), &a, NOON + 60));
    assert_int_equal(list(c, &ana, NOON + 60, &rows), 2);
    assert_true(id_eq(&rows[0].id, &a.id));
    assert_int_equal(rows[0].last_seen_at, NOON + 60);
    COMMIT(c, session_touch(c->db, clinic_system(c), &a, NOON + 20)); /* it only rises */
    assert_int_equal(list(c, &ana, NOON + 60, &rows), 2);
    assert_int_equal(rows[0].last_seen_at, NOON + 60);
    /* what ran out, idle or absolute, is not listed */
    assert_int_equal(list(c, &ana, NOON + 5 + 900 * US_PER_S, &rows), 1);
    assert_int_equal(list(c, &ana, NOON + 60 + 900 * US_PER_S, &rows), 0);
    COMMIT(c, session_touch(c->db, clinic_system(c), &a, NOON + 12 * US_PER_HOUR));
    assert_int_equal(list(c, &ana, a.expires_at, &rows), 0);
}

static size_t revocations(struct clinic *c, int64_t after, struct revocation **ret)
{
    size_t n;

    assert_int_equal(revocation_after(c->db, clinic_system(c), &c->arena, after, ret, &n), 0);
    return n;
}

static void ending_sessions(void **state)
{
    struct clinic *c = *state;
    const struct id ana = clinic_patient(c, "Ana");
    const struct id bruno = clinic_patient(c, "Bruno");
    struct session s[4];
    struct session_row *rows;
    struct revocation *v;
    int64_t last = 7;

    for (size_t i = 0; i < COUNT_OF(s); i++)
        s[i] = clinic_session(c, &ana, ROLE_PATIENT, NOON + (int64_t)i, NULL);
    const struct session foreign = clinic_session(c, &bruno, ROLE_PATIENT, NOON, NULL);
    assert_int_equal(revocation_last(c->db, clinic_system(c), &last), 0);
    assert_int_equal(last, 0);
    COMMIT(c, session_end(c->db, clinic_system(c), &ana, &s[0].id, NOON + 9));
    assert_int_equal(list(c, &ana, NOON + 9, &rows), 3);
    assert_int_equal(revocations(c, 0, &v), 1);
    assert_int_equal(v[0].kind, REVOKED_SESSION);
    assert_true(id_eq(&v[0].user, &ana));
    assert_true(id_eq(&v[0].session, &s[0].id));
    /* twice, unknown, or somebody else's: there is none */
    assert_int_equal(db_begin(c->db, DB_WRITE), 0);
    assert_int_equal(session_end(c->db, clinic_system(c), &ana, &s[0].id, NOON), -E_NOT_FOUND);
    assert_int_equal(session_end(c->db, clinic_system(c), &ana, &ana, NOON), -E_NOT_FOUND);
    assert_int_equal(session_end(c->db, clinic_system(c), &ana, &foreign.id, NOON), -E_NOT_FOUND);
    db_rollback(c->db);
    COMMIT(c, session_end_all(c->db, clinic_system(c), &ana, &s[2].id, NOON + 10));
    assert_int_equal(list(c, &ana, NOON + 10, &rows), 1);
    assert_true(id_eq(&rows[0].id, &s[2].id));
    /* one row for all of them: each of the account's sockets looks at its own session */
    assert_int_equal(revocations(c, v[0].id, &v), 1);
    assert_int_equal(v[0].kind, REVOKED_RIGHTS);
    COMMIT(c, session_end_all(c->db, clinic_system(c), &ana, &ID_NONE, NOON + 10));
    assert_int_equal(list(c, &ana, NOON + 10, &rows), 0);
    assert_int_equal(list(c, &bruno, NOON + 10, &rows), 1);
    assert_int_equal(revocations(c, v[0].id, &v), 1);
    assert_int_equal(v[0].kind, REVOKED_SESSION);
    assert_true(id_is_none(&v[0].session)); /* every one */
    assert_int_equal(revocation_last(c->db, clinic_system(c), &last), 0);
    assert_int_equal(last, v[0].id);
    COMMIT(c, revocation_add(c->db, clinic_system(c), REVOKED_ACCOUNT, &ana, &ID_NONE, NOON));
    assert_int_equal(revocations(c, last, &v), 1);
    assert_int_equal(v[0].kind, REVOKED_ACCOUNT);
    assert_true(id_is_none(&v[0].session));
}

static void a_token_belongs_to_one_session(void **state)
{
    struct clinic *c = *state;
    const struct id ana = clinic_patient(c, "Ana");
    uint8_t hash[TOKEN_HASH];
    struct session s = clinic_session(c, &ana, ROLE_PATIENT, NOON, hash);

    s.id = id_new();
    assert_int_equal(db_begin(c->db, DB_WRITE), 0);
    assert_int_equal(session_insert(c->db, clinic_system(c), &s, hash, STR("::1"), STR_NONE),
                     -E_DUPLICATE);
    db_rollback(c->db);
}

/* ---- one-time links ---- */

static void link_for(struct clinic *c, uint8_t mark, const struct id *user, int64_t now)
{
    uint8_t hash[TOKEN_HASH];

    memset(hash, mark, sizeof hash);
    COMMIT(c, link_insert(c->db, clinic_system(c), hash, user, LINK_SET_PASSWORD, now,
                          now + US_PER_HOUR));
}

static int look(struct clinic *c, uint8_t mark, int64_t now, struct id *ret)
{
    uint8_t hash[TOKEN_HASH];

    memset(hash, mark, sizeof hash);
    return link_look(c->db, clinic_system(c), hash, LINK_SET_PASSWORD, now, ret);
}

static int use(struct db *db, struct clinic *c, const struct grant *g, uint8_t mark, int64_t now)
{
    uint8_t hash[TOKEN_HASH];

    (void)c;
    memset(hash, mark, sizeof hash);
    int r = db_begin(db, DB_WRITE);
    if (r == 0)
        r = link_use(db, g, hash, now);
    if (r == 0)
        return db_commit(db);
    db_rollback(db);
    return r;
}

static void a_link_is_used_once(void **state)
{
    struct clinic *c = *state;
    const struct id ana = clinic_patient(c, "Ana");
    const struct grant *g = clinic_system(c);
    struct id user;

    link_for(c, 1, &ana, NOON);
    assert_int_equal(look(c, 1, NOON, &user), 0);
    assert_true(id_eq(&user, &ana));
    assert_int_equal(look(c, 1, NOON, &user), 0); /* looking does not use it */
    assert_int_equal(look(c, 2, NOON, &user), -E_LINK_USED);
    assert_int_equal(use(c->db, c, g, 2, NOON), -E_LINK_USED);
    assert_int_equal(use(c->db, c, g, 1, NOON), 0);
    assert_int_equal(use(c->db, c, g, 1, NOON), -E_LINK_USED);
    assert_int_equal(look(c, 1, NOON, &user), -E_LINK_USED);
}

static void a_link_runs_out(void **state)
{
    struct clinic *c = *state;
    const struct id ana = clinic_patient(c, "Ana");
    const struct grant *g = clinic_system(c);
    struct id user;

    link_for(c, 1, &ana, NOON);
    assert_int_equal(look(c, 1, NOON + US_PER_HOUR, &user), -E_LINK_USED);
    assert_int_equal(use(c->db, c, g, 1, NOON + US_PER_HOUR), -E_LINK_USED);
    assert_int_equal(look(c, 1, NOON + US_PER_HOUR - 1, &user), 0);
    assert_int_equal(use(c->db, c, g, 1, NOON + US_PER_HOUR - 1), 0);
}

static void a_newer_link_voids_the_older(void **state)
{
    struct clinic *c = *state;
    const struct id ana = clinic_patient(c, "Ana");
    const struct id bruno = clinic_patient(c, "Bruno");
    const struct grant *g = clinic_system(c);
    struct id user;

    link_for(c, 1, &ana, NOON);
    link_for(c, 2, &bruno, NOON);
    link_for(c, 3, &ana, NOON + 1);
    assert_int_equal(look(c, 1, NOON + 2, &user), -E_LINK_USED);
    assert_int_equal(use(c->db, c, g, 1, NOON + 2), -E_LINK_USED);
    assert_int_equal(look(c, 2, NOON + 2, &user), 0); /* another's stays */
    assert_int_equal(look(c, 3, NOON + 2, &user), 0);
    assert_true(id_eq(&user, &ana));
}

struct racer {
    pthread_t thread;
    struct clinic *c;
    const struct grant *g;
    atomic_int *won, *lost;
};

static void *race(void *arg)
{
    struct racer *r = arg;
    struct db *db = NULL;

    if (db_open(&(struct db_options){.url = r->c->url}, &db) < 0)
        return NULL;
    for (uint8_t link = 1; link <= 20; link++) {
        int got = use(db, r->c, r->g, link, NOON);
        if (got == 0)
            atomic_fetch_add(r->won, 1);
        else if (got == -E_LINK_USED)
            atomic_fetch_add(r->lost, 1);
    }
    db_close(db);
    return NULL;
}

static void exactly_one_wins(void **state)
{
    struct clinic *c = *state;
    struct racer racers[8];
    atomic_int won = 0;
    atomic_int lost = 0;
    const struct grant *g = clinic_system(c);

    for (uint8_t link = 1; link <= 20; link++) {
        const struct id user = clinic_patient(c, "Ana");
        link_for(c, link, &user, NOON);
    }
    for (size_t i = 0; i < COUNT_OF(racers); i++) {
        racers[i] = (struct racer){.c = c, .g = g, .won = &won, .lost = &lost};
        assert_int_equal(pthread_create(&racers[i].thread, NULL, race, &racers[i]), 0);
    }
    for (size_t i = 0; i < COUNT_OF(racers); i++)
        assert_int_equal(pthread_join(racers[i].thread, NULL), 0);
    assert_int_equal(atomic_load(&won), 20);
    assert_int_equal(atomic_load(&lost), 7 * 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(live_sessions_are_listed), T(ending_sessions), T(a_token_belongs_to_one_session),
        T(a_link_is_used_once),      T(a_link_runs_out), T(a_newer_link_voids_the_older),
        T(exactly_one_wins),
    };
    return cmocka_run_group_tests_name("store/sessions", tests, NULL, NULL);
}
