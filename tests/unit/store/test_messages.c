/* test_messages.c - the message log: numbered without gaps, sealed in its place, read by pages. */
#include "base/secret.h"
#include "clinic.h"
#include "domain/fold.h"
#include "store/conversations.h"
#include "store/messages.h"

struct talk {
    struct clinic *c;
    struct id patient, doctor;
    struct conversation conversation;
    const struct grant *read, *write;
    struct data_key key;
};

static void start(struct talk *t, struct clinic *c)
{
    t->c = c;
    t->patient = clinic_patient(c, "Ana");
    t->doctor = clinic_doctor(c, "Helena", true);
    struct relationship r = clinic_care(c, &t->patient, &t->doctor);
    t->conversation = clinic_conversation(c, &r.conversation);
    t->read = clinic_grant(c, RIGHT_CONVERSATION_READ, NULL, &r.conversation);
    t->write = clinic_grant(c, RIGHT_CONVERSATION_WRITE, NULL, &r.conversation);
    assert_int_equal(conversation_key(t->read, c->keys, &t->conversation, &t->key), 0);
}

/* `count` texts "m1", "m2" …; the patient writes the odd ones. */
static void fill(struct talk *t, size_t count)
{
    const char **texts = arena_array(&t->c->arena, count, sizeof *texts);

    for (size_t i = 0; i < count; i++)
        texts[i] = arena_printf(&t->c->arena, "m%zu", i + 1).p;
    t->conversation = clinic_talk(t->c, &t->conversation.id, texts, count, NOON);
}

static int list(struct talk *t, struct message_page page, struct message **ret, size_t *ret_count,
                bool *ret_more)
{
    return message_list(t->c->db, t->read, &t->c->arena, t->c->keys, &t->conversation, &page, ret,
                        ret_count, ret_more);
}

static void check_page(struct talk *t, struct message_page page, int64_t first, size_t count,
                       bool more)
{
    struct message *m;
    size_t n;
    bool has_more;

    assert_int_equal(list(t, page, &m, &n, &has_more), 0);
    assert_int_equal(n, count);
    assert_int_equal(has_more, more);
    for (size_t i = 0; i < n; i++) {
        char want[16];
        (void)snprintf(want, sizeof want, "m%lld", (long long)first + (long long)i);
        assert_int_equal(m[i].seq, first + (int64_t)i);
        assert_str(m[i].text, want);
        assert_true(id_eq(&m[i].from, m[i].seq % 2 ? &t->patient : &t->doctor));
        assert_true(id_eq(&m[i].conversation, &t->conversation.id));
        assert_int_equal(m[i].kind, MESSAGE_TEXT);
        assert_int_equal(m[i].at, NOON + m[i].seq - 1);
        assert_int_equal(m[i].edited_at, 0);
        assert_int_equal(m[i].version, 1);
        assert_false(m[i].deleted);
    }
}

static void pages(void **state)
{
    struct talk t;

    start(&t, *state);
    check_page(&t, (struct message_page){.before = INT64_MAX, .limit = 5}, 1, 0, false);
    fill(&t, 10);
    check_page(&t, (struct message_page){.before = INT64_MAX, .limit = 4}, 1, 4, true);
    check_page(&t, (struct message_page){.before = INT64_MAX, .limit = 10}, 1, 10, false);
    check_page(&t, (struct message_page){.before = INT64_MAX, .limit = 11}, 1, 10, false);
    check_page(&t, (struct message_page){.after = 7, .before = INT64_MAX, .limit = 10}, 8, 3,
               false);
    check_page(&t, (struct message_page){.after = 7, .before = INT64_MAX, .limit = 2}, 8, 2, true);
    check_page(&t, (struct message_page){.after = 10, .before = INT64_MAX, .limit = 2}, 0, 0,
               false);
    check_page(&t, (struct message_page){.after = 2, .before = 6, .limit = 10}, 3, 3, false);
    /* the last ones of a range, still ascending */
    check_page(&t, (struct message_page){.before = INT64_MAX, .limit = 3, .from_end = true}, 8, 3,
               true);
    check_page(&t, (struct message_page){.before = 8, .limit = 3, .from_end = true}, 5, 3, true);
    check_page(&t, (struct message_page){.before = 4, .limit = 3, .from_end = true}, 1, 3, false);
    check_page(&t, (struct message_page){.after = 3, .before = 6, .limit = 1, .from_end = true}, 5,
               1, true);
    check_page(&t, (struct message_page){.before = 1, .limit = 3, .from_end = true}, 0, 0, false);
}

