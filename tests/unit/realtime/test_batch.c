/* test_batch.c - one transaction for many requests: the cases that matter, by hand. The rest is in
 * test_model.c. */
#include "live.h"
#include "store/audit.h"

static struct write_op *new_op(const struct write_request *q)
{
    struct write_op *op = calloc(1, sizeof *op + 64);

    assert_non_null(op);
    op->request = *q;
    if (q->text.p) {
        memcpy(op->bytes, q->text.p, q->text.n);
        op->request.text = str_of(op->bytes, q->text.n);
    }
    return op;
}

struct noted {
    atomic_int count;
    char action[32];
    struct id actor;
};

static void remember_note(void *arg, const struct audit_entry *entry)
{
    struct noted *n = arg;

    (void)snprintf(n->action, sizeof n->action, "%s %s", entry->action, entry->outcome);
    n->actor = entry->actor;
    atomic_fetch_add(&n->count, 1);
}

struct pair {
    struct live *l;
    struct live_client *ana, *helena, *other;
    struct relationship r;
    struct frame f[16];
    size_t n;
};

static void make_pair(struct pair *p, struct live *l)
{
    const struct id ana = clinic_patient(l->c, "Ana");
    const struct id helena = clinic_doctor(l->c, "Helena", true);
    const struct id other = clinic_patient(l->c, "Bruno");

    p->l = l;
    p->r = clinic_care(l->c, &ana, &helena);
    p->ana = live_connect(l, &ana, ROLE_PATIENT);
    p->helena = live_connect(l, &helena, ROLE_DOCTOR);
    p->other = live_connect(l, &other, ROLE_PATIENT);
}

static void commit(struct pair *p, const struct write_request *requests, size_t count)
{
    struct write_op *ops[16];

    for (size_t i = 0; i < count; i++)
        ops[i] = new_op(&requests[i]);
    batch_commit(p->l->rt, ops, count);
    for (size_t i = 0; i < count; i++)
        free(ops[i]);
}
#define COMMIT_ALL(p, requests) commit((p), (requests), COUNT_OF(requests))

static void edit_of_a_message_of_the_same_batch(void **state)
{
    struct pair p;

    make_pair(&p, *state);
    const struct write_request q[] = {
        live_request(p.ana, WRITE_SEND, &p.r.conversation, 0, STR("um")),
        live_request(p.ana, WRITE_EDIT, &p.r.conversation, 1, STR("dois")),
        live_request(p.helena, WRITE_READ, &p.r.conversation, 1, STR_NONE),
        live_request(p.ana, WRITE_DELETE, &p.r.conversation, 1, STR_NONE),
        live_request(p.ana, WRITE_SEND, &p.r.conversation, 0, STR("tres")),
    };
    COMMIT_ALL(&p, q);
    static const char *const ops[] = {"message", "edited", "read", "deleted", "message"};
    assert_int_equal(live_drain(p.l, p.helena, p.f, 16), 5);
    for (size_t i = 0; i < 5; i++)
        assert_string_equal(p.f[i].op, ops[i]);
    assert_string_equal(p.f[0].text, "um");
    assert_string_equal(p.f[1].text, "dois");
    assert_false(p.f[3].has_text);
    assert_int_equal(p.f[4].seq, 2);
    assert_int_equal(live_drain(p.l, p.ana, p.f, 16), 5);
    assert_string_equal(p.f[0].op, "ack");
    assert_string_equal(p.f[1].op, "edited");
    assert_int_equal(clinic_ask(p.l->c, "SELECT count(*) FROM message_versions"), 2);
    /* changes leave a trace of their own, sending one per quarter of an hour (the trail's) */
    assert_int_equal(clinic_ask(p.l->c, "SELECT group_concat(action) = 'message.edit,"
                                        "message.delete' FROM audit"),
                     1);
    assert_int_equal(clinic_ask(p.l->c, "SELECT count(*) FROM audit WHERE detail = 'seq=1'"), 2);
}

