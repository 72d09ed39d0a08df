/*
 * test_batch.c - batches against a model: random requests of several people, committed in random
 * batches; what every socket is told and what the database holds must be what a simple program
 * without transactions, batches or keys says. The seeds are fixed and printed.
 */
#include <unistd.h>

#include "../net/engine.h"
#include "live.h"
#include "store/audit.h"
#include "store/conversations.h"
#include "store/messages.h"

enum { PEOPLE = 5, SOCKETS = 7, TALKS = 4, MESSAGES = 600, FRAMES = 4096 };

/* ---- the model ---- */

struct model_message {
    struct id client_id;
    struct id from;
    char text[40];
    int version;
    bool deleted;
};
struct model_talk {
    struct id id;
    struct id member[2];
    bool closed;
    struct model_message m[MESSAGES];
    int64_t last;
    int64_t delivered[2], read[2];
};
struct expected {
    char op[16];
    char code[32];
    char text[40];
    struct id conversation, client_id, from, by;
    int64_t seq;
};
struct model {
    struct live *l;
    struct live_client *sockets[SOCKETS];
    struct model_talk talks[TALKS];
    struct expected *out[SOCKETS];
    size_t out_count[SOCKETS];
    uint64_t seed;
    struct relationship relationships[TALKS];
};

static uint64_t draw(struct model *m, uint64_t below)
{
    m->seed ^= m->seed << 13;
    m->seed ^= m->seed >> 7;
    m->seed ^= m->seed << 17;
    return m->seed % below;
}

static void tell(struct model *m, size_t socket, const struct expected *e)
{
    assert_true(m->out_count[socket] < FRAMES);
    m->out[socket][m->out_count[socket]++] = *e;
}

static void tell_members(struct model *m, const struct model_talk *t, size_t but,
                         const struct expected *e)
{
    for (size_t i = 0; i < SOCKETS; i++)
        for (size_t side = 0; side < 2; side++)
            if (i != but && id_eq(&m->sockets[i]->session.user, &t->member[side]))
                tell(m, i, e);
}

static void refuse(struct model *m, size_t socket, const struct write_request *q, const char *code)
{
    struct expected e = {.op = "error", .client_id = q->client_id};

    (void)snprintf(e.code, sizeof e.code, "%s", code);
    tell(m, socket, &e);
}

static void model_send(struct model *m, size_t socket, struct model_talk *t,
                       const struct write_request *q)
{
    struct expected ack = {
        .op = "ack", .conversation = t->id, .client_id = q->client_id, .seq = t->last + 1};
    struct expected e = {.op = "message",
                         .conversation = t->id,
                         .client_id = q->client_id,
                         .from = q->session.user,
                         .seq = t->last + 1};

    for (int64_t i = 0; i < t->last; i++)
        if (id_eq(&t->m[i].client_id, &q->client_id) && id_eq(&t->m[i].from, &q->session.user)) {
            ack.seq = i + 1;
            tell(m, socket, &ack);
            return;
        }
    assert_true(t->last < MESSAGES);
    struct model_message *n = &t->m[t->last++];
    *n = (struct model_message){.client_id = q->client_id, .from = q->session.user, .version = 1};
    (void)snprintf(n->text, sizeof n->text, "%.*s", STR_FMT(q->text));
    memcpy(e.text, n->text, sizeof e.text);
    tell(m, socket, &ack);
    tell_members(m, t, socket, &e);
}

static void model_replace(struct model *m, size_t socket, struct model_talk *t,
                          const struct write_request *q)
{
    struct model_message *o = q->seq <= t->last ? &t->m[q->seq - 1] : NULL;
    bool edit = q->kind == WRITE_EDIT;
    struct expected e = {.conversation = t->id, .seq = q->seq};

    if (!o || o->deleted || !id_eq(&o->from, &q->session.user)) {
        refuse(m, socket, q, "not_found");
        return;
    }
    o->version++;
    o->deleted = !edit;
    (void)snprintf(o->text, sizeof o->text, "%.*s", STR_FMT(edit ? q->text : STR("")));
    (void)snprintf(e.op, sizeof e.op, "%s", edit ? "edited" : "deleted");
    memcpy(e.text, o->text, sizeof e.text);
    tell_members(m, t, SOCKETS, &e);
}

