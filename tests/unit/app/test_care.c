/*
 * test_care.c - the care relationship as use cases: asked, accepted, declined, ended, reopened;
 * what each does to the conversation, its notices, the trail and the other side's pages.
 */
#include "app/care.h"
#include "app/conversations.h"
#include "desk.h"

struct scene {
    struct desk d;
    struct id ana, bruno, helena, otavio;
};

static void set(struct scene *s, struct clinic *c)
{
    desk_open(&s->d, c);
    s->ana = clinic_patient(c, "Ana");     /* person1@clinic.test */
    s->bruno = clinic_patient(c, "Bruno"); /* person2@ */
    s->helena = clinic_doctor(c, "Helena", true);
    s->otavio = clinic_doctor(c, "Otavio", false);
}

static int ask(struct scene *s, const struct id *user, enum role role, struct care_request in,
               struct relationship *ret, bool *ret_new)
{
    struct call call = desk_call(&s->d, user, role, OBJECT_OWN_CARE, NULL, "relationship.ask");

    return IN_TX(&call, care_ask(&call, &in, ret, ret_new));
}

static int by_patient(struct scene *s, const struct id *patient, const struct id *doctor,
                      struct relationship *ret, bool *ret_new)
{
    return ask(s, patient, ROLE_PATIENT, (struct care_request){.doctor = *doctor}, ret, ret_new);
}

static int by_doctor(struct scene *s, const struct id *doctor, const char *email,
                     struct relationship *ret, bool *ret_new)
{
    return ask(s, doctor, ROLE_DOCTOR, (struct care_request){.patient_email = str_from(email)}, ret,
               ret_new);
}

static int move(struct scene *s, const struct id *user, enum role role,
                const struct relationship *r, enum relationship_action action,
                struct relationship *ret)
{
    struct call call =
        desk_call(&s->d, user, role, OBJECT_RELATIONSHIP, &r->id, "relationship.move");

    return IN_TX(&call, care_move(&call, &r->id, action, ret));
}

/* The notices of the one conversation, oldest first, and who acted. */
static void check_notices(struct scene *s, const struct relationship *r, const char *const *want,
                          const struct id *const *by, size_t count)
{
    struct call call =
        desk_call(&s->d, &s->ana, ROLE_PATIENT, OBJECT_CONVERSATION, &r->conversation, "x");
    const struct history_page page = {.after = 0, .limit = 50};
    struct message *m = NULL;
    size_t n = 0;
    bool more = false;

    assert_int_equal(conversations_history(&call, &r->conversation, &page, &m, &n, &more), 0);
    assert_int_equal(n, count);
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(m[i].seq, i + 1);
        assert_int_equal(m[i].kind, MESSAGE_NOTICE);
        assert_str(m[i].text, want[i]);
        assert_true(id_eq(&m[i].from, by[i]));
    }
}

static int64_t state_of(struct scene *s)
{
    return clinic_ask(s->d.c, "SELECT state FROM conversations");
}