static void a_resend_in_the_same_batch(void **state)
{
    struct pair p;

    make_pair(&p, *state);
    struct write_request q[] = {
        live_request(p.ana, WRITE_SEND, &p.r.conversation, 0, STR("um")),
        live_request(p.ana, WRITE_SEND, &p.r.conversation, 0, STR("dois")),
        live_request(p.ana, WRITE_SEND, &p.r.conversation, 0, STR("um")),
        live_request(p.helena, WRITE_SEND, &p.r.conversation, 0, STR("hers")),
    };
    q[2].client_id = q[0].client_id;
    q[3].client_id = q[0].client_id; /* the same id of the other side is another message */
    COMMIT_ALL(&p, q);
    assert_int_equal(live_drain(p.l, p.ana, p.f, 16), 4);
    int acks = 0;
    for (size_t i = 0; i < 4; i++)
        if (strcmp(p.f[i].op, "ack") == 0 && id_eq(&p.f[i].client_id, &q[0].client_id)) {
            assert_int_equal(p.f[i].seq, 1);
            acks++;
        }
    assert_int_equal(acks, 2);
    assert_int_equal(live_drain(p.l, p.helena, p.f, 16), 3); /* nothing twice */
    assert_int_equal(clinic_ask(p.l->c, "SELECT count(*) FROM messages"), 3);
    COMMIT_ALL(&p, q); /* the whole batch again: the answers got lost */
    assert_int_equal(live_drain(p.l, p.ana, p.f, 16), 3);
    assert_int_equal(p.f[1].seq, 2);
    assert_int_equal(live_drain(p.l, p.helena, p.f, 16), 1);
    assert_string_equal(p.f[0].op, "ack");
    assert_int_equal(p.f[0].seq, 3);
    assert_int_equal(clinic_ask(p.l->c, "SELECT count(*) FROM messages"), 3);
}

/* A conversation whose key does not open makes every batch fail that touches it. */
static void a_poisonous_request_is_alone(void **state)
{
    struct pair p;

    make_pair(&p, *state);
    const struct id carla = clinic_patient(p.l->c, "Carla");
    const struct relationship bad = clinic_care(p.l->c, &carla, &p.r.doctor.id);
    clinic_sql(p.l->c, "UPDATE conversations SET wrapped_key = zeroblob(76) WHERE no = 2");
    const struct write_request q[] = {
        live_request(p.ana, WRITE_SEND, &p.r.conversation, 0, STR("um")),
        live_request(p.helena, WRITE_SEND, &p.r.conversation, 0, STR("dois")),
        live_request(p.helena, WRITE_SEND, &bad.conversation, 0, STR("poison")),
        live_request(p.ana, WRITE_READ, &p.r.conversation, 2, STR_NONE),
        live_request(p.ana, WRITE_SEND, &p.r.conversation, 0, STR("tres")),
        live_request(p.other, WRITE_SEND, &p.r.conversation, 0, STR("foreign")),
        live_request(p.helena, WRITE_EDIT, &p.r.conversation, 2, STR("DOIS")),
    };
    COMMIT_ALL(&p, q);
    assert_int_equal(live_drain(p.l, p.ana, p.f, 16), 5);
    assert_string_equal(p.f[0].op, "ack");
    assert_string_equal(p.f[1].text, "dois");
    assert_string_equal(p.f[2].op, "read");
    assert_string_equal(p.f[3].op, "ack");
    assert_int_equal(p.f[3].seq, 3);
    assert_string_equal(p.f[4].op, "edited");
    size_t n = live_drain(p.l, p.helena, p.f, 16);
    int errors = 0;
    for (size_t i = 0; i < n; i++)
        if (strcmp(p.f[i].op, "error") == 0) {
            assert_string_equal(p.f[i].code, "unavailable");
            assert_true(p.f[i].has_retry);
            assert_true(id_eq(&p.f[i].client_id, &q[2].client_id));
            errors++;
        }
    assert_int_equal(errors, 1);
    assert_int_equal(n, 6); /* the two of Ana, her own ack, the read mark, the edit; the error */
    struct frame f = live_expect(p.l, p.other, "error");
    assert_string_equal(f.code, "not_found");
    assert_false(f.has_retry);
    assert_int_equal(clinic_ask(p.l->c, "SELECT count(*) FROM messages WHERE conversation = 1"), 3);
    assert_int_equal(clinic_ask(p.l->c, "SELECT count(*) FROM messages WHERE conversation = 2"), 0);
}

