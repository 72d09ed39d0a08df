/* test_idempotency.c - the same key, the same answer; sealed while it waits; gone after a day. */
#include "clinic.h"
#include "store/idempotency.h"

static struct idempotency which(const struct id *account, const char *route, const char *key,
                                uint8_t request)
{
    struct idempotency w = {.account = *account, .route = route, .key = str_from(key)};

    memset(w.request_hash, request, sizeof w.request_hash);
    return w;
}

static int find(struct clinic *c, const struct idempotency *w, int64_t now, struct str *ret)
{
    int status = 0;
    int r = idempotency_find(c->db, c->keys, &c->arena, w, now, &status, ret);

    if (r == 0)
        assert_int_equal(status, 201);
    return r;
}

static const char answer[] = "{\"set_password_url\":\"https://x/set-password#S3CRET-TOKEN\"}";

static void same_key_same_answer(void **state)
{
    struct clinic *c = *state;
    const struct id account = id_new();
    const struct idempotency w = which(&account, "/a", "key-1", 7);
    struct str got;

    assert_int_equal(find(c, &w, NOON, &got), -E_NOT_FOUND);
    COMMIT(c, idempotency_remember(c->db, c->keys, &w, 201, str_from(answer), NOON));
    assert_int_equal(find(c, &w, NOON + US_PER_HOUR, &got), 0);
    assert_str(got, answer);
    assert_false(clinic_file_has(c, "S3CRET-TOKEN", 12));
    assert_true(clinic_file_has(c, "key-1", 5));
    /* remembering twice is refused: two requests at once have one winner */
    assert_int_equal(db_begin(c->db, DB_WRITE), 0);
    assert_int_equal(idempotency_remember(c->db, c->keys, &w, 201, STR("{}"), NOON), -E_DUPLICATE);
    db_rollback(c->db);
}

static void what_makes_it_another(void **state)
{
    struct clinic *c = *state;
    const struct id account = id_new();
    const struct id other = id_new();
    const struct idempotency w = which(&account, "/a", "key-1", 7);
    const struct idempotency other_body = which(&account, "/a", "key-1", 8);
    const struct idempotency others[] = {
        which(&other, "/a", "key-1", 7), which(&account, "/b", "key-1", 7),
        which(&account, "/a", "key-2", 7), which(&account, "/a", "KEY-1", 7)};
    struct str got;

    COMMIT(c, idempotency_remember(c->db, c->keys, &w, 201, str_from(answer), NOON));
    assert_int_equal(find(c, &other_body, NOON, &got), -E_IDEMPOTENCY);
    for (size_t i = 0; i < COUNT_OF(others); i++)
        assert_int_equal(find(c, &others[i], NOON, &got), -E_NOT_FOUND);
}

static void it_lasts_a_day(void **state)
{
    struct clinic *c = *state;
    const struct id account = id_new();
    const struct idempotency w = which(&account, "/a", "key-1", 7);
    const struct idempotency later = which(&account, "/a", "key-9", 7);
    struct str got;

    COMMIT(c, idempotency_remember(c->db, c->keys, &w, 201, str_from(answer), NOON));
    assert_int_equal(find(c, &w, NOON + US_PER_DAY - 1, &got), 0);
    assert_int_equal(find(c, &w, NOON + US_PER_DAY, &got), -E_NOT_FOUND);
    /* and then the key is free again, also for another request */
    const struct idempotency again = which(&account, "/a", "key-1", 9);
    COMMIT(c, idempotency_remember(c->db, c->keys, &again, 201, STR("{}"), NOON + US_PER_DAY));
    assert_int_equal(find(c, &again, NOON + US_PER_DAY, &got), 0);
    assert_str(got, "{}");
    /* what ran out is thrown away by the next one */
    COMMIT(c, idempotency_remember(c->db, c->keys, &later, 201, STR("{}"), NOON + 3 * US_PER_DAY));
    assert_int_equal(clinic_ask(c, "SELECT count(*) FROM idempotency_keys"), 1);
}

static void an_answer_opens_only_in_its_place(void **state)
{
    struct clinic *c = *state;
    const struct id account = id_new();
    const struct idempotency w = which(&account, "/a", "key-1", 7);
    struct str got;

    COMMIT(c, idempotency_remember(c->db, c->keys, &w, 201, str_from(answer), NOON));
    clinic_sql(c, "UPDATE idempotency_keys SET key = 'key-2'");
    const struct idempotency moved = which(&account, "/a", "key-2", 7);
    assert_int_equal(find(c, &moved, NOON, &got), -E_CORRUPT);
    clinic_sql(c, "UPDATE idempotency_keys SET account_id = "
                  "x'000102030405060708090a0b0c0d0e0f', key = 'key-1'");
    struct id other;
    assert_int_equal(id_parse(STR("00010203-0405-0607-0809-0a0b0c0d0e0f"), &other), 0);
    const struct idempotency taken = which(&other, "/a", "key-1", 7);
    assert_int_equal(find(c, &taken, NOON, &got), -E_CORRUPT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {T(same_key_same_answer), T(what_makes_it_another),
                                       T(it_lasts_a_day), T(an_answer_opens_only_in_its_place)};
    return cmocka_run_group_tests_name("store/idempotency", tests, NULL, NULL);
}