static void model_mark(struct model *m, struct model_talk *t, size_t side,
                       const struct write_request *q)
{
    bool read = q->kind == WRITE_READ;
    int64_t *mark = read ? &t->read[side] : &t->delivered[side];
    int64_t to = q->seq < t->last ? q->seq : t->last;
    struct expected e = {.conversation = t->id, .by = q->session.user, .seq = to};

    if (to <= *mark)
        return; /* they only rise; nothing is said */
    *mark = to;
    if (t->delivered[side] < to)
        t->delivered[side] = to;
    (void)snprintf(e.op, sizeof e.op, "%s", read ? "read" : "delivered");
    tell_members(m, t, SOCKETS, &e);
}

static void model_apply(struct model *m, size_t socket, const struct write_request *q)
{
    struct model_talk *t = NULL;
    bool marks = q->kind == WRITE_RECEIVED || q->kind == WRITE_READ;
    size_t side = 2;

    for (size_t i = 0; i < TALKS; i++)
        if (id_eq(&m->talks[i].id, &q->conversation))
            t = &m->talks[i];
    for (size_t i = 0; t && i < 2; i++)
        if (id_eq(&t->member[i], &q->session.user))
            side = i;
    if (side == 2)
        refuse(m, socket, q, "not_found");
    else if (t->closed && !marks)
        refuse(m, socket, q, "conversation_closed");
    else if (q->kind == WRITE_SEND)
        model_send(m, socket, t, q);
    else if (marks)
        model_mark(m, t, side, q);
    else
        model_replace(m, socket, t, q);
}

/* ---- the real thing beside it ---- */

struct run {
    struct write_op *ops[64];
    size_t sockets[64];
    size_t count;
};

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

static struct write_request random_request(struct model *m, size_t socket, const struct run *r)
{
    static const enum write_kind kinds[] = {WRITE_SEND, WRITE_SEND,   WRITE_SEND,     WRITE_SEND,
                                            WRITE_EDIT, WRITE_DELETE, WRITE_RECEIVED, WRITE_READ};
    const struct model_talk *t = &m->talks[draw(m, TALKS)];
    enum write_kind kind = kinds[draw(m, COUNT_OF(kinds))];
    const struct id nowhere = id_new();
    int64_t near = t->last > 6 ? t->last - 6 : 0;
    /* also of messages that this very batch will send, and past the last one */
    int64_t seq = near + 1 + (int64_t)draw(m, 10);
    static char text[40];

    (void)snprintf(text, sizeof text, "text %llu", (unsigned long long)draw(m, 1000000));
    struct write_request q =
        live_request(m->sockets[socket], kind, draw(m, 40) ? &t->id : &nowhere, seq,
                     kind == WRITE_SEND || kind == WRITE_EDIT ? str_from(text) : STR_NONE);
    if (kind == WRITE_SEND && draw(m, 5) == 0) { /* again: of this batch, or an older one */
        if (r->count > 0 && draw(m, 2)) {
            const struct write_request *o = &r->ops[draw(m, r->count)]->request;
            if (o->kind == WRITE_SEND) {
                q.client_id = o->client_id;
                q.conversation = draw(m, 4) ? o->conversation : q.conversation;
            }
        } else if (t->last > 0) {
            q.client_id = t->m[draw(m, (uint64_t)t->last)].client_id;
        }
    }
    return q;
}

