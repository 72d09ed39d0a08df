/* test_seal.c - the key ring's file, sealed texts and keys, and that every changed byte is seen. */
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../unit.h"
#include "base/clock.h"
#include "base/secret.h"
#include "crypto/crypto.h"

#define HEX_A "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define HEX_B "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
#define HEX_C "cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc"
#define HEX_D "dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd"
#define DAY " 2026-11-22T00:00:00.000Z "
#define MASTER_1 "master 1" DAY HEX_A "\n"
#define MASTER_2 "master 2" DAY HEX_D "\n"
#define INDEX_1 "index 1" DAY HEX_B "\n"
#define SESSION_1 "session 1" DAY HEX_C "\n"
#define NOW INT64_C(1795368012345000)

static char dir[] = "/tmp/acolhe-seal-XXXXXX";
static char path[128];
static struct arena arena;

static int group_setup(void **state)
{
    (void)state;
    char *made = mkdtemp(dir);
    (void)snprintf(path, sizeof path, "%s/keys", dir);
    arena_init(&arena, 1 << 20);
    return made ? crypto_setup() : -1;
}

static int group_teardown(void **state)
{
    (void)state;
    arena_done(&arena);
    return rmdir(dir);
}

static int remove_file(void **state)
{
    (void)state;
    (void)unlink(path);
    return 0;
}

static struct keyring *ring_of(const char *text)
{
    struct keyring *k;
    (void)unlink(path);
    assert_int_equal(secret_write_new(path, str_from(text)), 0);
    assert_int_equal(keyring_open(path, false, NOW, &k), 0);
    return k;
}

static void first_start_makes_the_file(void **state)
{
    (void)state;
    struct keyring *k, *again;
    struct str text, text_again;
    struct stat st;
    assert_int_equal(keyring_open(path, false, NOW, &k), -E_NOT_FOUND);
    assert_int_equal(keyring_open(path, true, NOW, &k), 0);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0600);
    assert_int_equal(keyring_master(k), 1);
    assert_int_equal(keyring_open(path, true, NOW + US_PER_DAY, &again), 0);
    assert_int_equal(keyring_export(k, &text), 0);
    assert_int_equal(keyring_export(again, &text_again), 0);
    assert_true(str_eq(text, text_again)); /* opened again, not made again */
    assert_true(str_starts(text, STR("master 1 2026-11-22T17:20:12.345Z ")));
    secret_free(&text);
    secret_free(&text_again);
    keyring_free(k);
    keyring_free(again);
    keyring_free(NULL);
}

static void loose_modes_are_refused(void **state)
{
    (void)state;
    struct keyring *k = ring_of(MASTER_1 INDEX_1 SESSION_1);
    keyring_free(k);
    assert_int_equal(chmod(path, 0640), 0);
    assert_int_equal(keyring_open(path, true, NOW, &k), -E_CONFIG);
    assert_int_equal(chmod(path, 0604), 0);
    assert_int_equal(keyring_open(path, true, NOW, &k), -E_CONFIG);
    assert_null(k);
    assert_int_equal(chmod(path, 0400), 0);
    assert_int_equal(keyring_open(path, true, NOW, &k), 0);
    keyring_free(k);
}

static void malformed_files_are_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",
        MASTER_1,
        MASTER_1 INDEX_1,
        INDEX_1 SESSION_1,
        MASTER_1 MASTER_1 INDEX_1 SESSION_1,
        MASTER_1 INDEX_1 "index 2" DAY HEX_A "\n" SESSION_1,
        MASTER_1 INDEX_1 SESSION_1 "other 1" DAY HEX_A "\n",
        MASTER_1 INDEX_1 SESSION_1 "master 0" DAY HEX_A "\n",
        MASTER_1 INDEX_1 SESSION_1 "master -2" DAY HEX_A "\n",
        MASTER_1 INDEX_1 SESSION_1 "master 4294967296" DAY HEX_A "\n",
        MASTER_1 INDEX_1 SESSION_1 "master 2 yesterday " HEX_A "\n",
        MASTER_1 INDEX_1 SESSION_1 "master 2" DAY HEX_A "aa\n",
        MASTER_1 INDEX_1 SESSION_1 "master 2" DAY "aaaa\n",
        MASTER_1 INDEX_1 SESSION_1 "master 2" DAY HEX_A " \n",
        MASTER_1 INDEX_1 SESSION_1
        "master 2" DAY "gaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n",
        MASTER_1 INDEX_1 SESSION_1
        "master 2" DAY "0000000000000000000000000000000000000000000000000000000000000000\n",
        MASTER_1 INDEX_1 SESSION_1 "master\n",
        MASTER_1 INDEX_1 SESSION_1 " \n",
    };
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        struct keyring *k;
        (void)unlink(path);
        assert_int_equal(secret_write_new(path, str_from(bad[i])), 0);
        if (keyring_open(path, true, NOW, &k) != -E_CONFIG)
            fail_msg("row %zu was taken", i);
        assert_null(k);
    }
    keyring_free(ring_of("# a comment\n\n" SESSION_1 MASTER_2 INDEX_1 "master 1" DAY HEX_A));
}

