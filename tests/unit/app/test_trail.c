/* What the trail is given is stored, also when the database is away for a while. */
#include "app/trail.h"

#include <sched.h>

#include "clinic.h"

#define LONG_US (2 * US_PER_S) /* longer than a writer's patience (src/db/sqlite.c) */

static struct audit_entry entry_of(const struct id *actor, const char *action)
{
    return (struct audit_entry){.at = NOON,
                                .actor = *actor,
                                .action = action,
                                .object_type = "conversation",
                                .object = *actor,
                                .outcome = "ok",
                                .address = STR("127.0.0.1"),
                                .request_id = STR("r"),
                                .detail = STR("")};
}

static struct trail *start(struct clinic *c, struct db **ret_db)
{
    struct trail *t = NULL;

    *ret_db = clinic_open(c);
    assert_int_equal(trail_new(*ret_db, &c->node, &t), 0);
    return t;
}

static void reads_are_coalesced(void **state)
{
    struct clinic *c = *state;
    const struct id ana = id_new();
    struct db *db;
    struct trail *t = start(c, &db);
    struct audit_entry e = entry_of(&ana, "conversation.read");

    trail_note(t, &e, true);
    e.at += TRAIL_COALESCE_US / 2;
    trail_note(t, &e, true);
    trail_note(t, &e, false);
    e.at = NOON + TRAIL_COALESCE_US;
    trail_note(t, &e, true);
    trail_free(t); /* stores what is queued */
    assert_int_equal(clinic_ask(c, "SELECT count(*) FROM audit"), 3);
    db_close(db);
}

static void waits_for_the_database(void **state)
{
    struct clinic *c = *state;
    const struct id ana = id_new();
    const struct audit_entry e = entry_of(&ana, "conversation.search");
    struct db *db;
    struct trail *t = start(c, &db);

    assert_int_equal(db_begin(c->db, DB_WRITE), 0);
    int64_t until = clock_mono_us() + LONG_US;
    trail_note(t, &e, false);
    while (clock_mono_us() < until)
        (void)sched_yield();
    db_rollback(c->db);
    until = clock_mono_us() + 10 * US_PER_S;
    while (clinic_ask(c, "SELECT count(*) FROM audit") == 0 && clock_mono_us() < until)
        (void)sched_yield();
    assert_int_equal(clinic_ask(c, "SELECT count(*) FROM audit"), 1);
    trail_free(t);
    db_close(db);
}

int main(void)
{
    const struct CMUnitTest tests[] = {T(reads_are_coalesced), T(waits_for_the_database)};

    return cmocka_run_group_tests_name("app/trail", tests, NULL, NULL);
}
