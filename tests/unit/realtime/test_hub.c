/*
 * test_hub.c - who gets a frame and who does not, in which order, and whose socket is closed. Real
 * sockets on two loops.
 */
#include <unistd.h>

#include "../net/engine.h"
#include "live.h"
#include "realtime/frames.h"
#include "store/sessions.h"

struct people {
    struct id ana, bruno, helena;
    struct live_client *ana1, *ana2, *bruno1, *helena1;
};

static struct people gather(struct live *l)
{
    struct people p = {.ana = clinic_patient(l->c, "Ana"),
                       .bruno = clinic_patient(l->c, "Bruno"),
                       .helena = clinic_doctor(l->c, "Helena", true)};

    p.ana1 = live_connect(l, &p.ana, ROLE_PATIENT);
    p.ana2 = live_connect(l, &p.ana, ROLE_PATIENT);
    p.bruno1 = live_connect(l, &p.bruno, ROLE_PATIENT);
    p.helena1 = live_connect(l, &p.helena, ROLE_DOCTOR);
    return p;
}

static void post(struct live *l, struct delivery d)
{
    struct delivery_list list;

    delivery_list_init(&list);
    assert_int_equal(delivery_add(&list, &d), 0);
    hub_post(realtime_hub(l->rt), &list);
    assert_int_equal(list.count, 0);
    delivery_list_done(&list);
}

static struct ws_frame *synced_frame(int64_t seq)
{
    struct id id = id_new();

    return frame_synced(&id, seq);
}

static void members_and_nobody_else(void **state)
{
    struct live *l = *state;
    struct people p = gather(l);

    post(l, (struct delivery){.to = {p.ana, p.helena}, .to_count = 2, .frame = synced_frame(7)});
    assert_int_equal(live_expect(l, p.ana1, "synced").seq, 7);
    assert_int_equal(live_expect(l, p.ana2, "synced").seq, 7);
    assert_int_equal(live_expect(l, p.helena1, "synced").seq, 7);
    live_expect_nothing(l, p.bruno1);
}

static void the_origin_gets_its_own(void **state)
{
    struct live *l = *state;
    struct people p = gather(l);
    const struct id id = id_new();

    post(l, (struct delivery){.to = {p.ana, p.helena},
                              .to_count = 2,
                              .has_origin = true,
                              .origin = p.ana1->conn,
                              .frame = synced_frame(3),
                              .origin_frame = frame_ack(&id, &id, 3, NOON)});
    assert_int_equal(live_expect(l, p.ana1, "ack").seq, 3);
    assert_int_equal(live_expect(l, p.ana2, "synced").seq, 3);
    assert_int_equal(live_expect(l, p.helena1, "synced").seq, 3);
    /* an answer to the origin alone */
    post(l, (struct delivery){.has_origin = true,
                              .origin = p.helena1->conn,
                              .origin_frame = frame_ack(&id, &id, 4, NOON)});
    assert_int_equal(live_expect(l, p.helena1, "ack").seq, 4);
    live_expect_nothing(l, p.ana1);
    /* an origin that is gone: the others get theirs */
    struct net_ref old = p.ana2->conn;
    old.generation += 100;
    post(l, (struct delivery){.to = {p.ana, p.helena},
                              .to_count = 2,
                              .has_origin = true,
                              .origin = old,
                              .frame = synced_frame(5),
                              .origin_frame = frame_ack(&id, &id, 5, NOON)});
    assert_int_equal(live_expect(l, p.ana1, "synced").seq, 5);
    assert_int_equal(live_expect(l, p.ana2, "synced").seq, 5);
}

static void posted_order_is_kept(void **state)
{
    struct live *l = *state;
    struct people p = gather(l);
    struct frame frames[300];

    for (int64_t i = 1; i <= 300; i++)
        post(l,
             (struct delivery){.to = {p.ana, p.helena}, .to_count = 2, .frame = synced_frame(i)});
    struct live_client *all[] = {p.ana1, p.ana2, p.helena1};
    for (size_t k = 0; k < COUNT_OF(all); k++) {
        assert_int_equal(live_drain(l, all[k], frames, 300), 300);
        for (int64_t i = 0; i < 300; i++)
            assert_int_equal(frames[i].seq, i + 1);
    }
}

static void a_delivery_without_frames_is_refused(void **state)
{
    struct delivery_list list;

    (void)state;
    delivery_list_init(&list);
    assert_int_equal(delivery_add(&list, &(struct delivery){.to_count = 1}), -E_NO_MEMORY);
    assert_int_equal(list.count, 0);
    for (int i = 0; i < 100; i++)
        assert_int_equal(delivery_add(&list, &(struct delivery){.frame = synced_frame(i)}), 0);
    assert_int_equal(list.count, 100);
    delivery_list_done(&list); /* the sanitizer sees what is not given back */
    assert_int_equal(list.count, 0);
}

