/* grant_calls.c - see grant_calls.h. One call of the store each, with arguments that succeed. */
#include "grant_calls.h"

#include "store/accounts.h"
#include "store/audit.h"
#include "store/conversations.h"
#include "store/doctors.h"
#include "store/messages.h"
#include "store/relationships.h"
#include "store/sealed.h"
#include "store/sessions.h"

#define CALL(name)                                                                                 \
    int call_##name(struct scene *s, struct db *db, struct arena *a, const struct grant *g)

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
