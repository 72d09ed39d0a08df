/* reply.h - how a reply is kept: with the mail that will carry it, so that sending one can never
 * fail for want of memory. */
#ifndef ACOLHE_NET_REPLY_H
#define ACOLHE_NET_REPLY_H

#include "base/list.h"
#include "net/mailbox.h"

struct reply_box {
    struct http_reply reply;
    struct mail mail;
};

static inline struct mail *reply_mail(struct http_reply *reply)
{
    return &container_of(reply, struct reply_box, reply)->mail;
}

#endif
