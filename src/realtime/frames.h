/*
 * frames.h - the realtime protocol's frames from the server, as text (docs/protocol.md). Each is
 * encoded once, whatever the number of recipients. NULL out of memory.
 */
#ifndef ACOLHE_REALTIME_FRAMES_H
#define ACOLHE_REALTIME_FRAMES_H

#include "domain/care.h"
#include "net/net.h"

/* The members of a message, the same in a frame and in an answer of the API. */
void message_members(struct buf *b, const struct message *m);
struct ws_frame *frame_message(const struct message *m);
struct ws_frame *frame_ack(const struct id *conversation, const struct id *client_id, int64_t seq,
                           int64_t at);
struct ws_frame *frame_edited(const struct id *conversation, int64_t seq, struct str text,
                              int64_t at);
struct ws_frame *frame_deleted(const struct id *conversation, int64_t seq, int64_t at);
/* op: "delivered" or "read" */
struct ws_frame *frame_watermark(const char *op, const struct id *conversation, int64_t seq,
                                 const struct id *by, int64_t at);
struct ws_frame *frame_typing(const struct id *conversation, const struct id *by);
struct ws_frame *frame_synced(const struct id *conversation, int64_t seq);
struct ws_frame *frame_presence(const struct id *user, bool online, int64_t at);
/* topic: "conversation", "relationship" or "appointment" */
struct ws_frame *frame_event(const char *topic, const struct id *id);
/* err: of base/error.h; client_id and retry_after_ms are left out when NULL / 0. */
struct ws_frame *frame_error(int err, const char *detail, const struct id *client_id,
                             int64_t retry_after_ms);

#endif
