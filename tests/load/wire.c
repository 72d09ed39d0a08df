/*
 * wire.c - see wire.h. A turn is: flush every dirty socket with one write, epoll_wait, read each
 * readable socket until it is empty, cut frames and hand them up.
 */
#include "wire.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

void die(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    fputs("loadgen: ", stderr);
    vfprintf(stderr, format, args);
    fputc('\n', stderr);
    va_end(args);
    exit(1);
}

int64_t now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static void bytes_reserve(struct bytes *b, size_t more)
{
    if (b->cap - b->len >= more)
        return;
    size_t cap = b->cap > 0 ? b->cap : 4096;
    while (cap - b->len < more)
        cap *= 2;
    if (cap > (size_t)64 << 20)
        die("a buffer grew past 64 MiB");
    b->at = realloc(b->at, cap);
    if (b->at == NULL)
        die("out of memory");
    b->cap = cap;
}

void bytes_add(struct bytes *b, const void *from, size_t n)
{
    bytes_reserve(b, n);
    memcpy(b->at + b->len, from, n);
    b->len += n;
}

void bytes_free(struct bytes *b)
{
    free(b->at);
    *b = (struct bytes){0};
}

void wire_init(struct wire *w)
{
    *w = (struct wire){0};
    w->epoll = epoll_create1(EPOLL_CLOEXEC);
    if (w->epoll < 0)
        die("epoll_create1: %s", strerror(errno));
}

void wire_done(struct wire *w)
{
    close(w->epoll);
    free(w->dirty);
}

void wire_connect(struct wire *w, struct peer *p, const struct target *t)
{
    (void)w;
    struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
    struct addrinfo *list = NULL;
    int err = getaddrinfo(t->host, t->port, &hints, &list);
    if (err != 0)
        die("%s: %s", t->host, gai_strerror(err));
    p->fd = -1;
    for (struct addrinfo *a = list; a != NULL && p->fd < 0; a = a->ai_next) {
        p->fd = socket(a->ai_family, a->ai_socktype | SOCK_CLOEXEC, a->ai_protocol);
        if (p->fd >= 0 && connect(p->fd, a->ai_addr, a->ai_addrlen) != 0) {
            close(p->fd);
            p->fd = -1;
        }
    }
    freeaddrinfo(list);
    if (p->fd < 0)
        die("connect to %s:%s: %s", t->host, t->port, strerror(errno));
    int one = 1;
    setsockopt(p->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
}

static void write_all(int fd, const char *at, size_t n)
{
    while (n > 0) {
        ssize_t did = write(fd, at, n);
        if (did < 0 && errno == EINTR)
            continue;
        if (did < 0)
            die("write: %s", strerror(errno));
        at += did;
        n -= (size_t)did;
    }
}

/* Reads until the blank line; what follows it stays in p->in. */
static void read_answer(struct peer *p)
{
    for (;;) {
        bytes_reserve(&p->in, 4096);
        ssize_t got = read(p->fd, p->in.at + p->in.len, 4096);
        if (got <= 0)
            die("the connection ended during the upgrade");
        p->in.len += (size_t)got;
        char *end = memmem(p->in.at, p->in.len, "\r\n\r\n", 4);
        if (end == NULL)
            continue;
        if (p->in.len < 12 || memcmp(p->in.at, "HTTP/1.1 101", 12) != 0)
            die("upgrade refused: %.*s", (int)(end - p->in.at), p->in.at);
        size_t head = (size_t)(end - p->in.at) + 4;
        memmove(p->in.at, p->in.at + head, p->in.len - head);
        p->in.len -= head;
        return;
    }
}

void wire_upgrade(struct wire *w, struct peer *p, const struct target *t, const char *path,
                  const char *subprotocol, const char *cookie)
{
    char head[2048];
    int n =
        snprintf(head, sizeof head,
                 "GET %s HTTP/1.1\r\nHost: %s:%s\r\nUpgrade: websocket\r\n"
                 "Connection: Upgrade\r\nSec-WebSocket-Key: bG9hZGdlbi1sb2FkZ2VuIQ==\r\n"
                 "Sec-WebSocket-Version: 13\r\nOrigin: %s\r\n%s%s%s%s%s%s\r\n",
                 path, t->host, t->port, t->origin, subprotocol ? "Sec-WebSocket-Protocol: " : "",
                 subprotocol ? subprotocol : "", subprotocol ? "\r\n" : "",
                 cookie ? "Cookie: " : "", cookie ? cookie : "", cookie ? "\r\n" : "");
    if (n < 0 || (size_t)n >= sizeof head)
        die("the upgrade request is too long");
    write_all(p->fd, head, (size_t)n);
    read_answer(p);
    wire_watch(w, p);
}

void wire_watch(struct wire *w, struct peer *p)
{
    int flags = fcntl(p->fd, F_GETFL);
    if (flags < 0 || fcntl(p->fd, F_SETFL, flags | O_NONBLOCK) != 0)
        die("fcntl: %s", strerror(errno));
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = p};
    if (epoll_ctl(w->epoll, EPOLL_CTL_ADD, p->fd, &event) != 0)
        die("epoll_ctl: %s", strerror(errno));
}