static void numbers_without_gaps(void **state)
{
    struct talk t;
    struct conversation again;

    start(&t, *state);
    assert_int_equal(t.conversation.last_seq, 0);
    fill(&t, 3);
    fill(&t, 4);
    assert_int_equal(t.conversation.last_seq, 7);
    assert_int_equal(t.conversation.last_at, NOON + 3);
    again = clinic_conversation(t.c, &t.conversation.id);
    assert_int_equal(again.last_seq, 7);
    assert_int_equal(again.last_at, NOON + 3);
    assert_int_equal(clinic_ask(t.c, "SELECT count(*) = 7 AND min(seq) = 1 AND max(seq) = 7 AND "
                                     "count(DISTINCT seq) = 7 FROM messages"),
                     1);
    /* what was taken back leaves no hole: the numbers come from the conversation's row */
    struct message_draft d = {.grant = t.write,
                              .conversation = &again,
                              .key = &t.key,
                              .side = SIDE_DOCTOR,
                              .kind = MESSAGE_TEXT,
                              .client_id = id_new(),
                              .text = STR("lost"),
                              .at = NOON};
    assert_int_equal(db_begin(t.c->db, DB_WRITE), 0);
    assert_int_equal(message_append(t.c->db, &t.c->arena, &d, 1), 0);
    assert_int_equal(d.seq, 8);
    assert_int_equal(conversation_store(t.c->db, t.write, &again), 0);
    db_rollback(t.c->db);
    fill(&t, 1);
    assert_int_equal(t.conversation.last_seq, 8);
    /* the same number twice is refused by the schema itself */
    again.last_seq = 7;
    assert_int_equal(db_begin(t.c->db, DB_WRITE), 0);
    assert_int_equal(message_append(t.c->db, &t.c->arena, &d, 1), -E_DUPLICATE);
    db_rollback(t.c->db);
}

static void nothing_readable_in_the_file(void **state)
{
    static const char *const texts[] = {"dor de cabeça lancinante", "tome dipirona-xyz"};
    struct talk t;

    start(&t, *state);
    t.conversation = clinic_talk(t.c, &t.conversation.id, texts, 2, NOON);
    for (size_t i = 0; i < 2; i++)
        assert_false(clinic_file_has(t.c, texts[i], strlen(texts[i])));
    assert_true(clinic_file_has(t.c, "Helena", 6)); /* the look itself works */
    assert_false(clinic_file_has(t.c, t.key.bytes, sizeof t.key.bytes));
}

static void resend_is_found(void **state)
{
    struct talk t;
    struct message *m;
    size_t n;
    bool more;
    int64_t seq = 0;
    int64_t at = 0;
    const struct id other = id_new();

    start(&t, *state);
    fill(&t, 4);
    assert_int_equal(
        list(&t, (struct message_page){.before = INT64_MAX, .limit = 9}, &m, &n, &more), 0);
    assert_int_equal(message_find_sent(t.c->db, t.read, &t.conversation, SIDE_PATIENT,
                                       &m[2].client_id, &seq, &at),
                     0);
    assert_int_equal(seq, 3);
    assert_int_equal(at, NOON + 2);
    /* the other side's, an unknown one, and the same id in another conversation are new */
    assert_int_equal(message_find_sent(t.c->db, t.read, &t.conversation, SIDE_DOCTOR,
                                       &m[2].client_id, &seq, &at),
                     -E_NOT_FOUND);
    assert_int_equal(
        message_find_sent(t.c->db, t.read, &t.conversation, SIDE_PATIENT, &other, &seq, &at),
        -E_NOT_FOUND);
    struct id doctor = clinic_doctor(t.c, "Otávio", true);
    struct relationship r = clinic_care(t.c, &t.patient, &doctor);
    struct conversation elsewhere = clinic_conversation(t.c, &r.conversation);
    const struct grant *g = clinic_grant(t.c, RIGHT_CONVERSATION_READ, NULL, &elsewhere.id);
    assert_int_equal(
        message_find_sent(t.c->db, g, &elsewhere, SIDE_PATIENT, &m[2].client_id, &seq, &at),
        -E_NOT_FOUND);
    /* and the schema holds one of a kind, whatever the program does */
    clinic_sql_refused(t.c, "INSERT INTO messages (conversation, seq, client_id, side, kind, "
                            "version, at, body) SELECT conversation, 99, client_id, side, kind, "
                            "version, at, body FROM messages WHERE seq = 3");
}

