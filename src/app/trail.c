/* trail.c - see trail.h. */
#include "app/trail.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "base/error.h"
#include "base/log.h"

#define SEEN_SLOTS 16384 /* coalescing table: direct-mapped; a collision costs one extra row */

struct note {
    struct note *next;
    struct audit_entry entry;
    char bytes[];
};

struct seen {
    uint64_t key;
    int64_t quarter;
};

struct trail {
    struct db *db;
    struct id node;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    pthread_t thread;
    struct note *head; /* under lock */
    struct note **tail;
    size_t count;
    bool stopping;
    struct seen seen[SEEN_SLOTS]; /* under lock */
};

static struct str take_copy(char **at, struct str s)
{
    char *p = *at;

    if (s.n > 0)
        memcpy(p, s.p, s.n);
    *at += s.n;
    return str_of(p, s.n);
}

static struct note *note_new(const struct audit_entry *e)
{
    size_t extra = e->address.n + e->request_id.n + e->detail.n;
    struct note *n = malloc(sizeof *n + extra);

    if (!n)
        return NULL;
    n->next = NULL;
    n->entry = *e;
    char *at = n->bytes;
    n->entry.address = take_copy(&at, e->address);
    n->entry.request_id = take_copy(&at, e->request_id);
    n->entry.detail = take_copy(&at, e->detail);
    return n;
}

/* Was the same read noted in this quarter of an hour? Remembers it if not. */
static bool seen_before(struct trail *t, const struct audit_entry *e)
{
    uint64_t key = id_hash(&e->actor) ^ (id_hash(&e->object) * UINT64_C(31));
    int64_t quarter = e->at / TRAIL_COALESCE_US;

    for (const char *c = e->action; *c; c++)
        key = (key ^ (unsigned char)*c) * UINT64_C(0x100000001B3);
    struct seen *slot = &t->seen[key % SEEN_SLOTS];
    if (slot->key == key && slot->quarter == quarter)
        return true;
    *slot = (struct seen){key, quarter};
    return false;
}

void trail_note(struct trail *t, const struct audit_entry *entry, bool coalesce)
{
    struct note *n = NULL;
    bool lost = false;

    if (!t)
        return;
    pthread_mutex_lock(&t->lock);
    if (!coalesce || !seen_before(t, entry)) {
        n = t->count < TRAIL_QUEUE_MAX ? note_new(entry) : NULL;
        lost = n == NULL;
    }
    if (n) {
        *t->tail = n;
        t->tail = &n->next;
        if (t->count++ == 0)
            pthread_cond_signal(&t->wake);
    }
    pthread_mutex_unlock(&t->lock);
    if (lost)
        log_event(LOG_ERROR, "audit", "a note found the queue full",
                  log_text("action", entry->action), log_id("actor", entry->actor),
                  log_id("object", entry->object), log_text("outcome", entry->outcome),
                  log_str("address", entry->address));
}

static size_t take_notes(struct trail *t, struct note *notes[TRAIL_BATCH_MAX])
{
    size_t n = 0;

    pthread_mutex_lock(&t->lock);
    while (t->count == 0 && !t->stopping)
        pthread_cond_wait(&t->wake, &t->lock);
    while (n < TRAIL_BATCH_MAX && t->head) {
        notes[n++] = t->head;
        t->head = t->head->next;
        t->count--;
    }
    if (!t->head)
        t->tail = &t->head;
    pthread_mutex_unlock(&t->lock);
    return n;
}

static int append(struct trail *t, struct note *notes[], size_t count)
{
    struct audit_entry entries[TRAIL_BATCH_MAX];

    for (size_t i = 0; i < count; i++)
        entries[i] = notes[i]->entry;
    int r = db_begin(t->db, DB_WRITE);
    if (r < 0)
        return r;
    r = audit_append_many(t->db, &t->node, entries, count);
    if (r == 0)
        return db_commit(t->db);
    db_rollback(t->db);
    return r;
}

/* Is it worth trying again: busy, full, away, out of memory? */
static bool passes(int err)
{
    return err == -E_UNAVAILABLE || err == -E_IO || err == -E_DATABASE || err == -E_NO_MEMORY;
}

/* Waits a little; false when the trail is to end. */
static bool pause_a_little(struct trail *t)
{
    (void)clock_nanosleep(CLOCK_MONOTONIC, 0, &(struct timespec){.tv_nsec = 200 * 1000000L}, NULL);
    pthread_mutex_lock(&t->lock);
    bool go_on = !t->stopping;
    pthread_mutex_unlock(&t->lock);
    return go_on;
}

/* While the database is away the notes wait; what no longer fits into the queue goes to the log. */
static void *trail_main(void *arg)
{
    struct trail *t = arg;
    struct note *notes[TRAIL_BATCH_MAX];
    size_t n;

    while ((n = take_notes(t, notes)) > 0) {
        int r = append(t, notes, n);
        while (passes(r) && pause_a_little(t))
            r = append(t, notes, n);
        for (size_t i = 0; i < n; i++) {
            const struct audit_entry *e = &notes[i]->entry;
            if (r < 0)
                log_event(LOG_ERROR, "audit", "a note could not be stored", log_err("error", r),
                          log_text("action", e->action), log_id("actor", e->actor),
                          log_id("object", e->object), log_text("outcome", e->outcome),
                          log_str("address", e->address));
            free(notes[i]);
        }
    }
    return NULL;
}

int trail_new(struct db *db, const struct id *node, struct trail **ret)
{
    struct trail *t = calloc(1, sizeof *t);

    if (!t)
        return -E_NO_MEMORY;
    t->db = db;
    t->node = *node;
    t->tail = &t->head;
    pthread_mutex_init(&t->lock, NULL);
    pthread_cond_init(&t->wake, NULL);
    if (pthread_create(&t->thread, NULL, trail_main, t) != 0) {
        free(t);
        return -E_NO_MEMORY;
    }
    (void)pthread_setname_np(t->thread, "audit");
    *ret = t;
    return 0;
}

void trail_free(struct trail *t)
{
    if (!t)
        return;
    pthread_mutex_lock(&t->lock);
    t->stopping = true;
    pthread_cond_signal(&t->wake);
    pthread_mutex_unlock(&t->lock);
    pthread_join(t->thread, NULL);
    pthread_cond_destroy(&t->wake);
    pthread_mutex_destroy(&t->lock);
    free(t);
}
