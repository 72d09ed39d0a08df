/*
 * test_audit.c - the trail: append-only by the schema, and by its chain whatever is done to the
 * file. The tamperer here is plain SQLite with the triggers dropped.
 */
#include "clinic.h"
#include "store/audit.h"

static struct audit_entry entry(const struct id *actor, const char *action, int64_t at)
{
    return (struct audit_entry){.at = at,
                                .actor = *actor,
                                .action = action,
                                .object_type = "account",
                                .object = *actor,
                                .outcome = "ok",
                                .address = STR("192.0.2.7"),
                                .request_id = STR("r1"),
                                .detail = STR("d")};
}

/* Six rows on each of two nodes. */
static struct id fill(struct clinic *c)
{
    const struct id other = id_new();
    const struct id actor = id_new();
    const struct id *nodes[] = {&c->node, &other};

    for (int i = 0; i < 6; i++)
        for (size_t n = 0; n < 2; n++) {
            struct audit_entry e = entry(i % 2 ? &actor : &ID_NONE, "session.create", NOON + i);
            COMMIT(c, audit_append(c->db, nodes[n], &e));
        }
    return actor;
}

static int verify(struct clinic *c, struct audit_report *report, struct audit_break *broken)
{
    return audit_verify(c->db, clinic_system(c), report, broken);
}

static void an_untouched_chain_holds(void **state)
{
    struct clinic *c = *state;
    struct audit_report report;
    struct audit_break broken = {0};

    assert_int_equal(verify(c, &report, &broken), 0);
    assert_int_equal(report.rows, 0);
    assert_int_equal(report.nodes, 0);
    (void)fill(c);
    assert_int_equal(verify(c, &report, &broken), 0);
    assert_int_equal(report.rows, 12);
    assert_int_equal(report.nodes, 2);
    assert_int_equal(clinic_ask(c, "SELECT count(*) FROM audit WHERE seq = 6"), 2);
}

/* One append of many is the same chain as many appends of one, and several connections write it. */
static void many_at_once(void **state)
{
    struct clinic *c = *state;
    struct audit_entry entries[300];
    struct audit_report report;
    struct audit_break broken;
    struct db *db = clinic_open(c);
    const struct id actor = id_new();

    for (size_t i = 0; i < COUNT_OF(entries); i++)
        entries[i] = entry(&actor, "message.send", NOON + (int64_t)i);
    COMMIT(c, audit_append_many(c->db, &c->node, entries, COUNT_OF(entries)));
    assert_int_equal(db_begin(db, DB_WRITE), 0);
    assert_int_equal(audit_append(db, &c->node, &entries[0]), 0);
    assert_int_equal(audit_append(db, &c->node, &entries[1]), 0);
    assert_int_equal(db_commit(db), 0);
    assert_int_equal(db_begin(db, DB_WRITE), 0); /* what is taken back leaves no gap */
    assert_int_equal(audit_append(db, &c->node, &entries[2]), 0);
    db_rollback(db);
    COMMIT(c, audit_append(c->db, &c->node, &entries[3]));
    db_close(db);
    assert_int_equal(verify(c, &report, &broken), 0);
    assert_int_equal(report.rows, 303);
}

static void the_schema_refuses_changes(void **state)
{
    struct clinic *c = *state;

    (void)fill(c);
    clinic_sql_refused(c, "UPDATE audit SET detail = 'x'");
    clinic_sql_refused(c, "DELETE FROM audit");
    assert_int_equal(clinic_ask(c, "SELECT count(*) FROM audit"), 12);
}

static void no_trigger(struct clinic *c)
{
    clinic_sql(c, "DROP TRIGGER audit_no_update; DROP TRIGGER audit_no_delete");
}

struct tampering {
    const char *sql; /* on the chain of the first node: :a is its place below */
    int64_t seq;     /* where the break must be found */
    const char *reason;
};

