/*
 * audit.h - the audit trail: append-only, one hash chain per node.
 *
 * hash(n) = SHA-256 over hash(n-1) and every column of row n, each part preceded by its length, so
 * that a changed, removed, inserted or reordered row is found by walking the chain.
 */
#ifndef ACOLHE_STORE_AUDIT_H
#define ACOLHE_STORE_AUDIT_H

#include "crypto/crypto.h"
#include "db/db.h"
#include "store/grant.h"

#define AUDIT_DETAIL_MAX 500

struct audit_entry {
    int64_t at;
    struct id actor;         /* ID_NONE: nobody signed in, or the system */
    const char *action;      /* "session.create", "conversation.read" … static */
    const char *object_type; /* "account", "conversation" …; "" for none */
    struct id object;        /* ID_NONE: none */
    const char *outcome;     /* "ok" or an error's public code */
    struct str address;
    struct str request_id;
    struct str detail; /* never a secret, never clinical text */
};
/* In a write transaction: so the chain of this node has one writer at a time. */
int audit_append(struct db *db, const struct id *node, const struct audit_entry *entry);
int audit_append_many(struct db *db, const struct id *node, const struct audit_entry *entries,
                      size_t count);

struct audit_row {
    struct id node;
    int64_t seq;
    int64_t at;
    struct id actor;
    struct str action;
    struct str object_type;
    struct id object;
    struct str outcome;
    struct str address;
    struct str request_id;
    struct str detail;
    uint8_t hash[CRYPTO_SHA256];
};

struct audit_filter {
    struct id actor;
    struct id object;
    struct str action;
    int64_t from_at;
    int64_t to_at;
    int64_t before_at;
    int64_t before_seq;
    int64_t limit;
};
/* RIGHT_TRAIL. Newest first. */
int audit_list(struct db *db, const struct grant *g, struct arena *a,
               const struct audit_filter *filter, struct audit_row **ret, size_t *ret_count);
/* RIGHT_TRAIL. Every row in chain order; texts borrowed until `each` returns. */
int audit_walk(struct db *db, const struct grant *g, int64_t from_at, int64_t to_at,
               int (*each)(void *arg, const struct audit_row *row), void *arg);

struct audit_break {
    struct id node;
    int64_t seq;        /* the first row that does not follow from the one before */
    const char *reason; /* "changed", "missing" */
};
struct audit_report {
    uint64_t rows;
    uint64_t nodes;
};
/* RIGHT_TRAIL. 0 when every chain holds; -E_CORRUPT with the first break. */
int audit_verify(struct db *db, const struct grant *g, struct audit_report *ret,
                 struct audit_break *ret_break);

#endif
