/*
 * test_grants.c - no store call without its grant: every call is tried with every right, on the
 * right object, on another one, and with no grant at all.
 *
 * The table below says which rights open which call; it is written from the headers' words, not
 * from grant.c.
 */
#include "clinic.h"
#include "store/accounts.h"
#include "store/audit.h"
#include "store/conversations.h"
#include "store/doctors.h"
#include "store/messages.h"
#include "store/relationships.h"
#include "store/sealed.h"
#include "store/sessions.h"

struct scene {
    struct clinic *c;
    struct id patient, doctor, other_patient;
    struct relationship care;
    struct conversation conversation;
    struct data_key key;
    struct session session;
    uint8_t link[TOKEN_HASH];
    struct account account;
};

#define CALL(name)                                                                                 \
    static int name(struct scene *s, struct db *db, struct arena *a, const struct grant *g)

CALL(insert_patient)
{
    const struct new_account n = {.id = id_new(),
                                  .role = ROLE_PATIENT,
                                  .name = STR("Nova"),
                                  .email = STR("n@x.test"),
                                  .email_norm = STR("n@x.test"),
                                  .locale = STR("en")};
    (void)a;
    return account_insert(db, g, s->c->keys, &n, NOON);
}

CALL(insert_admin)
{
    const struct new_account n = {.id = id_new(),
                                  .role = ROLE_ADMIN,
                                  .name = STR("Nova"),
                                  .email = STR("n@x.test"),
                                  .email_norm = STR("n@x.test"),
                                  .locale = STR("en")};
    (void)a;
    return account_insert(db, g, s->c->keys, &n, NOON);
}

CALL(get_account)
{
    struct account out;
    return account_get(db, g, s->c->keys, a, &s->patient, NOON, &out);
}

CALL(list_accounts)
{
    const struct account_filter f = {.verified = -1, .limit = 10};
    struct account_key *keys;
    size_t n;
    (void)s;
    return account_list(db, g, a, &f, &keys, &n);
}

CALL(update_profile)
{
    return account_update_profile(db, g, a, &s->account, NOON);
}

CALL(set_password)
{
    (void)a;
    return account_set_password(db, g, &s->patient, "$hash$", NOON);
}

CALL(set_state)
{
    (void)a;
    return account_set_state(db, g, &s->patient, ACCOUNT_DISABLED, NOON);
}

CALL(credentials)
{
    struct credentials out;
    (void)s;
    return account_credentials(db, g, a, STR("person1@clinic.test"), &out);
}

CALL(credentials_by_id)
{
    struct credentials out;
    return account_credentials_by_id(db, g, a, &s->patient, &out);
}

CALL(count_accounts)
{
    int64_t n;
    (void)s;
    (void)a;
    return account_count(db, g, ROLE_ADMIN, &n);
}

CALL(list_trail)
{
    const struct audit_filter f = {
        .to_at = INT64_MAX, .before_at = INT64_MAX, .before_seq = INT64_MAX, .limit = 10};
    struct audit_row *rows;
    size_t n;
    (void)s;
    return audit_list(db, g, a, &f, &rows, &n);
}

static int skip_row(void *arg, const struct audit_row *row)
{
    (void)arg;
    (void)row;
    return 0;
}

CALL(walk_trail)
{
    (void)s;
    (void)a;
    return audit_walk(db, g, 0, INT64_MAX, skip_row, NULL);
}

CALL(verify_trail)
{
    struct audit_report report;
    struct audit_break broken;
    (void)s;
    (void)a;
    return audit_verify(db, g, &report, &broken);
}

CALL(open_conversation)
{
    struct id out;
    (void)a;
    return conversation_open(db, g, s->c->keys, &s->care, NOON, &out);
}

CALL(close_conversation)
{
    (void)a;
    return conversation_close(db, g, &s->care);
}

CALL(get_conversation)
{
    struct conversation out;
    return conversation_get(db, g, a, &s->conversation.id, &out);
}

CALL(get_key)
{
    struct data_key key;
    (void)db;
    (void)a;
    return conversation_key(g, s->c->keys, &s->conversation, &key);
}

CALL(store_conversation)
{
    (void)a;
    return conversation_store(db, g, &s->conversation);
}

CALL(list_conversations)
{
    const struct page_key from = {ID_NONE, INT64_MAX};
    struct page_key *keys;
    size_t n;
    (void)s;
    return conversation_list(db, g, a, &from, 10, &keys, &n);
}

CALL(insert_doctor)
{
    const struct new_doctor d = {.id = s->other_patient,
                                 .crm = STR("77"),
                                 .uf = STR("RJ"),
                                 .timezone = STR("America/Sao_Paulo")};
    return doctor_insert(db, g, a, &d);
}

CALL(get_public_doctor)
{
    struct doctor out;
    return doctor_get_public(db, g, a, &s->doctor, NOON, &out);
}

