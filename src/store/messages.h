/*
 * messages.h - the message log: sealed on the way in, opened on the way out.
 *
 * Bodies are sealed under the conversation's key; the associated data binds conversation, sequence
 * number, version and side, so that no row can be moved or swapped unnoticed.
 */
#ifndef ACOLHE_STORE_MESSAGES_H
#define ACOLHE_STORE_MESSAGES_H

#include "crypto/crypto.h"
#include "db/db.h"
#include "domain/care.h"
#include "store/grant.h"

/* A message on its way into the log. */
struct message_draft {
    const struct grant *grant;         /* RIGHT_CONVERSATION_WRITE */
    struct conversation *conversation; /* last_seq and last_at are raised */
    const struct data_key *key;
    enum side side;
    enum message_kind kind;
    struct id client_id;
    struct str text;
    int64_t at;
    int64_t seq; /* out */
};
/* Numbers, seals and inserts, in the order given; in a write transaction that read the
 * conversations. The caller stores them after (conversation_store). */
int message_append(struct db *db, struct arena *a, struct message_draft *drafts, size_t count);

/* Was it sent before? 0 with the first one's seq and time, or -E_NOT_FOUND.
 * RIGHT_CONVERSATION_READ. */
int message_find_sent(struct db *db, const struct grant *g, const struct conversation *conversation,
                      enum side side, const struct id *client_id, int64_t *ret_seq,
                      int64_t *ret_at);

struct message_page {
    int64_t after;  /* exclusive; 0: from the first */
    int64_t before; /* exclusive; INT64_MAX: to the last */
    int64_t limit;
    bool from_end; /* the last ones of the range instead of the first */
};
/* RIGHT_CONVERSATION_READ. Ascending whatever `from_end`; *ret_more: there are others in the range.
 */
int message_list(struct db *db, const struct grant *g, struct arena *a, const struct keyring *keys,
                 const struct conversation *conversation, const struct message_page *page,
                 struct message **ret, size_t *ret_count, bool *ret_more);

/* RIGHT_CONVERSATION_READ. Texts of the other side after a sequence number, counted up to 1000. */
int message_count_unread(struct db *db, const struct grant *g,
                         const struct conversation *conversation, enum side side, int64_t after,
                         int64_t *ret);

/* RIGHT_CONVERSATION_READ. Newest first, those whose folded text contains `folded`; opens at most
 * MESSAGE_SEARCH_MAX messages and folds MESSAGE_SEARCH_BYTES; *ret_more: there may be others. */
#define MESSAGE_SEARCH_MAX 20000
#define MESSAGE_SEARCH_BYTES ((size_t)4 << 20)
int message_search(struct db *db, const struct grant *g, struct arena *a,
                   const struct keyring *keys, const struct conversation *conversation,
                   struct str folded, size_t limit, struct message **ret, size_t *ret_count,
                   bool *ret_more);

/* RIGHT_CONVERSATION_WRITE. Replaces the text (edit) or leaves a tombstone (`text` STR_NONE); what
 * was there is kept. Only one's own, a text, not deleted, and within window_us of its time:
 * -E_NOT_FOUND, -E_TOO_LATE. */
int message_replace(struct db *db, const struct grant *g, struct arena *a,
                    const struct conversation *conversation, const struct data_key *key,
                    enum side side, int64_t seq, struct str text, int64_t window_us,
                    int64_t now_us);

#endif
