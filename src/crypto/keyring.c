/*
 * keyring.c - the keys' file. See crypto.h for its form. The ring lives in guarded memory of
 * libsodium (locked, fenced, read-only once read); no other room ever sees a key of it.
 *
 *      keyring_open -> secret_read_file -> parse -> parse_line...
 *                   -> make_file (first start) -> secret_write_new
 */
#include <sodium.h>
#include <stdio.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/secret.h"
#include "crypto/internal.h"

#define KEYS_MAX 256
#define FILE_MAX ((size_t)64 * 1024)
#define LINE_MAX_BYTES 160

enum key_use { KEY_MASTER = 1, KEY_INDEX, KEY_SESSION };
static const char *const use_names[] = {"master", "index", "session"};

struct key {
    enum key_use use;
    uint32_t number;
    int64_t created_us;
    uint8_t bytes[KEY_BYTES];
};

struct keyring {
    size_t count;
    size_t newest[4]; /* by use: place of the highest number */
    struct key keys[KEYS_MAX];
};

static int parse_use(struct str text, enum key_use *ret)
{
    for (size_t i = 0; i < sizeof use_names / sizeof *use_names; i++) {
        if (str_is(text, use_names[i])) {
            *ret = (enum key_use)(i + 1);
            return 0;
        }
    }
    return -E_CONFIG;
}

static struct key *find(struct keyring *k, enum key_use use, uint32_t number)
{
    for (size_t i = 0; i < k->count; i++)
        if (k->keys[i].use == use && k->keys[i].number == number)
            return &k->keys[i];
    return NULL;
}

static int parse_line(struct keyring *k, struct str line)
{
    struct str rest;
    struct str use = str_cut(line, ' ', &rest);
    struct str number = str_cut(rest, ' ', &rest);
    struct str created = str_cut(rest, ' ', &rest);
    struct key *key = &k->keys[k->count];
    size_t length;
    int64_t n;

    if (k->count == KEYS_MAX || parse_use(use, &key->use) < 0 || str_to_i64(number, &n) < 0 ||
        n < 1 || n > UINT32_MAX || clock_parse(created, &key->created_us) < 0)
        return -E_CONFIG;
    if (rest.n != (size_t)2 * KEY_BYTES ||
        sodium_hex2bin(key->bytes, KEY_BYTES, rest.p, rest.n, NULL, &length, NULL) != 0 ||
        length != KEY_BYTES || sodium_is_zero(key->bytes, KEY_BYTES))
        return -E_CONFIG;
    key->number = (uint32_t)n;
    if (find(k, key->use, key->number))
        return -E_CONFIG;
    k->count++;
    return 0;
}

/* One master key at least, and exactly one index and one session key. */
static int check_uses(struct keyring *k)
{
    size_t counts[4] = {0};

    for (size_t i = 0; i < k->count; i++) {
        enum key_use use = k->keys[i].use;
        if (counts[use]++ == 0 || k->keys[i].number > k->keys[k->newest[use]].number)
            k->newest[use] = i;
    }
    return counts[KEY_MASTER] >= 1 && counts[KEY_INDEX] == 1 && counts[KEY_SESSION] == 1
               ? 0
               : -E_CONFIG;
}

static int parse(struct keyring *k, struct str text)
{
    struct str rest = text;

    while (rest.n > 0) {
        struct str line = str_cut(rest, '\n', &rest);
        int r = line.n == 0 || line.p[0] == '#' ? 0 : parse_line(k, line);
        if (r < 0)
            return r;
    }
    return check_uses(k);
}

static size_t format_key(const struct key *key, char out[LINE_MAX_BYTES])
{
    char created[CLOCK_TEXT + 1];
    char hex[2 * KEY_BYTES + 1];

    clock_format(key->created_us, created);
    sodium_bin2hex(hex, sizeof hex, key->bytes, KEY_BYTES);
    int n = snprintf(out, LINE_MAX_BYTES, "%s %u %s %s\n", use_names[key->use - 1],
                     (unsigned)key->number, created, hex);
    sodium_memzero(hex, sizeof hex);
    return (size_t)n;
}

int keyring_export(const struct keyring *k, struct str *ret)
{
    char line[LINE_MAX_BYTES];
    size_t n = 0;

    for (size_t i = 0; i < k->count; i++)
        n += format_key(&k->keys[i], line);
    char *text = secret_alloc(n);
    if (!text) {
        sodium_memzero(line, sizeof line);
        return -E_NO_MEMORY;
    }
    *ret = (struct str){text, n};
    for (size_t i = 0; i < k->count; i++) {
        size_t length = format_key(&k->keys[i], line);
        memcpy(text, line, length);
        text += length;
    }
    sodium_memzero(line, sizeof line);
    return 0;
}

static int make_file(const char *path, int64_t now_us)
{
    struct keyring *k = sodium_malloc(sizeof *k);
    struct str text = STR_NONE;

    if (!k)
        return -E_NO_MEMORY;
    k->count = 3;
    for (size_t i = 0; i < 3; i++) {
        k->keys[i] = (struct key){.use = (enum key_use)(i + 1), .number = 1, .created_us = now_us};
        randombytes_buf(k->keys[i].bytes, KEY_BYTES);
    }
    int r = keyring_export(k, &text);
    sodium_free(k);
    if (r == 0)
        r = secret_write_new(path, text);
    secret_free(&text);
    return r == -E_DUPLICATE ? 0 : r; /* another process was first: its keys are the keys */
}

int keyring_open(const char *path, bool create, int64_t now_us, struct keyring **ret)
{
    struct str text;

    *ret = NULL;
    int r = secret_read_file(path, FILE_MAX, true, &text);
    if (r == -E_NOT_FOUND && create) {
        r = make_file(path, now_us);
        if (r == 0)
            r = secret_read_file(path, FILE_MAX, true, &text);
    }
    if (r < 0)
        return r == -E_TOO_LARGE ? -E_CONFIG : r;
    struct keyring *k = sodium_malloc(sizeof *k);
    if (k) {
        k->count = 0;
        r = parse(k, text);
    } else {
        r = -E_NO_MEMORY;
    }
    secret_free(&text);
    if (r < 0) {
        sodium_free(k);
        return r;
    }
    (void)sodium_mprotect_readonly(k);
    *ret = k;
    return 0;
}

void keyring_free(struct keyring *k)
{
    sodium_free(k); /* wipes */
}

uint32_t keyring_master(const struct keyring *k)
{
    return k->keys[k->newest[KEY_MASTER]].number;
}

const uint8_t *keyring_master_key(const struct keyring *k, uint32_t number)
{
    for (size_t i = 0; i < k->count; i++)
        if (k->keys[i].use == KEY_MASTER && k->keys[i].number == number)
            return k->keys[i].bytes;
    return NULL;
}

const uint8_t *keyring_index_key(const struct keyring *k)
{
    return k->keys[k->newest[KEY_INDEX]].bytes;
}

const uint8_t *keyring_session_key(const struct keyring *k)
{
    return k->keys[k->newest[KEY_SESSION]].bytes;
}