static void unread_counts_the_other_side(void **state)
{
    struct talk t;
    int64_t n;

    start(&t, *state);
    fill(&t, 7); /* 1, 3, 5, 7 by the patient */
    const struct {
        enum side side;
        int64_t after, want;
    } cases[] = {{SIDE_DOCTOR, 0, 4},  {SIDE_DOCTOR, 1, 3},  {SIDE_DOCTOR, 7, 0},
                 {SIDE_PATIENT, 0, 3}, {SIDE_PATIENT, 2, 2}, {SIDE_PATIENT, 6, 0}};
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_int_equal(message_count_unread(t.c->db, t.read, &t.conversation, cases[i].side,
                                              cases[i].after, &n),
                         0);
        assert_int_equal(n, cases[i].want);
    }
    /* neither what was deleted nor a notice waits to be read */
    assert_int_equal(db_begin(t.c->db, DB_WRITE), 0);
    assert_int_equal(message_replace(t.c->db, t.write, &t.c->arena, &t.conversation, &t.key,
                                     SIDE_PATIENT, 3, STR_NONE, US_PER_HOUR, NOON),
                     0);
    assert_int_equal(db_commit(t.c->db), 0);
    clinic_sql(t.c, "UPDATE messages SET kind = 2 WHERE seq = 5");
    assert_int_equal(message_count_unread(t.c->db, t.read, &t.conversation, SIDE_DOCTOR, 0, &n), 0);
    assert_int_equal(n, 2);
}

static size_t search(struct talk *t, const char *text, size_t limit, struct message **ret,
                     bool *ret_more)
{
    struct str folded;
    size_t n;

    assert_int_equal(text_fold(str_from(text), &t->c->arena, &folded), 0);
    assert_int_equal(message_search(t->c->db, t->read, &t->c->arena, t->c->keys, &t->conversation,
                                    folded, limit, ret, &n, ret_more),
                     0);
    return n;
}

static void searching(void **state)
{
    static const char *const texts[] = {"Não tenho febre", "E a PRESSÃO?", "pressao 12x8",
                                        "Coração bem",     "pressão alta", "obrigada"};
    struct talk t;
    struct message *m;
    bool more;

    start(&t, *state);
    assert_int_equal(search(&t, "pressão", 10, &m, &more), 0);
    assert_false(more);
    t.conversation = clinic_talk(t.c, &t.conversation.id, texts, 6, NOON);
    assert_int_equal(search(&t, "pressão", 10, &m, &more), 3); /* newest first */
    assert_false(more);
    assert_int_equal(m[0].seq, 5);
    assert_int_equal(m[1].seq, 3);
    assert_int_equal(m[2].seq, 2);
    assert_str(m[1].text, "pressao 12x8");
    assert_str(m[2].text, "E a PRESSÃO?");
    assert_int_equal(search(&t, "CORACAO", 10, &m, &more), 1);
    assert_int_equal(search(&t, "nao", 10, &m, &more), 1);
    assert_int_equal(search(&t, "%", 10, &m, &more), 0);
    assert_int_equal(search(&t, "pressão", 2, &m, &more), 2);
    assert_true(more);
    assert_int_equal(m[1].seq, 3);
    /* what was deleted is gone from search; what was edited is found as it is now */
    assert_int_equal(db_begin(t.c->db, DB_WRITE), 0);
    assert_int_equal(message_replace(t.c->db, t.write, &t.c->arena, &t.conversation, &t.key,
                                     SIDE_PATIENT, 5, STR_NONE, US_PER_HOUR, NOON),
                     0);
    assert_int_equal(message_replace(t.c->db, t.write, &t.c->arena, &t.conversation, &t.key,
                                     SIDE_PATIENT, 3, STR("melhorei"), US_PER_HOUR, NOON),
                     0);
    assert_int_equal(db_commit(t.c->db), 0);
    assert_int_equal(search(&t, "pressão", 10, &m, &more), 1);
    assert_int_equal(m[0].seq, 2);
    assert_int_equal(search(&t, "melhorei", 10, &m, &more), 1);
}

