/* listen.h - where the server listens: addresses given as text, and the sockets bound to them. */
#ifndef ACOLHE_NET_LISTEN_H
#define ACOLHE_NET_LISTEN_H

#include <sys/socket.h>
#include <sys/un.h>

#include "base/str.h"

#define LISTENERS_MAX 8

struct listener {
    int fd;
    bool tcp;
    char path[sizeof((struct sockaddr_un *)0)->sun_path]; /* unix: to be removed at the end */
};

/* Binds and listens on all addresses that `where` names (see net_options.listen). 0, -E_CONFIG or
 * -E_IO; failures are logged. *ret_port is 0 for a unix socket. */
int listen_open(const char *where, struct listener out[LISTENERS_MAX], size_t *ret_count,
                int *ret_port);
void listen_close(struct listener *listeners, size_t count);
int listen_port(const struct listener *l);

#endif
