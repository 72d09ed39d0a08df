/* test_password.c - Argon2id as OWASP says, the decoy for unknown accounts, tokens and texts. */
#include "../unit.h"
#include "base/clock.h"
#include "crypto/crypto.h"

#define ALPHABET "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

static int setup(void **state)
{
    (void)state;
    return crypto_setup();
}

static void hash_and_verify(void **state)
{
    (void)state;
    char hash[PASSWORD_HASH_MAX];
    char other[PASSWORD_HASH_MAX];
    assert_int_equal(password_hash(STR("correct horse"), hash), 0);
    assert_memory_equal(hash, "$argon2id$v=19$m=19456,t=2,p=1$", 31);
    assert_int_equal(password_verify(hash, STR("correct horse")), 0);
    assert_int_equal(password_verify(hash, STR("correct horsf")), -E_INVALID_CREDENTIALS);
    assert_int_equal(password_verify(hash, STR("correct horse ")), -E_INVALID_CREDENTIALS);
    assert_int_equal(password_verify(hash, STR("correct horse\0")), -E_INVALID_CREDENTIALS);
    assert_int_equal(password_verify(hash, STR("")), -E_INVALID_CREDENTIALS);
    assert_int_equal(password_hash(STR("correct horse"), other), 0);
    assert_string_not_equal(hash, other); /* salted */
    assert_false(password_needs_rehash(hash));
    assert_true(password_needs_rehash("$argon2id$v=19$m=4096,t=1,p=1$"
                                      "c29tZXNhbHRzb21lc2FsdA$"
                                      "nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4"));
    assert_true(password_needs_rehash("nonsense"));
}

/* ASVS 6.2.8 and 6.2.9: long ones whole, to the last character. */
static void long_passwords_are_whole(void **state)
{
    (void)state;
    char hash[PASSWORD_HASH_MAX];
    char text[1024];
    memset(text, 'x', sizeof text);
    assert_int_equal(password_hash(str_of(text, sizeof text), hash), 0);
    assert_int_equal(password_verify(hash, str_of(text, sizeof text)), 0);
    text[1023] = 'y';
    assert_int_equal(password_verify(hash, str_of(text, sizeof text)), -E_INVALID_CREDENTIALS);
}

static void the_decoy_opens_for_nobody(void **state)
{
    (void)state;
    assert_int_equal(password_verify(NULL, STR("")), -E_INVALID_CREDENTIALS);
    assert_int_equal(password_verify(NULL, STR("decoy")), -E_INVALID_CREDENTIALS);
    assert_int_equal(password_verify("", STR("decoy")), -E_INVALID_CREDENTIALS);
    assert_int_equal(password_verify("$argon2id$", STR("decoy")), -E_INVALID_CREDENTIALS);
}

