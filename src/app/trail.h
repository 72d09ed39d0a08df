/*
 * trail.h - audit rows that must not hold up an answer: refusals and reads.
 *
 * Notes are queued (bounded) and appended by one thread, several in a transaction. Reads of one
 * record by one viewer are noted once per quarter of an hour (DESIGN.md, decision 8). A note that
 * finds the queue full is written to the log as an error, never dropped in silence.
 */
#ifndef ACOLHE_APP_TRAIL_H
#define ACOLHE_APP_TRAIL_H

#include "store/audit.h"

#define TRAIL_QUEUE_MAX 65536
#define TRAIL_BATCH_MAX 256
#define TRAIL_COALESCE_US (INT64_C(15) * 60 * 1000000)

struct trail;
/* `db` is a connection for the trail alone; it stays the caller's. Starts the thread. */
int trail_new(struct db *db, const struct id *node, struct trail **ret);
/* Copies what the entry points to (action, object_type and outcome are static). Any thread. NULL
 * trail: nothing is noted. `coalesce`: once per actor, action, object and quarter of an hour. */
void trail_note(struct trail *t, const struct audit_entry *entry, bool coalesce);
/* Appends what is queued, then ends the thread. NULL is accepted. */
void trail_free(struct trail *t);

#endif
