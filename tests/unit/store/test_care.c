/* test_care.c - relationships by compare-and-swap with their history; one conversation for each. */
#include "clinic.h"
#include "store/conversations.h"
#include "store/relationships.h"

struct pair {
    struct clinic *c;
    struct id ana, helena, id;
    const struct grant *care, *own;
    struct relationship r;
};

static void read(struct pair *p)
{
    assert_int_equal(relationship_get(p->c->db, p->own, &p->c->arena, &p->id, &p->r), 0);
}

static void ask(struct pair *p, struct clinic *c)
{
    p->c = c;
    p->ana = clinic_patient(c, "Ana");
    p->helena = clinic_doctor(c, "Helena", true);
    p->id = id_new();
    p->care = clinic_grant(c, RIGHT_CARE, &p->ana, NULL);
    p->own = clinic_grant(c, RIGHT_RELATIONSHIP, &p->helena, &p->id);
    COMMIT(c, relationship_insert(c->db, p->care, &p->id, &p->ana, &p->helena, NOON));
    read(p);
}

static void asked(void **state)
{
    struct pair p = {0};
    struct id found;
    const struct id second = id_new();

    ask(&p, *state);
    assert_int_equal(p.r.state, RELATIONSHIP_REQUESTED);
    assert_int_equal(p.r.version, 1);
    assert_int_equal(p.r.created_at, NOON);
    assert_true(id_eq(&p.r.requested_by, &p.ana));
    assert_true(id_eq(&p.r.patient.id, &p.ana));
    assert_true(id_eq(&p.r.doctor.id, &p.helena));
    assert_str(p.r.uf, "SP");
    assert_true(id_is_none(&p.r.conversation));
    assert_int_equal(relationship_of_pair(p.c->db, p.care, &p.ana, &p.helena, &found), 0);
    assert_true(id_eq(&found, &p.id));
    assert_int_equal(relationship_of_pair(p.c->db, p.care, &p.helena, &p.ana, &found),
                     -E_NOT_FOUND); /* the sides are not interchangeable */
    /* one for each pair, whoever asks at the same time */
    assert_int_equal(db_begin(p.c->db, DB_WRITE), 0);
    assert_int_equal(relationship_insert(p.c->db, p.care, &second, &p.ana, &p.helena, NOON),
                     -E_DUPLICATE);
    db_rollback(p.c->db);
}

static void moves_are_compared(void **state)
{
    struct pair p = {0};

    ask(&p, *state);
    const struct relationship before = p.r;
    COMMIT(p.c, relationship_move(p.c->db, p.own, &before, RELATIONSHIP_ACTIVE, &p.ana, NOON + 1));
    read(&p);
    assert_int_equal(p.r.state, RELATIONSHIP_ACTIVE);
    assert_int_equal(p.r.version, 2);
    assert_int_equal(p.r.updated_at, NOON + 1);
    assert_int_equal(p.r.created_at, NOON);
    /* somebody who read before that is told, and leaves no history */
    assert_int_equal(db_begin(p.c->db, DB_WRITE), 0);
    assert_int_equal(
        relationship_move(p.c->db, p.own, &before, RELATIONSHIP_DECLINED, &p.ana, NOON + 2),
        -E_CONFLICT);
    db_rollback(p.c->db);
    COMMIT(p.c, relationship_move(p.c->db, p.own, &p.r, RELATIONSHIP_ENDED, &p.ana, NOON + 3));
    assert_int_equal(clinic_ask(p.c, "SELECT group_concat(version || ':' || state || ':' || (at - "
                                     "1777896000000000)) = '1:1:0,2:2:1,3:4:3' FROM (SELECT * "
                                     "FROM relationship_history ORDER BY version)"),
                     1);
    assert_int_equal(clinic_ask(p.c, "SELECT count(DISTINCT actor_id) FROM relationship_history"),
                     2); /* who asked, and who moved it */
}

static void one_conversation_for_each(void **state)
{
    struct pair p = {0};
    struct id first;
    struct id second;
    struct data_key key;
    struct data_key again;

    ask(&p, *state);
    COMMIT(p.c, conversation_open(p.c->db, p.own, p.c->keys, &p.r, NOON, &first));
    const struct grant *g = clinic_grant(p.c, RIGHT_CONVERSATION_READ, NULL, &first);
    struct conversation c = clinic_conversation(p.c, &first);
    assert_int_equal(c.state, CONVERSATION_OPEN);
    assert_int_equal(c.last_seq, 0);
    assert_true(id_eq(&c.member[0], &p.ana));
    assert_true(id_eq(&c.member[1], &p.helena));
    assert_true(id_eq(&c.relationship, &p.id));
    assert_true(c.doctor_verified);
    assert_int_equal(conversation_key(g, p.c->keys, &c, &key), 0);
    read(&p);
    assert_true(id_eq(&p.r.conversation, &first));
    COMMIT(p.c, conversation_close(p.c->db, p.own, &p.r));
    assert_int_equal(clinic_conversation(p.c, &first).state, CONVERSATION_CLOSED);
    COMMIT(p.c, conversation_open(p.c->db, p.own, p.c->keys, &p.r, NOON + 9, &second));
    assert_true(id_eq(&first, &second));
    c = clinic_conversation(p.c, &first);
    assert_int_equal(c.state, CONVERSATION_OPEN);
    assert_int_equal(conversation_key(g, p.c->keys, &c, &again), 0);
    assert_memory_equal(key.bytes, again.bytes,
                        sizeof key.bytes); /* what was written stays legible */
    assert_int_equal(clinic_ask(p.c, "SELECT count(*) FROM conversations"), 1);
    clinic_verify(p.c, &p.helena, false);
    assert_false(clinic_conversation(p.c, &first).doctor_verified);
}

