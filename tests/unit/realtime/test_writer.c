/*
 * test_writer.c - the writer under load: many threads, several conversations, real sockets. Every
 * request is answered exactly once, numbers have no gaps, and each socket sees them in order.
 */
#include <pthread.h>
#include <unistd.h>

#include "live.h"
#include "store/audit.h"
#include "store/conversations.h"
#include "store/messages.h"

enum { EACH = 120, RESENDS = 12, MOST = 4000 };

struct sender {
    pthread_t thread;
    struct live *live;
    struct live_client *client;
    struct id conversations[2];
    size_t conversation_count;
    struct id sent[EACH];
    struct id where[EACH];
    int failed;
};

static void *send_all(void *arg)
{
    struct sender *s = arg;

    for (int i = 0; i < EACH; i++) {
        const struct id *where = &s->conversations[(size_t)i % s->conversation_count];
        struct write_request q = live_request(s->client, WRITE_SEND, where, 0, STR("oi"));
        s->sent[i] = q.client_id;
        s->where[i] = *where;
        if (realtime_write(s->live->rt, &q) < 0)
            s->failed++;
        /* some are sent again, at once: often into the same batch */
        if (i % (EACH / RESENDS) == 0 && realtime_write(s->live->rt, &q) < 0)
            s->failed++;
    }
    return NULL;
}

/* Of one socket: acks of what it sent and messages of the others, in one ascending row without
 * gaps for each conversation; the second answer of a resend tells the first one's number. */
static void check_socket(struct live *l, struct sender *s)
{
    struct frame *frames = calloc(MOST, sizeof *frames);
    int64_t next[2] = {1, 1};
    int acks[EACH] = {0};
    int64_t seqs[EACH] = {0};

    assert_non_null(frames);
    size_t n = live_drain(l, s->client, frames, MOST);
    for (size_t i = 0; i < n; i++) {
        const struct frame *f = &frames[i];
        size_t place = s->conversation_count == 2 && id_eq(&f->conversation, &s->conversations[1]);
        assert_true(id_eq(&f->conversation, &s->conversations[place]));
        if (strcmp(f->op, "ack") == 0) {
            int sent = 0;
            while (sent < EACH && !id_eq(&s->sent[sent], &f->client_id))
                sent++;
            assert_true(sent < EACH);
            assert_true(id_eq(&s->where[sent], &f->conversation));
            if (acks[sent]++ > 0) {
                assert_int_equal(f->seq, seqs[sent]);
                continue;
            }
            seqs[sent] = f->seq;
        } else {
            assert_string_equal(f->op, "message");
            assert_string_equal(f->text, "oi");
            assert_false(id_eq(&f->from, &s->client->session.user));
        }
        assert_int_equal(f->seq, next[place]++);
    }
    for (int i = 0; i < EACH; i++)
        assert_int_equal(acks[i], i % (EACH / RESENDS) == 0 ? 2 : 1);
    for (size_t i = 0; i < s->conversation_count; i++)
        assert_int_equal(clinic_conversation(l->c, &s->conversations[i]).last_seq, next[i] - 1);
    free(frames);
}

static void many_threads_many_conversations(void **state)
{
    struct live *l = *state;
    struct sender senders[6] = {0};
    struct id doctors[2] = {clinic_doctor(l->c, "Helena", true),
                            clinic_doctor(l->c, "Otavio", true)};

    /* two doctors with two patients each: four conversations, each doctor in two of them */
    for (size_t d = 0; d < 2; d++) {
        struct sender *doctor = &senders[4 + d];
        doctor->client = live_connect(l, &doctors[d], ROLE_DOCTOR);
        for (size_t p = 0; p < 2; p++) {
            struct sender *patient = &senders[2 * d + p];
            struct id id = clinic_patient(l->c, "Ana");
            struct relationship r = clinic_care(l->c, &id, &doctors[d]);
            patient->client = live_connect(l, &id, ROLE_PATIENT);
            patient->conversations[patient->conversation_count++] = r.conversation;
            doctor->conversations[doctor->conversation_count++] = r.conversation;
        }
    }
    live_start(l);
    for (size_t i = 0; i < COUNT_OF(senders); i++) {
        senders[i].live = l;
        assert_int_equal(pthread_create(&senders[i].thread, NULL, send_all, &senders[i]), 0);
    }
    for (size_t i = 0; i < COUNT_OF(senders); i++) {
        assert_int_equal(pthread_join(senders[i].thread, NULL), 0);
        assert_int_equal(senders[i].failed, 0);
    }
    live_stop(l); /* commits what is queued */
    for (size_t i = 0; i < COUNT_OF(senders); i++)
        check_socket(l, &senders[i]);
    assert_int_equal(clinic_ask(l->c, "SELECT count(*) FROM messages"), 6 * EACH);
    assert_int_equal(clinic_ask(l->c, "SELECT count(DISTINCT client_id) FROM messages"), 6 * EACH);
    assert_int_equal(clinic_ask(l->c, "SELECT count(*) FROM conversations c WHERE c.last_seq <> "
                                      "(SELECT count(*) FROM messages m WHERE m.conversation = "
                                      "c.no) OR c.last_seq <> (SELECT max(seq) FROM messages m "
                                      "WHERE m.conversation = c.no)"),
                     0);
    struct realtime_stats stats;
    realtime_stats(l->rt, &stats);
    assert_int_equal(stats.taken, 6 * (EACH + RESENDS));
    assert_int_equal(stats.queued, 0);
    assert_true(stats.batches < stats.taken); /* commits were shared */
}