/* Only what was allowed counts as an access; what was not leaves a row, and too much of it ends the
 * socket. */
static void foreign_attempts_are_noted_and_counted(void **state)
{
    struct noted noted = {0};
    struct pair p;

    make_pair(&p, *state);
    p.l->rt->options.note = remember_note;
    p.l->rt->options.note_arg = &noted;
    const struct id *talk = &p.r.conversation;
    for (int i = 0; i < SOCKET_ERRORS_PER_MINUTE; i++) {
        const struct write_request q[] = {
            live_request(p.other, i % 2 ? WRITE_READ : WRITE_SEND, talk, i % 2, STR("foreign"))};
        COMMIT_ALL(&p, q);
        assert_string_equal(live_expect(p.l, p.other, "error").code, "not_found");
    }
    assert_int_equal(atomic_load(&noted.count), 0);
    assert_int_equal(clinic_ask(p.l->c, "SELECT count(*) FROM audit WHERE outcome = 'not_found'"),
                     SOCKET_ERRORS_PER_MINUTE);
    const struct write_request last[] = {live_request(p.other, WRITE_EDIT, talk, 1, STR("x"))};
    COMMIT_ALL(&p, last);
    live_expect_close(p.l, p.other, CLOSE_POLICY);

    const struct write_request own[] = {live_request(p.ana, WRITE_SEND, talk, 0, STR("um"))};
    COMMIT_ALL(&p, own);
    assert_int_equal(atomic_load(&noted.count), 1);
    assert_string_equal(noted.action, "message.send ok");
    assert_true(id_eq(&noted.actor, &p.ana->session.user));
}

static void watermarks_only_rise(void **state)
{
    struct pair p;

    make_pair(&p, *state);
    const struct id *talk = &p.r.conversation;
    const struct write_request q[] = {
        live_request(p.helena, WRITE_READ, talk, 5, STR_NONE), /* nothing is there yet */
        live_request(p.ana, WRITE_SEND, talk, 0, STR("um")),
        live_request(p.ana, WRITE_SEND, talk, 0, STR("dois")),
        live_request(p.helena, WRITE_RECEIVED, talk, 1, STR_NONE),
        live_request(p.helena, WRITE_READ, talk, 99, STR_NONE), /* held at the last one */
        live_request(p.helena, WRITE_READ, talk, 1, STR_NONE),
        live_request(p.helena, WRITE_RECEIVED, talk, 2, STR_NONE), /* read stands for delivered */
    };
    COMMIT_ALL(&p, q);
    assert_int_equal(live_drain(p.l, p.ana, p.f, 16), 4);
    assert_string_equal(p.f[2].op, "delivered");
    assert_int_equal(p.f[2].seq, 1);
    assert_true(id_eq(&p.f[2].by, &p.helena->session.user));
    assert_string_equal(p.f[3].op, "read");
    assert_int_equal(p.f[3].seq, 2);
    const struct conversation c = clinic_conversation(p.l->c, talk);
    assert_int_equal(c.marks[1].delivered, 2);
    assert_int_equal(c.marks[1].read, 2);
    assert_int_equal(c.marks[0].read, 0);
}

/* A doctor who lost the verification between the upgrade and now, a conversation that was closed:
 * decided in the transaction, by what the database says then. */