static int by_value(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static int64_t verify_time(const char *hash)
{
    int64_t start = clock_mono_us();
    (void)password_verify(hash, STR("some password"));
    return clock_mono_us() - start;
}

/* A sanity check that the decoy is really hashed, tolerant of a busy machine; the end-to-end
 * measure of ASVS 6.3.8 is made over HTTP. */
static void the_decoy_takes_as_long(void **state)
{
    (void)state;
    enum { ROUNDS = 15 };
    int64_t real[ROUNDS], decoy[ROUNDS];
    char hash[PASSWORD_HASH_MAX];
    assert_int_equal(password_hash(STR("x"), hash), 0);
    for (int i = 0; i < ROUNDS; i++) {
        real[i] = verify_time(hash);
        decoy[i] = verify_time(NULL);
    }
    qsort(real, ROUNDS, sizeof *real, by_value);
    qsort(decoy, ROUNDS, sizeof *decoy, by_value);
    /* the fastest runs are those least disturbed */
    assert_true(decoy[1] * 10 > real[1] * 7 && real[1] * 10 > decoy[1] * 7);
}

static void tokens(void **state)
{
    (void)state;
    char text[TOKEN_TEXT + 1], other[TOKEN_TEXT + 1];
    uint8_t hash[TOKEN_HASH], again[TOKEN_HASH];
    token_new(text, hash);
    assert_int_equal(strlen(text), TOKEN_TEXT);
    assert_int_equal(token_hash(str_from(text), again), 0);
    assert_memory_equal(hash, again, TOKEN_HASH);
    token_new(other, again);
    assert_string_not_equal(text, other);
    assert_memory_not_equal(hash, again, TOKEN_HASH);
    assert_int_equal(strspn(text, ALPHABET), TOKEN_TEXT);
}

static void other_tokens_are_refused(void **state)
{
    (void)state;
    char text[TOKEN_TEXT + 2] = "";
    uint8_t hash[TOKEN_HASH];
    token_new(text, hash);
    for (size_t n = 0; n < TOKEN_TEXT; n++)
        assert_int_equal(token_hash(str_of(text, n), hash), -E_MALFORMED);
    text[TOKEN_TEXT] = 'A';
    assert_int_equal(token_hash(str_of(text, TOKEN_TEXT + 1), hash), -E_MALFORMED);
    for (int c = 0; c < 256; c++) { /* every byte that is not of the alphabet */
        if (c > 0 && strchr(ALPHABET, c))
            continue;
        token_new(text, hash);
        text[20] = (char)c;
        assert_int_equal(token_hash(str_of(text, TOKEN_TEXT), hash), -E_MALFORMED);
    }
    /* one token has one text: the last character's spare bits must be zero */
    memset(text, 'A', TOKEN_TEXT);
    assert_int_equal(token_hash(str_of(text, TOKEN_TEXT), hash), 0);
    text[TOKEN_TEXT - 1] = 'B';
    assert_int_equal(token_hash(str_of(text, TOKEN_TEXT), hash), -E_MALFORMED);
}

static void encodings(void **state)
{
    (void)state;
    char out[64];
    crypto_hex("\x00\xff\x10", 3, out);
    assert_string_equal(out, "00ff10");
    crypto_base64url("\xfb\xff\xfe", 3, out);
    assert_string_equal(out, "-__-");
    crypto_base64url("f", 1, out);
    assert_string_equal(out, "Zg");
    crypto_base64url("fo", 2, out);
    assert_string_equal(out, "Zm8");
    assert_true(crypto_equal("abc", "abc", 3));
    assert_false(crypto_equal("abc", "abd", 3));
}

static void hashed_parts_do_not_run_together(void **state)
{
    (void)state;
    uint8_t a[CRYPTO_SHA256], b[CRYPTO_SHA256];
    char hex[2 * CRYPTO_SHA256 + 1];
    crypto_sha256((struct str[]){STR("ab"), STR("c")}, 2, a);
    crypto_sha256((struct str[]){STR("a"), STR("bc")}, 2, b);
    assert_memory_not_equal(a, b, sizeof a);
    crypto_sha256((struct str[]){STR("ab"), STR("c"), STR("")}, 3, b);
    assert_memory_not_equal(a, b, sizeof a);
    /* printf '\0\0\0\0\0\0\0\3abc' | sha256sum */
    crypto_sha256((struct str[]){STR("abc")}, 1, a);
    crypto_hex(a, sizeof a, hex);
    assert_string_equal(hex, "c3494ca1a2cf8eeb8a11ded316fb55b83c3bbbedb6313cd50415251e5d09e12f");
    /* of nothing: the known hash of no bytes */
    crypto_sha256(NULL, 0, a);
    crypto_hex(a, sizeof a, hex);
    assert_string_equal(hex, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hash_and_verify),
        cmocka_unit_test(long_passwords_are_whole),
        cmocka_unit_test(the_decoy_opens_for_nobody),
        cmocka_unit_test(the_decoy_takes_as_long),
        cmocka_unit_test(tokens),
        cmocka_unit_test(other_tokens_are_refused),
        cmocka_unit_test(encodings),
        cmocka_unit_test(hashed_parts_do_not_run_together),
    };
    return cmocka_run_group_tests(tests, setup, NULL);
}
