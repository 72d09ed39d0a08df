/* test_care.c - the care relationship's every transition, roles, and the rules of messages. */
#include "../unit.h"
#include "domain/care.h"
#include "domain/message_rules.h"
#include "domain/role.h"

#define NOW INT64_C(1795368012345000)

/* What domain.md says in words, written as conditions rather than as the table in the source. */
static int expected(enum relationship_state from, enum relationship_action action, bool asker)
{
    switch (action) {
    case RELATIONSHIP_ASK:
        if (from == RELATIONSHIP_ACTIVE)
            return RELATIONSHIP_ACTIVE;
        if (from == RELATIONSHIP_REQUESTED)
            return asker ? RELATIONSHIP_REQUESTED : RELATIONSHIP_ACTIVE;
        return RELATIONSHIP_REQUESTED;
    case RELATIONSHIP_ACCEPT:
        return from == RELATIONSHIP_REQUESTED && !asker ? RELATIONSHIP_ACTIVE : -1;
    case RELATIONSHIP_DECLINE:
        return from == RELATIONSHIP_REQUESTED && !asker ? RELATIONSHIP_DECLINED : -1;
    case RELATIONSHIP_END:
        if (from == RELATIONSHIP_ACTIVE)
            return RELATIONSHIP_ENDED;
        return from == RELATIONSHIP_REQUESTED && asker ? RELATIONSHIP_ENDED : -1;
    }
    return -1;
}

static void every_transition(void **state)
{
    (void)state;
    for (int from = 0; from <= 4; from++)
        for (int action = 1; action <= 4; action++)
            for (int by = 1; by <= 2; by++)
                for (int asked = 1; asked <= 2; asked++) {
                    enum relationship_state to = RELATIONSHIP_NONE;
                    int r = relationship_apply((enum relationship_state)from,
                                               (enum relationship_action)action, (enum side)by,
                                               (enum side)asked, &to);
                    int want = expected((enum relationship_state)from,
                                        (enum relationship_action)action, by == asked);
                    if (want < 0 ? r != -E_BAD_STATE : r != 0 || (int)to != want)
                        fail_msg("from %d action %d by %d asked %d: %d, %d", from, action, by,
                                 asked, r, (int)to);
                }
}

static void what_is_out_of_the_table(void **state)
{
    (void)state;
    enum relationship_state to = RELATIONSHIP_NONE;
    assert_int_equal(relationship_apply((enum relationship_state)5, RELATIONSHIP_ASK, SIDE_PATIENT,
                                        SIDE_PATIENT, &to),
                     -E_BAD_STATE);
    assert_int_equal(relationship_apply(RELATIONSHIP_ACTIVE, (enum relationship_action)0,
                                        SIDE_PATIENT, SIDE_PATIENT, &to),
                     -E_BAD_STATE);
    assert_int_equal(relationship_apply(RELATIONSHIP_ACTIVE, (enum relationship_action)5,
                                        SIDE_PATIENT, SIDE_PATIENT, &to),
                     -E_BAD_STATE);
    assert_int_equal(relationship_apply(RELATIONSHIP_REQUESTED, RELATIONSHIP_ACCEPT, (enum side)0,
                                        SIDE_PATIENT, &to),
                     -E_BAD_STATE);
    /* the first time there is nobody who asked before */
    assert_int_equal(
        relationship_apply(RELATIONSHIP_NONE, RELATIONSHIP_ASK, SIDE_DOCTOR, (enum side)0, &to), 0);
    assert_int_equal(to, RELATIONSHIP_REQUESTED);
}

static void words(void **state)
{
    (void)state;
    enum role role;
    assert_int_equal(role_parse(STR("receptionist"), &role), 0);
    assert_int_equal(role, ROLE_RECEPTIONIST);
    for (int i = ROLE_PATIENT; i <= ROLE_ADMIN; i++) {
        assert_int_equal(role_parse(str_from(role_names[i - 1]), &role), 0);
        assert_int_equal(role, i);
    }
    assert_int_equal(role_parse(STR("Admin"), &role), -E_MALFORMED);
    assert_int_equal(role_parse(STR(""), &role), -E_MALFORMED);
    assert_string_equal(relationship_state_names[RELATIONSHIP_ENDED - 1], "ended");
    assert_null(relationship_state_names[RELATIONSHIP_ENDED]);
    assert_string_equal(conversation_state_names[CONVERSATION_CLOSED - 1], "closed");
    assert_string_equal(message_kind_names[MESSAGE_NOTICE - 1], "notice");
    assert_string_equal(account_state_names[ACCOUNT_DISABLED - 1], "disabled");
}