static void too_many_refusals_close(void **state)
{
    struct live *l = *state;
    struct people p = gather(l);
    const struct id id = id_new();

    for (int i = 0; i <= SOCKET_ERRORS_PER_MINUTE; i++) {
        if (i == SOCKET_ERRORS_PER_MINUTE) { /* twenty are borne */
            struct frame frames[SOCKET_ERRORS_PER_MINUTE];
            assert_int_equal(live_drain(l, p.ana1, frames, COUNT_OF(frames)), COUNT_OF(frames));
        }
        post(l, (struct delivery){.has_origin = true,
                                  .origin = p.ana1->conn,
                                  .origin_user = p.ana,
                                  .refusal = true,
                                  .origin_frame = frame_error(-E_NOT_FOUND, NULL, &id, 0)});
    }
    live_expect_close(l, p.ana1, CLOSE_POLICY);
    live_expect_nothing(l, p.ana2); /* its other socket lives on */
}

static void errors_are_forgotten_after_a_minute(void **state)
{
    struct socket s = {0};

    (void)state;
    for (int i = 0; i < SOCKET_ERRORS_PER_MINUTE; i++)
        assert_false(socket_count_error(&s, US_PER_HOUR + i));
    assert_true(socket_count_error(&s, US_PER_HOUR + US_PER_S));
    assert_false(socket_count_error(&s, US_PER_HOUR + 2 * US_PER_MIN));
}

/* ---- holds ---- */

static int hold(struct live *l, struct live_client *k, const struct id *conversation)
{
    atomic_store(&l->answer, 0);
    live_say(k, "hold", conversation, 0);
    wait_for(&l->answer, 1);
    return 1 - atomic_load(&l->answer);
}

static void post_message(struct live *l, const struct people *p, const struct id *conversation,
                         int64_t seq)
{
    post(l, (struct delivery){.to = {p->ana, p->helena},
                              .to_count = 2,
                              .frame = synced_frame(seq),
                              .conversation = *conversation,
                              .seq = seq});
}

static void post_synced(struct live *l, struct live_client *k, const struct id *conversation,
                        int64_t from, int64_t to, bool more)
{
    struct delivery_list list;

    delivery_list_init(&list);
    for (int64_t i = from; i <= to; i++)
        assert_int_equal(delivery_add(&list, &(struct delivery){.frame = synced_frame(i)}), 0);
    hub_post_synced(realtime_hub(l->rt), k->conn, &k->session.user, conversation, &list, to, more);
}

static void check_seqs(struct live *l, struct live_client *k, const int64_t *want, size_t count)
{
    struct frame frames[16];

    assert_int_equal(live_drain(l, k, frames, COUNT_OF(frames)), count);
    for (size_t i = 0; i < count; i++)
        assert_int_equal(frames[i].seq, want[i]);
}
#define CHECK_SEQS(l, k, ...)                                                                      \
    check_seqs((l), (k), (const int64_t[]){__VA_ARGS__}, COUNT_OF(((const int64_t[]){__VA_ARGS__})))

static void held_frames_follow_the_sync(void **state)
{
    struct live *l = *state;
    struct people p = gather(l);
    const struct id conversation = id_new();
    const struct id other = id_new();

    assert_int_equal(hold(l, p.ana1, &conversation), 0);
    assert_int_equal(hold(l, p.ana1, &conversation), -E_CONFLICT);
    post_message(l, &p, &conversation, 3); /* the sync will bring it */
    post_message(l, &p, &conversation, 5);
    post_message(l, &p, &other, 9); /* not held */
    CHECK_SEQS(l, p.ana1, 9);
    CHECK_SEQS(l, p.ana2, 3, 5, 9); /* another socket of the same person is not concerned */
    post_synced(l, p.ana1, &conversation, 1, 2, true);
    CHECK_SEQS(l, p.ana1, 1, 2);
    post_message(l, &p, &conversation, 6);
    post_synced(l, p.ana1, &conversation, 3, 4, false);
    CHECK_SEQS(l, p.ana1, 3, 4, 5, 6); /* three came once */
    post_message(l, &p, &conversation, 7);
    CHECK_SEQS(l, p.ana1, 7);
    assert_int_equal(hold(l, p.ana1, &conversation), 0); /* and may sync again */
    post_message(l, &p, &conversation, 8);
    live_say(p.ana1, "release", &conversation, 0);
    (void)hold(l, p.ana1, &other); /* after it on the same loop */
    CHECK_SEQS(l, p.ana1, 8);
}

