/* limits.c - see limits.h. */
#include "api/limits.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/random.h>

#include "app/app.h"

#define SHARDS 16
#define PROBES 8
#define SHARD_SLOTS (LIMITS_SLOTS / SHARDS)
#define MILLI 1000

const char *const rate_names[] = {"invalid",
#define X(name, burst, per_minute) #name,
                                  RATE_TABLE(X)
#undef X
};

struct rate_rule {
    int64_t burst;
    int64_t per_minute;
};
static const struct rate_rule rules[RATE_COUNT_] = {
#define X(name, burst, per_minute) [RATE_##name] = {burst, per_minute},
    RATE_TABLE(X)
#undef X
};

struct bucket {
    uint64_t key; /* 0: free */
    int64_t at;   /* when `milli` was right, monotonic */
    int64_t milli;
};

struct shard {
    pthread_mutex_t lock;
    struct bucket buckets[SHARD_SLOTS];
};

struct limits {
    bool enabled;
    struct shard shards[SHARDS];
};

static pthread_once_t seeded = PTHREAD_ONCE_INIT;
static uint8_t seed[32];

static void make_seed(void)
{
    /* without randomness the limits still work, only their places are known */
    (void)!getrandom(seed, sizeof seed, 0);
}

struct limits *limits_new(bool enabled)
{
    struct limits *l = calloc(1, sizeof *l);

    if (!l)
        return NULL;
    l->enabled = enabled;
    (void)pthread_once(&seeded, make_seed);
    for (size_t i = 0; i < SHARDS; i++)
        pthread_mutex_init(&l->shards[i].lock, NULL);
    return l;
}

void limits_free(struct limits *l)
{
    if (!l)
        return;
    for (size_t i = 0; i < SHARDS; i++)
        pthread_mutex_destroy(&l->shards[i].lock);
    free(l);
}

int64_t limits_burst(enum rate rate)
{
    return rules[rate].burst;
}

uint64_t limits_key_text(const char *kind, struct str a, struct str b)
{
    const struct str parts[] = {str_of(seed, sizeof seed), str_from(kind), a, b};
    uint8_t hash[CRYPTO_SHA256];
    uint64_t key;

    crypto_sha256(parts, sizeof parts / sizeof *parts, hash);
    memcpy(&key, hash, sizeof key);
    return key;
}

uint64_t limits_key_address(struct str address)
{
    char text[INET6_ADDRSTRLEN];
    struct in6_addr v6;

    if (str_to_cstring(address, text, sizeof text) == 0 && inet_pton(AF_INET6, text, &v6) == 1)
        return limits_key_text("subnet", str_of(v6.s6_addr, 8), STR_NONE);
    return limits_key_text("address", address, STR_NONE);
}

static uint64_t mix(enum rate rate, uint64_t key)
{
    uint64_t h = (key ^ (uint64_t)rate << 56) * UINT64_C(0x9E3779B97F4A7C15);

    h ^= h >> 29;
    return h ? h : 1;
}

/* The bucket of the key: its own, a free one, or the stalest of the neighbourhood. Under lock. */
static struct bucket *find(struct shard *s, uint64_t h, const struct rate_rule *rule, int64_t now)
{
    struct bucket *stalest = NULL;

    for (size_t i = 0; i < PROBES; i++) {
        struct bucket *b = &s->buckets[((h >> 8) + i) % SHARD_SLOTS];
        if (b->key == h)
            return b;
        if (!stalest || b->key == 0 || (stalest->key != 0 && b->at < stalest->at))
            stalest = b;
    }
    *stalest = (struct bucket){h, now, rule->burst * MILLI};
    return stalest;
}

bool limits_take(struct limits *l, enum rate rate, uint64_t key, int64_t mono_us,
                 int64_t *ret_wait_s)
{
    const struct rate_rule *rule = &rules[rate];

    if (!l->enabled || rule->burst == 0)
        return true;
    uint64_t h = mix(rate, key);
    struct shard *s = &l->shards[h % SHARDS];
    pthread_mutex_lock(&s->lock);
    struct bucket *b = find(s, h, rule, mono_us);
    int64_t elapsed =
        mono_us - b->at > 3600 * INT64_C(1000000) ? 3600 * INT64_C(1000000) : mono_us - b->at;
    int64_t gained = elapsed * rule->per_minute / 60000; /* thousandths */
    if (gained > 0) {
        b->milli =
            b->milli + gained > rule->burst * MILLI ? rule->burst * MILLI : b->milli + gained;
        /* what is less than a thousandth is kept, so that asking often does not slow it down */
        b->at = mono_us - (elapsed - gained * 60000 / rule->per_minute);
    }
    bool taken = b->milli >= MILLI;
    if (taken)
        b->milli -= MILLI;
    else
        *ret_wait_s =
            ((MILLI - b->milli) * 60 + rule->per_minute * MILLI - 1) / (rule->per_minute * MILLI);
    pthread_mutex_unlock(&s->lock);
    return taken;
}

void limits_return(struct limits *l, enum rate rate, uint64_t key)
{
    const struct rate_rule *rule = &rules[rate];
    uint64_t h = mix(rate, key);
    struct shard *s = &l->shards[h % SHARDS];

    if (!l->enabled)
        return;
    pthread_mutex_lock(&s->lock);
    for (size_t i = 0; i < PROBES; i++) {
        struct bucket *b = &s->buckets[((h >> 8) + i) % SHARD_SLOTS];
        if (b->key == h && b->milli + MILLI <= rule->burst * MILLI)
            b->milli += MILLI;
    }
    pthread_mutex_unlock(&s->lock);
}