CALL(get_own_doctor)
{
    struct doctor out;
    return doctor_of_account(db, g, a, &s->doctor, NOON, &out);
}

CALL(get_conversations_doctor)
{
    struct doctor out;
    return doctor_of_conversation(db, g, a, &s->conversation.id, &s->doctor, NOON, &out);
}

CALL(list_doctors)
{
    const struct doctor_filter f = {.limit = 10};
    struct doctor_key *keys;
    size_t n;
    (void)s;
    return doctor_list(db, g, a, &f, &keys, &n);
}

CALL(verify_doctor)
{
    (void)a;
    return doctor_set_verified(db, g, &s->doctor, &s->doctor, NOON);
}

CALL(set_practice)
{
    const struct doctor d = {.id = s->doctor, .timezone = STR("America/Manaus"), .about = STR("")};
    (void)a;
    return doctor_set_practice(db, g, &d);
}

CALL(append_message)
{
    struct conversation conversation = s->conversation;
    struct message_draft d = {.grant = g,
                              .conversation = &conversation,
                              .key = &s->key,
                              .side = SIDE_PATIENT,
                              .kind = MESSAGE_TEXT,
                              .client_id = id_new(),
                              .text = STR("oi"),
                              .at = NOON};
    return message_append(db, a, &d, 1);
}

CALL(find_sent)
{
    const struct id nobody = id_new();
    int64_t seq;
    int64_t at;
    (void)a;
    int r = message_find_sent(db, g, &s->conversation, SIDE_PATIENT, &nobody, &seq, &at);
    return r == -E_NOT_FOUND ? 0 : r;
}

CALL(list_messages)
{
    const struct message_page page = {.before = INT64_MAX, .limit = 10};
    struct message *out;
    size_t n;
    bool more;
    return message_list(db, g, a, s->c->keys, &s->conversation, &page, &out, &n, &more);
}

CALL(count_unread)
{
    int64_t n;
    (void)a;
    return message_count_unread(db, g, &s->conversation, SIDE_DOCTOR, 0, &n);
}

CALL(search_messages)
{
    struct message *out;
    size_t n;
    bool more;
    return message_search(db, g, a, s->c->keys, &s->conversation, STR("oi"), 10, &out, &n, &more);
}

CALL(replace_message)
{
    return message_replace(db, g, a, &s->conversation, &s->key, SIDE_PATIENT, 1, STR("ola"),
                           US_PER_HOUR, NOON);
}

CALL(get_relationship)
{
    struct relationship out;
    return relationship_get(db, g, a, &s->care.id, &out);
}

CALL(move_relationship)
{
    (void)a;
    return relationship_move(db, g, &s->care, RELATIONSHIP_ENDED, &s->patient, NOON);
}

CALL(list_relationships)
{
    const struct page_key from = {ID_NONE, INT64_MAX};
    struct page_key *keys;
    size_t n;
    (void)s;
    return relationship_list(db, g, a, &from, 10, &keys, &n);
}

CALL(doctors_of)
{
    struct id *ids;
    size_t n;
    return relationship_doctors_of(db, g, a, &s->patient, &ids, &n);
}

CALL(patients_of)
{
    struct id *ids;
    size_t n;
    return relationship_patients_of(db, g, a, &s->doctor, &ids, &n);
}

/* the actor of the grants below is the patient */
CALL(pair_of_actor)
{
    struct id out;
    (void)a;
    return relationship_of_pair(db, g, &s->patient, &s->doctor, &out);
}

CALL(pair_of_others)
{
    struct id out;
    (void)a;
    return relationship_of_pair(db, g, &s->other_patient, &s->doctor, &out);
}

CALL(ask_for_others)
{
    const struct id id = id_new();
    (void)a;
    return relationship_insert(db, g, &id, &s->other_patient, &s->doctor, NOON);
}

CALL(insert_session)
{
    struct session n = s->session;
    uint8_t hash[TOKEN_HASH] = {1};
    (void)a;
    n.id = id_new();
    return session_insert(db, g, &n, hash, STR("::1"), STR_NONE);
}

CALL(touch_session)
{
    (void)a;
    return session_touch(db, g, &s->session, NOON + 1);
}

CALL(list_sessions)
{
    struct session_row *rows;
    size_t n;
    return session_list(db, g, a, &s->patient, NOON, US_PER_HOUR, &rows, &n);
}

CALL(end_session)
{
    (void)a;
    return session_end(db, g, &s->patient, &s->session.id, NOON);
}

CALL(end_sessions)
{
    (void)a;
    return session_end_all(db, g, &s->patient, &ID_NONE, NOON);
}

CALL(add_revocation)
{
    (void)a;
    return revocation_add(db, g, REVOKED_RIGHTS, &s->patient, &ID_NONE, NOON);
}

CALL(read_revocations)
{
    struct revocation *list;
    size_t n;
    (void)s;
    return revocation_after(db, g, a, 0, &list, &n);
}

