/*
 * test_authz.c - who may: every rule with every role, every object with every person, sessions at
 * the exact moment of their end.
 */
#include "authz/authz.h"
#include "clinic.h"
#include "store/conversations.h"
#include "store/sessions.h"

/* ---- rules ---- */

static void every_rule_with_every_role(void **state)
{
    static const struct {
        enum role role;
        bool verified;
    } people[] = {{ROLE_PATIENT, true},      {ROLE_DOCTOR, true}, {ROLE_DOCTOR, false},
                  {ROLE_RECEPTIONIST, true}, {ROLE_ADMIN, true},  {(enum role)0, true},
                  {(enum role)99, true}};
    /* '+' may, '-' forbidden; in the order of people above */
    static const struct {
        enum access access;
        const char *may;
        int nobody;
    } rules[] = {
        {ACCESS_PUBLIC, "+++++++", 0},
        {ACCESS_SIGNED_IN, "+++++++", -E_UNAUTHENTICATED},
        {ACCESS_DOCTOR, "-++----", -E_UNAUTHENTICATED},
        {ACCESS_CARE, "++-----", -E_UNAUTHENTICATED},
        {ACCESS_ADMIN, "----+--", -E_UNAUTHENTICATED},
        {(enum access)0, "-------", -E_UNAUTHENTICATED}, /* no rule: nobody */
        {(enum access)99, "-------", -E_UNAUTHENTICATED},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rules); i++) {
        assert_int_equal(authz_access(rules[i].access, NULL), rules[i].nobody);
        for (size_t p = 0; p < COUNT_OF(people); p++) {
            const struct session s = {.role = people[p].role, .verified = people[p].verified};
            assert_int_equal(authz_access(rules[i].access, &s),
                             rules[i].may[p] == '+' ? 0 : -E_FORBIDDEN);
        }
    }
    size_t names = 0;
    while (access_names[names])
        names++;
    assert_int_equal(names, ACCESS_ADMIN);
    for (names = 0; object_names[names];)
        names++;
    assert_int_equal(names, OBJECT_TRAIL);
}

/* ---- objects ---- */

struct house {
    struct clinic *c;
    struct id ana, bruno, helena, otavio;
    struct session patient, stranger, doctor, unverified, receptionist, admin;
    struct relationship care, unverified_care;
};

static void build(struct house *h, struct clinic *c)
{
    h->c = c;
    h->ana = clinic_patient(c, "Ana");
    h->bruno = clinic_patient(c, "Bruno");
    h->helena = clinic_doctor(c, "Helena", true);
    h->otavio = clinic_doctor(c, "Otavio", true);
    h->care = clinic_care(c, &h->ana, &h->helena);
    h->unverified_care = clinic_care(c, &h->ana, &h->otavio);
    clinic_verify(c, &h->otavio, false);
    const struct id rita = clinic_staff(c, ROLE_RECEPTIONIST, "Rita");
    const struct id root = clinic_staff(c, ROLE_ADMIN, "Admin");
    h->patient = clinic_session(c, &h->ana, ROLE_PATIENT, NOON, NULL);
    h->stranger = clinic_session(c, &h->bruno, ROLE_PATIENT, NOON, NULL);
    h->doctor = clinic_session(c, &h->helena, ROLE_DOCTOR, NOON, NULL);
    h->unverified = clinic_session(c, &h->otavio, ROLE_DOCTOR, NOON, NULL);
    h->unverified.verified = false;
    h->receptionist = clinic_session(c, &rita, ROLE_RECEPTIONIST, NOON, NULL);
    h->admin = clinic_session(c, &root, ROLE_ADMIN, NOON, NULL);
}

