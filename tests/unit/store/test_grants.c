/*
 * test_grants.c - no store call without its grant: every call is tried with every right, on the
 * right object, on another one, and with no grant at all.
 *
 * The table below says which rights open which call; it is written from the headers' words, not
 * from grant.c.
 */
#include "grant_calls.h"
#include "store/conversations.h"

/* ---- which rights open what ---- */

enum on { NOTHING, PATIENT, DOCTOR, RELATIONSHIP, CONVERSATION };

#define R(right) (1U << RIGHT_##right)
#define OWN (R(ACCOUNT) | R(ACCOUNTS) | R(SYSTEM))
#define ALL_ACCOUNTS (R(ACCOUNTS) | R(SYSTEM))
#define CREDENTIALS (R(SIGN_IN) | R(SYSTEM))
#define READS (R(CONVERSATION_READ) | R(CONVERSATION_WRITE))
#define PUBLIC_LIST (R(DIRECTORY) | R(ACCOUNTS) | R(SYSTEM))

static const struct {
    const char *name;
    int (*call)(struct scene *, struct db *, struct arena *, const struct grant *);
    unsigned rights;
    enum on on; /* which object the rights that have one must name */
} calls[] = {
    {"insert_patient", call_insert_patient, CREDENTIALS, NOTHING},
    {"insert_admin", call_insert_admin, ALL_ACCOUNTS, NOTHING},
    {"get_account", call_get_account, OWN, PATIENT},
    {"list_accounts", call_list_accounts, ALL_ACCOUNTS, NOTHING},
    {"update_profile", call_update_profile, OWN, PATIENT},
    {"set_password", call_set_password, OWN | CREDENTIALS, PATIENT},
    {"set_state", call_set_state, ALL_ACCOUNTS, NOTHING},
    {"credentials", call_credentials, CREDENTIALS, NOTHING},
    {"credentials_by_id", call_credentials_by_id, OWN | CREDENTIALS, PATIENT},
    {"count_accounts", call_count_accounts, R(SYSTEM), NOTHING},
    {"list_trail", call_list_trail, R(TRAIL) | R(SYSTEM), NOTHING},
    {"walk_trail", call_walk_trail, R(TRAIL) | R(SYSTEM), NOTHING},
    {"verify_trail", call_verify_trail, R(TRAIL) | R(SYSTEM), NOTHING},
    {"open_conversation", call_open_conversation, R(RELATIONSHIP), RELATIONSHIP},
    {"close_conversation", call_close_conversation, R(RELATIONSHIP), RELATIONSHIP},
    {"get_conversation", call_get_conversation, READS, CONVERSATION},
    {"get_key", call_get_key, READS, CONVERSATION},
    {"store_conversation", call_store_conversation, READS, CONVERSATION},
    {"list_conversations", call_list_conversations, R(CARE), NOTHING},
    {"insert_doctor", call_insert_doctor, ALL_ACCOUNTS, NOTHING},
    {"get_public_doctor", call_get_public_doctor, PUBLIC_LIST, NOTHING},
    {"get_own_doctor", call_get_own_doctor, OWN, DOCTOR},
    {"get_conversations_doctor", call_get_conversations_doctor, READS, CONVERSATION},
    {"list_doctors", call_list_doctors, PUBLIC_LIST, NOTHING},
    {"verify_doctor", call_verify_doctor, ALL_ACCOUNTS, NOTHING},
    {"set_practice", call_set_practice, OWN, DOCTOR},
    {"append_message", call_append_message, R(CONVERSATION_WRITE), CONVERSATION},
    {"find_sent", call_find_sent, READS, CONVERSATION},
    {"list_messages", call_list_messages, READS, CONVERSATION},
    {"count_unread", call_count_unread, READS, CONVERSATION},
    {"search_messages", call_search_messages, READS, CONVERSATION},
    {"replace_message", call_replace_message, R(CONVERSATION_WRITE), CONVERSATION},
    {"get_relationship", call_get_relationship, R(RELATIONSHIP), RELATIONSHIP},
    {"move_relationship", call_move_relationship, R(RELATIONSHIP), RELATIONSHIP},
    {"list_relationships", call_list_relationships, R(CARE), NOTHING},
    {"doctors_of", call_doctors_of, R(SYSTEM), NOTHING},
    {"patients_of", call_patients_of, R(SYSTEM), NOTHING},
    {"pair_of_actor", call_pair_of_actor, R(CARE), NOTHING},
    {"pair_of_others", call_pair_of_others, 0, NOTHING},
    {"ask_for_others", call_ask_for_others, 0, NOTHING},
    {"insert_session", call_insert_session, CREDENTIALS, NOTHING},
    {"touch_session", call_touch_session, OWN, PATIENT},
    {"list_sessions", call_list_sessions, OWN, PATIENT},
    {"end_session", call_end_session, OWN, PATIENT},
    {"end_sessions", call_end_sessions, OWN | CREDENTIALS, PATIENT},
    {"add_revocation", call_add_revocation, OWN | CREDENTIALS, PATIENT},
    {"read_revocations", call_read_revocations, R(SYSTEM), NOTHING},
    {"last_revocation", call_last_revocation, R(SYSTEM), NOTHING},
    {"insert_link", call_insert_link, ALL_ACCOUNTS, NOTHING},
    {"look_at_link", call_look_at_link, CREDENTIALS, NOTHING},
    {"use_link", call_use_link, CREDENTIALS, NOTHING},
    {"check_sealed", call_check_sealed, R(SYSTEM), NOTHING},
};