static void asked_accepted_ended_and_again(void **state)
{
    struct scene s;
    struct relationship r;
    struct relationship again;
    bool is_new;
    struct clinic *c = *state;

    set(&s, c);
    assert_int_equal(by_patient(&s, &s.ana, &s.helena, &r, &is_new), 0);
    assert_true(is_new);
    assert_int_equal(r.state, RELATIONSHIP_REQUESTED);
    assert_true(id_eq(&r.requested_by, &s.ana));
    assert_true(id_is_none(&r.conversation));
    assert_str(r.patient.name, "Ana");
    assert_str(r.doctor.name, "Helena");
    /* asking again changes nothing; the asker cannot accept */
    assert_int_equal(by_patient(&s, &s.ana, &s.helena, &again, &is_new), 0);
    assert_false(is_new);
    assert_true(id_eq(&again.id, &r.id));
    assert_int_equal(again.version, r.version);
    assert_int_equal(move(&s, &s.ana, ROLE_PATIENT, &r, RELATIONSHIP_ACCEPT, &again), -E_BAD_STATE);
    assert_int_equal(clinic_ask(c, "SELECT count(*) FROM conversations"), 0);

    assert_int_equal(move(&s, &s.helena, ROLE_DOCTOR, &r, RELATIONSHIP_ACCEPT, &r), 0);
    assert_int_equal(r.state, RELATIONSHIP_ACTIVE);
    assert_false(id_is_none(&r.conversation));
    assert_int_equal(state_of(&s), CONVERSATION_OPEN);
    check_notices(&s, &r, (const char *const[]){NOTICE_OPENED}, (const struct id *[]){&s.helena},
                  1);

    assert_int_equal(move(&s, &s.ana, ROLE_PATIENT, &r, RELATIONSHIP_END, &r), 0);
    assert_int_equal(r.state, RELATIONSHIP_ENDED);
    assert_int_equal(state_of(&s), CONVERSATION_CLOSED);
    check_notices(&s, &r, (const char *const[]){NOTICE_OPENED, NOTICE_ENDED},
                  (const struct id *[]){&s.helena, &s.ana}, 2);
    assert_int_equal(move(&s, &s.ana, ROLE_PATIENT, &r, RELATIONSHIP_END, &again), -E_BAD_STATE);

    /* asking again reopens the same one, now by the doctor; the patient accepts */
    struct id conversation = r.conversation;
    assert_int_equal(by_doctor(&s, &s.helena, "Person1@Clinic.Test", &again, &is_new), 0);
    assert_false(is_new);
    assert_true(id_eq(&again.id, &r.id));
    assert_int_equal(again.state, RELATIONSHIP_REQUESTED);
    assert_true(id_eq(&again.requested_by, &s.helena));
    assert_int_equal(state_of(&s), CONVERSATION_CLOSED); /* not before it is accepted */
    assert_int_equal(move(&s, &s.ana, ROLE_PATIENT, &r, RELATIONSHIP_ACCEPT, &r), 0);
    assert_true(id_eq(&r.conversation, &conversation));
    assert_int_equal(state_of(&s), CONVERSATION_OPEN);
    check_notices(&s, &r, (const char *const[]){NOTICE_OPENED, NOTICE_ENDED, NOTICE_OPENED},
                  (const struct id *[]){&s.helena, &s.ana, &s.ana}, 3);
    assert_int_equal(clinic_ask(c, "SELECT group_concat(state) = '1,2,4,1,2' FROM "
                                   "(SELECT state FROM relationship_history ORDER BY version)"),
                     1);
    assert_int_equal(clinic_ask(c,
                                "SELECT group_concat(detail) = 'requested,active,ended,"
                                "requested,active' FROM (SELECT detail FROM audit ORDER BY seq)"),
                     1);
}

static void both_asking_is_accepting(void **state)
{
    struct scene s;
    struct relationship r;
    bool is_new;

    set(&s, *state);
    assert_int_equal(by_doctor(&s, &s.helena, "person1@clinic.test", &r, &is_new), 0);
    assert_true(is_new);
    assert_int_equal(by_patient(&s, &s.ana, &s.helena, &r, &is_new), 0);
    assert_false(is_new);
    assert_int_equal(r.state, RELATIONSHIP_ACTIVE);
    assert_int_equal(state_of(&s), CONVERSATION_OPEN);
    assert_int_equal(clinic_ask(s.d.c, "SELECT count(*) FROM relationships"), 1);
}

static void declining_opens_nothing(void **state)
{
    struct scene s;
    struct relationship r;
    bool is_new;

    set(&s, *state);
    assert_int_equal(by_patient(&s, &s.ana, &s.helena, &r, &is_new), 0);
    assert_int_equal(move(&s, &s.helena, ROLE_DOCTOR, &r, RELATIONSHIP_DECLINE, &r), 0);
    assert_int_equal(r.state, RELATIONSHIP_DECLINED);
    assert_int_equal(clinic_ask(s.d.c, "SELECT count(*) FROM conversations"), 0);
    assert_int_equal(move(&s, &s.helena, ROLE_DOCTOR, &r, RELATIONSHIP_ACCEPT, &r), -E_BAD_STATE);
    assert_int_equal(by_patient(&s, &s.ana, &s.helena, &r, &is_new), 0);
    assert_int_equal(r.state, RELATIONSHIP_REQUESTED);
}

