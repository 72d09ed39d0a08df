/*
 * seal.c - sealing with XChaCha20-Poly1305, data keys, blind indexes, CSRF tokens, and boxes under
 * a passphrase. See crypto.h.
 *
 *      sealed = nonce (24, random) | cipher text | tag (16)
 *      wrapped key = master number (4, big-endian) | sealed data key
 *      box = "ACOLBOX1" | operations (4) | KiB of memory (4) | salt (16) | sealed text
 */
#include <sodium.h>

#include "base/error.h"
#include "base/secret.h"
#include "crypto/internal.h"

#define NONCE crypto_aead_xchacha20poly1305_ietf_NPUBBYTES
#define TAG crypto_aead_xchacha20poly1305_ietf_ABYTES
#define PLAIN_MAX ((size_t)64 * 1024 * 1024)

_Static_assert(SEAL_OVERHEAD == NONCE + TAG, "the header's figure");
_Static_assert(DATA_KEY == crypto_aead_xchacha20poly1305_ietf_KEYBYTES, "the header's figure");

static void put_u32(uint8_t *p, uint32_t v)
{
    p[0] = (uint8_t)(v >> 24);
    p[1] = (uint8_t)(v >> 16);
    p[2] = (uint8_t)(v >> 8);
    p[3] = (uint8_t)v;
}

