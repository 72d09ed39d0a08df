/* messages.c - see messages.h. */
#include "app/messages.h"

#include "domain/message_rules.h"

static int write_request(const struct app *app, const struct socket *s, enum write_kind kind,
                         const struct id *conversation, const struct id *client_id, int64_t seq,
                         struct str text)
{
    const struct write_request request = {
        .kind = kind,
        .origin = s->conn,
        .session = s->session,
        .conversation = *conversation,
        .client_id = client_id ? *client_id : ID_NONE,
        .seq = seq,
        .text = text,
        .address = s->address.p ? s->address : STR(""),
    };

    return realtime_write(app->realtime, &request);
}

int message_send(const struct app *app, struct socket *s, const struct id *conversation,
                 const struct id *client_id, struct str text, int64_t now_us)
{
    int r = message_body_check(text);

    if (r == 0)
        r = message_client_id_check(client_id, now_us);
    if (r == 0)
        r = write_request(app, s, WRITE_SEND, conversation, client_id, 0, text);
    if (r < 0)
        return r;
    realtime_touch(app->realtime, s, now_us);
    return 0;
}

int message_edit(const struct app *app, struct socket *s, const struct id *conversation,
                 int64_t seq, struct str text, int64_t now_us)
{
    int r = message_body_check(text);

    if (r < 0)
        return r;
    realtime_touch(app->realtime, s, now_us);
    return write_request(app, s, WRITE_EDIT, conversation, NULL, seq, text);
}

int message_delete(const struct app *app, struct socket *s, const struct id *conversation,
                   int64_t seq, int64_t now_us)
{
    realtime_touch(app->realtime, s, now_us);
    return write_request(app, s, WRITE_DELETE, conversation, NULL, seq, STR_NONE);
}

int message_received(const struct app *app, struct socket *s, const struct id *conversation,
                     int64_t seq)
{
    /* a device takes messages in on its own: that is no sign of its owner */
    return write_request(app, s, WRITE_RECEIVED, conversation, NULL, seq, STR_NONE);
}

int message_read(const struct app *app, struct socket *s, const struct id *conversation,
                 int64_t seq, int64_t now_us)
{
    realtime_touch(app->realtime, s, now_us);
    return write_request(app, s, WRITE_READ, conversation, NULL, seq, STR_NONE);
}

int message_typing(const struct app *app, struct socket *s, const struct id *conversation,
                   int64_t now_us)
{
    realtime_touch(app->realtime, s, now_us);
    return realtime_typing(app->realtime, s, conversation);
}

int message_sync(const struct app *app, struct socket *s, const struct id *conversation,
                 int64_t after)
{
    return realtime_sync(app->realtime, s, conversation, after);
}
