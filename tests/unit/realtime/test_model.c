/*
 * test_model.c - batches against a model: random requests of several people, committed in random
 * batches; what every socket is told and what the database holds must be what a simple program
 * without transactions, batches or keys says. The seeds are fixed and printed.
 */

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

int main(void)
{
    const struct CMUnitTest tests[] = {L(random_batches)};
    return cmocka_run_group_tests_name("realtime/model", tests, NULL, NULL);
}