/* A search goes over several pages, and what it found outlives them. */
static void searching_over_pages(void **state)
{
    struct talk t;
    struct message *m;
    bool more;

    start(&t, *state);
    fill(&t, 700);
    assert_int_equal(search(&t, "m6", 500, &m, &more), 111); /* 6, 60-69, 600-699 */
    assert_false(more);
    for (size_t i = 0; i < 100; i++) {
        char want[16];
        (void)snprintf(want, sizeof want, "m%zu", 699 - i);
        assert_str(m[i].text, want);
    }
    assert_str(m[110].text, "m6");
}

static void edits_keep_what_was(void **state)
{
    struct talk t;
    struct message *m;
    size_t n;
    bool more;
    const int64_t window = 15 * US_PER_MIN;

    start(&t, *state);
    fill(&t, 2);
#define REPLACE(side, seq, text, now)                                                              \
    message_replace(t.c->db, t.write, &t.c->arena, &t.conversation, &t.key, side, seq, text,       \
                    window, now)
    COMMIT(t.c, REPLACE(SIDE_PATIENT, 1, STR("edited"), NOON + 1000));
    COMMIT(t.c, REPLACE(SIDE_PATIENT, 1, STR("twice"), NOON + window)); /* the last moment */
    COMMIT(t.c, REPLACE(SIDE_DOCTOR, 2, STR_NONE, NOON + 5));
    assert_int_equal(
        list(&t, (struct message_page){.before = INT64_MAX, .limit = 9}, &m, &n, &more), 0);
    assert_int_equal(n, 2);
    assert_str(m[0].text, "twice");
    assert_int_equal(m[0].version, 3);
    assert_int_equal(m[0].at, NOON);
    assert_int_equal(m[0].edited_at, NOON + window);
    assert_false(m[0].deleted);
    assert_true(m[1].deleted);
    assert_str(m[1].text, "");

    /* not later, not the other's, not what is deleted or was never there */
    assert_int_equal(db_begin(t.c->db, DB_WRITE), 0);
    assert_int_equal(REPLACE(SIDE_PATIENT, 1, STR("late"), NOON + window + 1), -E_TOO_LATE);
    assert_int_equal(REPLACE(SIDE_PATIENT, 1, STR_NONE, NOON + window + 1), -E_TOO_LATE);
    assert_int_equal(REPLACE(SIDE_DOCTOR, 1, STR("mine"), NOON), -E_NOT_FOUND);
    assert_int_equal(REPLACE(SIDE_DOCTOR, 2, STR("back"), NOON), -E_NOT_FOUND);
    assert_int_equal(REPLACE(SIDE_DOCTOR, 2, STR_NONE, NOON), -E_NOT_FOUND);
    assert_int_equal(REPLACE(SIDE_PATIENT, 3, STR("none"), NOON), -E_NOT_FOUND);
    assert_int_equal(REPLACE(SIDE_PATIENT, 0, STR("none"), NOON), -E_NOT_FOUND);
    db_rollback(t.c->db);
    clinic_sql(t.c, "UPDATE messages SET kind = 2 WHERE seq = 1");
    assert_int_equal(db_begin(t.c->db, DB_WRITE), 0);
    assert_int_equal(REPLACE(SIDE_PATIENT, 1, STR("notice"), NOON), -E_NOT_FOUND);
    db_rollback(t.c->db);
#undef REPLACE
    assert_int_equal(clinic_ask(t.c, "SELECT count(*) FROM message_versions"), 3);
    assert_int_equal(clinic_ask(t.c, "SELECT group_concat(version) = '1,2' FROM message_versions "
                                     "WHERE seq = 1"),
                     1);
}

/* The versions that were replaced still open, put back in their place by hand. */
static void kept_versions_open(void **state)
{
    struct talk t;
    struct message *m;
    size_t n;
    bool more;

    start(&t, *state);
    fill(&t, 1);
    COMMIT(t.c, message_replace(t.c->db, t.write, &t.c->arena, &t.conversation, &t.key,
                                SIDE_PATIENT, 1, STR_NONE, US_PER_HOUR, NOON + 7));
    clinic_sql(t.c, "UPDATE messages SET version = 1, deleted_at = NULL, body = "
                    "(SELECT body FROM message_versions WHERE version = 1)");
    assert_int_equal(
        list(&t, (struct message_page){.before = INT64_MAX, .limit = 9}, &m, &n, &more), 0);
    assert_str(m[0].text, "m1");
}