static void seal_and_unseal(void **state)
{
    (void)state;
    struct keyring *k = ring_of(MASTER_1 INDEX_1 SESSION_1);
    static const size_t sizes[] = {0, 1, 16, 4000, 16000};
    struct data_key key;
    uint8_t wrapped[WRAPPED_KEY];
    char text[16000];
    data_key_new(k, STR("conversation"), &key, wrapped);
    memset(text, 'm', sizeof text);
    for (size_t i = 0; i < COUNT_OF(sizes); i++) {
        struct buf sealed;
        struct str plain;
        arena_reset(&arena);
        buf_init(&sealed, 20000);
        assert_int_equal(buf_add_text(&sealed, "in front"), 0);
        assert_int_equal(seal(&key, str_of(text, sizes[i]), STR("row 1"), &sealed), 0);
        assert_int_equal(sealed.len, 8 + sizes[i] + SEAL_OVERHEAD);
        struct str body = str_of(sealed.data + 8, sealed.len - 8);
        assert_int_equal(unseal(&key, body, STR("row 1"), &arena, &plain), 0);
        assert_non_null(plain.p);
        assert_true(str_eq(plain, str_of(text, sizes[i])));
        assert_int_equal(unseal(&key, body, STR("row 2"), &arena, &plain), -E_CORRUPT);
        assert_null(plain.p);
        assert_int_equal(unseal(&key, body, STR(""), &arena, &plain), -E_CORRUPT);
        buf_done(&sealed);
    }
    keyring_free(k);
}

static void every_changed_byte_is_seen(void **state)
{
    (void)state;
    struct keyring *k = ring_of(MASTER_1 INDEX_1 SESSION_1);
    struct data_key key, other;
    uint8_t wrapped[WRAPPED_KEY];
    struct buf sealed;
    struct str plain;
    buf_init(&sealed, 1000);
    data_key_new(k, STR("c"), &key, wrapped);
    assert_int_equal(seal(&key, STR("what a patient wrote"), STR("ad"), &sealed), 0);
    for (size_t i = 0; i < sealed.len; i++) {
        for (int bit = 0; bit < 8; bit++) {
            sealed.data[i] = (char)(sealed.data[i] ^ (1 << bit));
            assert_int_equal(unseal(&key, buf_str(&sealed), STR("ad"), &arena, &plain), -E_CORRUPT);
            sealed.data[i] = (char)(sealed.data[i] ^ (1 << bit));
        }
    }
    for (size_t n = 0; n < sealed.len; n++)
        assert_int_equal(unseal(&key, str_of(sealed.data, n), STR("ad"), &arena, &plain),
                         -E_CORRUPT);
    for (size_t i = 0; i < sizeof wrapped; i++) {
        wrapped[i] ^= 0x40;
        assert_int_equal(data_key_unwrap(k, str_of(wrapped, sizeof wrapped), STR("c"), &other),
                         -E_CORRUPT);
        wrapped[i] ^= 0x40;
    }
    assert_int_equal(data_key_unwrap(k, str_of(wrapped, sizeof wrapped - 1), STR("c"), &other),
                     -E_CORRUPT);
    assert_int_equal(data_key_unwrap(k, str_of(wrapped, sizeof wrapped), STR("d"), &other),
                     -E_CORRUPT);
    assert_int_equal(data_key_unwrap(k, str_of(wrapped, sizeof wrapped), STR("c"), &other), 0);
    assert_memory_equal(key.bytes, other.bytes, DATA_KEY);
    assert_int_equal(unseal(&key, buf_str(&sealed), STR("ad"), &arena, &plain), 0);
    assert_str(plain, "what a patient wrote");
    buf_done(&sealed);
    keyring_free(k);
}

static void sealing_twice_differs(void **state)
{
    (void)state;
    struct keyring *k = ring_of(MASTER_1 INDEX_1 SESSION_1);
    struct data_key key;
    uint8_t wrapped[WRAPPED_KEY];
    struct buf a, small;
    buf_init(&a, 1000);
    buf_init(&small, 30);
    data_key_new(k, STR("c"), &key, wrapped);
    assert_int_equal(seal(&key, STR("same"), STR("ad"), &a), 0);
    assert_int_equal(seal(&key, STR("same"), STR("ad"), &a), 0);
    assert_memory_not_equal(a.data, a.data + a.len / 2, a.len / 2);
    assert_null(memmem(a.data, a.len, "same", 4));
    assert_int_equal(seal(&key, STR("same"), STR("ad"), &small), -E_TOO_LARGE);
    assert_int_equal(small.len, 0);
    buf_done(&a);
    buf_done(&small);
    keyring_free(k);
}