/* Committed before the sync read, published after the sync was answered: it has come already. */
static void what_the_sync_brought_comes_once(void **state)
{
    struct live *l = *state;
    struct people p = gather(l);
    const struct id conversation = id_new();

    assert_int_equal(hold(l, p.ana1, &conversation), 0);
    post_synced(l, p.ana1, &conversation, 1, 4, false);
    post_message(l, &p, &conversation, 4);
    post_message(l, &p, &conversation, 5);
    CHECK_SEQS(l, p.ana1, 1, 2, 3, 4, 5);
    CHECK_SEQS(l, p.ana2, 4, 5);
    post_message(l, &p, &conversation, 6);
    CHECK_SEQS(l, p.ana1, 6);
}

static void other_frames_wait_too(void **state)
{
    struct live *l = *state;
    struct people p = gather(l);
    const struct id conversation = id_new();

    assert_int_equal(hold(l, p.ana1, &conversation), 0);
    post(l, (struct delivery){.to = {p.ana},
                              .to_count = 1,
                              .frame = frame_deleted(&conversation, 2, NOON),
                              .conversation = conversation});
    live_expect_nothing(l, p.ana1);
    post_synced(l, p.ana1, &conversation, 1, 2, false);
    CHECK_SEQS(l, p.ana1, 1, 2, 2);
}

static void holds_are_bounded(void **state)
{
    struct live *l = *state;
    struct people p = gather(l);
    struct id conversation = ID_NONE;

    for (int i = 0; i < HUB_SYNCS_MAX; i++) {
        conversation = id_new();
        assert_int_equal(hold(l, p.ana1, &conversation), 0);
    }
    const struct id more = id_new();
    assert_int_equal(hold(l, p.ana1, &more), -E_RATE_LIMITED);
    assert_int_equal(hold(l, p.ana2, &more), 0);
    /* one that is over makes room */
    post_synced(l, p.ana1, &conversation, 1, 1, false);
    CHECK_SEQS(l, p.ana1, 1);
    assert_int_equal(hold(l, p.ana1, &more), 0);
    /* the queue of a hold, too */
    for (int i = 1; i <= HUB_HELD_MAX; i++)
        post_message(l, &p, &more, i);
    live_expect_nothing(l, p.ana1);
    post_message(l, &p, &more, HUB_HELD_MAX + 1);
    live_expect_close(l, p.ana1, CLOSE_OVERFLOW);
}

/* ---- endings ---- */

static void a_revoked_session_closes(void **state)
{
    struct live *l = *state;
    struct people p = gather(l);
    struct revocation v = {.kind = REVOKED_SESSION, .user = p.ana, .session = p.ana1->session.id};

    hub_post_revocation(realtime_hub(l->rt), &v);
    live_expect_close(l, p.ana1, CLOSE_SESSION_ENDED);
    live_expect_nothing(l, p.ana2);
    v.session = ID_NONE; /* all of them */
    hub_post_revocation(realtime_hub(l->rt), &v);
    live_expect_close(l, p.ana2, CLOSE_SESSION_ENDED);
    live_expect_nothing(l, p.bruno1);
    live_expect_nothing(l, p.helena1);
}

static void a_lost_account_closes(void **state)
{
    struct live *l = *state;
    struct people p = gather(l);
    const struct revocation v = {.kind = REVOKED_ACCOUNT, .user = p.ana};

    hub_post_revocation(realtime_hub(l->rt), &v);
    live_expect_close(l, p.ana1, CLOSE_ACCOUNT_LOST);
    live_expect_close(l, p.ana2, CLOSE_ACCOUNT_LOST);
    live_expect_nothing(l, p.bruno1);
}

/* Rights that changed make the socket ask the database again. */
static void changed_rights_are_looked_up(void **state)
{
    struct live *l = *state;
    struct people p = gather(l);
    const struct revocation v = {.kind = REVOKED_RIGHTS, .user = p.ana};

    hub_post_revocation(realtime_hub(l->rt), &v);
    live_expect_nothing(l, p.ana1);
    clinic_disable(l->c, &p.ana);
    hub_post_revocation(realtime_hub(l->rt), &v);
    live_expect_close(l, p.ana1, CLOSE_ACCOUNT_LOST);
    live_expect_close(l, p.ana2, CLOSE_ACCOUNT_LOST);
    COMMIT(l->c, session_end(l->c->db, clinic_system(l->c), &p.bruno, &p.bruno1->session.id,
                             clock_now_us()));
    const struct revocation other = {.kind = REVOKED_RIGHTS, .user = p.bruno};
    hub_post_revocation(realtime_hub(l->rt), &other);
    live_expect_close(l, p.bruno1, CLOSE_SESSION_ENDED);
}