/* ---- a body opens only where it was written ---- */

static void check_corrupt(struct talk *t, const char *tampering)
{
    struct message *m;
    size_t n;
    bool more;
    const struct message_page page = {.before = INT64_MAX, .limit = 9};

    clinic_sql(t->c, "CREATE TABLE kept AS SELECT * FROM messages");
    clinic_sql(t->c, tampering);
    assert_int_equal(list(t, page, &m, &n, &more), -E_CORRUPT);
    clinic_sql(t->c, "DELETE FROM messages; INSERT INTO messages SELECT * FROM kept;"
                     "DROP TABLE kept");
    assert_int_equal(list(t, page, &m, &n, &more), 0);
}

static void a_body_stays_in_its_place(void **state)
{
    static const char *const texts[] = {"aaaa", "bbbb", "cccc"};
    static const char *const tampering[] = {
        "UPDATE messages SET body = (SELECT body FROM messages WHERE seq = 3 AND conversation = 1)"
        " WHERE seq = 1 AND conversation = 1", /* another row's */
        "UPDATE messages SET seq = 4 WHERE seq = 3 AND conversation = 1",
        "UPDATE messages SET side = 3 - side WHERE seq = 1 AND conversation = 1",
        "UPDATE messages SET side = 0 WHERE seq = 1 AND conversation = 1",
        "UPDATE messages SET version = 2 WHERE seq = 1 AND conversation = 1",
        "UPDATE messages SET conversation = 1, seq = 4 WHERE seq = 1 AND conversation = 2",
        "UPDATE messages SET body = (SELECT body FROM messages WHERE seq = 1 AND conversation = 2)"
        " WHERE seq = 1 AND conversation = 1",
        "UPDATE messages SET body = substr(body, 1, length(body) - 1) WHERE seq = 1"
        " AND conversation = 1",
        "UPDATE messages SET body = x'' WHERE seq = 1 AND conversation = 1",
        "UPDATE messages SET body = zeroblob(length(body)) WHERE seq = 1 AND conversation = 1",
    };
    struct talk t;

    start(&t, *state);
    struct id patient = clinic_patient(t.c, "Bruno");
    struct relationship r = clinic_care(t.c, &patient, &t.doctor);
    (void)clinic_talk(t.c, &r.conversation, texts, 3, NOON);
    t.conversation = clinic_talk(t.c, &t.conversation.id, texts, 3, NOON);
    assert_int_equal(t.conversation.no, 1);
    for (size_t i = 0; i < COUNT_OF(tampering); i++)
        check_corrupt(&t, tampering[i]);
}

/* A conversation's wrapped key does not open under another conversation's id either. */
static void a_key_stays_in_its_conversation(void **state)
{
    struct talk t;
    struct data_key key;

    start(&t, *state);
    struct id patient = clinic_patient(t.c, "Bruno");
    struct relationship r = clinic_care(t.c, &patient, &t.doctor);
    struct conversation other = clinic_conversation(t.c, &r.conversation);
    struct conversation mixed = t.conversation;
    mixed.wrapped_key = other.wrapped_key;
    assert_int_equal(conversation_key(t.read, t.c->keys, &mixed, &key), -E_CORRUPT);
    assert_int_equal(conversation_key(t.read, t.c->keys, &t.conversation, &key), 0);
    assert_false(str_eq(other.wrapped_key, t.conversation.wrapped_key));
    const struct grant *g = clinic_grant(t.c, RIGHT_CONVERSATION_READ, NULL, &other.id);
    struct data_key second;
    assert_int_equal(conversation_key(g, t.c->keys, &other, &second), 0);
    assert_memory_not_equal(key.bytes, second.bytes, sizeof key.bytes);
    secret_wipe(&key, sizeof key);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(pages),
        T(numbers_without_gaps),
        T(nothing_readable_in_the_file),
        T(resend_is_found),
        T(unread_counts_the_other_side),
        T(searching),
        T(searching_over_pages),
        T(edits_keep_what_was),
        T(kept_versions_open),
        T(a_body_stays_in_its_place),
        T(a_key_stays_in_its_conversation),
    };
    return cmocka_run_group_tests_name("store/messages", tests, NULL, NULL);
}