void wire_wake(struct wire *w, int fd)
{
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = NULL};
    if (epoll_ctl(w->epoll, EPOLL_CTL_ADD, fd, &event) != 0)
        die("epoll_ctl: %s", strerror(errno));
}

void peer_close(struct peer *p)
{
    if (p->fd >= 0)
        close(p->fd);
    p->fd = -1;
    bytes_free(&p->in);
    bytes_free(&p->out);
}

static void mark_dirty(struct wire *w, struct peer *p)
{
    if (p->dirty)
        return;
    if (w->dirty_count == w->dirty_cap) {
        w->dirty_cap = w->dirty_cap > 0 ? w->dirty_cap * 2 : 64;
        w->dirty = realloc(w->dirty, w->dirty_cap * sizeof(struct peer *));
        if (w->dirty == NULL)
            die("out of memory");
    }
    w->dirty[w->dirty_count++] = p;
    p->dirty = true;
}

void wire_send(struct wire *w, struct peer *p, const void *at, size_t n)
{
    bytes_add(&p->out, at, n);
    mark_dirty(w, p);
}

static uint32_t mask_next(void)
{
    static uint32_t state = 2463534242;
    state ^= state << 13;
    state ^= state >> 17;
    state ^= state << 5;
    return state;
}

void wire_send_text(struct wire *w, struct peer *p, const char *text, size_t len)
{
    unsigned char head[8];
    size_t n = 0;
    head[n++] = 0x81;
    if (len < 126) {
        head[n++] = (unsigned char)(0x80 | len);
    } else if (len < 65536) {
        head[n++] = 0x80 | 126;
        head[n++] = (unsigned char)(len >> 8);
        head[n++] = (unsigned char)(len & 255);
    } else {
        die("a frame of %zu bytes", len);
    }
    uint32_t mask = mask_next();
    memcpy(head + n, &mask, 4);
    n += 4;
    bytes_reserve(&p->out, n + len);
    memcpy(p->out.at + p->out.len, head, n);
    char *body = p->out.at + p->out.len + n;
    size_t i = 0;
    for (; i + 4 <= len; i += 4) {
        uint32_t word;
        memcpy(&word, text + i, 4);
        word ^= mask;
        memcpy(body + i, &word, 4);
    }
    unsigned char key[4];
    memcpy(key, &mask, 4);
    for (; i < len; i++)
        body[i] = (char)(text[i] ^ (char)key[i & 3]);
    p->out.len += n + len;
    mark_dirty(w, p);
}

