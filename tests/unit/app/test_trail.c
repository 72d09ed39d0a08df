/* test_trail.c - notes that hold nothing up: coalesced, bounded, and written in the end. */
#include <unistd.h>

#include "app/trail.h"
#include "clinic.h"

struct notes {
    struct clinic *c;
    struct db *db;
    struct trail *trail;
};

static void start(struct notes *n, struct clinic *c)
{
    n->c = c;
    n->db = clinic_open(c);
    assert_int_equal(trail_new(n->db, &c->node, &n->trail), 0);
}

/* Ends the trail, which writes what is queued; the number of rows there are then. */
static int64_t finish(struct notes *n)
{
    struct audit_report report;
    struct audit_break broken;

    trail_free(n->trail);
    n->trail = NULL;
    db_close(n->db);
    assert_int_equal(audit_verify(n->c->db, clinic_system(n->c), &report, &broken), 0);
    return clinic_ask(n->c, "SELECT count(*) FROM audit");
}

static void note(struct notes *n, const struct id *actor, const char *action,
                 const struct id *object, int64_t at, bool coalesce)
{
    trail_note(n->trail,
               &(struct audit_entry){.at = at,
                                     .actor = *actor,
                                     .action = action,
                                     .object_type = "conversation",
                                     .object = *object,
                                     .outcome = "ok",
                                     .address = STR("::1"),
                                     .request_id = STR("r"),
                                     .detail = STR("")},
               coalesce);
}

static void reads_are_noted_once_a_quarter(void **state)
{
    struct notes n;
    const struct id ana = id_new();
    const struct id bruno = id_new();
    const struct id here = id_new();
    const struct id there = id_new();
    const int64_t quarter = NOON / TRAIL_COALESCE_US * TRAIL_COALESCE_US;

    start(&n, *state);
    for (int i = 0; i < 50; i++)
        note(&n, &ana, "conversation.read", &here, quarter + i, true); /* 1 */
    note(&n, &ana, "conversation.read", &here, quarter + TRAIL_COALESCE_US - 1, true);
    note(&n, &ana, "conversation.read", &here, quarter + TRAIL_COALESCE_US, true); /* 2 */
    note(&n, &bruno, "conversation.read", &here, quarter, true);                   /* 3 */
    note(&n, &ana, "conversation.read", &there, quarter, true);                    /* 4 */
    note(&n, &ana, "conversation.search", &here, quarter, true);                   /* 5 */
    note(&n, &here, "conversation.read", &ana, quarter, true);                     /* 6 */
    /* refusals are never put together */
    for (int i = 0; i < 10; i++)
        note(&n, &ana, "conversation.read", &here, quarter, false); /* 16 */
    assert_int_equal(finish(&n), 16);
    assert_int_equal(clinic_ask(n.c, "SELECT min(at) FROM audit"), quarter);
}

static void many_viewers_are_all_noted(void **state)
{
    struct notes n;
    const struct id here = id_new();

    start(&n, *state);
    for (int i = 0; i < 2000; i++) {
        const struct id viewer = id_new();
        note(&n, &viewer, "conversation.read", &here, NOON, true);
    }
    assert_int_equal(finish(&n), 2000);
}

static void notes_outlive_their_texts(void **state)
{
    struct notes n;
    const struct id ana = id_new();
    char address[] = "192.0.2.99";
    char detail[] = "the detail";

    start(&n, *state);
    trail_note(n.trail,
               &(struct audit_entry){.at = NOON,
                                     .actor = ana,
                                     .action = "x.y",
                                     .object_type = "",
                                     .outcome = "forbidden",
                                     .address = str_from(address),
                                     .detail = str_from(detail)},
               false);
    memset(address, '!', sizeof address);
    memset(detail, '!', sizeof detail);
    assert_int_equal(finish(&n), 1);
    assert_int_equal(clinic_ask(n.c, "SELECT address = '192.0.2.99' AND detail = 'the detail' AND "
                                     "request_id = '' AND object_id IS NULL AND outcome = "
                                     "'forbidden' FROM audit"),
                     1);
}

/* While somebody else writes, notes wait in a bounded queue, and nobody is held up. */
static void the_queue_is_bounded(void **state)
{
    struct notes n;
    const struct id ana = id_new();

    start(&n, *state);
    assert_int_equal(db_begin(n.c->db, DB_WRITE), 0); /* the trail cannot write meanwhile */
    int64_t before = clock_mono_us();
    for (int i = 0; i < TRAIL_QUEUE_MAX + 1000; i++)
        note(&n, &ana, "x.y", &ana, NOON, false);
    assert_true(clock_mono_us() - before < 4 * US_PER_S);
    db_rollback(n.c->db);
    int64_t rows = finish(&n);
    /* all that fitted, and at most one batch more, which the thread had already taken */
    assert_in_range((uint64_t)rows, TRAIL_QUEUE_MAX, TRAIL_QUEUE_MAX + TRAIL_BATCH_MAX);
}

static void no_trail_notes_nothing(void **state)
{
    const struct audit_entry e = {.at = NOON, .action = "x.y", .object_type = "", .outcome = "ok"};

    (void)state;
    trail_note(NULL, &e, true);
    trail_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(reads_are_noted_once_a_quarter),
        T(many_viewers_are_all_noted),
        T(notes_outlive_their_texts),
        T(the_queue_is_bounded),
        cmocka_unit_test(no_trail_notes_nothing),
    };
    return cmocka_run_group_tests_name("app/trail", tests, NULL, NULL);
}
