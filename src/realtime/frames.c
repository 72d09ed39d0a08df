/* frames.c - see frames.h. Written straight into a buffer: no tree, no second pass. */
#include "realtime/frames.h"

#include "base/error.h"
#include "json/emit.h"

/* The longest text is 4,000 scalar values, at most 6 bytes each when escaped, plus the rest. */
#define FRAME_MAX ((size_t)64 * 1024)

static void open_frame(struct buf *b, const char *op)
{
    buf_init(b, FRAME_MAX);
    (void)buf_reserve(b, 512);
    (void)buf_add_char(b, '{');
    emit_literal(b, "op", op);
}

static struct ws_frame *close_frame(struct buf *b)
{
    emit_close(b, '}');
    struct ws_frame *f = b->err ? NULL : ws_frame_text(buf_str(b));
    buf_done(b);
    return f;
}

void message_members(struct buf *b, const struct message *m)
{
    emit_id(b, "conversation", &m->conversation);
    emit_i64(b, "seq", m->seq);
    emit_id(b, "client_id", &m->client_id);
    emit_id(b, "from", &m->from);
    emit_literal(b, "kind", message_kind_names[m->kind - 1]);
    emit_text(b, "text", m->deleted ? STR("") : m->text);
    emit_time(b, "at", m->at);
    if (m->edited_at)
        emit_time(b, "edited_at", m->edited_at);
    if (m->deleted)
        emit_bool(b, "deleted", true);
}

struct ws_frame *frame_message(const struct message *m)
{
    struct buf b;

    open_frame(&b, "message");
    message_members(&b, m);
    return close_frame(&b);
}

struct ws_frame *frame_ack(const struct id *conversation, const struct id *client_id, int64_t seq,
                           int64_t at)
{
    struct buf b;

    open_frame(&b, "ack");
    emit_id(&b, "conversation", conversation);
    emit_id(&b, "client_id", client_id);
    emit_i64(&b, "seq", seq);
    emit_time(&b, "at", at);
    return close_frame(&b);
}

struct ws_frame *frame_edited(const struct id *conversation, int64_t seq, struct str text,
                              int64_t at)
{
    struct buf b;

    open_frame(&b, "edited");
    emit_id(&b, "conversation", conversation);
    emit_i64(&b, "seq", seq);
    emit_text(&b, "text", text);
    emit_time(&b, "at", at);
    return close_frame(&b);
}

struct ws_frame *frame_deleted(const struct id *conversation, int64_t seq, int64_t at)
{
    struct buf b;

    open_frame(&b, "deleted");
    emit_id(&b, "conversation", conversation);
    emit_i64(&b, "seq", seq);
    emit_time(&b, "at", at);
    return close_frame(&b);
}

struct ws_frame *frame_watermark(const char *op, const struct id *conversation, int64_t seq,
                                 const struct id *by, int64_t at)
{
    struct buf b;

    open_frame(&b, op);
    emit_id(&b, "conversation", conversation);
    emit_i64(&b, "seq", seq);
    emit_id(&b, "by", by);
    emit_time(&b, "at", at);
    return close_frame(&b);
}

struct ws_frame *frame_typing(const struct id *conversation, const struct id *by)
{
    struct buf b;

    open_frame(&b, "typing");
    emit_id(&b, "conversation", conversation);
    emit_id(&b, "by", by);
    return close_frame(&b);
}

struct ws_frame *frame_synced(const struct id *conversation, int64_t seq)
{
    struct buf b;

    open_frame(&b, "synced");
    emit_id(&b, "conversation", conversation);
    emit_i64(&b, "seq", seq);
    return close_frame(&b);
}

struct ws_frame *frame_presence(const struct id *user, bool online, int64_t at)
{
    struct buf b;

    open_frame(&b, "presence");
    emit_id(&b, "user", user);
    emit_bool(&b, "online", online);
    emit_time(&b, "at", at);
    return close_frame(&b);
}

struct ws_frame *frame_event(const char *topic, const struct id *id)
{
    struct buf b;

    open_frame(&b, "event");
    emit_literal(&b, "topic", topic);
    emit_id(&b, "id", id);
    return close_frame(&b);
}

struct ws_frame *frame_error(int err, const char *detail, const struct id *client_id,
                             int64_t retry_after_ms)
{
    const struct error_info *info = error_info(err);
    struct buf b;

    open_frame(&b, "error");
    emit_literal(&b, "code", info->code);
    emit_text(&b, "detail", str_from(detail ? detail : info->detail));
    if (client_id)
        emit_id(&b, "client_id", client_id);
    if (retry_after_ms > 0)
        emit_i64(&b, "retry_after_ms", retry_after_ms);
    return close_frame(&b);
}
