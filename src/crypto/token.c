/* token.c - random tokens, hashes and text encodings. See crypto.h. */
#include <sodium.h>

#include "base/error.h"
#include "crypto/internal.h"

#define TOKEN_BYTES 32
#define URL_SAFE sodium_base64_VARIANT_URLSAFE_NO_PADDING

void crypto_random(void *out, size_t n)
{
    randombytes_buf(out, n);
}

bool crypto_equal(const void *a, const void *b, size_t n)
{
    return sodium_memcmp(a, b, n) == 0;
}

void crypto_base64url(const void *bytes, size_t n, char *out)
{
    sodium_bin2base64(out, (n * 4 + 2) / 3 + 1, bytes, n, URL_SAFE);
}

void crypto_hex(const void *bytes, size_t n, char *out)
{
    sodium_bin2hex(out, 2 * n + 1, bytes, n);
}

void crypto_sha256(const struct str *parts, size_t count, uint8_t out[CRYPTO_SHA256])
{
    crypto_hash_sha256_state state;

    crypto_hash_sha256_init(&state);
    for (size_t i = 0; i < count; i++) {
        uint8_t length[8];
        for (int byte = 0; byte < 8; byte++)
            length[byte] = (uint8_t)((uint64_t)parts[i].n >> (56 - 8 * byte));
        crypto_hash_sha256_update(&state, length, sizeof length);
        if (parts[i].n > 0)
            crypto_hash_sha256_update(&state, (const uint8_t *)parts[i].p, parts[i].n);
    }
    crypto_hash_sha256_final(&state, out);
}

void token_new(char text[TOKEN_TEXT + 1], uint8_t hash[TOKEN_HASH])
{
    uint8_t bytes[TOKEN_BYTES];

    randombytes_buf(bytes, sizeof bytes);
    crypto_base64url(bytes, sizeof bytes, text);
    crypto_hash_sha256(hash, bytes, sizeof bytes);
    sodium_memzero(bytes, sizeof bytes);
}

/* Checked by ourselves: libsodium 1.0.18 takes some bytes above 127 for letters. */
static bool is_base64url(struct str text)
{
    for (size_t i = 0; i < text.n; i++) {
        char c = text.p[i];
        if (!((c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
              c == '-' || c == '_'))
            return false;
    }
    return true;
}

int token_hash(struct str text, uint8_t hash[TOKEN_HASH])
{
    uint8_t bytes[TOKEN_BYTES];
    size_t n = 0;

    if (text.n != TOKEN_TEXT || !is_base64url(text) ||
        sodium_base642bin(bytes, sizeof bytes, text.p, text.n, NULL, &n, NULL, URL_SAFE) != 0 ||
        n != TOKEN_BYTES)
        return -E_MALFORMED;
    crypto_hash_sha256(hash, bytes, sizeof bytes);
    sodium_memzero(bytes, sizeof bytes);
    return 0;
}
