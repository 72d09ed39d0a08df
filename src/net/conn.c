/*
 * conn.c - what all connections have in common: opening, reading, deadlines, ending. See conn.h
 * for the states; conn_http.c and conn_ws.c for what the bytes mean; output.c for writing.
 *
 *      event -> conn_input -> consume -> http_input | ws_input
 *      ready -> conn_input   (bytes that waited for an answer, or more than one read's worth)
 */
#include "net/conn.h"

#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "base/error.h"
#include "net/loop.h"

#define LINGER_READ_MAX ((size_t)1 << 20) /* read away after the last answer */

struct net_ref conn_ref(const struct conn *c)
{
    return (struct net_ref){c->loop->index, c->slot, c->generation};
}

static void address_text(const struct sockaddr_storage *a, char out[INET6_ADDRSTRLEN])
{
    const char *done = NULL;

    if (a->ss_family == AF_INET) {
        const struct sockaddr_in *in = (const void *)a;
        done = inet_ntop(AF_INET, &in->sin_addr, out, INET6_ADDRSTRLEN);
    } else if (a->ss_family == AF_INET6) {
        const struct sockaddr_in6 *in6 = (const void *)a;
        if (IN6_IS_ADDR_V4MAPPED(&in6->sin6_addr))
            done = inet_ntop(AF_INET, in6->sin6_addr.s6_addr + 12, out, INET6_ADDRSTRLEN);
        else
            done = inet_ntop(AF_INET6, &in6->sin6_addr, out, INET6_ADDRSTRLEN);
    }
    if (!done)
        memcpy(out, "unix", sizeof "unix");
}

/* Undoes what the accepting loop counted. */
static void uncount(struct net *net, const struct peer_key *peer)
{
    peers_leave(&net->peers, peer);
    (void)atomic_fetch_sub_explicit(&net->connections, 1, memory_order_relaxed);
}

void conn_open(struct loop *l, int fd, bool tcp, const struct sockaddr_storage *address)
{
    const int on = 1;
    struct peer_key peer = peer_key_from(address);
    struct conn *c = loop_slot_take(l);

    if (!c) {
        (void)close(fd);
        uncount(l->net, &peer);
        return;
    }
    c->fd = fd;
    c->tcp = tcp;
    c->state = CONN_HTTP;
    c->writable = true;
    c->out_last = &c->out_first;
    c->peer = peer;
    wheel_node_init(&c->timer);
    address_text(address, c->address);
    buf_init(&c->pending, LOOP_READ_SIZE);
    http_reader_init(&c->http, &l->net->options.limits);
    stat_add(l, connections, 1);
    if (tcp)
        (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    struct epoll_event e = {.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, .data.ptr = c};
    if (epoll_ctl(l->epoll_fd, EPOLL_CTL_ADD, fd, &e) < 0) {
        conn_die(c);
        return;
    }
    c->phase_at = l->now_us + l->net->options.limits.head_timeout_us;
    conn_arm(c);
}

void conn_die(struct conn *c)
{
    if (c->state == CONN_DEAD)
        return;
    c->outstanding = false;
    /* the readers stay until conn_release: a callback may hold a slice of one */
    if (c->state != CONN_LINGER)
        c->reader_kind = c->state == CONN_HTTP ? CONN_HTTP : CONN_WS;
    c->state = CONN_DEAD;
    wheel_clear(&c->timer);
    loop_mark_reap(c);
}

void conn_linger(struct conn *c)
{
    if (c->state == CONN_DEAD || c->state == CONN_LINGER)
        return;
    c->reader_kind = c->state == CONN_HTTP ? CONN_HTTP : CONN_WS;
    c->state = CONN_LINGER;
    c->phase_at = 0;
    if (c->user_owned)
        loop_mark_reap(c); /* for ws_closed */
    loop_mark_dirty(c);
}

void conn_release(struct conn *c)
{
    assert(c->state == CONN_DEAD);
    if (c->reader_kind == CONN_WS)
        ws_reader_done(&c->ws);
    else
        http_reader_done(&c->http);
    buf_done(&c->pending);
    output_drop(c, false);
    (void)close(c->fd);
    uncount(c->loop->net, &c->peer);
    (void)atomic_fetch_sub_explicit(&c->loop->stats.connections, 1, memory_order_relaxed);
    c->state = CONN_FREE;
    c->generation++;
}

static bool wants_input(const struct conn *c)
{
    switch (c->state) {
    case CONN_HTTP:
        return http_wants_input(c);
    case CONN_WS:
    case CONN_WS_CLOSING:
    case CONN_LINGER:
        return true;
    case CONN_FREE:
    case CONN_DEAD:
        break;
    }
    return false;
}

static size_t linger_input(struct conn *c, size_t n)
{
    c->lingered += n;
    if (c->lingered > LINGER_READ_MAX)
        conn_die(c);
    return n;
}

static void consume(struct conn *c, char *bytes, size_t n)
{
    while (n > 0) {
        size_t used = 0;
        if (!wants_input(c)) {
            if (c->state == CONN_HTTP && buf_add(&c->pending, bytes, n) < 0)
                conn_die(c);
            return;
        }
        if (c->state == CONN_HTTP)
            used = http_input(c, bytes, n);
        else if (c->state == CONN_LINGER)
            used = linger_input(c, n);
        else
            used = ws_input(c, bytes, n);
        bytes += used;
        n -= used;
    }
}

static void on_eof(struct conn *c)
{
    c->eof = true;
    c->readable = false;
    switch (c->state) {
    case CONN_HTTP:
        /* half-closed behind a whole request: its answer is still wanted */
        if (c->outstanding)
            c->close_after = true;
        else if (c->out_first && !http_reader_started(&c->http))
            conn_linger(c);
        else
            conn_die(c);
        break;
    case CONN_LINGER:
        if (!c->out_first)
            conn_die(c);
        break;
    case CONN_WS:
    case CONN_WS_CLOSING:
        conn_die(c);
        break;
    case CONN_FREE:
    case CONN_DEAD:
        break;
    }
}

/* One read's worth, so that nobody starves the others; the ready list brings it back for more. */
static void read_some(struct conn *c)
{
    char *buffer = c->loop->read_buffer;
    ssize_t n = recv(c->fd, buffer, LOOP_READ_SIZE, MSG_DONTWAIT);

    if (n > 0) {
        c->seen_at = c->loop->now_us;
        if ((size_t)n < LOOP_READ_SIZE && !c->peer_shut)
            c->readable = false;
        consume(c, buffer, (size_t)n);
    } else if (n == 0) {
        on_eof(c);
    } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
        c->readable = false;
    } else if (errno != EINTR) {
        conn_die(c);
    }
}

