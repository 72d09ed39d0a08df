/*
 * grant_calls.h - every call of the store that takes a grant, made ready for test_grants.c: the
 * same shape for all, on the records of one scene.
 */
#ifndef ACOLHE_TESTS_STORE_GRANT_CALLS_H
#define ACOLHE_TESTS_STORE_GRANT_CALLS_H

#include "clinic.h"
#include "store/accounts.h"
#include "store/relationships.h"
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

/* Each is call_<name>: 0 when the grant was enough, else the store's error. */
/* clang-format off */
#define GRANT_CALLS(X)                                                                             \
    X(insert_patient) X(insert_admin) X(get_account) X(list_accounts) X(update_profile)            \
    X(set_password) X(set_state) X(credentials) X(credentials_by_id) X(count_accounts)             \
    X(list_trail) X(walk_trail) X(verify_trail) X(open_conversation) X(close_conversation)         \
    X(get_conversation) X(get_key) X(store_conversation) X(list_conversations)                     \
    X(insert_doctor) X(get_public_doctor) X(get_own_doctor) X(get_conversations_doctor)            \
    X(list_doctors) X(verify_doctor) X(set_practice) X(append_message) X(find_sent)                \
    X(list_messages) X(count_unread) X(search_messages) X(replace_message) X(get_relationship)     \
    X(move_relationship) X(list_relationships) X(doctors_of) X(patients_of) X(pair_of_actor)       \
    X(pair_of_others) X(ask_for_others) X(insert_session) X(touch_session) X(list_sessions)        \
    X(end_session) X(end_sessions) X(add_revocation) X(read_revocations) X(last_revocation)        \
    X(insert_link) X(look_at_link) X(use_link) X(check_sealed)
/* clang-format on */
#define X(name)                                                                                    \
    int call_##name(struct scene *s, struct db *db, struct arena *a, const struct grant *g);
GRANT_CALLS(X)
#undef X

#endif
