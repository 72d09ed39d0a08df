/* password.c - passwords by Argon2id. See crypto.h. */
#include <errno.h>
#include <sodium.h>
#include <stdio.h>

#include "base/error.h"
#include "crypto/internal.h"

#define OPS 2
#define MEMORY ((size_t)19 * 1024 * 1024)

_Static_assert(crypto_pwhash_STRBYTES <= PASSWORD_HASH_MAX, "a PHC string fits");

/* A well-formed hash that no password opens: its 32 bytes of "result" are random. Made at start
 * without hashing anything, so that starting stays fast. */
static char decoy[PASSWORD_HASH_MAX];

static void make_decoy(void)
{
    const int plain64 = sodium_base64_VARIANT_ORIGINAL_NO_PADDING;
    uint8_t random[16 + 32];
    char salt[24];
    char result[48];

    randombytes_buf(random, sizeof random);
    sodium_bin2base64(salt, sizeof salt, random, 16, plain64);
    sodium_bin2base64(result, sizeof result, random + 16, 32, plain64);
    (void)snprintf(decoy, sizeof decoy, "$argon2id$v=19$m=%zu,t=%d,p=1$%s$%s", MEMORY / 1024, OPS,
                   salt, result);
}

int crypto_setup(void)
{
    if (sodium_init() < 0)
        return -E_INTERNAL;
    make_decoy();
    return 0;
}

int password_hash(struct str password, char out[PASSWORD_HASH_MAX])
{
    int r = crypto_pwhash_str_alg(out, password.p ? password.p : "", password.n, OPS, MEMORY,
                                  crypto_pwhash_ALG_ARGON2ID13);

    return r == 0 ? 0 : -E_NO_MEMORY;
}

int password_verify(const char *hash, struct str password)
{
    const char *text = password.p ? password.p : "";

    errno =
        0; /* libsodium says by it alone whether the password was wrong or the memory too small */
    int r = crypto_pwhash_str_verify(hash ? hash : decoy, text, password.n);
    if (r != 0 && errno == ENOMEM)
        return -E_NO_MEMORY;
    return r == 0 && hash ? 0 : -E_INVALID_CREDENTIALS;
}

bool password_needs_rehash(const char *hash)
{
    return crypto_pwhash_str_needs_rehash(hash, OPS, MEMORY) != 0;
}