static void flush(struct wire *w, struct peer *p)
{
    while (p->out_sent < p->out.len) {
        ssize_t did = write(p->fd, p->out.at + p->out_sent, p->out.len - p->out_sent);
        if (did < 0 && errno == EINTR)
            continue;
        if (did < 0 && errno != EAGAIN)
            die("socket %u: %s", p->id, strerror(errno));
        if (did < 0) {
            if (!p->blocked) {
                struct epoll_event event = {.events = EPOLLIN | EPOLLOUT, .data.ptr = p};
                epoll_ctl(w->epoll, EPOLL_CTL_MOD, p->fd, &event);
                p->blocked = true;
            }
            return;
        }
        p->out_sent += (size_t)did;
    }
    p->out.len = 0;
    p->out_sent = 0;
    if (p->blocked) {
        struct epoll_event event = {.events = EPOLLIN, .data.ptr = p};
        epoll_ctl(w->epoll, EPOLL_CTL_MOD, p->fd, &event);
        p->blocked = false;
    }
}

/* Cuts one frame from at[0..n); 0 = not whole yet, else its size. */
static size_t take_frame(struct wire *w, struct peer *p, char *at, size_t n)
{
    if (n < 2)
        return 0;
    const unsigned char *u = (const unsigned char *)at;
    size_t len = u[1] & 127;
    size_t head = 2;
    if ((u[1] & 0x80) != 0)
        die("the server masked a frame");
    if (len == 126) {
        if (n < 4)
            return 0;
        len = (size_t)u[2] << 8 | u[3];
        head = 4;
    } else if (len == 127) {
        if (n < 10)
            return 0;
        len = 0;
        for (size_t i = 2; i < 10; i++)
            len = len << 8 | u[i];
        head = 10;
        if (len > (size_t)1 << 24)
            die("a frame of %zu bytes from the server", len);
    }
    if (n < head + len)
        return 0;
    unsigned opcode = u[0] & 15;
    if (opcode == 8)
        die("the server closed socket %u with %u", p->id,
            len >= 2 ? (unsigned)u[head] << 8 | u[head + 1] : 1005);
    if (opcode == 9) {
        unsigned char pong[2 + 4 + 125] = {0x8A, (unsigned char)(0x80 | len), 0, 0, 0, 0};
        memcpy(pong + 6, at + head, len);
        wire_send(w, p, pong, 6 + len);
    } else if (u[0] == 0x81) {
        w->on_text(w, p, at + head, len);
    } else if (opcode != 10) {
        die("unexpected frame 0x%02x from the server", u[0]);
    }
    return head + len;
}

static void consume(struct wire *w, struct peer *p)
{
    size_t done = 0;
    while (done < p->in.len) {
        size_t took = w->on_bytes != NULL ? w->on_bytes(w, p, p->in.at + done, p->in.len - done)
                                          : take_frame(w, p, p->in.at + done, p->in.len - done);
        if (took == 0)
            break;
        done += took;
    }
    if (done > 0) {
        memmove(p->in.at, p->in.at + done, p->in.len - done);
        p->in.len -= done;
    }
}

static void receive(struct wire *w, struct peer *p)
{
    for (;;) {
        bytes_reserve(&p->in, 16384);
        size_t room = p->in.cap - p->in.len;
        ssize_t got = read(p->fd, p->in.at + p->in.len, room);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0 && errno == EAGAIN)
            return;
        if (got <= 0)
            die("socket %u: %s", p->id, got == 0 ? "closed by the server" : strerror(errno));
        p->in.len += (size_t)got;
        consume(w, p);
        if ((size_t)got < room)
            return;
    }
}

void wire_turn(struct wire *w, int64_t deadline_ns)
{
    for (size_t i = 0; i < w->dirty_count; i++) {
        w->dirty[i]->dirty = false;
        flush(w, w->dirty[i]);
    }
    w->dirty_count = 0;
    int64_t left = deadline_ns - now_ns();
    int wait = left <= 0 ? 0 : (int)(left / 1000000 + 1);
    struct epoll_event events[256];
    int n = epoll_wait(w->epoll, events, 256, wait);
    if (n < 0 && errno != EINTR)
        die("epoll_wait: %s", strerror(errno));
    for (int i = 0; i < n; i++) {
        struct peer *p = events[i].data.ptr;
        if (p == NULL)
            continue;
        if ((events[i].events & EPOLLOUT) != 0)
            flush(w, p);
        if ((events[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0)
            receive(w, p);
    }
}