static void closing_what_was_never_open(void **state)
{
    struct pair p = {0};

    ask(&p, *state);
    COMMIT(p.c, conversation_close(p.c->db, p.own, &p.r));
    assert_int_equal(clinic_ask(p.c, "SELECT count(*) FROM conversations"), 0);
}

static void marks_are_stored(void **state)
{
    struct pair p = {0};
    struct id id;

    ask(&p, *state);
    COMMIT(p.c, conversation_open(p.c->db, p.own, p.c->keys, &p.r, NOON, &id));
    struct conversation c = clinic_conversation(p.c, &id);
    const struct grant *g = clinic_grant(p.c, RIGHT_CONVERSATION_READ, NULL, &id);
    c.last_seq = 9;
    c.last_at = NOON + 9;
    c.marks[0] = (struct watermarks){4, 3};
    c.marks[1] = (struct watermarks){8, 7};
    COMMIT(p.c, conversation_store(p.c->db, g, &c));
    c = clinic_conversation(p.c, &id);
    assert_int_equal(c.last_seq, 9);
    assert_int_equal(c.last_at, NOON + 9);
    assert_int_equal(c.marks[0].delivered, 4);
    assert_int_equal(c.marks[0].read, 3);
    assert_int_equal(c.marks[1].delivered, 8);
    assert_int_equal(c.marks[1].read, 7);
}

/* ---- lists ---- */

static void lists_of_ones_own(void **state)
{
    struct clinic *c = *state;
    const struct id ana = clinic_patient(c, "Ana");
    const struct id bruno = clinic_patient(c, "Bruno");
    struct id doctors[5];
    struct relationship r[5];
    struct page_key *keys;
    size_t n;

    for (size_t i = 0; i < 5; i++) {
        doctors[i] = clinic_doctor(c, "D", true);
        r[i] = clinic_care(c, &ana, &doctors[i]);
        const char *const text = "oi"; /* the later ones talk later; two at the same moment */
        (void)clinic_talk(c, &r[i].conversation, &text, 1, NOON + (int64_t)(i / 2));
    }
    (void)clinic_care(c, &bruno, &doctors[0]);
    const struct grant *g = clinic_grant(c, RIGHT_CARE, &ana, NULL);
    struct page_key from = {ID_NONE, INT64_MAX};
    int64_t last_at = INT64_MAX;
    size_t seen = 0;
    do {
        assert_int_equal(conversation_list(c->db, g, &c->arena, &from, 2, &keys, &n), 0);
        for (size_t i = 0; i < n; i++) {
            assert_true(keys[i].at <= last_at);
            last_at = keys[i].at;
        }
        seen += n;
        from = keys[n ? n - 1 : 0];
    } while (n == 2);
    assert_int_equal(seen, 5);
    from = (struct page_key){ID_NONE, INT64_MAX};
    assert_int_equal(relationship_list(c->db, g, &c->arena, &from, 10, &keys, &n), 0);
    assert_int_equal(n, 5); /* all changed at the same moment: by id */
    for (size_t i = 1; i < n; i++)
        assert_true(id_cmp(&keys[i].id, &keys[i - 1].id) < 0);
    g = clinic_grant(c, RIGHT_CARE, &doctors[0], NULL);
    assert_int_equal(conversation_list(c->db, g, &c->arena, &from, 10, &keys, &n), 0);
    assert_int_equal(n, 2);
    g = clinic_grant(c, RIGHT_CARE, &ID_NONE, NULL);
    assert_int_equal(relationship_list(c->db, g, &c->arena, &from, 10, &keys, &n), 0);
    assert_int_equal(n, 0);
}

static void who_may_see_presence(void **state)
{
    struct clinic *c = *state;
    const struct id ana = clinic_patient(c, "Ana");
    const struct id helena = clinic_doctor(c, "Helena", true);
    const struct id otavio = clinic_doctor(c, "Otavio", true);
    struct pair asked_only;
    struct id *ids;
    size_t n;

    (void)clinic_care(c, &ana, &helena);
    (void)clinic_care(c, &ana, &otavio);
    ask(&asked_only, c);
    clinic_verify(c, &otavio, false);
    assert_int_equal(relationship_doctors_of(c->db, clinic_system(c), &c->arena, &ana, &ids, &n),
                     0);
    assert_int_equal(n, 1); /* not the one whose verification was taken back */
    assert_true(id_eq(&ids[0], &helena));
    assert_int_equal(
        relationship_doctors_of(c->db, clinic_system(c), &c->arena, &asked_only.ana, &ids, &n), 0);
    assert_int_equal(n, 0); /* asked is not accepted */
    assert_int_equal(
        relationship_patients_of(c->db, clinic_system(c), &c->arena, &helena, &ids, &n), 0);
    assert_int_equal(n, 1);
    assert_true(id_eq(&ids[0], &ana));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(asked),
        T(moves_are_compared),
        T(one_conversation_for_each),
        T(closing_what_was_never_open),
        T(marks_are_stored),
        T(lists_of_ones_own),
        T(who_may_see_presence),
    };
    return cmocka_run_group_tests_name("store/care", tests, NULL, NULL);
}