/* Every column, one at a time; then rows taken out, put in, exchanged, moved. */
static const struct tampering tamperings[] = {
    {"UPDATE audit SET at = at + 1 WHERE seq = 3", 3, "changed"},
    {"UPDATE audit SET actor_id = NULL WHERE seq = 4", 4, "changed"},
    {"UPDATE audit SET actor_id = x'000102030405060708090a0b0c0d0e0f' WHERE seq = 3", 3, "changed"},
    {"UPDATE audit SET action = 'session.end' WHERE seq = 3", 3, "changed"},
    {"UPDATE audit SET object_type = 'session' WHERE seq = 3", 3, "changed"},
    {"UPDATE audit SET object_id = NULL WHERE seq = 2", 2, "changed"},
    {"UPDATE audit SET outcome = 'forbidden' WHERE seq = 6", 6, "changed"},
    {"UPDATE audit SET address = '192.0.2.8' WHERE seq = 1", 1, "changed"},
    {"UPDATE audit SET request_id = '' WHERE seq = 3", 3, "changed"},
    {"UPDATE audit SET detail = 'e' WHERE seq = 3", 3, "changed"},
    /* moving a letter from one column to its neighbour */
    {"UPDATE audit SET request_id = 'r', detail = '1d' WHERE seq = 3", 3, "changed"},
    {"UPDATE audit SET action = 'session.creat', object_type = 'eaccount' WHERE seq = 5", 5,
     "changed"},
    {"UPDATE audit SET prev_hash = zeroblob(32) WHERE seq = 3", 3, "changed"},
    {"UPDATE audit SET hash = zeroblob(32) WHERE seq = 3", 3, "changed"},
    {"UPDATE audit SET hash = x'' WHERE seq = 3", 3, "changed"},
    {"DELETE FROM audit WHERE seq = 3", 4, "missing"},
    {"DELETE FROM audit WHERE seq = 1", 2, "missing"},
    {"DELETE FROM audit WHERE seq IN (2, 3, 4)", 5, "missing"},
    /* taken out, and the rest moved up to hide it */
    {"DELETE FROM audit WHERE seq = 3; UPDATE audit SET seq = 3 WHERE seq = 4;"
     "UPDATE audit SET seq = 4 WHERE seq = 5; UPDATE audit SET seq = 5 WHERE seq = 6",
     3, "changed"},
    /* a copy put behind the last one, and one in between */
    {"INSERT INTO audit SELECT node, 7, at, actor_id, action, object_type, object_id, outcome,"
     " address, request_id, detail, prev_hash, hash FROM audit WHERE seq = 6",
     7, "changed"},
    {"UPDATE audit SET seq = 107 WHERE seq = 6; UPDATE audit SET seq = 106 WHERE seq = 5;"
     "UPDATE audit SET seq = seq - 100 WHERE seq > 100;"
     "INSERT INTO audit SELECT node, 5, at, actor_id, action, object_type, object_id, outcome,"
     " address, request_id, detail, prev_hash, hash FROM audit WHERE seq = 4",
     5, "changed"},
    /* exchanged */
    {"UPDATE audit SET seq = 100 WHERE seq = 2; UPDATE audit SET seq = 2 WHERE seq = 3;"
     "UPDATE audit SET seq = 3 WHERE seq = 100",
     2, "changed"},
};

static void tampering_is_found(void **state)
{
    struct clinic *c = *state;
    struct audit_report report;

    (void)fill(c);
    no_trigger(c);
    clinic_sql(c, "CREATE TABLE kept AS SELECT * FROM audit");
    for (size_t i = 0; i < COUNT_OF(tamperings); i++) {
        struct audit_break broken = {0};
        clinic_sql(c, tamperings[i].sql);
        if (verify(c, &report, &broken) != -E_CORRUPT || broken.seq != tamperings[i].seq ||
            strcmp(broken.reason, tamperings[i].reason) != 0) {
            print_error("after \"%s\": break at %lld, %s\n", tamperings[i].sql,
                        (long long)broken.seq, broken.reason ? broken.reason : "none");
            fail();
        }
        clinic_sql(c, "DELETE FROM audit; INSERT INTO audit SELECT * FROM kept");
        assert_int_equal(verify(c, &report, &broken), 0);
    }
}

/* Only the second chain, a row moved to the other chain, a chain renamed. */
static void every_chain_is_walked(void **state)
{
    static const char *const sql[] = {
        "UPDATE audit SET detail = 'x' WHERE seq = 5 AND node = (SELECT max(node) FROM audit)",
        "UPDATE audit SET detail = 'x' WHERE seq = 5 AND node = (SELECT min(node) FROM audit)",
        "UPDATE audit SET node = (SELECT max(node) FROM audit), seq = 7"
        " WHERE seq = 6 AND node = (SELECT min(node) FROM audit)",
        "UPDATE audit SET node = x'ff0102030405060708090a0b0c0d0e0f'"
        " WHERE node = (SELECT min(node) FROM audit)",
    };
    struct clinic *c = *state;
    struct audit_report report;
    struct audit_break broken;

    (void)fill(c);
    no_trigger(c);
    clinic_sql(c, "CREATE TABLE kept AS SELECT * FROM audit");
    for (size_t i = 0; i < COUNT_OF(sql); i++) {
        clinic_sql(c, sql[i]);
        assert_int_equal(verify(c, &report, &broken), -E_CORRUPT);
        clinic_sql(c, "DELETE FROM audit; INSERT INTO audit SELECT * FROM kept");
    }
    assert_int_equal(verify(c, &report, &broken), 0);
}