static void rotation_keeps_what_was_sealed(void **state)
{
    (void)state;
    struct data_key old_key, key;
    uint8_t old_wrapped[WRAPPED_KEY], wrapped[WRAPPED_KEY];
    uint8_t old_index[BLIND_INDEX], index[BLIND_INDEX];
    char old_csrf[TOKEN_TEXT + 1];
    struct id session = {{7}};
    struct keyring *k = ring_of(MASTER_1 INDEX_1 SESSION_1);
    data_key_new(k, STR("c"), &old_key, old_wrapped);
    blind_index(k, "cpf", STR("52998224725"), old_index);
    csrf_token(k, &session, old_csrf);
    keyring_free(k);

    k = ring_of(MASTER_2 MASTER_1 INDEX_1 SESSION_1);
    assert_int_equal(keyring_master(k), 2);
    assert_int_equal(data_key_unwrap(k, str_of(old_wrapped, WRAPPED_KEY), STR("c"), &key), 0);
    assert_memory_equal(key.bytes, old_key.bytes, DATA_KEY);
    data_key_new(k, STR("c"), &key, wrapped);
    assert_memory_equal(wrapped, "\0\0\0\2", 4);
    blind_index(k, "cpf", STR("52998224725"), index);
    assert_memory_equal(index, old_index, BLIND_INDEX); /* lookups never change */
    assert_true(csrf_token_is(k, &session, str_from(old_csrf)));
    /* the number in front is not what decides alone: it is bound to the seal */
    wrapped[3] = 1;
    assert_int_equal(data_key_unwrap(k, str_of(wrapped, WRAPPED_KEY), STR("c"), &key), -E_CORRUPT);
    keyring_free(k);

    k = ring_of(MASTER_1 INDEX_1 SESSION_1); /* the new key lost: what it sealed stays shut */
    wrapped[3] = 2;
    assert_int_equal(data_key_unwrap(k, str_of(wrapped, WRAPPED_KEY), STR("c"), &key), -E_CORRUPT);
    keyring_free(k);
}

static void indexes_and_csrf(void **state)
{
    (void)state;
    struct keyring *k = ring_of(MASTER_1 INDEX_1 SESSION_1);
    struct keyring *other;
    uint8_t a[BLIND_INDEX], b[BLIND_INDEX];
    struct id session = {{1}}, another = {{2}};
    char token[TOKEN_TEXT + 1];
    blind_index(k, "cpf", STR("52998224725"), a);
    blind_index(k, "cpf", STR("11144477735"), b);
    assert_memory_not_equal(a, b, sizeof a);
    blind_index(k, "cns", STR("52998224725"), b);
    assert_memory_not_equal(a, b, sizeof a);
    csrf_token(k, &session, token);
    assert_int_equal(strlen(token), TOKEN_TEXT);
    assert_true(csrf_token_is(k, &session, str_from(token)));
    assert_false(csrf_token_is(k, &another, str_from(token)));
    assert_false(csrf_token_is(k, &session, STR_NONE));
    assert_false(csrf_token_is(k, &session, str_of(token, TOKEN_TEXT - 1)));
    token[5] = token[5] == 'A' ? 'B' : 'A';
    assert_false(csrf_token_is(k, &session, str_from(token)));
    keyring_free(k);
    other = ring_of(MASTER_1 "index 1" DAY HEX_D "\n" SESSION_1);
    blind_index(other, "cpf", STR("52998224725"), b);
    assert_memory_not_equal(a, b, sizeof a);
    keyring_free(other);
}

static void boxes_under_a_passphrase(void **state)
{
    (void)state;
    struct buf box;
    struct str plain;
    buf_init(&box, 10000);
    assert_int_equal(passphrase_seal(STR("a long passphrase"), STR("the key ring"), &box), 0);
    assert_null(memmem(box.data, box.len, "key ring", 8));
    assert_int_equal(passphrase_unseal(STR("a long passphrase"), buf_str(&box), &plain), 0);
    assert_str(plain, "the key ring");
    secret_free(&plain);
    assert_int_equal(passphrase_unseal(STR("a long passphrasf"), buf_str(&box), &plain),
                     -E_CORRUPT);
    assert_null(plain.p);
    box.data[box.len - 1] ^= 1;
    assert_int_equal(passphrase_unseal(STR("a long passphrase"), buf_str(&box), &plain),
                     -E_CORRUPT);
    /* a forged head asks for all memory, or is cut: refused before hashing */
    memset(box.data + 12, 0xFF, 4);
    assert_int_equal(passphrase_unseal(STR("a long passphrase"), buf_str(&box), &plain),
                     -E_CORRUPT);
    assert_int_equal(passphrase_unseal(STR("x"), str_of(box.data, 40), &plain), -E_CORRUPT);
    assert_int_equal(passphrase_unseal(STR("x"), STR_NONE, &plain), -E_CORRUPT);
    buf_done(&box);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(first_start_makes_the_file, remove_file),
        cmocka_unit_test_teardown(loose_modes_are_refused, remove_file),
        cmocka_unit_test_teardown(malformed_files_are_refused, remove_file),
        cmocka_unit_test_teardown(seal_and_unseal, remove_file),
        cmocka_unit_test_teardown(every_changed_byte_is_seen, remove_file),
        cmocka_unit_test_teardown(sealing_twice_differs, remove_file),
        cmocka_unit_test_teardown(rotation_keeps_what_was_sealed, remove_file),
        cmocka_unit_test_teardown(indexes_and_csrf, remove_file),
        cmocka_unit_test(boxes_under_a_passphrase),
    };
    return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
