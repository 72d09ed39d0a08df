/*
 * sqlite.h - inside the SQLite driver.
 *
 *   sqlite.c        opening, transactions, backup, checks
 *   sqlite_query.c  statements: prepared once, bound, read
 *   sqlite_file.c   what all connections of this process to one file share: the turn to write, the
 *                   refusal after a lost write, the checkpoint thread
 */
#ifndef ACOLHE_DB_SQLITE_H
#define ACOLHE_DB_SQLITE_H

#include <sqlite3.h>

#include "db/driver.h"

/* ---- sqlite_file.c; any thread ---- */
struct sqlite_file;
/* Creates a missing file with mode 0600. 0 or -E_DATABASE. */
int sqlite_file_create(const char *path);
/* The shared state of an existing file; given back with sqlite_file_put. */
int sqlite_file_get(const char *path, struct sqlite_file **ret);
void sqlite_file_put(struct sqlite_file *f); /* the last one ends the checkpoint thread */
/* First come, first served. 0; -E_UNAVAILABLE when the one whose turn it is has it longer than
 * `patience_us`; -E_IO once poisoned. */
int sqlite_file_lock(struct sqlite_file *f, int64_t patience_us);
void sqlite_file_unlock(struct sqlite_file *f);
size_t sqlite_file_waiting(struct sqlite_file *f); /* writers in the queue */
/* Stuck: the last writer waited in vain for another process. Until one gets through, nobody else
 * waits as long: many requests would otherwise wait one after the other, each its full time. */
bool sqlite_file_stuck(struct sqlite_file *f);
void sqlite_file_set_stuck(struct sqlite_file *f, bool stuck);
/* A write was lost: refuse all further ones of this process. Why, see sqlite_file.c. */
void sqlite_file_poison(struct sqlite_file *f, const char *where, int rc);
bool sqlite_file_poisoned(struct sqlite_file *f);
/* The write-ahead log has `pages` pages after a commit. */
void sqlite_file_grown(struct sqlite_file *f, int pages);

/* ---- sqlite_query.c ---- */
struct sqlite_cached;
struct sqlite_cache {
    struct sqlite_cached *slots; /* open addressing by the query's address */
    size_t room, used;
};

struct sqlite_db {
    struct db db; /* first */
    sqlite3 *handle;
    struct sqlite_file *file;
    struct sqlite_cache cache;
    bool locked;   /* holds the file's turn to write */
    int wal_pages; /* as of this connection's last commit; 0: nothing new */
};

static inline struct sqlite_db *sqlite_db_of(struct db *db)
{
    return (struct sqlite_db *)db;
}

int sqlite_exec(struct db *db, const struct db_query *q, const void *params, size_t n,
                int64_t *ret_changes);
int sqlite_rows(struct db *db, const struct db_query *q, const void *params,
                const struct db_sink *sink);
int sqlite_prepare(struct db *db, const struct db_query *q);
void sqlite_cache_done(struct sqlite_cache *cache);

/* Maps an (extended) result code and logs what is nobody's everyday business. `what` is the query's
 * name or the step that failed. */
int sqlite_error(sqlite3 *handle, int rc, const char *what);

#endif
