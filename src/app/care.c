/* care.c - see care.h. */
#include "app/care.h"

#include "app/fields.h"
#include "base/error.h"
#include "base/secret.h"
#include "store/accounts.h"
#include "store/conversations.h"
#include "store/doctors.h"
#include "store/messages.h"
#include "store/relationships.h"

/* The other side of a request: a verified doctor by id, or an active patient by e-mail. */
static int find_other(struct call *call, const struct care_request *in, struct id *ret_patient,
                      struct id *ret_doctor)
{
    bool patient = call->session->role == ROLE_PATIENT;
    const struct grant *g;
    struct credentials found;
    struct doctor doctor;
    struct str norm;
    struct str shown;

    bool has_doctor = !id_is_none(&in->doctor);
    bool has_email = in->patient_email.p != NULL;

    if (patient && !has_doctor)
        return call_invalid(call, "doctor_id", "required", "Say which doctor.");
    if (!patient && !has_email)
        return call_invalid(call, "patient_email", "required", "Say which patient, by e-mail.");
    if (has_doctor && has_email)
        return call_invalid(call, patient ? "patient_email" : "doctor_id", "unknown",
                            "Not for your role.");
    if (patient) {
        *ret_patient = call->session->user;
        *ret_doctor = in->doctor;
        int r = authz_object(call->db, call->arena, call->session, OBJECT_DIRECTORY, NULL, &g);
        return r < 0 ? r
                     : doctor_get_public(call->db, g, call->arena, &in->doctor, call->now_us,
                                         &doctor);
    }
    int r = field_email(call, "patient_email", in->patient_email, &norm, &shown);
    if (r == 0)
        r = authz_object(call->db, call->arena, call->session, OBJECT_SIGN_IN, NULL, &g);
    if (r == 0)
        r = account_credentials(call->db, g, call->arena, norm, &found);
    if (r == 0 && (found.role != ROLE_PATIENT || found.state != ACCOUNT_ACTIVE))
        r = -E_NOT_FOUND;
    *ret_patient = found.id;
    *ret_doctor = call->session->user;
    return r;
}

struct told {
    struct conversation conversation;
    struct message message;
};

static void tell_message(const struct app *app, void *arg)
{
    const struct told *t = arg;

    if (app->realtime)
        realtime_message(app->realtime, &t->conversation, &t->message);
}

/* Writes a notice ("relationship opened", "ended") into the conversation, while it is open. */
static int add_notice(struct call *call, const struct id *conversation, const char *code)
{
    struct told *t = arena_new(call->arena, struct told);
    const struct grant *g;
    struct data_key key;

    if (!t)
        return -E_NO_MEMORY;
    int r = authz_conversation(call->db, call->arena, call->session, conversation,
                               RIGHT_CONVERSATION_WRITE, &t->conversation, &g);
    if (r == 0)
        r = conversation_key(g, call->app->keys, &t->conversation, &key);
    if (r < 0)
        return r;
    struct message_draft draft = {
        .grant = g,
        .conversation = &t->conversation,
        .key = &key,
        .side = authz_side(&t->conversation, &call->session->user),
        .kind = MESSAGE_NOTICE,
        .client_id = id_new(),
        .text = str_from(code),
        .at = call->now_us > t->conversation.last_at ? call->now_us : t->conversation.last_at,
    };
    r = message_append(call->db, call->arena, &draft, 1);
    secret_wipe(&key, sizeof key);
    if (r == 0)
        r = conversation_store(call->db, g, &t->conversation);
    t->message = (struct message){
        .conversation = *conversation,
        .seq = draft.seq,
        .client_id = draft.client_id,
        .from = call->session->user,
        .kind = MESSAGE_NOTICE,
        .text = draft.text,
        .at = draft.at,
    };
    return r < 0 ? r : call_effect(call, tell_message, t);
}

/* What a new state means for the conversation. */
static int follow_state(struct call *call, const struct grant *g, const struct relationship *was,
                        enum relationship_state state)
{
    struct id conversation;