/* The session ended between the decision to upgrade and the opening: nobody else will tell. */
static void an_ended_session_does_not_open(void **state)
{
    struct live *l = *state;
    const struct id ana = clinic_patient(l->c, "Ana");
    struct session s = clinic_session(l->c, &ana, ROLE_PATIENT, clock_now_us(), NULL);

    COMMIT(l->c, session_end(l->c->db, clinic_system(l->c), &ana, &s.id, clock_now_us()));
    live_expect_close(l, live_connect_as(l, &s), CLOSE_SESSION_ENDED);
}

static void the_watcher_sees_other_processes(void **state)
{
    struct live *l = *state;
    struct people p = gather(l);

    live_start(l);
    COMMIT(l->c,
           session_end(l->c->db, clinic_system(l->c), &p.ana, &p.ana1->session.id, clock_now_us()));
    live_expect_close(l, p.ana1, CLOSE_SESSION_ENDED); /* within its second */
    live_expect_nothing(l, p.ana2);
    int64_t before = clock_mono_us();
    COMMIT(l->c, session_end(l->c->db, clinic_system(l->c), &p.bruno, &p.bruno1->session.id,
                             clock_now_us()));
    realtime_revocations_changed(l->rt);
    live_expect_close(l, p.bruno1, CLOSE_SESSION_ENDED);
    assert_true(clock_mono_us() - before < 5 * US_PER_S);
}

/* ---- presence ---- */

static void wait_online(struct live *l, const struct id *user, bool online)
{
    for (int i = 0; i < 5000 && hub_online(realtime_hub(l->rt), user) != online; i++)
        (void)usleep(1000);
    assert_int_equal(hub_online(realtime_hub(l->rt), user), online);
}

static struct frame next_presence(struct live_client *k, const struct id *user, bool online)
{
    struct frame f;

    do
        live_read(k, &f);
    while (strcmp(f.op, "presence") != 0 || !id_eq(&f.user, user) || f.online != online);
    return f;
}

static void doctors_see_their_patients(void **state)
{
    struct live *l = *state;
    const struct id ana = clinic_patient(l->c, "Ana");
    const struct id bruno = clinic_patient(l->c, "Bruno");
    const struct id helena = clinic_doctor(l->c, "Helena", true);
    const struct id otavio = clinic_doctor(l->c, "Otavio", true);

    (void)clinic_care(l->c, &ana, &helena);
    assert_false(hub_online(realtime_hub(l->rt), &ana));
    struct live_client *a1 = live_connect(l, &ana, ROLE_PATIENT);
    assert_true(hub_online(realtime_hub(l->rt), &ana));
    struct live_client *h = live_connect(l, &helena, ROLE_DOCTOR);
    (void)next_presence(h, &ana, true); /* who is there already */
    struct live_client *o = live_connect(l, &otavio, ROLE_DOCTOR);
    (void)live_connect(l, &bruno, ROLE_PATIENT);
    struct live_client *a2 = live_connect(l, &ana, ROLE_PATIENT);
    (void)close(a1->fd);
    (void)close(a2->fd);
    wait_online(l, &ana, false);
    (void)next_presence(h, &ana, false);
    a2->fd = a1->fd = -1;
    a1 = live_connect(l, &ana, ROLE_PATIENT);
    (void)next_presence(h, &ana, true);
    /* neither strangers nor patients are told */
    struct frame f;
    const struct id mark = id_new();
    struct live_client *others[] = {o, a1};
    for (size_t i = 0; i < COUNT_OF(others); i++) {
        hub_post_one(realtime_hub(l->rt), &others[i]->session.user,
                     frame_event("appointment", &mark));
        live_read(others[i], &f);
        assert_string_equal(f.op, "event");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        L(members_and_nobody_else),
        L(the_origin_gets_its_own),
        L(posted_order_is_kept),
        cmocka_unit_test(a_delivery_without_frames_is_refused),
        L(too_many_refusals_close),
        cmocka_unit_test(errors_are_forgotten_after_a_minute),
        L(held_frames_follow_the_sync),
        L(what_the_sync_brought_comes_once),
        L(other_frames_wait_too),
        L(holds_are_bounded),
        L(a_revoked_session_closes),
        L(a_lost_account_closes),
        L(changed_rights_are_looked_up),
        L(an_ended_session_does_not_open),
        L(the_watcher_sees_other_processes),
        L(doctors_see_their_patients),
    };
    return cmocka_run_group_tests_name("realtime/hub", tests, NULL, NULL);
}
