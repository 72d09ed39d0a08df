/*
 * mailbox.h - how any thread speaks to a loop thread: a queue with one reader and many writers,
 * and an eventfd that becomes readable when there is something in it.
 *
 * Mails keep the order of the lock, hence that of posting for each posting thread. Many posts
 * between two readings cost one wake-up. The queue is bounded by what its users may have
 * outstanding (one reply per connection, output_max per socket at the far end).
 */
#ifndef ACOLHE_NET_MAILBOX_H
#define ACOLHE_NET_MAILBOX_H

#include <pthread.h>

#include "net/net.h"

enum mail_kind {
    MAIL_REPLY = 1, /* reply */
    MAIL_ACCEPT_WS, /* accept */
    MAIL_SEND,      /* frame */
    MAIL_CLOSE,     /* close */
    MAIL_POST,      /* message, for handlers.mail */
    MAIL_SOCKET,    /* socket: accepted by another loop, to be served by this one */
    MAIL_STOP,      /* stop_by_us */
};

struct mail {
    struct mail *next;
    enum mail_kind kind;
    struct net_ref conn; /* REPLY, ACCEPT_WS, SEND, CLOSE */
    union {
        struct http_reply *reply; /* owned */
        struct ws_frame *frame;   /* one reference */
        void *message;
        int64_t stop_by_us; /* monotonic */
        struct {
            int fd; /* owned */
            bool tcp;
            struct sockaddr_storage address;
        } socket;
        struct {
            char key[24];
            const char *subprotocol; /* static */
            void *user;
            void (*gone)(void *ctx, void *user);
        } accept;
        struct {
            int code;
            char reason[124];
        } close;
    };
};

struct mailbox {
    pthread_mutex_t lock;
    struct mail *first; /* under lock, as the next four */
    struct mail **last;
    bool woken; /* the eventfd was written since the last take */
    bool closed;
    int event_fd; /* epoll it edge-triggered; nobody needs to read it */
};

int mailbox_init(struct mailbox *m);  /* 0 or -E_IO */
void mailbox_done(struct mailbox *m); /* must be empty */
/* Any thread. Takes the mail; 0, or -E_UNAVAILABLE once closed, and then it stays the caller's. */
int mailbox_post(struct mailbox *m, struct mail *mail);
/* The reader: everything posted so far, in order; NULL when there is nothing. */
struct mail *mailbox_take(struct mailbox *m);
void mailbox_close(struct mailbox *m); /* later posts fail; what is inside can still be taken */

#endif
