/*
 * peers.h - how many connections each address has open, for per_address_max. Shared by all loops,
 * so behind a lock; not used at all when the limit is off.
 */
#ifndef ACOLHE_NET_PEERS_H
#define ACOLHE_NET_PEERS_H

#include <pthread.h>
#include <sys/socket.h>

#include "base/str.h"

/* An IPv4 address, or the /64 of an IPv6 one (what one host usually has); zero for none. */
struct peer_key {
    unsigned char b[16];
};

struct peer_count {
    struct peer_key key;
    size_t count; /* 0: free */
};

struct peers {
    pthread_mutex_t lock;
    size_t limit;             /* 0 = off */
    struct peer_count *table; /* open addressing, a power of two */
    size_t size;
    size_t used;
    uint64_t seed;
};

void peers_init(struct peers *p, size_t limit);
void peers_done(struct peers *p);
struct peer_key peer_key_from(const struct sockaddr_storage *address);
/* Counts one more; false past the limit or out of memory (then nothing is counted). Any thread. */
bool peers_enter(struct peers *p, const struct peer_key *key);
void peers_leave(struct peers *p, const struct peer_key *key);

#endif
