/*
 * proxies.c - the client's address behind reverse proxies. Only configured ones are believed
 * (ASVS 4.1.3): the chain of X-Forwarded-For is read from the right, and the first address that is
 * not a trusted proxy is the client's.
 */
#include <arpa/inet.h>
#include <stdlib.h>

#include "api/request_guard.h"
#include "base/error.h"

#define PROXIES_MAX 32

struct prefix {
    int family;
    unsigned char bytes[16];
    int bits;
};

struct proxies {
    struct prefix list[PROXIES_MAX];
    size_t count;
};

static int parse_address(struct str text, struct prefix *ret)
{
    char buf[INET6_ADDRSTRLEN];

    if (str_to_cstring(text, buf, sizeof buf) < 0)
        return -E_CONFIG;
    if (inet_pton(AF_INET, buf, ret->bytes) == 1) {
        ret->family = AF_INET;
        ret->bits = 32;
        return 0;
    }
    if (inet_pton(AF_INET6, buf, ret->bytes) == 1) {
        ret->family = AF_INET6;
        ret->bits = 128;
        return 0;
    }
    return -E_CONFIG;
}

static int parse_prefix(struct str text, struct prefix *ret)
{
    struct str bits_text;
    struct str address = str_cut(text, '/', &bits_text);
    int64_t bits;

    if (parse_address(address, ret) < 0)
        return -E_CONFIG;
    if (!bits_text.p)
        return 0;
    if (str_to_i64(bits_text, &bits) < 0 || bits > ret->bits)
        return -E_CONFIG;
    ret->bits = (int)bits;
    return 0;
}

int proxies_new(struct str list, struct proxies **ret)
{
    struct proxies *p = calloc(1, sizeof *p);

    if (!p)
        return -E_NO_MEMORY;
    while (list.p) {
        struct str item = str_trim(str_cut(list, ',', &list));
        if (item.n == 0)
            continue;
        if (p->count == PROXIES_MAX || parse_prefix(item, &p->list[p->count]) < 0) {
            free(p);
            return -E_CONFIG;
        }
        p->count++;
    }
    *ret = p;
    return 0;
}

void proxies_free(struct proxies *p)
{
    free(p);
}

static bool within(const struct prefix *prefix, const struct prefix *address)
{
    int whole = prefix->bits / 8;
    int rest = prefix->bits % 8;

    if (prefix->family != address->family ||
        memcmp(prefix->bytes, address->bytes, (size_t)whole) != 0)
        return false;
    return rest == 0 || (prefix->bytes[whole] ^ address->bytes[whole]) >> (8 - rest) == 0;
}

static bool trusted(const struct proxies *p, struct str text)
{
    struct prefix address;

    if (parse_address(text, &address) < 0)
        return false;
    for (size_t i = 0; i < p->count; i++)
        if (within(&p->list[i], &address))
            return true;
    return false;
}

/* One field from its right end. True when all of it was taken in, and what stands further left may
 * be believed too. */
static bool walk(const struct proxies *p, struct str chain, struct str *client)
{
    struct prefix unused;

    while (trusted(p, *client)) {
        size_t at = chain.n;
        while (at > 0 && chain.p[at - 1] != ',')
            at--;
        struct str next = str_trim(str_of(chain.p + at, chain.n - at));
        if (parse_address(next, &unused) < 0)
            return false;
        *client = next;
        if (at == 0)
            return true;
        chain.n = at - 1;
    }
    return false;
}

/* Proxies either extend the field or add one of their own behind it: the last field is the nearest.
 */
struct str proxies_client(const struct proxies *p, const struct http_request *r)
{
    struct str client = r->address;

    for (size_t i = r->field_count; i > 0; i--)
        if (str_is(r->fields[i - 1].name, "x-forwarded-for") &&
            !walk(p, r->fields[i - 1].value, &client))
            break;
    return client;
}
