/*
 * accept.c - see accept.h. The listening sockets are shared by all loops (EPOLLEXCLUSIVE, level-
 * triggered), which wakes few loops but not fairly, so the loop that accepted hands the socket to
 * the one with the fewest connections. Without descriptors or memory it leaves the epoll set and
 * comes back with the next tick: pending connections wait in the backlog, and nothing spins.
 */
#include "net/accept.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "base/error.h"
#include "base/log.h"

#define ACCEPT_PER_TURN 64

void accept_watch(struct loop *l)
{
    for (size_t i = 0; i < l->net->listener_count && !l->stopping; i++) {
        struct epoll_event e = {.events = EPOLLIN | EPOLLEXCLUSIVE, .data.u64 = LISTENER_TAG(i)};
        if (l->listening & 1U << i)
            continue;
        if (epoll_ctl(l->epoll_fd, EPOLL_CTL_ADD, l->net->listeners[i].fd, &e) == 0)
            l->listening |= 1U << i;
    }
}

static void leave(struct loop *l, size_t i)
{
    if (l->listening & 1U << i)
        (void)epoll_ctl(l->epoll_fd, EPOLL_CTL_DEL, l->net->listeners[i].fd, NULL);
    l->listening &= ~(1U << i);
}

void accept_unwatch(struct loop *l)
{
    for (size_t i = 0; i < l->net->listener_count; i++)
        leave(l, i);
}

static size_t load_of(const struct loop *l)
{
    return atomic_load_explicit(&l->stats.connections, memory_order_relaxed);
}

static struct loop *idlest(struct loop *self)
{
    struct loop *best = self;

    for (unsigned i = 0; i < self->net->loop_count; i++) {
        struct loop *other = &self->net->loops[i];
        if (load_of(other) + 1 < load_of(best))
            best = other;
    }
    return best;
}

static void refuse(int fd)
{
    static const char busy[] = "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n"
                               "Retry-After: 5\r\nConnection: close\r\n\r\n";

    (void)!send(fd, busy, sizeof busy - 1, MSG_NOSIGNAL | MSG_DONTWAIT);
    (void)shutdown(fd, SHUT_WR);
    (void)close(fd);
}

static void place(struct loop *l, int fd, bool tcp, const struct sockaddr_storage *address)
{
    struct loop *target = idlest(l);
    struct mail *m = target == l ? NULL : malloc(sizeof *m);

    if (m) {
        *m = (struct mail){.kind = MAIL_SOCKET,
                           .socket = {.fd = fd, .tcp = tcp, .address = *address}};
        if (mailbox_post(&target->mailbox, m) == 0)
            return;
        free(m);
    }
    conn_open(l, fd, tcp, address);
}

static void admit(struct loop *l, int fd, bool tcp, const struct sockaddr_storage *address)
{
    struct net *net = l->net;
    struct peer_key peer = peer_key_from(address);
    size_t before = atomic_fetch_add_explicit(&net->connections, 1, memory_order_relaxed);

    if (before >= net->options.limits.connections_max || !peers_enter(&net->peers, &peer)) {
        (void)atomic_fetch_sub_explicit(&net->connections, 1, memory_order_relaxed);
        refuse(fd);
        return;
    }
    place(l, fd, tcp, address);
}

void accept_some(struct loop *l, size_t i)
{
    const struct listener *listener = &l->net->listeners[i];

    for (int k = 0; k < ACCEPT_PER_TURN; k++) {
        struct sockaddr_storage address = {0};
        socklen_t n = sizeof address;
        int fd =
            accept4(listener->fd, (struct sockaddr *)&address, &n, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd >= 0) {
            admit(l, fd, listener->tcp, &address);
            continue;
        }
        if (errno == EAGAIN || errno == EWOULDBLOCK)
            return;
        if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM ||
            errno == EINVAL) {
            if (!l->stopping && errno != EINVAL)
                log_event(LOG_WARNING, "net", "accept_paused", log_text("reason", strerror(errno)));
            leave(l, i);
            return;
        }
        /* EINTR, ECONNABORTED and the network's own errors concern one connection only */
    }
}