static uint32_t get_u32(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

/* out has plain.n + SEAL_OVERHEAD bytes */
static void seal_into(const uint8_t *key, struct str plain, struct str ad, uint8_t *out)
{
    randombytes_buf(out, NONCE);
    (void)crypto_aead_xchacha20poly1305_ietf_encrypt(out + NONCE, NULL, (const uint8_t *)plain.p,
                                                     plain.n, (const uint8_t *)ad.p, ad.n, NULL,
                                                     out, key);
}

/* out has sealed.n - SEAL_OVERHEAD bytes */
static int unseal_into(const uint8_t *key, struct str sealed, struct str ad, uint8_t *out)
{
    const uint8_t *p = (const uint8_t *)sealed.p;

    if (sealed.n < SEAL_OVERHEAD)
        return -E_CORRUPT;
    int r = crypto_aead_xchacha20poly1305_ietf_decrypt(out, NULL, NULL, p + NONCE, sealed.n - NONCE,
                                                       (const uint8_t *)ad.p, ad.n, p, key);
    return r == 0 ? 0 : -E_CORRUPT;
}

/* What a wrapped key is bound to: the master that wraps it and the record it serves. */
static void wrap_ad(const uint8_t number[4], struct str record, uint8_t out[CRYPTO_SHA256])
{
    const struct str parts[] = {STR("acolhe data key 1"), str_of(number, 4), record};

    crypto_sha256(parts, 3, out);
}

void data_key_new(const struct keyring *k, struct str record, struct data_key *ret,
                  uint8_t wrapped[WRAPPED_KEY])
{
    uint8_t ad[CRYPTO_SHA256];
    uint32_t number = keyring_master(k);

    randombytes_buf(ret->bytes, sizeof ret->bytes);
    put_u32(wrapped, number);
    wrap_ad(wrapped, record, ad);
    seal_into(keyring_master_key(k, number), str_of(ret->bytes, sizeof ret->bytes),
              str_of(ad, sizeof ad), wrapped + 4);
}

int data_key_unwrap(const struct keyring *k, struct str wrapped, struct str record,
                    struct data_key *ret)
{
    uint8_t ad[CRYPTO_SHA256];

    if (wrapped.n != WRAPPED_KEY)
        return -E_CORRUPT;
    const uint8_t *p = (const uint8_t *)wrapped.p;
    const uint8_t *master = keyring_master_key(k, get_u32(p));
    if (!master)
        return -E_CORRUPT;
    wrap_ad(p, record, ad);
    return unseal_into(master, str_of(p + 4, WRAPPED_KEY - 4), str_of(ad, sizeof ad), ret->bytes);
}

int seal(const struct data_key *key, struct str plain, struct str ad, struct buf *out)
{
    if (plain.n > PLAIN_MAX)
        return -E_TOO_LARGE;
    int r = buf_reserve(out, plain.n + SEAL_OVERHEAD);
    if (r < 0)
        return r;
    seal_into(key->bytes, plain, ad, (uint8_t *)out->data + out->len);
    out->len += plain.n + SEAL_OVERHEAD;
    return 0;
}

int unseal(const struct data_key *key, struct str sealed, struct str ad, struct arena *a,
           struct str *ret_plain)
{
    *ret_plain = STR_NONE;
    if (sealed.n < SEAL_OVERHEAD)
        return -E_CORRUPT;
    size_t n = sealed.n - SEAL_OVERHEAD;
    char *plain = arena_alloc(a, n + 1); /* zeroed: a NUL follows the text */
    if (!plain)
        return -E_NO_MEMORY;
    int r = unseal_into(key->bytes, sealed, ad, (uint8_t *)plain);
    if (r == 0)
        *ret_plain = (struct str){plain, n};
    return r;
}

static void keyed_hash(const uint8_t *key, struct str purpose, struct str value, uint8_t out[32])
{
    const struct str parts[] = {purpose, value};
    uint8_t digest[CRYPTO_SHA256];

    /* the digest tells where one part ends; the key makes it useless without the ring */
    crypto_sha256(parts, 2, digest);
    (void)crypto_generichash(out, 32, digest, sizeof digest, key, KEY_BYTES);
    sodium_memzero(digest, sizeof digest);
}

void blind_index(const struct keyring *k, const char *purpose, struct str value,
                 uint8_t out[BLIND_INDEX])
{
    keyed_hash(keyring_index_key(k), str_from(purpose), value, out);
}

void csrf_token(const struct keyring *k, const struct id *session, char out[TOKEN_TEXT + 1])
{
    uint8_t hash[32];

    keyed_hash(keyring_session_key(k), STR("csrf"), str_of(session->b, sizeof session->b), hash);
    crypto_base64url(hash, sizeof hash, out);
}

bool csrf_token_is(const struct keyring *k, const struct id *session, struct str given)
{
    char right[TOKEN_TEXT + 1];

    csrf_token(k, session, right);
    return given.n == TOKEN_TEXT && crypto_equal(given.p, right, TOKEN_TEXT);
}

#define BOX_HEAD 32
#define BOX_SALT crypto_pwhash_SALTBYTES
#define BOX_OPS 4
#define BOX_KIB ((uint32_t)256 * 1024)
#define BOX_OPS_MAX 16
#define BOX_KIB_MAX ((uint32_t)1024 * 1024) /* a forged box must not take the machine's memory */

static int box_key(struct str passphrase, const uint8_t head[BOX_HEAD], uint8_t key[DATA_KEY])
{
    uint32_t ops = get_u32(head + 8);
    uint32_t kib = get_u32(head + 12);

    if (memcmp(head, "ACOLBOX1", 8) != 0 || ops < 1 || ops > BOX_OPS_MAX || kib < 8 ||
        kib > BOX_KIB_MAX)
        return -E_CORRUPT;
    int r = crypto_pwhash(key, DATA_KEY, passphrase.p ? passphrase.p : "", passphrase.n, head + 16,
                          ops, (size_t)kib * 1024, crypto_pwhash_ALG_ARGON2ID13);
    return r == 0 ? 0 : -E_NO_MEMORY;
}

int passphrase_seal(struct str passphrase, struct str plain, struct buf *out)
{
    uint8_t head[BOX_HEAD] = "ACOLBOX1";
    uint8_t key[DATA_KEY];

    if (plain.n > PLAIN_MAX)
        return -E_TOO_LARGE;
    put_u32(head + 8, BOX_OPS);
    put_u32(head + 12, BOX_KIB);
    randombytes_buf(head + 16, BOX_SALT);
    int r = buf_reserve(out, BOX_HEAD + plain.n + SEAL_OVERHEAD);
    if (r == 0)
        r = box_key(passphrase, head, key);
    if (r < 0)
        return r;
    (void)buf_add(out, head, sizeof head);
    seal_into(key, plain, str_of(head, sizeof head), (uint8_t *)out->data + out->len);
    out->len += plain.n + SEAL_OVERHEAD;
    sodium_memzero(key, sizeof key);
    return 0;
}

int passphrase_unseal(struct str passphrase, struct str box, struct str *ret_plain)
{
    uint8_t head[BOX_HEAD];
    uint8_t key[DATA_KEY];

    *ret_plain = STR_NONE;
    if (box.n < BOX_HEAD + SEAL_OVERHEAD || box.n > PLAIN_MAX)
        return -E_CORRUPT;
    memcpy(head, box.p, sizeof head);
    int r = box_key(passphrase, head, key);
    if (r < 0)
        return r;
    struct str plain = {NULL, box.n - BOX_HEAD - SEAL_OVERHEAD};
    char *text = secret_alloc(plain.n);
    if (text) {
        plain.p = text;
        r = unseal_into(key, str_of(box.p + BOX_HEAD, box.n - BOX_HEAD), str_of(head, sizeof head),
                        (uint8_t *)text);
    } else {
        r = -E_NO_MEMORY;
    }
    sodium_memzero(key, sizeof key);
    if (r < 0)
        secret_free(&plain);
    else
        *ret_plain = plain;
    return r;
}
