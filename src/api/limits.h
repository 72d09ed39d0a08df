/*
 * limits.h - rate limits: token buckets by class and by account or address.
 *
 * Kept in this process (bounded: LIMITS_SLOTS buckets; the least recently used of a neighbourhood
 * gives way). A bucket holds `burst` tokens and gains `per_minute`; each request takes one.
 */
#ifndef ACOLHE_API_LIMITS_H
#define ACOLHE_API_LIMITS_H

#include "base/id.h"
#include "base/str.h"

/* X(name, burst, per minute) */
#define RATE_TABLE(X)                                                                              \
    X(NONE, 0, 0)                                                                                  \
    X(PUBLIC, 120, 600)        /* by address */                                                    \
    X(SIGN_IN, 30, 10)         /* by address */                                                    \
    X(SIGN_IN_PAIR, 10, 2)     /* by account and address: wrong passwords only */                  \
    X(SIGN_IN_ACCOUNT, 100, 6) /* by account, whatever the address: wrong passwords only */        \
    X(REGISTER, 10, 2)         /* by address */                                                    \
    X(READ, 300, 3000)         /* by account */                                                    \
    X(WRITE, 60, 120)          /* by account */                                                    \
    X(SEARCH, 20, 60)          /* by account */                                                    \
    X(SOCKET, 1000, 12000)     /* by account: operations of all its sockets together */

enum rate {
    RATE_INVALID_ = 0,
#define X(name, burst, per_minute) RATE_##name,
    RATE_TABLE(X)
#undef X
        RATE_COUNT_
};
extern const char *const rate_names[]; /* by enum */

#define LIMITS_SLOTS 65536

struct limits;
struct limits *limits_new(bool enabled); /* NULL out of memory */
void limits_free(struct limits *l);

/* Takes a token; true when there was one. Else *ret_wait_s (1 or more) tells when to come again.
 * Any thread. */
bool limits_take(struct limits *l, enum rate rate, uint64_t key, int64_t mono_us,
                 int64_t *ret_wait_s);
/* Gives a token back: the attempt was a good one. */
void limits_return(struct limits *l, enum rate rate, uint64_t key);
int64_t limits_burst(enum rate rate);

/* Keyed by a secret of this process, so that nobody can make up a text that shares a bucket (or its
 * neighbourhood) with somebody else's. `kind` keeps apart what is counted by the same rate. */
uint64_t limits_key_text(const char *kind, struct str a, struct str b);
/* An address as text; of IPv6 the first 64 bits, which is what one subscriber has. */
uint64_t limits_key_address(struct str address);

#endif
