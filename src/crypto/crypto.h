/*
 * crypto.h - passwords, tokens and sealing, on libsodium. No cryptography is written here: this
 * room only fixes the choices (algorithm, sizes, encodings) and keeps keys in locked memory.
 */
#ifndef ACOLHE_CRYPTO_CRYPTO_H
#define ACOLHE_CRYPTO_CRYPTO_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/id.h"
#include "base/str.h"

int crypto_setup(void); /* once, before any other; 0 or -E_INTERNAL */

/* ---- passwords: Argon2id, m = 19 MiB, t = 2, p = 1 (OWASP; ASVS 11.4.2) ---- */
#define PASSWORD_HASH_MAX 128
/* Slow and memory-hard: on the password pool only. `out` is a PHC string. 0 or -E_NO_MEMORY. */
int password_hash(struct str password, char out[PASSWORD_HASH_MAX]);
/* 0, -E_INVALID_CREDENTIALS or -E_NO_MEMORY; the same time whether `hash` is real or NULL (then a
 * decoy hash is verified), so that nobody learns whether the account exists. */
int password_verify(const char *hash, struct str password);
bool password_needs_rehash(const char *hash);

/* ---- tokens: 32 random bytes, base64url without padding outside, only their hash stored ---- */
#define TOKEN_TEXT 43
#define TOKEN_HASH 32
void token_new(char text[TOKEN_TEXT + 1], uint8_t hash[TOKEN_HASH]);
/* -E_MALFORMED unless exactly TOKEN_TEXT base64url characters. */
int token_hash(struct str text, uint8_t hash[TOKEN_HASH]);
bool crypto_equal(const void *a, const void *b, size_t n); /* constant time */
void crypto_random(void *out, size_t n);
/* SHA-256 of the parts, each preceded by its 64-bit length: no two lists of parts collide. */
#define CRYPTO_SHA256 32
void crypto_sha256(const struct str *parts, size_t count, uint8_t out[CRYPTO_SHA256]);
/* base64url without padding; out needs (n*4+2)/3+1 bytes. */
void crypto_base64url(const void *bytes, size_t n, char *out);
/* hex lower case; out needs 2n+1 bytes. */
void crypto_hex(const void *bytes, size_t n, char *out);

/* ---- key ring: the master keys and the stable ones, in a file of mode 0600 ----
 *
 * The file has one line per key: "<use> <number> <created> <64 hex digits>", use = master, index or
 * session, created in RFC 3339; empty lines and lines from '#' are skipped. There is one key at
 * least for master and exactly one for each of the others. The highest master seals; all open.
 * `index` (blind indexes) and `session` (CSRF) are derived from their own keys, so that rotating
 * the master never changes a lookup. */
struct keyring;
/* Makes the file on first start (`create`), else reads it. -E_NOT_FOUND without create,
 * -E_CONFIG (readable by others, malformed), -E_IO. */
int keyring_open(const char *path, bool create, int64_t now_us, struct keyring **ret);
void keyring_free(struct keyring *k);             /* wipes; NULL is accepted */
uint32_t keyring_master(const struct keyring *k); /* number of the newest */
/* The ring as the text of its file, for backups under a passphrase. 0 or -E_NO_MEMORY.
 * Caller: secret_free. */
int keyring_export(const struct keyring *k, struct str *ret);

/* ---- sealing: XChaCha20-Poly1305, random 24-byte nonce in front, 16-byte tag behind ---- */
#define DATA_KEY 32
#define SEAL_OVERHEAD 40
#define WRAPPED_KEY (4 + DATA_KEY + SEAL_OVERHEAD) /* big-endian master number first */

struct data_key {
    uint8_t bytes[DATA_KEY]; /* wipe with secret_wipe after use */
};
/* A new data key and its wrapped form. `record` binds it to what it protects, e.g. a conversation
 * id; the same must be given to unwrap. Any thread. */
void data_key_new(const struct keyring *k, struct str record, struct data_key *ret,
                  uint8_t wrapped[WRAPPED_KEY]);
int data_key_unwrap(const struct keyring *k, struct str wrapped, struct str record,
                    struct data_key *ret); /* 0 or -E_CORRUPT */
/* Appends the sealed form of `plain` to out. `ad` is authenticated: row and position. */
int seal(const struct data_key *key, struct str plain, struct str ad, struct buf *out);
/* The plain text in the arena. 0, -E_CORRUPT (wrong key, place or bytes), -E_NO_MEMORY. */
int unseal(const struct data_key *key, struct str sealed, struct str ad, struct arena *a,
           struct str *ret_plain);

/* Blind index for lookups of identity numbers: keyed hash with a purpose ("cpf"). */
#define BLIND_INDEX 32
void blind_index(const struct keyring *k, const char *purpose, struct str value,
                 uint8_t out[BLIND_INDEX]);
/* The CSRF token of a session: a keyed hash of its id. Text of TOKEN_TEXT characters. */
void csrf_token(const struct keyring *k, const struct id *session, char out[TOKEN_TEXT + 1]);
bool csrf_token_is(const struct keyring *k, const struct id *session, struct str given);

/* ---- passphrase boxes, for the key ring inside a backup: Argon2id + seal ----
 *
 * m = 256 MiB, t = 4, written in the box, so that they may rise later.
 * seal: 0, -E_TOO_LARGE, -E_NO_MEMORY. unseal: 0, -E_CORRUPT (wrong passphrase or bytes),
 * -E_NO_MEMORY; *ret_plain is given to secret_free. Slow: never on a loop thread. */
int passphrase_seal(struct str passphrase, struct str plain, struct buf *out);
int passphrase_unseal(struct str passphrase, struct str box, struct str *ret_plain);

#endif