/* ---- bounds ---- */

static void a_full_queue_says_so(void **state)
{
    struct live *l = *state;
    const struct id ana = clinic_patient(l->c, "Ana");
    const struct id nowhere = id_new();
    struct live_client *k = live_connect(l, &ana, ROLE_PATIENT);
    struct realtime_stats stats;

    struct write_request q = live_request(k, WRITE_RECEIVED, &nowhere, 1, STR_NONE);
    for (int i = 0; i < WRITE_QUEUE_MAX; i++)
        assert_int_equal(realtime_write(l->rt, &q), 0);
    assert_int_equal(realtime_write(l->rt, &q), -E_OVERLOADED);
    realtime_stats(l->rt, &stats);
    assert_int_equal(stats.queued, WRITE_QUEUE_MAX);
}

static void the_queue_is_bounded_in_bytes(void **state)
{
    struct live *l = *state;
    const struct id ana = clinic_patient(l->c, "Ana");
    const struct id nowhere = id_new();
    struct live_client *k = live_connect(l, &ana, ROLE_PATIENT);
    static char text[16000];
    size_t n = 0;

    memset(text, 'x', sizeof text);
    struct write_request q = live_request(k, WRITE_SEND, &nowhere, 0, str_of(text, sizeof text));
    while (n < WRITE_QUEUE_MAX && realtime_write(l->rt, &q) == 0)
        n++;
    assert_in_range(n, (WRITE_QUEUE_BYTES - (1 << 20)) / (sizeof text + 512),
                    WRITE_QUEUE_BYTES / sizeof text);
    assert_int_equal(realtime_write(l->rt, &q), -E_OVERLOADED);
}

static void stopping_commits_and_then_refuses(void **state)
{
    struct live *l = *state;
    const struct id ana = clinic_patient(l->c, "Ana");
    const struct id helena = clinic_doctor(l->c, "Helena", true);
    const struct relationship r = clinic_care(l->c, &ana, &helena);
    struct live_client *k = live_connect(l, &ana, ROLE_PATIENT);
    struct frame frames[WRITE_BATCH_MAX + 200];
    struct write_request q;

    for (size_t i = 0; i < COUNT_OF(frames); i++) { /* more than a batch holds */
        q = live_request(k, WRITE_SEND, &r.conversation, 0, STR("antes"));
        assert_int_equal(realtime_write(l->rt, &q), 0);
    }
    live_start(l);
    live_stop(l);
    assert_int_equal(clinic_conversation(l->c, &r.conversation).last_seq, COUNT_OF(frames));
    assert_int_equal(live_drain(l, k, frames, COUNT_OF(frames)), COUNT_OF(frames));
    for (size_t i = 0; i < COUNT_OF(frames); i++)
        assert_int_equal(frames[i].seq, i + 1);
    assert_int_equal(realtime_write(l->rt, &q), -E_UNAVAILABLE);
    struct realtime_stats stats;
    realtime_stats(l->rt, &stats);
    assert_int_equal(stats.batches, 2);
}

/* ---- syncs while others write ---- */

struct talker {
    pthread_t thread;
    struct live *live;
    struct live_client *client;
    struct id conversation;
    int failed;
};

enum { OLD = 350, NEW = 250 };

static void *talk(void *arg)
{
    struct talker *t = arg;

    for (int i = 0; i < NEW; i++) {
        struct write_request q =
            live_request(t->client, WRITE_SEND, &t->conversation, 0, STR("novo"));
        if (realtime_write(t->live->rt, &q) < 0)
            t->failed++;
        if (i % 8 == 0)
            (void)usleep(500);
    }
    return NULL;
}

/* From the first synced message on: 1, 2, 3 … once each, whatever is being written meanwhile. */
static void check_synced_socket(struct live *l, struct live_client *k)
{
    struct frame *frames = calloc(MOST, sizeof *frames);
    size_t n = 0;
    size_t i = 0;
    bool synced = false;

    assert_non_null(frames);
    do
        live_read(k, &frames[n]);
    while (strcmp(frames[n++].op, "synced") != 0 && n < MOST);
    n += live_drain(l, k, frames + n, MOST - n);

    while (i < n && frames[i].seq != 1)
        i++; /* what came live before the sync began */
    for (int64_t next = 1; i < n; i++) {
        if (strcmp(frames[i].op, "synced") == 0) {
            assert_false(synced);
            synced = true;
            assert_int_equal(frames[i].seq, next - 1);
            assert_true(next > OLD);
            continue;
        }
        assert_string_equal(frames[i].op, "message");
        assert_int_equal(frames[i].seq, next++);
    }
    assert_true(synced);
    assert_int_equal(frames[n - 1].seq, OLD + NEW);
    free(frames);
}