    if (state == RELATIONSHIP_ACTIVE && was->state != RELATIONSHIP_ACTIVE) {
        int r = conversation_open(call->db, g, call->app->keys, was, call->now_us, &conversation);
        return r < 0 ? r : add_notice(call, &conversation, NOTICE_OPENED);
    }
    if (was->state == RELATIONSHIP_ACTIVE && state != RELATIONSHIP_ACTIVE) {
        int r = add_notice(call, &was->conversation, NOTICE_ENDED);
        /* a doctor whose verification was taken back may still be left: without a notice */
        if (r == -E_CLOSED)
            r = 0;
        return r < 0 ? r : conversation_close(call->db, g, was);
    }
    return 0;
}

int care_move(struct call *call, const struct id *id, enum relationship_action action,
              struct relationship *ret)
{
    const struct id *user = &call->session->user;
    enum relationship_state state;
    struct relationship was;
    const struct grant *g;

    int r = authz_relationship(call->db, call->arena, call->session, id, &was, &g);
    if (r < 0)
        return r;
    enum side by = id_eq(&was.patient.id, user) ? SIDE_PATIENT : SIDE_DOCTOR;
    enum side requested_by = id_eq(&was.patient.id, &was.requested_by) ? SIDE_PATIENT : SIDE_DOCTOR;
    r = relationship_apply(was.state, action, by, requested_by, &state);
    if (r < 0)
        return r;
    if (state != was.state) {
        const struct id *asker = state == RELATIONSHIP_REQUESTED ? user : &was.requested_by;
        r = relationship_move(call->db, g, &was, state, asker, call->now_us);
        if (r == 0)
            r = follow_state(call, g, &was, state);
        if (r == 0)
            r = call_audit(call, "relationship", id, str_from(relationship_state_names[state - 1]));
        if (r == 0)
            r = call_event(call, (const struct id[]){was.patient.id, was.doctor.id}, 2,
                           "relationship", id);
    }
    return r < 0 ? r : relationship_get(call->db, g, call->arena, id, ret);
}

int care_ask(struct call *call, const struct care_request *in, struct relationship *ret,
             bool *ret_new)
{
    struct id patient;
    struct id doctor;
    struct id id;
    const struct grant *g;

    *ret_new = false;
    int r = find_other(call, in, &patient, &doctor);
    if (r < 0)
        return r;
    r = relationship_of_pair(call->db, call->grant, &patient, &doctor, &id);
    if (r == 0)
        return care_move(call, &id, RELATIONSHIP_ASK, ret);
    if (r != -E_NOT_FOUND)
        return r;
    id = id_new();
    r = relationship_insert(call->db, call->grant, &id, &patient, &doctor, call->now_us);
    if (r == 0)
        r = call_audit(call, "relationship", &id, STR("requested"));
    if (r == 0)
        r = call_event(call, (const struct id[]){patient, doctor}, 2, "relationship", &id);
    *ret_new = r == 0;
    return r < 0 ? r : authz_relationship(call->db, call->arena, call->session, &id, ret, &g);
}

int care_list(struct call *call, const struct time_cursor *before, int64_t limit,
              struct relationship **ret, size_t *ret_count, struct time_cursor *ret_next)
{
    const struct page_key from = {before->id, before->at};
    struct page_key *keys = NULL;
    size_t count = 0;

    *ret_next = (struct time_cursor){0};
    int r = relationship_list(call->db, call->grant, call->arena, &from, limit + 1, &keys, &count);
    if (r < 0)
        return r;
    if (count > (size_t)limit) {
        count--;
        *ret_next = (struct time_cursor){keys[count - 1].at, keys[count - 1].id};
    }
    *ret = arena_array(call->arena, count, sizeof **ret);
    *ret_count = count;
    if (!*ret)
        return -E_NO_MEMORY;
    for (size_t i = 0; r == 0 && i < count; i++) {
        const struct grant *g;
        r = authz_relationship(call->db, call->arena, call->session, &keys[i].id, &(*ret)[i], &g);
    }
    return r;
}