static void commit_batch(struct model *m, size_t size)
{
    struct run r = {0};

    for (size_t i = 0; i < size; i++) {
        size_t socket = draw(m, SOCKETS);
        const struct write_request q = random_request(m, socket, &r);
        r.sockets[r.count] = socket;
        r.ops[r.count++] = new_op(&q);
    }
    batch_commit(m->l->rt, r.ops, r.count);
    for (size_t i = 0; i < r.count; i++) {
        model_apply(m, r.sockets[i], &r.ops[i]->request);
        free(r.ops[i]);
    }
}

/* Frames are told in the order of their making, but for the drafts of a batch, which are told when
 * they are inserted: so what is compared is the order within each conversation and kind. */
static bool same_stream(const struct expected *e, const struct frame *f)
{
    bool refusal = strcmp(e->op, "error") == 0;

    if (refusal || strcmp(f->op, "error") == 0)
        return refusal && strcmp(f->op, "error") == 0;
    bool message = strcmp(e->op, "ack") == 0 || strcmp(e->op, "message") == 0;
    bool is_message = strcmp(f->op, "ack") == 0 || strcmp(f->op, "message") == 0;
    return message == is_message && id_eq(&e->conversation, &f->conversation);
}

static void check_frame(const struct expected *e, const struct frame *f)
{
    if (strcmp(e->op, f->op) == 0 && e->seq == f->seq && strcmp(e->code, f->code) == 0 &&
        strcmp(e->text, f->text) == 0 && id_eq(&e->client_id, &f->client_id) &&
        id_eq(&e->from, &f->from) && id_eq(&e->by, &f->by))
        return;
    print_error("wanted %s %lld %s \"%s\", got %s\n", e->op, (long long)e->seq, e->code, e->text,
                f->raw);
    fail();
}

/* Acks of what was sent before are told at once, so they may overtake what is new: they are taken
 * out first. */
static void check_socket(struct model *m, size_t socket)
{
    struct frame *frames = calloc(FRAMES, sizeof *frames);
    struct expected *want = m->out[socket];

    assert_non_null(frames);
    size_t n = live_drain(m->l, m->sockets[socket], frames, FRAMES);
    assert_int_equal(n, m->out_count[socket]);
    bool *taken = calloc(n + 1, sizeof *taken);
    assert_non_null(taken);
    for (size_t i = 0; i < n; i++) {
        size_t at = 0;
        bool old_ack = strcmp(frames[i].op, "ack") == 0;
        for (; at < n; at++)
            if (!taken[at] && same_stream(&want[at], &frames[i]) &&
                (!old_ack || (strcmp(want[at].op, "ack") == 0 && want[at].seq == frames[i].seq)))
                break;
        if (at == n)
            print_error("unwanted: %s\n", frames[i].raw);
        assert_true(at < n);
        check_frame(&want[at], &frames[i]);
        taken[at] = true;
    }
    free(taken);
    free(frames);
    m->out_count[socket] = 0;
    live_say(m->sockets[socket], "forgive", &ID_NONE, 0); /* more refusals than a client may have */
}

static void check_database(struct model *m)
{
    struct clinic *c = m->l->c;

    for (size_t i = 0; i < TALKS; i++) {
        const struct model_talk *t = &m->talks[i];
        const struct conversation conversation = clinic_conversation(c, &t->id);
        const struct grant *g = clinic_grant(c, RIGHT_CONVERSATION_READ, NULL, &t->id);
        const struct message_page page = {.before = INT64_MAX, .limit = MESSAGES};
        struct message *messages;
        size_t n;
        bool more;
        assert_int_equal(conversation.last_seq, t->last);
        for (size_t side = 0; side < 2; side++) {
            assert_int_equal(conversation.marks[side].delivered, t->delivered[side]);
            assert_int_equal(conversation.marks[side].read, t->read[side]);
        }
        assert_int_equal(
            message_list(c->db, g, &c->arena, c->keys, &conversation, &page, &messages, &n, &more),
            0);
        assert_int_equal(n, t->last);
        for (size_t k = 0; k < n; k++) {
            assert_int_equal(messages[k].seq, k + 1);
            assert_str(messages[k].text, t->m[k].text);
            assert_true(id_eq(&messages[k].from, &t->m[k].from));
            assert_true(id_eq(&messages[k].client_id, &t->m[k].client_id));
            assert_int_equal(messages[k].version, t->m[k].version);
            assert_int_equal(messages[k].deleted, t->m[k].deleted);
            if (k > 0)
                assert_true(messages[k].at >= messages[k - 1].at);
        }
    }
}