static void conn_input(struct conn *c)
{
    if (!wants_input(c))
        return;
    if (c->pending.len > 0) {
        /* by way of the read buffer, because a WebSocket's bytes are unmasked in place */
        size_t n = c->pending.len;
        memcpy(c->loop->read_buffer, c->pending.data, n);
        buf_done(&c->pending);
        consume(c, c->loop->read_buffer, n);
    } else if (c->readable) {
        read_some(c);
    }
    if ((c->pending.len > 0 || c->readable) && wants_input(c))
        loop_mark_ready(c);
}

void conn_on_event(struct conn *c, uint32_t events)
{
    if (c->state == CONN_DEAD || c->state == CONN_FREE)
        return;
    if (events & EPOLLERR || (events & EPOLLHUP && !wants_input(c))) {
        conn_die(c);
        return;
    }
    if (events & (EPOLLRDHUP | EPOLLHUP))
        c->peer_shut = true;
    if (events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP))
        c->readable = true;
    if (events & EPOLLOUT && !c->writable) {
        c->writable = true;
        loop_mark_dirty(c);
    }
    if (c->readable)
        conn_input(c);
}

void conn_on_ready(struct conn *c)
{
    conn_input(c);
}

static int64_t earlier(int64_t a, int64_t b)
{
    return a == 0 || (b != 0 && b < a) ? b : a;
}

void conn_arm(struct conn *c)
{
    int64_t at = earlier(c->phase_at, c->write_at);

    if (c->state == CONN_DEAD)
        return;
    if (c->state == CONN_WS) {
        at = earlier(at, c->ping_at);
        at = earlier(at, c->seen_at + c->loop->net->options.limits.ping_timeout_us);
    }
    if (at == 0)
        return; /* one that is set may fire for nothing */
    if (list_empty(&c->timer.link) || at < c->timer.at_us)
        wheel_set(&c->loop->wheel, &c->timer, at);
}

void conn_on_timer(struct conn *c)
{
    int64_t now = c->loop->now_us;

    if (c->write_at && now >= c->write_at) {
        conn_die(c);
    } else if (c->phase_at && now >= c->phase_at) {
        c->phase_at = 0;
        if (c->state == CONN_HTTP)
            http_expired(c);
        else
            conn_die(c);
    } else if (c->state == CONN_WS) {
        ws_timer(c);
    }
    conn_arm(c);
}
