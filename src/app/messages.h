/*
 * messages.h - what a socket may do with messages: the rules of domain/message_rules.h, then the
 * writer. On the socket's loop thread; nothing here blocks.
 */
#ifndef ACOLHE_APP_MESSAGES_H
#define ACOLHE_APP_MESSAGES_H

#include "app/app.h"

/* Each returns 0 when the answer will come from the writer (or needs none), else a negative error
 * to be answered at once. */
int message_send(const struct app *app, struct socket *s, const struct id *conversation,
                 const struct id *client_id, struct str text, int64_t now_us);
int message_edit(const struct app *app, struct socket *s, const struct id *conversation,
                 int64_t seq, struct str text, int64_t now_us);
int message_delete(const struct app *app, struct socket *s, const struct id *conversation,
                   int64_t seq, int64_t now_us);
int message_received(const struct app *app, struct socket *s, const struct id *conversation,
                     int64_t seq);
int message_read(const struct app *app, struct socket *s, const struct id *conversation,
                 int64_t seq, int64_t now_us);
int message_typing(const struct app *app, struct socket *s, const struct id *conversation,
                   int64_t now_us);
int message_sync(const struct app *app, struct socket *s, const struct id *conversation,
                 int64_t after);

#endif