/* Ana talks with both doctors, Bruno with Helena, Carla with Otávio (that one is closed). Ana and
 * Helena have two sockets each. */
static void make_world(struct model *m, struct live *l)
{
    struct clinic *c = l->c;
    const struct id patients[] = {clinic_patient(c, "Ana"), clinic_patient(c, "Bruno"),
                                  clinic_patient(c, "Carla")};
    const struct id doctors[] = {clinic_doctor(c, "Helena", true),
                                 clinic_doctor(c, "Otavio", true)};
    static const size_t pairs[TALKS][2] = {{0, 0}, {0, 1}, {1, 0}, {2, 1}};

    m->l = l;
    for (size_t i = 0; i < TALKS; i++) {
        struct model_talk *t = &m->talks[i];
        m->relationships[i] = clinic_care(c, &patients[pairs[i][0]], &doctors[pairs[i][1]]);
        t->id = m->relationships[i].conversation;
        t->member[0] = patients[pairs[i][0]];
        t->member[1] = doctors[pairs[i][1]];
    }
    m->sockets[0] = live_connect(l, &patients[0], ROLE_PATIENT);
    m->sockets[1] = live_connect(l, &patients[0], ROLE_PATIENT);
    m->sockets[2] = live_connect(l, &patients[1], ROLE_PATIENT);
    m->sockets[3] = live_connect(l, &patients[2], ROLE_PATIENT);
    m->sockets[4] = live_connect(l, &doctors[0], ROLE_DOCTOR);
    m->sockets[5] = live_connect(l, &doctors[0], ROLE_DOCTOR);
    m->sockets[6] = live_connect(l, &doctors[1], ROLE_DOCTOR);
    for (size_t i = 0; i < SOCKETS; i++) {
        m->out[i] = calloc(FRAMES, sizeof *m->out[i]);
        assert_non_null(m->out[i]);
    }
}

static void random_batches(void **state)
{
    static const uint64_t seeds[] = {1, 20261122, 77, 4242};
    struct model *m = calloc(1, sizeof *m);

    assert_non_null(m);
    make_world(m, *state);
    for (size_t s = 0; s < COUNT_OF(seeds); s++) {
        m->seed = seeds[s] * UINT64_C(0x9E3779B97F4A7C15);
        print_message("seed %llu\n", (unsigned long long)seeds[s]);
        for (int batch = 0; batch < 12; batch++) {
            commit_batch(m, 1 + draw(m, 40));
            for (size_t i = 0; i < SOCKETS; i++)
                check_socket(m, i);
        }
        check_database(m);
        if (s == 1) { /* from now on one of them is closed: marks still move */
            clinic_close(m->l->c, &m->relationships[3]);
            m->talks[3].closed = true;
        }
    }
    for (size_t i = 0; i < SOCKETS; i++)
        free(m->out[i]);
    free(m);
}

/* ---- single cases, by hand ---- */

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
        L(edit_of_a_message_of_the_same_batch),
        L(a_resend_in_the_same_batch),
        L(a_poisonous_request_is_alone),
        L(watermarks_only_rise),
        L(rights_are_those_of_the_moment),
        L(editing_has_its_time),
        L(no_database_is_said_to_each),
        L(random_batches),
        L(foreign_attempts_are_noted_and_counted),
    };
    return cmocka_run_group_tests_name("realtime/batch", tests, NULL, NULL);
}