static size_t list(struct clinic *c, struct audit_filter f, struct audit_row **ret)
{
    const struct grant *g = clinic_grant(c, RIGHT_TRAIL, NULL, NULL);
    size_t n;

    f.to_at = f.to_at ? f.to_at : INT64_MAX;
    f.before_at = f.before_at ? f.before_at : INT64_MAX;
    f.before_seq = f.before_seq ? f.before_seq : INT64_MAX;
    f.limit = f.limit ? f.limit : 100;
    assert_int_equal(audit_list(c->db, g, &c->arena, &f, ret, &n), 0);
    return n;
}

static void listing(void **state)
{
    struct clinic *c = *state;
    struct audit_row *rows;
    struct id actor = fill(c);
    struct audit_entry other = entry(&actor, "session.end", NOON + 50);

    COMMIT(c, audit_append(c->db, &c->node, &other));
    assert_int_equal(list(c, (struct audit_filter){0}, &rows), 13);
    assert_str(rows[0].action, "session.end");
    for (size_t i = 1; i < 13; i++) /* newest first */
        assert_true(rows[i].at < rows[i - 1].at ||
                    (rows[i].at == rows[i - 1].at && rows[i].seq <= rows[i - 1].seq));
    assert_true(id_eq(&rows[0].actor, &actor));
    assert_true(id_eq(&rows[0].object, &actor));
    assert_true(id_eq(&rows[0].node, &c->node));
    assert_int_equal(rows[0].seq, 7);
    assert_str(rows[0].address, "192.0.2.7");
    assert_str(rows[0].request_id, "r1");
    assert_str(rows[0].detail, "d");
    assert_str(rows[0].outcome, "ok");
    assert_true(id_is_none(&rows[12].actor)); /* nobody was signed in */
    assert_int_equal(list(c, (struct audit_filter){.actor = actor}, &rows), 7);
    assert_int_equal(list(c, (struct audit_filter){.object = actor}, &rows), 7);
    assert_int_equal(list(c, (struct audit_filter){.action = STR("session.end")}, &rows), 1);
    assert_int_equal(list(c, (struct audit_filter){.action = STR("session")}, &rows), 0);
    assert_int_equal(list(c, (struct audit_filter){.from_at = NOON + 4}, &rows), 5);
    assert_int_equal(list(c, (struct audit_filter){.to_at = NOON + 1}, &rows), 2);
    assert_int_equal(list(c, (struct audit_filter){.limit = 2}, &rows), 2);
    assert_int_equal(list(c, (struct audit_filter){.before_at = NOON + 2, .before_seq = 3}, &rows),
                     4);
}

static void a_long_detail_is_cut_between_letters(void **state)
{
    struct clinic *c = *state;
    struct audit_report report;
    struct audit_break broken;
    struct audit_row *rows;
    char text[2 * AUDIT_DETAIL_MAX + 2];

    memset(text, 'a', sizeof text);
    for (size_t i = 1; i + 1 < sizeof text; i += 2) /* "aéééé…": the bound falls inside a letter */
        memcpy(text + i, "\xc3\xa9", 2);
    const struct id actor = id_new();
    struct audit_entry e = entry(&actor, "account.update", NOON);
    e.detail = str_of(text, 1 + 2 * (size_t)AUDIT_DETAIL_MAX / 2 + 20);
    COMMIT(c, audit_append(c->db, &c->node, &e));
    assert_int_equal(list(c, (struct audit_filter){0}, &rows), 1);
    assert_int_equal(rows[0].detail.n, AUDIT_DETAIL_MAX - 1);
    assert_true(str_utf8(rows[0].detail, NULL));
    assert_int_equal(verify(c, &report, &broken), 0);
}

static int count_and_stop(void *arg, const struct audit_row *row)
{
    int *n = arg;

    assert_true(row->seq > 0);
    return ++*n == 3 ? -E_IO : 0;
}

static void walking_stops_when_told(void **state)
{
    struct clinic *c = *state;
    int n = 0;

    (void)fill(c);
    assert_int_equal(audit_walk(c->db, clinic_system(c), 0, INT64_MAX, count_and_stop, &n), -E_IO);
    assert_int_equal(n, 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(an_untouched_chain_holds),
        T(many_at_once),
        T(the_schema_refuses_changes),
        T(tampering_is_found),
        T(every_chain_is_walked),
        T(listing),
        T(a_long_detail_is_cut_between_letters),
        T(walking_stops_when_told),
    };
    return cmocka_run_group_tests_name("store/audit", tests, NULL, NULL);
}