static void objects(void **state)
{
    struct house h;
    const struct grant *g;
    const struct id nowhere = id_new();

    build(&h, *state);
    const struct session *people[] = {&h.patient,      &h.stranger, &h.doctor, &h.unverified,
                                      &h.receptionist, &h.admin,    NULL};
    const struct {
        enum object object;
        const struct id *id;
        enum right right;
        int want[7];
    } cases[] = {
#define U (-E_UNAUTHENTICATED)
#define F (-E_FORBIDDEN)
#define N (-E_NOT_FOUND)
        {OBJECT_OWN_ACCOUNT, NULL, RIGHT_ACCOUNT, {0, 0, 0, 0, 0, 0, U}},
        {OBJECT_DIRECTORY, NULL, RIGHT_DIRECTORY, {0, 0, 0, 0, 0, 0, U}},
        {OBJECT_OWN_CARE, NULL, RIGHT_CARE, {0, 0, 0, 0, 0, 0, U}},
        {OBJECT_ACCOUNTS, NULL, RIGHT_ACCOUNTS, {F, F, F, F, F, 0, F}},
        {OBJECT_TRAIL, NULL, RIGHT_TRAIL, {F, F, F, F, F, 0, F}},
        {OBJECT_SIGN_IN, NULL, RIGHT_SIGN_IN, {0, 0, 0, 0, 0, 0, 0}},
        {OBJECT_RELATIONSHIP, &h.care.id, RIGHT_RELATIONSHIP, {0, N, 0, N, N, N, N}},
        {OBJECT_RELATIONSHIP, &h.unverified_care.id, RIGHT_RELATIONSHIP, {0, N, N, 0, N, N, N}},
        {OBJECT_RELATIONSHIP, &nowhere, RIGHT_RELATIONSHIP, {N, N, N, N, N, N, N}},
        {OBJECT_RELATIONSHIP, &h.care.conversation, RIGHT_RELATIONSHIP, {N, N, N, N, N, N, N}},
        {OBJECT_RELATIONSHIP, NULL, RIGHT_RELATIONSHIP, {N, N, N, N, N, N, N}},
        {OBJECT_CONVERSATION, &h.care.conversation, RIGHT_CONVERSATION_READ, {0, N, 0, N, N, N, N}},
        {OBJECT_CONVERSATION,
         &h.unverified_care.conversation,
         RIGHT_CONVERSATION_READ,
         {0, N, N, F, N, N, N}},
        {OBJECT_CONVERSATION, &nowhere, RIGHT_CONVERSATION_READ, {N, N, N, N, N, N, N}},
        {OBJECT_CONVERSATION, &h.care.id, RIGHT_CONVERSATION_READ, {N, N, N, N, N, N, N}},
        {OBJECT_CONVERSATION, NULL, RIGHT_CONVERSATION_READ, {N, N, N, N, N, N, N}},
        {(enum object)0, NULL, RIGHT_ACCOUNT, {F, F, F, F, F, F, F}},
        {(enum object)99, NULL, RIGHT_ACCOUNT, {F, F, F, F, F, F, F}},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        for (size_t p = 0; p < COUNT_OF(people); p++) {
            int r = authz_object(h.c->db, &h.c->arena, people[p], cases[i].object, cases[i].id, &g);
            if (r != cases[i].want[p])
                print_error("case %zu, person %zu\n", i, p);
            assert_int_equal(r, cases[i].want[p]);
            if (r < 0) {
                assert_null(g);
                continue;
            }
            /* the grant is of that right, of that person, for that object */
            struct id actor = grant_actor(g);
            assert_true(grant_holds(g, cases[i].right));
            assert_true(id_eq(&actor, people[p] ? &people[p]->user : &ID_NONE));
            if (cases[i].id) {
                assert_int_equal(grant_require(g, cases[i].right, cases[i].id), 0);
                assert_int_equal(grant_require(g, cases[i].right, &nowhere), -E_FORBIDDEN);
            }
        }
    assert_int_equal(authz_object(h.c->db, &h.c->arena, NULL, OBJECT_NOTHING, NULL, &g), 0);
    assert_null(g);
    assert_int_equal(authz_object(h.c->db, &h.c->arena, &h.patient, OBJECT_OWN_ACCOUNT, NULL, &g),
                     0);
    assert_int_equal(grant_require(g, RIGHT_ACCOUNT, &h.ana), 0);
    assert_int_equal(grant_require(g, RIGHT_ACCOUNT, &h.bruno), -E_FORBIDDEN);
}

/* ---- conversations: reading and writing ---- */

static int may(struct house *h, const struct session *s, const struct relationship *r,
               enum right right)
{
    struct conversation conversation;
    const struct grant *g;

    return authz_conversation(h->c->db, &h->c->arena, s, &r->conversation, right, &conversation,
                              &g);
}

static void reading_and_writing(void **state)
{
    struct house h;

    build(&h, *state);
    assert_int_equal(may(&h, &h.patient, &h.care, RIGHT_CONVERSATION_WRITE), 0);
    assert_int_equal(may(&h, &h.doctor, &h.care, RIGHT_CONVERSATION_WRITE), 0);
    assert_int_equal(may(&h, &h.stranger, &h.care, RIGHT_CONVERSATION_WRITE), -E_NOT_FOUND);
    assert_int_equal(may(&h, &h.admin, &h.care, RIGHT_CONVERSATION_READ), -E_NOT_FOUND);
    assert_int_equal(may(&h, NULL, &h.care, RIGHT_CONVERSATION_READ), -E_NOT_FOUND);
    /* no other right comes out of a conversation */
    assert_int_equal(may(&h, &h.patient, &h.care, RIGHT_SYSTEM), -E_FORBIDDEN);
    assert_int_equal(may(&h, &h.patient, &h.care, RIGHT_ACCOUNTS), -E_FORBIDDEN);
    /* the doctor is not verified: closed for the patient, out of reach for the doctor, also when
     * the session was made before */
    h.unverified.verified = true;
    assert_int_equal(may(&h, &h.patient, &h.unverified_care, RIGHT_CONVERSATION_READ), 0);
    assert_int_equal(may(&h, &h.patient, &h.unverified_care, RIGHT_CONVERSATION_WRITE), -E_CLOSED);
    assert_int_equal(may(&h, &h.unverified, &h.unverified_care, RIGHT_CONVERSATION_READ),
                     -E_FORBIDDEN);
    assert_int_equal(may(&h, &h.unverified, &h.unverified_care, RIGHT_CONVERSATION_WRITE),
                     -E_FORBIDDEN);
    /* closed: the record stays open to both, for reading; others learn nothing more */
    clinic_close(h.c, &h.care);
    assert_int_equal(may(&h, &h.patient, &h.care, RIGHT_CONVERSATION_READ), 0);
    assert_int_equal(may(&h, &h.doctor, &h.care, RIGHT_CONVERSATION_READ), 0);
    assert_int_equal(may(&h, &h.patient, &h.care, RIGHT_CONVERSATION_WRITE), -E_CLOSED);
    assert_int_equal(may(&h, &h.doctor, &h.care, RIGHT_CONVERSATION_WRITE), -E_CLOSED);
    assert_int_equal(may(&h, &h.stranger, &h.care, RIGHT_CONVERSATION_WRITE), -E_NOT_FOUND);
}

static void sides(void **state)
{
    struct house h;

    build(&h, *state);
    const struct conversation conversation = clinic_conversation(h.c, &h.care.conversation);
    assert_int_equal(authz_side(&conversation, &h.ana), SIDE_PATIENT);
    assert_int_equal(authz_side(&conversation, &h.helena), SIDE_DOCTOR);
    assert_int_equal(authz_side(&conversation, &h.bruno), 0);
    assert_int_equal(authz_side(&conversation, &ID_NONE), 0);
}

static void the_system_reads_no_conversation(void **state)
{
    struct house h;
    struct data_key key;

    build(&h, *state);
    const struct conversation conversation = clinic_conversation(h.c, &h.care.conversation);
    const struct grant *g = authz_system(&h.c->arena);
    assert_int_equal(conversation_key(g, h.c->keys, &conversation, &key), -E_FORBIDDEN);
    assert_true(grant_holds(g, RIGHT_ACCOUNTS));
}

/* ---- sessions ---- */

static const struct session_limits limits = {900 * US_PER_S, 43200 * US_PER_S};

static int live(struct clinic *c, const uint8_t hash[TOKEN_HASH], const struct id *id, int64_t now)
{
    struct session by_token;
    struct session by_id;
    bool disabled;

    int r = authz_session(c->db, str_of(hash, TOKEN_HASH), &limits, now, &by_token);
    assert_int_equal(authz_session_again(c->db, id, &limits, now, &by_id, &disabled), r);
    if (r == 0)
        assert_true(id_eq(&by_token.id, id) && id_eq(&by_id.id, id));
    return r;
}

static void touch(struct clinic *c, const struct session *s, int64_t now)
{
    COMMIT(c, session_touch(c->db, clinic_system(c), s, now));
}

static void idle_and_absolute_limits(void **state)
{
    struct clinic *c = *state;
    const struct id ana = clinic_patient(c, "Ana");
    uint8_t hash[TOKEN_HASH];
    const struct session s = clinic_session(c, &ana, ROLE_PATIENT, NOON, hash);
    const int64_t idle = limits.idle_us;

    assert_int_equal(live(c, hash, &s.id, NOON), 0);
    assert_int_equal(live(c, hash, &s.id, NOON + idle - 1), 0);
    assert_int_equal(live(c, hash, &s.id, NOON + idle), -E_UNAUTHENTICATED);
    touch(c, &s, NOON + idle - 1);
    assert_int_equal(live(c, hash, &s.id, NOON + idle), 0);
    assert_int_equal(live(c, hash, &s.id, NOON + 2 * idle - 2), 0);
    assert_int_equal(live(c, hash, &s.id, NOON + 2 * idle - 1), -E_UNAUTHENTICATED);
    /* touching it every minute does not carry it past twelve hours */
    touch(c, &s, NOON + limits.absolute_us - 1);
    assert_int_equal(live(c, hash, &s.id, NOON + limits.absolute_us - 1), 0);
    assert_int_equal(live(c, hash, &s.id, NOON + limits.absolute_us), -E_UNAUTHENTICATED);
}

/* A limit that was made shorter counts for the sessions that are there already. */
static void a_shorter_limit_counts_at_once(void **state)
{
    struct clinic *c = *state;
    const struct id ana = clinic_patient(c, "Ana");
    uint8_t hash[TOKEN_HASH];
    const struct session s = clinic_session(c, &ana, ROLE_PATIENT, NOON, hash);
    const struct session_limits shorter = {900 * US_PER_S, 3600 * US_PER_S};
    struct session got;

    touch(c, &s, NOON + 3600 * US_PER_S - 1);
    assert_int_equal(
        authz_session(c->db, str_of(hash, TOKEN_HASH), &shorter, NOON + 3600 * US_PER_S - 1, &got),
        0);
    assert_int_equal(
        authz_session(c->db, str_of(hash, TOKEN_HASH), &shorter, NOON + 3600 * US_PER_S, &got),
        -E_UNAUTHENTICATED);
    /* and one that was made longer does not lengthen what was promised */
    const struct session_limits longer = {US_PER_DAY, 2 * US_PER_DAY};
    assert_int_equal(
        authz_session(c->db, str_of(hash, TOKEN_HASH), &longer, s.expires_at - 1, &got), 0);
    assert_int_equal(authz_session(c->db, str_of(hash, TOKEN_HASH), &longer, s.expires_at, &got),
                     -E_UNAUTHENTICATED);
}

static void unknown_ended_disabled(void **state)
{
    struct clinic *c = *state;
    const struct id ana = clinic_patient(c, "Ana");
    uint8_t hash[TOKEN_HASH];
    uint8_t wrong[TOKEN_HASH];
    const struct session s = clinic_session(c, &ana, ROLE_PATIENT, NOON, hash);
    struct session got;
    bool disabled;

    for (size_t i = 0; i < TOKEN_HASH; i++) {
        memcpy(wrong, hash, sizeof wrong);
        wrong[i] ^= 1;
        assert_int_equal(authz_session(c->db, str_of(wrong, TOKEN_HASH), &limits, NOON, &got),
                         -E_UNAUTHENTICATED);
    }
    assert_int_equal(authz_session(c->db, str_of(hash, TOKEN_HASH - 1), &limits, NOON, &got),
                     -E_UNAUTHENTICATED);
    assert_int_equal(authz_session(c->db, STR(""), &limits, NOON, &got), -E_UNAUTHENTICATED);
    assert_int_equal(authz_session_again(c->db, &ana, &limits, NOON, &got, &disabled),
                     -E_UNAUTHENTICATED);
    assert_false(disabled);
    COMMIT(c, session_end(c->db, clinic_system(c), &ana, &s.id, NOON + 1));
    assert_int_equal(live(c, hash, &s.id, NOON), -E_UNAUTHENTICATED);
    const struct session t = clinic_session(c, &ana, ROLE_PATIENT, NOON, hash);
    assert_int_equal(live(c, hash, &t.id, NOON), 0);
    clinic_disable(c, &ana);
    assert_int_equal(live(c, hash, &t.id, NOON), -E_UNAUTHENTICATED);
    assert_int_equal(authz_session_again(c->db, &t.id, &limits, NOON, &got, &disabled),
                     -E_UNAUTHENTICATED);
    assert_true(disabled);
}

/* Role and verification are read with the session, each time. */
static void a_session_knows_the_present_role(void **state)
{
    struct clinic *c = *state;
    const struct id helena = clinic_doctor(c, "Helena", true);
    const struct id rita = clinic_staff(c, ROLE_RECEPTIONIST, "Rita");
    uint8_t hash[TOKEN_HASH];
    struct session got;

    (void)clinic_session(c, &helena, ROLE_DOCTOR, NOON, hash);
    assert_int_equal(authz_session(c->db, str_of(hash, TOKEN_HASH), &limits, NOON, &got), 0);
    assert_int_equal(got.role, ROLE_DOCTOR);
    assert_true(got.verified);
    clinic_verify(c, &helena, false);
    assert_int_equal(authz_session(c->db, str_of(hash, TOKEN_HASH), &limits, NOON, &got), 0);
    assert_false(got.verified);
    (void)clinic_session(c, &rita, ROLE_RECEPTIONIST, NOON, hash);
    assert_int_equal(authz_session(c->db, str_of(hash, TOKEN_HASH), &limits, NOON, &got), 0);
    assert_int_equal(got.role, ROLE_RECEPTIONIST);
    assert_true(got.verified);
    clinic_sql(c, "UPDATE users SET role = 1 WHERE role = 3"); /* demoted */
    assert_int_equal(authz_session(c->db, str_of(hash, TOKEN_HASH), &limits, NOON, &got), 0);
    assert_int_equal(got.role, ROLE_PATIENT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_rule_with_every_role),
        T(objects),
        T(reading_and_writing),
        T(sides),
        T(the_system_reads_no_conversation),
        T(idle_and_absolute_limits),
        T(a_shorter_limit_counts_at_once),
        T(unknown_ended_disabled),
        T(a_session_knows_the_present_role),
    };
    return cmocka_run_group_tests_name("authz/authz", tests, NULL, NULL);
}