static void whom_one_may_ask(void **state)
{
    struct scene s;
    struct relationship r;
    bool is_new;
    const struct id nobody = id_new();

    set(&s, *state);
    assert_int_equal(by_patient(&s, &s.ana, &s.otavio, &r, &is_new), -E_NOT_FOUND); /* unverified */
    assert_int_equal(by_patient(&s, &s.ana, &s.bruno, &r, &is_new), -E_NOT_FOUND);  /* a patient */
    assert_int_equal(by_patient(&s, &s.ana, &nobody, &r, &is_new), -E_NOT_FOUND);
    assert_int_equal(by_doctor(&s, &s.helena, "nobody@clinic.test", &r, &is_new), -E_NOT_FOUND);
    assert_int_equal(by_doctor(&s, &s.helena, "person4@clinic.test", &r, &is_new), -E_NOT_FOUND);
    assert_int_equal(by_doctor(&s, &s.helena, "not an address", &r, &is_new), -E_VALIDATION);
    desk_one_issue(&s.d, "patient_email", "invalid");
    assert_int_equal(ask(&s, &s.ana, ROLE_PATIENT, (struct care_request){0}, &r, &is_new),
                     -E_VALIDATION);
    desk_one_issue(&s.d, "doctor_id", "required");
    assert_int_equal(ask(&s, &s.helena, ROLE_DOCTOR, (struct care_request){0}, &r, &is_new),
                     -E_VALIDATION);
    desk_one_issue(&s.d, "patient_email", "required");
    assert_int_equal(
        ask(&s, &s.ana, ROLE_PATIENT,
            (struct care_request){.doctor = s.helena, .patient_email = STR("a@x.test")}, &r,
            &is_new),
        -E_VALIDATION);
    clinic_disable(s.d.c, &s.bruno);
    assert_int_equal(by_doctor(&s, &s.helena, "person2@clinic.test", &r, &is_new), -E_NOT_FOUND);
    clinic_disable(s.d.c, &s.helena);
    assert_int_equal(by_patient(&s, &s.ana, &s.helena, &r, &is_new), -E_NOT_FOUND);
    assert_int_equal(clinic_ask(s.d.c, "SELECT count(*) FROM relationships"), 0);
    assert_int_equal(clinic_ask(s.d.c, "SELECT count(*) FROM audit"), 0);
}

/* Moving somebody else's: there is no such thing. */
static void strangers_move_nothing(void **state)
{
    struct scene s;
    struct relationship r;
    struct relationship out;
    bool is_new;

    set(&s, *state);
    assert_int_equal(by_patient(&s, &s.ana, &s.helena, &r, &is_new), 0);
    struct call call =
        desk_call(&s.d, &s.bruno, ROLE_PATIENT, OBJECT_OWN_CARE, NULL, "relationship.end");
    assert_int_equal(IN_TX(&call, care_move(&call, &r.id, RELATIONSHIP_END, &out)), -E_NOT_FOUND);
    assert_int_equal(clinic_ask(s.d.c, "SELECT state FROM relationships"), 1);
}

/* A patient may leave a doctor whose verification was taken back. */
static void leaving_an_unverified_doctor(void **state)
{
    struct scene s;
    struct relationship r;
    bool is_new;

    set(&s, *state);
    assert_int_equal(by_patient(&s, &s.ana, &s.helena, &r, &is_new), 0);
    assert_int_equal(move(&s, &s.helena, ROLE_DOCTOR, &r, RELATIONSHIP_ACCEPT, &r), 0);
    clinic_verify(s.d.c, &s.helena, false);
    assert_int_equal(move(&s, &s.ana, ROLE_PATIENT, &r, RELATIONSHIP_END, &r), 0);
    assert_int_equal(r.state, RELATIONSHIP_ENDED);
    assert_int_equal(state_of(&s), CONVERSATION_CLOSED);
}

static void lists_are_of_ones_own(void **state)
{
    struct scene s;
    struct relationship r;
    struct relationship *items;
    struct time_cursor next;
    struct time_cursor from = {.at = INT64_MAX};
    bool is_new;
    size_t n;

    set(&s, *state);
    clinic_verify(s.d.c, &s.otavio, true);
    assert_int_equal(by_patient(&s, &s.ana, &s.helena, &r, &is_new), 0);
    s.d.now_us++;
    assert_int_equal(by_patient(&s, &s.ana, &s.otavio, &r, &is_new), 0);
    s.d.now_us++;
    assert_int_equal(by_patient(&s, &s.bruno, &s.helena, &r, &is_new), 0);
    struct call call = desk_call(&s.d, &s.ana, ROLE_PATIENT, OBJECT_OWN_CARE, NULL, "");
    assert_int_equal(care_list(&call, &from, 10, &items, &n, &next), 0);
    assert_int_equal(n, 2);
    assert_int_equal(next.at, 0);
    assert_str(items[0].doctor.name, "Otavio"); /* newest first */
    assert_str(items[1].doctor.name, "Helena");
    assert_int_equal(care_list(&call, &from, 1, &items, &n, &next), 0);
    assert_int_equal(n, 1);
    assert_true(next.at > 0);
    from = next;
    assert_int_equal(care_list(&call, &from, 1, &items, &n, &next), 0);
    assert_int_equal(n, 1);
    assert_str(items[0].doctor.name, "Helena");
    assert_int_equal(next.at, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(asked_accepted_ended_and_again), T(both_asking_is_accepting),
        T(declining_opens_nothing),        T(whom_one_may_ask),
        T(strangers_move_nothing),         T(leaving_an_unverified_doctor),
        T(lists_are_of_ones_own),
    };
    return cmocka_run_group_tests_name("app/care", tests, NULL, NULL);
}