static void live_messages_follow_a_sync(void **state)
{
    struct live *l = *state;
    const struct id ana = clinic_patient(l->c, "Ana");
    const struct id helena = clinic_doctor(l->c, "Helena", true);
    const struct relationship r = clinic_care(l->c, &ana, &helena);
    const char *texts[OLD];
    struct live_client *readers[4];

    for (size_t i = 0; i < OLD; i++)
        texts[i] = "velho";
    (void)clinic_talk(l->c, &r.conversation, texts, OLD, NOON);
    struct talker t = {.live = l, .conversation = r.conversation};
    t.client = live_connect(l, &helena, ROLE_DOCTOR);
    for (size_t i = 0; i < COUNT_OF(readers); i++)
        readers[i] = live_connect(l, &ana, ROLE_PATIENT);
    live_start(l);
    assert_int_equal(pthread_create(&t.thread, NULL, talk, &t), 0);
    for (size_t i = 0; i < COUNT_OF(readers); i++) {
        (void)usleep(3000);
        live_say(readers[i], "sync", &r.conversation, 0);
    }
    assert_int_equal(pthread_join(t.thread, NULL), 0);
    assert_int_equal(t.failed, 0);
    live_stop(l);
    for (size_t i = 0; i < COUNT_OF(readers); i++)
        check_synced_socket(l, readers[i]);
}

static void a_sync_is_for_members(void **state)
{
    struct live *l = *state;
    const struct id ana = clinic_patient(l->c, "Ana");
    const struct id bruno = clinic_patient(l->c, "Bruno");
    const struct id helena = clinic_doctor(l->c, "Helena", true);
    const struct relationship r = clinic_care(l->c, &ana, &helena);
    static const char *const texts[] = {"oi", "ola", "tchau"};
    struct frame f;

    (void)clinic_talk(l->c, &r.conversation, texts, 3, NOON);
    struct live_client *a = live_connect(l, &ana, ROLE_PATIENT);
    struct live_client *b = live_connect(l, &bruno, ROLE_PATIENT);
    live_say(a, "sync", &r.conversation, 1);
    for (int64_t seq = 2; seq <= 3; seq++) {
        live_read(a, &f);
        assert_string_equal(f.op, "message");
        assert_int_equal(f.seq, seq);
    }
    live_read(a, &f);
    assert_string_equal(f.op, "synced");
    assert_int_equal(f.seq, 3);
    live_say(b, "sync", &r.conversation, 0);
    live_read(b, &f);
    assert_string_equal(f.op, "error");
    assert_string_equal(f.code, "not_found");
    live_expect_nothing(l, b);
    assert_int_equal(clinic_ask(l->c, "SELECT count(*) FROM audit WHERE outcome = 'not_found'"), 1);
    live_say(b, "typing", &r.conversation, 0);
    live_read(b, &f);
    assert_string_equal(f.code, "not_found");
    live_expect_nothing(l, a);
}

static void typing_reaches_the_other_side(void **state)
{
    struct live *l = *state;
    const struct id ana = clinic_patient(l->c, "Ana");
    const struct id helena = clinic_doctor(l->c, "Helena", true);
    const struct relationship r = clinic_care(l->c, &ana, &helena);
    struct live_client *a = live_connect(l, &ana, ROLE_PATIENT);
    struct live_client *h = live_connect(l, &helena, ROLE_DOCTOR);
    struct frame f;

    live_say(a, "typing", &r.conversation, 0);
    do
        live_read(h, &f);
    while (strcmp(f.op, "presence") == 0);
    assert_string_equal(f.op, "typing");
    assert_true(id_eq(&f.by, &ana));
    assert_true(id_eq(&f.conversation, &r.conversation));
    live_expect_nothing(l, a);
    live_say(h, "typing", &r.conversation, 0);
    live_read(a, &f);
    assert_true(id_eq(&f.by, &helena));
    clinic_close(l->c, &r);
    live_say(a, "typing", &r.conversation, 0);
    live_read(a, &f);
    assert_string_equal(f.code, "conversation_closed");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        L(many_threads_many_conversations), L(a_full_queue_says_so),
        L(the_queue_is_bounded_in_bytes),   L(stopping_commits_and_then_refuses),
        L(live_messages_follow_a_sync),     L(a_sync_is_for_members),
        L(typing_reaches_the_other_side),
    };
    return cmocka_run_group_tests_name("realtime/writer", tests, NULL, NULL);
}