static const struct id *object_of(const struct scene *s, enum on on)
{
    switch (on) {
    case NOTHING:
        return NULL;
    case PATIENT:
        return &s->patient;
    case DOCTOR:
        return &s->doctor;
    case RELATIONSHIP:
        return &s->care.id;
    case CONVERSATION:
        return &s->conversation.id;
    }
    return NULL;
}

static bool has_object(enum right right)
{
    return right == RIGHT_ACCOUNT || right == RIGHT_RELATIONSHIP ||
           right == RIGHT_CONVERSATION_READ || right == RIGHT_CONVERSATION_WRITE;
}

static void set_scene(struct scene *s, struct clinic *c)
{
    static const char *const texts[] = {"oi", "ola"};
    const struct grant *g;

    s->c = c;
    s->patient = clinic_patient(c, "Ana");
    s->other_patient = clinic_patient(c, "Bruno");
    s->doctor = clinic_doctor(c, "Helena", true);
    s->care = clinic_care(c, &s->patient, &s->doctor);
    s->conversation = clinic_talk(c, &s->care.conversation, texts, 2, NOON);
    g = clinic_grant(c, RIGHT_CONVERSATION_READ, NULL, &s->conversation.id);
    assert_int_equal(conversation_key(g, c->keys, &s->conversation, &s->key), 0);
    s->session = clinic_session(c, &s->patient, ROLE_PATIENT, NOON, NULL);
    memset(s->link, 9, sizeof s->link);
    COMMIT(c, link_insert(c->db, clinic_system(c), s->link, &s->patient, LINK_SET_PASSWORD, NOON,
                          NOON + US_PER_HOUR));
    assert_int_equal(
        account_get(c->db, clinic_system(c), c->keys, &c->arena, &s->patient, NOON, &s->account),
        0);
}

/* In a transaction that is taken back, so that each try finds the same scene. */
static int try_call(struct scene *s, size_t i, const struct grant *g)
{
    struct arena a;

    arena_init(&a, (size_t)32 << 20);
    assert_int_equal(db_begin(s->c->db, DB_WRITE), 0);
    int r = calls[i].call(s, s->c->db, &a, g);
    db_rollback(s->c->db);
    arena_done(&a);
    return r;
}

static void check(struct scene *s, size_t i, enum right right, const struct id *object, int want)
{
    int got = try_call(s, i, clinic_grant(s->c, right, &s->patient, object));

    if (got != want) {
        print_error("%s with right %d on %s object: %s, wanted %s\n", calls[i].name, (int)right,
                    object == object_of(s, calls[i].on) ? "the right" : "another",
                    error_info(got)->symbol, error_info(want)->symbol);
        fail();
    }
}

static void every_call_with_every_right(void **state)
{
    struct scene s;
    const struct id foreign = id_new();

    set_scene(&s, *state);
    for (size_t i = 0; i < COUNT_OF(calls); i++) {
        assert_int_equal(try_call(&s, i, NULL), -E_FORBIDDEN);
        for (int r = RIGHT_ACCOUNT; r <= RIGHT_SYSTEM; r++) {
            enum right right = (enum right)r;
            bool allowed = calls[i].rights & 1U << r;
            check(&s, i, right, object_of(&s, calls[i].on), allowed ? 0 : -E_FORBIDDEN);
            if (has_object(right)) {
                check(&s, i, right, &foreign, -E_FORBIDDEN);
                check(&s, i, right, NULL, -E_FORBIDDEN);
            }
        }
    }
}

static void a_grant_says_who(void **state)
{
    struct clinic *c = *state;
    const struct id who = id_new();
    const struct grant *g = clinic_grant(c, RIGHT_CARE, &who, NULL);
    struct id actor = grant_actor(g);

    assert_true(id_eq(&actor, &who));
    actor = grant_actor(NULL);
    assert_true(id_is_none(&actor));
    assert_false(grant_holds(NULL, RIGHT_DIRECTORY));
    assert_true(grant_holds(g, RIGHT_CARE));
    assert_false(grant_holds(g, RIGHT_ACCOUNT));
    /* nothing but membership opens a conversation */
    assert_false(grant_holds(clinic_system(c), RIGHT_CONVERSATION_READ));
    assert_false(grant_holds(clinic_grant(c, RIGHT_ACCOUNTS, NULL, NULL), RIGHT_CONVERSATION_READ));
}

int main(void)
{
    const struct CMUnitTest tests[] = {T(every_call_with_every_right), T(a_grant_says_who)};
    return cmocka_run_group_tests_name("store/grants", tests, NULL, NULL);
}
