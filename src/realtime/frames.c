/* frames.c - see frames.h. Written straight into a buffer: no tree, no second pass. */
#include "realtime/frames.h"

#include "base/error.h"
#include "json/json.h"

/* The longest text is 4,000 scalar values, at most 6 bytes each when escaped, plus the rest. */
#define FRAME_MAX ((size_t)64 * 1024)

static void open_frame(struct buf *b, const char *op)
{
    buf_init(b, FRAME_MAX);
    buf_add_text(b, "{\"op\":\"");
    buf_add_text(b, op);
    buf_add_char(b, '"');
}

static void member(struct buf *b, const char *name)
{
    buf_add_text(b, ",\"");
    buf_add_text(b, name);
    buf_add_text(b, "\":");
}

static void member_id(struct buf *b, const char *name, const struct id *id)
{
    member(b, name);
    json_write_id(b, id);
}

static void member_time(struct buf *b, const char *name, int64_t at)
{
    member(b, name);
    json_write_time(b, at);
}

static void member_i64(struct buf *b, const char *name, int64_t v)
{
    member(b, name);
    buf_add_i64(b, v);
}

static void member_text(struct buf *b, const char *name, struct str text)
{
    member(b, name);
    json_write_text(b, text);
}

static struct ws_frame *close_frame(struct buf *b)
{
    buf_add_char(b, '}');
    struct ws_frame *f = b->err ? NULL : ws_frame_text(buf_str(b));
    buf_done(b);
    return f;
}

struct ws_frame *frame_message(const struct message *m)
{
    struct buf b;

    open_frame(&b, "message");
    member_id(&b, "conversation", &m->conversation);
    member_i64(&b, "seq", m->seq);
    member_id(&b, "client_id", &m->client_id);
    member_id(&b, "from", &m->from);
    member_text(&b, "kind", str_from(message_kind_names[m->kind - 1]));
    member_text(&b, "text", m->deleted ? STR("") : m->text);
    member_time(&b, "at", m->at);
    if (m->edited_at)
        member_time(&b, "edited_at", m->edited_at);
    if (m->deleted)
        buf_add_text(&b, ",\"deleted\":true");
    return close_frame(&b);
}

struct ws_frame *frame_ack(const struct id *conversation, const struct id *client_id, int64_t seq,
                           int64_t at)
{
    struct buf b;

    open_frame(&b, "ack");
    member_id(&b, "conversation", conversation);
    member_id(&b, "client_id", client_id);
    member_i64(&b, "seq", seq);
    member_time(&b, "at", at);
    return close_frame(&b);
}

struct ws_frame *frame_edited(const struct id *conversation, int64_t seq, struct str text,
                              int64_t at)
{
    struct buf b;

    open_frame(&b, "edited");
    member_id(&b, "conversation", conversation);
    member_i64(&b, "seq", seq);
    member_text(&b, "text", text);
    member_time(&b, "at", at);
    return close_frame(&b);
}

struct ws_frame *frame_deleted(const struct id *conversation, int64_t seq, int64_t at)
{
    struct buf b;

    open_frame(&b, "deleted");
    member_id(&b, "conversation", conversation);
    member_i64(&b, "seq", seq);
    member_time(&b, "at", at);
    return close_frame(&b);
}

struct ws_frame *frame_watermark(const char *op, const struct id *conversation, int64_t seq,
                                 const struct id *by, int64_t at)
{
    struct buf b;

    open_frame(&b, op);
    member_id(&b, "conversation", conversation);
    member_i64(&b, "seq", seq);
    member_id(&b, "by", by);
    member_time(&b, "at", at);
    return close_frame(&b);
}

struct ws_frame *frame_typing(const struct id *conversation, const struct id *by)
{
    struct buf b;

    open_frame(&b, "typing");
    member_id(&b, "conversation", conversation);
    member_id(&b, "by", by);
    return close_frame(&b);
}

struct ws_frame *frame_synced(const struct id *conversation, int64_t seq)
{
    struct buf b;

    open_frame(&b, "synced");
    member_id(&b, "conversation", conversation);
    member_i64(&b, "seq", seq);
    return close_frame(&b);
}

struct ws_frame *frame_presence(const struct id *user, bool online, int64_t at)
{
    struct buf b;

    open_frame(&b, "presence");
    member_id(&b, "user", user);
    member(&b, "online");
    buf_add_text(&b, online ? "true" : "false");
    member_time(&b, "at", at);
    return close_frame(&b);
}

struct ws_frame *frame_event(const char *topic, const struct id *id)
{
    struct buf b;

    open_frame(&b, "event");
    member_text(&b, "topic", str_from(topic));
    member_id(&b, "id", id);
    return close_frame(&b);
}

struct ws_frame *frame_error(int err, const char *detail, const struct id *client_id,
                             int64_t retry_after_ms)
{
    const struct error_info *info = error_info(err);
    struct buf b;

    open_frame(&b, "error");
    member_text(&b, "code", str_from(info->code));
    member_text(&b, "detail", str_from(detail ? detail : info->detail));
    if (client_id)
        member_id(&b, "client_id", client_id);
    if (retry_after_ms > 0)
        member_i64(&b, "retry_after_ms", retry_after_ms);
    return close_frame(&b);
}