CALL(last_revocation)
{
    int64_t last;
    (void)s;
    (void)a;
    return revocation_last(db, g, &last);
}

CALL(insert_link)
{
    uint8_t hash[TOKEN_HASH] = {2};
    (void)a;
    return link_insert(db, g, hash, &s->patient, LINK_SET_PASSWORD, NOON, NOON + US_PER_HOUR);
}

CALL(look_at_link)
{
    struct id out;
    (void)a;
    return link_look(db, g, s->link, LINK_SET_PASSWORD, NOON, &out);
}

CALL(use_link)
{
    (void)a;
    return link_use(db, g, s->link, NOON);
}

CALL(check_sealed)
{
    uint64_t n;
    (void)a;
    return sealed_check(db, g, s->c->keys, &n);
}

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
    {"insert_patient", insert_patient, CREDENTIALS, NOTHING},
    {"insert_admin", insert_admin, ALL_ACCOUNTS, NOTHING},
    {"get_account", get_account, OWN, PATIENT},
    {"list_accounts", list_accounts, ALL_ACCOUNTS, NOTHING},
    {"update_profile", update_profile, OWN, PATIENT},
    {"set_password", set_password, OWN | CREDENTIALS, PATIENT},
    {"set_state", set_state, ALL_ACCOUNTS, NOTHING},
    {"credentials", credentials, CREDENTIALS, NOTHING},
    {"credentials_by_id", credentials_by_id, OWN | CREDENTIALS, PATIENT},
    {"count_accounts", count_accounts, R(SYSTEM), NOTHING},
    {"list_trail", list_trail, R(TRAIL) | R(SYSTEM), NOTHING},
    {"walk_trail", walk_trail, R(TRAIL) | R(SYSTEM), NOTHING},
    {"verify_trail", verify_trail, R(TRAIL) | R(SYSTEM), NOTHING},
    {"open_conversation", open_conversation, R(RELATIONSHIP), RELATIONSHIP},
    {"close_conversation", close_conversation, R(RELATIONSHIP), RELATIONSHIP},
    {"get_conversation", get_conversation, READS, CONVERSATION},
    {"get_key", get_key, READS, CONVERSATION},
    {"store_conversation", store_conversation, READS, CONVERSATION},
    {"list_conversations", list_conversations, R(CARE), NOTHING},
    {"insert_doctor", insert_doctor, ALL_ACCOUNTS, NOTHING},
    {"get_public_doctor", get_public_doctor, PUBLIC_LIST, NOTHING},
    {"get_own_doctor", get_own_doctor, OWN, DOCTOR},
    {"get_conversations_doctor", get_conversations_doctor, READS, CONVERSATION},
    {"list_doctors", list_doctors, PUBLIC_LIST, NOTHING},
    {"verify_doctor", verify_doctor, ALL_ACCOUNTS, NOTHING},
    {"set_practice", set_practice, OWN, DOCTOR},
    {"append_message", append_message, R(CONVERSATION_WRITE), CONVERSATION},
    {"find_sent", find_sent, READS, CONVERSATION},
    {"list_messages", list_messages, READS, CONVERSATION},
    {"count_unread", count_unread, READS, CONVERSATION},
    {"search_messages", search_messages, READS, CONVERSATION},
    {"replace_message", replace_message, R(CONVERSATION_WRITE), CONVERSATION},
    {"get_relationship", get_relationship, R(RELATIONSHIP), RELATIONSHIP},
    {"move_relationship", move_relationship, R(RELATIONSHIP), RELATIONSHIP},
    {"list_relationships", list_relationships, R(CARE), NOTHING},
    {"doctors_of", doctors_of, R(SYSTEM), NOTHING},
    {"patients_of", patients_of, R(SYSTEM), NOTHING},
    {"pair_of_actor", pair_of_actor, R(CARE), NOTHING},
    {"pair_of_others", pair_of_others, 0, NOTHING},
    {"ask_for_others", ask_for_others, 0, NOTHING},
    {"insert_session", insert_session, CREDENTIALS, NOTHING},
    {"touch_session", touch_session, OWN, PATIENT},
    {"list_sessions", list_sessions, OWN, PATIENT},
    {"end_session", end_session, OWN, PATIENT},
    {"end_sessions", end_sessions, OWN | CREDENTIALS, PATIENT},
    {"add_revocation", add_revocation, OWN | CREDENTIALS, PATIENT},
    {"read_revocations", read_revocations, R(SYSTEM), NOTHING},
    {"last_revocation", last_revocation, R(SYSTEM), NOTHING},
    {"insert_link", insert_link, ALL_ACCOUNTS, NOTHING},
    {"look_at_link", look_at_link, CREDENTIALS, NOTHING},
    {"use_link", use_link, CREDENTIALS, NOTHING},
    {"check_sealed", check_sealed, R(SYSTEM), NOTHING},
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