static void bodies(void **state)
{
    (void)state;
    static const char *const good[] = {"a", " a ", "\n.\n", "👍", "<b>", "%n%s", "\u202eabc"};
    static const char *const bad[] = {
        "",       " ",      "\n\t \r", "\u00a0\u3000", "\u200b\u2060", "\ufeff",
        "\u2028", "\u3164", "\xff",    "a\xc3",        "\xed\xa0\x80"};
    for (size_t i = 0; i < COUNT_OF(good); i++)
        assert_int_equal(message_body_check(str_from(good[i])), 0);
    for (size_t i = 0; i < COUNT_OF(bad); i++)
        if (message_body_check(str_from(bad[i])) != -E_VALIDATION)
            fail_msg("row %zu was taken", i);
    assert_int_equal(message_body_check(STR("a\0b")), -E_VALIDATION);
    assert_int_equal(message_body_check(STR_NONE), -E_VALIDATION);
}

static void body_length_is_in_scalars(void **state)
{
    (void)state;
    char *text = malloc(4 * (MESSAGE_MAX_CHARS + 1));
    assert_non_null(text);
    for (size_t i = 0; i <= MESSAGE_MAX_CHARS; i++)
        memcpy(text + 4 * i, "😀", 4);
    assert_int_equal(message_body_check(str_of(text, 4 * MESSAGE_MAX_CHARS)), 0);
    assert_int_equal(message_body_check(str_of(text, 4 * (MESSAGE_MAX_CHARS + 1))), -E_VALIDATION);
    memset(text, 'a', 4 * MESSAGE_MAX_CHARS);
    assert_int_equal(message_body_check(str_of(text, MESSAGE_MAX_CHARS)), 0);
    assert_int_equal(message_body_check(str_of(text, MESSAGE_MAX_CHARS + 1)), -E_VALIDATION);
    free(text);
}

static struct id id_at(int64_t ms)
{
    struct id id = {{0}};
    for (int i = 0; i < 6; i++)
        id.b[i] = (uint8_t)((uint64_t)ms >> (40 - 8 * i));
    id.b[6] = 0x70;
    id.b[8] = 0x80;
    return id;
}

static void client_ids(void **state)
{
    (void)state;
    const int64_t now_ms = NOW / 1000, window_ms = 30 * INT64_C(86400000);
    struct id id = id_new();
    assert_int_equal(message_client_id_check(&id, clock_now_us()), 0);
    id = id_at(now_ms - window_ms);
    assert_int_equal(message_client_id_check(&id, now_ms * 1000), 0);
    id = id_at(now_ms - window_ms - 1);
    assert_int_equal(message_client_id_check(&id, now_ms * 1000), -E_CLIENT_ID_EXPIRED);
    id = id_at(now_ms + window_ms);
    assert_int_equal(message_client_id_check(&id, now_ms * 1000), 0);
    id = id_at(now_ms + window_ms + 1);
    assert_int_equal(message_client_id_check(&id, now_ms * 1000), -E_CLIENT_ID_EXPIRED);
    id = id_at((INT64_C(1) << 48) - 1);
    assert_int_equal(message_client_id_check(&id, NOW), -E_CLIENT_ID_EXPIRED);
    id = id_at(0);
    assert_int_equal(message_client_id_check(&id, NOW), -E_CLIENT_ID_EXPIRED);
    id = id_at(now_ms);
    id.b[6] = 0x40; /* version 4 */
    assert_int_equal(message_client_id_check(&id, NOW), -E_VALIDATION);
    id = ID_NONE;
    assert_int_equal(message_client_id_check(&id, NOW), -E_VALIDATION);
}

static void edit_window(void **state)
{
    (void)state;
    assert_int_equal(message_edit_check(NOW, NOW), 0);
    assert_int_equal(message_edit_check(NOW, NOW + 15 * US_PER_MIN), 0);
    assert_int_equal(message_edit_check(NOW, NOW + 15 * US_PER_MIN + 1), -E_TOO_LATE);
    assert_int_equal(message_edit_check(NOW, NOW - 5), 0); /* the clock stepped back */
}

static void watermarks_only_rise(void **state)
{
    (void)state;
    for (int64_t present = 0; present <= 6; present++)
        for (int64_t wanted = -2; wanted <= 9; wanted++) {
            int64_t last = 6;
            int64_t mark = watermark_raise(present, wanted, last);
            assert_true(mark >= present && mark <= last);
            assert_int_equal(mark, wanted <= present ? present : wanted > last ? last : wanted);
        }
    assert_int_equal(watermark_raise(0, INT64_MAX, 0), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_transition),
        cmocka_unit_test(what_is_out_of_the_table),
        cmocka_unit_test(words),
        cmocka_unit_test(bodies),
        cmocka_unit_test(body_length_is_in_scalars),
        cmocka_unit_test(client_ids),
        cmocka_unit_test(edit_window),
        cmocka_unit_test(watermarks_only_rise),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