static void rights_are_those_of_the_moment(void **state)
{
    struct pair p;

    make_pair(&p, *state);
    const struct write_request q[] = {
        live_request(p.ana, WRITE_SEND, &p.r.conversation, 0, STR("um")),
        live_request(p.helena, WRITE_SEND, &p.r.conversation, 0, STR("dois")),
        live_request(p.helena, WRITE_READ, &p.r.conversation, 1, STR_NONE),
    };
    clinic_verify(p.l->c, &p.r.doctor.id, false);
    COMMIT_ALL(&p, q);
    struct frame f = live_expect(p.l, p.ana, "error");
    assert_string_equal(f.code, "conversation_closed");
    assert_int_equal(live_drain(p.l, p.helena, p.f, 16), 2);
    assert_string_equal(p.f[0].code, "not_found");
    assert_string_equal(p.f[1].code, "not_found");
    clinic_verify(p.l->c, &p.r.doctor.id, true);
    clinic_close(p.l->c, &p.r);
    COMMIT_ALL(&p, q);
    f = live_expect(p.l, p.ana, "error");
    assert_string_equal(f.code, "conversation_closed");
    assert_true(id_eq(&f.client_id, &q[0].client_id));
    assert_int_equal(clinic_ask(p.l->c, "SELECT count(*) FROM messages"), 0);
}

static void editing_has_its_time(void **state)
{
    struct pair p;

    make_pair(&p, *state);
    const struct write_request q[] = {
        live_request(p.ana, WRITE_SEND, &p.r.conversation, 0, STR("um"))};
    COMMIT_ALL(&p, q);
    (void)live_expect(p.l, p.ana, "ack");
    clinic_sql(p.l->c, "UPDATE messages SET at = at - 900000000 - 1"); /* a quarter of an hour */
    const struct write_request late[] = {
        live_request(p.ana, WRITE_EDIT, &p.r.conversation, 1, STR("dois")),
        live_request(p.ana, WRITE_DELETE, &p.r.conversation, 1, STR_NONE)};
    COMMIT_ALL(&p, late);
    assert_int_equal(live_drain(p.l, p.ana, p.f, 16), 2);
    assert_string_equal(p.f[0].code, "too_late");
    assert_string_equal(p.f[1].code, "too_late");
    live_expect_nothing(p.l, p.other);
}

/* When the transaction cannot even begin, everybody is told, once. */
static void no_database_is_said_to_each(void **state)
{
    struct pair p;

    make_pair(&p, *state);
    clinic_sql(p.l->c, "ALTER TABLE messages RENAME TO elsewhere");
    const struct write_request q[] = {
        live_request(p.ana, WRITE_SEND, &p.r.conversation, 0, STR("um")),
        live_request(p.helena, WRITE_SEND, &p.r.conversation, 0, STR("dois")),
        live_request(p.ana, WRITE_SEND, &p.r.conversation, 0, STR("tres")),
    };
    COMMIT_ALL(&p, q);
    assert_int_equal(live_drain(p.l, p.ana, p.f, 16), 2);
    assert_string_equal(p.f[0].code, "unavailable");
    assert_true(id_eq(&p.f[0].client_id, &q[0].client_id));
    assert_true(id_eq(&p.f[1].client_id, &q[2].client_id));
    assert_string_equal(live_expect(p.l, p.helena, "error").code, "unavailable");
    clinic_sql(p.l->c, "ALTER TABLE elsewhere RENAME TO messages");
    COMMIT_ALL(&p, q);
    assert_int_equal(clinic_ask(p.l->c, "SELECT count(*) FROM messages"), 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        L(edit_of_a_message_of_the_same_batch), L(a_resend_in_the_same_batch),
        L(a_poisonous_request_is_alone),        L(watermarks_only_rise),
        L(rights_are_those_of_the_moment),      L(editing_has_its_time),
        L(no_database_is_said_to_each),         L(foreign_attempts_are_noted_and_counted),
    };
    return cmocka_run_group_tests_name("realtime/batch", tests, NULL, NULL);
}
