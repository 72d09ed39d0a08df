/*
 * conversations.h - the conversation aggregate: its key, its moving part (last sequence number and
 * watermarks), its place in a person's list. The messages are in messages.h.
 */
#ifndef ACOLHE_STORE_CONVERSATIONS_H
#define ACOLHE_STORE_CONVERSATIONS_H

#include "crypto/crypto.h"
#include "db/db.h"
#include "domain/care.h"
#include "store/grant.h"
#include "store/relationships.h"

/* RIGHT_RELATIONSHIP on its relationship: makes the one conversation, with a key of its own, or
 * finds it and sets its state. The id of the conversation in *ret. */
int conversation_open(struct db *db, const struct grant *g, const struct keyring *keys,
                      const struct relationship *relationship, int64_t now_us, struct id *ret);
int conversation_close(struct db *db, const struct grant *g,
                       const struct relationship *relationship);

/* RIGHT_CONVERSATION_READ on it. */
int conversation_get(struct db *db, const struct grant *g, struct arena *a, const struct id *id,
                     struct conversation *ret);
/* RIGHT_CONVERSATION_READ on it. The data key; wipe it after use. */
int conversation_key(const struct grant *g, const struct keyring *keys,
                     const struct conversation *conversation, struct data_key *ret);
/* RIGHT_CONVERSATION_READ on it (watermarks move in closed ones too). Stores last_seq, last_at and
 * the watermarks; in a write transaction that read them. */
int conversation_store(struct db *db, const struct grant *g,
                       const struct conversation *conversation);
/* RIGHT_CARE. The actor's own, latest activity first, before a key. */
int conversation_list(struct db *db, const struct grant *g, struct arena *a,
                      const struct page_key *before, int64_t limit, struct page_key **ret,
                      size_t *ret_count);

#endif
