/* accept.h - new connections: taking them, refusing them, and giving them to the idlest loop. */
#ifndef ACOLHE_NET_ACCEPT_H
#define ACOLHE_NET_ACCEPT_H

#include "net/loop.h"

#define LISTENER_TAG(i)                                                                            \
    ((uint64_t)(i) << 1 | 1) /* epoll data; pointers are even, 0 is the mailbox */

void accept_watch(struct loop *l);   /* (re)enters the listeners that are not in the epoll set */
void accept_unwatch(struct loop *l); /* for good */
void accept_some(struct loop *l, size_t i); /* from the i-th listener */

#endif
