/* peers.c - connections per address. See peers.h. */
#include "net/peers.h"

#include <netinet/in.h>
#include <stdlib.h>
#include <sys/random.h>

void peers_init(struct peers *p, size_t limit)
{
    *p = (struct peers){.limit = limit};
    (void)pthread_mutex_init(&p->lock, NULL);
    /* without randomness the table still works, only its order is known */
    (void)!getrandom(&p->seed, sizeof p->seed, 0);
}

void peers_done(struct peers *p)
{
    free(p->table);
    (void)pthread_mutex_destroy(&p->lock);
}

struct peer_key peer_key_from(const struct sockaddr_storage *address)
{
    struct peer_key key = {{0}};

    if (address->ss_family == AF_INET) {
        const struct sockaddr_in *in = (const void *)address;
        key.b[0] = 4;
        memcpy(key.b + 1, &in->sin_addr, 4);
    } else if (address->ss_family == AF_INET6) {
        const struct sockaddr_in6 *in6 = (const void *)address;
        if (IN6_IS_ADDR_V4MAPPED(&in6->sin6_addr)) {
            key.b[0] = 4;
            memcpy(key.b + 1, in6->sin6_addr.s6_addr + 12, 4);
        } else {
            key.b[0] = 6;
            memcpy(key.b + 1, &in6->sin6_addr, 8);
        }
    }
    return key;
}

static size_t place(const struct peers *p, const struct peer_key *key)
{
    uint64_t a;
    uint64_t b;

    memcpy(&a, key->b, sizeof a);
    memcpy(&b, key->b + 8, sizeof b);
    uint64_t h = (a ^ p->seed) * UINT64_C(0x9E3779B97F4A7C15);
    h = (h ^ h >> 32 ^ b) * UINT64_C(0xD6E8FEB86659FD93);
    return (size_t)(h ^ h >> 32) & (p->size - 1);
}

/* The key's entry, or the free one where it would go. The table is never full. */
static struct peer_count *find(const struct peers *p, const struct peer_key *key)
{
    size_t i = place(p, key);

    while (p->table[i].count > 0 && memcmp(p->table[i].key.b, key->b, sizeof key->b) != 0)
        i = (i + 1) & (p->size - 1);
    return &p->table[i];
}

static bool grow(struct peers *p)
{
    struct peers bigger = *p;

    bigger.size = p->size > 0 ? p->size * 2 : 64;
    bigger.table = calloc(bigger.size, sizeof *bigger.table);
    if (!bigger.table)
        return false;
    for (size_t i = 0; i < p->size; i++)
        if (p->table[i].count > 0)
            *find(&bigger, &p->table[i].key) = p->table[i];
    free(p->table);
    p->table = bigger.table;
    p->size = bigger.size;
    return true;
}

bool peers_enter(struct peers *p, const struct peer_key *key)
{
    bool entered = false;

    if (p->limit == 0 || key->b[0] == 0)
        return true;
    pthread_mutex_lock(&p->lock);
    if (p->used * 2 < p->size || grow(p)) {
        struct peer_count *entry = find(p, key);
        entered = entry->count < p->limit;
        if (entered && entry->count++ == 0) {
            entry->key = *key;
            p->used++;
        }
    }
    pthread_mutex_unlock(&p->lock);
    return entered;
}

/* Frees the entry at `hole` and moves back those behind it that would no longer be found. */
static void remove_at(struct peers *p, size_t hole)
{
    size_t i = hole;

    p->table[hole].count = 0;
    p->used--;
    for (;;) {
        i = (i + 1) & (p->size - 1);
        if (p->table[i].count == 0)
            return;
        size_t home = place(p, &p->table[i].key);
        if (((i - home) & (p->size - 1)) >= ((i - hole) & (p->size - 1))) {
            p->table[hole] = p->table[i];
            p->table[i].count = 0;
            hole = i;
        }
    }
}

void peers_leave(struct peers *p, const struct peer_key *key)
{
    if (p->limit == 0 || key->b[0] == 0)
        return;
    pthread_mutex_lock(&p->lock);
    struct peer_count *entry = find(p, key);
    if (entry->count > 0 && --entry->count == 0)
        remove_at(p, (size_t)(entry - p->table));
    pthread_mutex_unlock(&p->lock);
}
