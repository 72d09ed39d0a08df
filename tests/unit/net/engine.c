/* engine.c - see engine.h. Routes: /echo, /hold, /big, /upgrade, /later (answered by another
 * thread). */
#include "engine.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define PATIENCE_MS 5000

/* ---- the program ---- */

static void gone(void *ctx, void *user)
{
    struct engine *e = ctx;

    (void)user;
    atomic_fetch_add(&e->gone, 1);
}

struct later {
    struct engine *e;
    struct http_request *r;
};

static void *answer_later(void *arg)
{
    struct later *later = arg;
    struct engine *e = later->e;
    struct http_reply *reply = http_reply_new(200);

    (void)buf_add_text(&reply->body, "later");
    net_reply(e->net, later->r->conn, reply);
    net_request_free(later->r);
    free(later);
    atomic_fetch_sub(&e->answering, 1);
    return NULL;
}

static void start_later(struct engine *e, struct http_request *r)
{
    struct later *later = malloc(sizeof *later);
    pthread_t thread;

    assert_non_null(later);
    *later = (struct later){e, r};
    atomic_fetch_add(&e->answering, 1);
    assert_int_equal(pthread_create(&thread, NULL, answer_later, later), 0);
    (void)pthread_detach(thread);
}

static struct http_reply *echo(const struct http_request *r)
{
    struct http_reply *reply = http_reply_new(200);

    http_reply_field(reply, "Content-Type", STR("text/plain"));
    http_reply_field(reply, "X-Address", r->address);
    (void)buf_add_str(&reply->body, r->method_text);
    (void)buf_add_char(&reply->body, ' ');
    (void)buf_add_str(&reply->body, r->path);
    (void)buf_add_char(&reply->body, ' ');
    (void)buf_add_str(&reply->body, r->body);
    return reply;
}

static void on_request(void *ctx, struct http_request *r)
{
    struct engine *e = ctx;

    atomic_fetch_add(&e->requests, 1);
    if (r->upgrade_websocket) {
        net_ws_accept(e->net, r->conn, r->ws_key, "acolhe.v1", e, gone);
    } else if (str_is(r->path, "/hold")) {
        atomic_store(&e->held, r);
        return;
    } else if (str_is(r->path, "/later")) {
        start_later(e, r);
        return;
    } else if (str_is(r->path, "/big")) {
        static char big[1 << 20];
        struct http_reply *reply = http_reply_new(200);
        reply->body_static = str_of(big, sizeof big);
        net_reply(e->net, r->conn, reply);
    } else if (str_is(r->path, "/bulk")) { /* a megabyte of its own for each answer */
        struct http_reply *reply = http_reply_new(200);
        buf_done(&reply->body);
        buf_init(&reply->body, 1 << 20);
        assert_int_equal(buf_reserve(&reply->body, 1 << 20), 0);
        memset(reply->body.data, 'b', 1 << 20);
        reply->body.len = 1 << 20;
        net_reply(e->net, r->conn, reply);
    } else if (str_is(r->path, "/forge")) {
        struct http_reply *reply = http_reply_new(200);
        http_reply_field(reply, "X-Forged", STR("a\r\nSet-Cookie: b"));
        net_reply(e->net, r->conn, reply);
    } else {
        net_reply(e->net, r->conn, echo(r));
    }
    net_request_free(r);
}

static void default_fields(void *ctx, struct http_reply *reply)
{
    (void)ctx;
    if (!http_reply_has(reply, "x-standard"))
        http_reply_field(reply, "X-Standard", STR("yes"));
}

static void on_open(void *ctx, struct net_ref conn, void *user)
{
    struct engine *e = ctx;

    assert_ptr_equal(user, e);
    atomic_store(&e->ws_slot, conn.slot);
    atomic_store(&e->ws_loop, conn.loop);
    atomic_store(&e->ws_generation, conn.generation);
    atomic_fetch_add(&e->opened, 1);
}

static void on_message(void *ctx, struct net_ref conn, void *user, struct str text)
{
    struct engine *e = ctx;
    struct ws_frame *f;

    (void)user;
    if (str_is(text, "close me")) { /* a connection that closes inside its own callback */
        assert_true(net_ws_close_here(e->net, conn, 4401, "asked"));
        assert_false(net_ws_close_here(e->net, conn, 4401, "twice"));
        assert_int_equal(text.n, 8);
        return;
    }
    if (str_is(text, "flood me")) {
        char line[4000] = {0};
        memset(line, 'x', sizeof line);
        f = ws_frame_text(str_of(line, sizeof line));
        while (net_ws_send_here(e->net, conn, f))
            ;
        ws_frame_unref(f);
        return;
    }
    f = ws_frame_text(text);
    assert_true(net_ws_send_here(e->net, conn, f));
    ws_frame_unref(f);
}

static void on_closed(void *ctx, struct net_ref conn, void *user)
{
    struct engine *e = ctx;

    assert_ptr_equal(user, e);
    assert_false(net_ws_close_here(e->net, conn, 1000, NULL));
    atomic_fetch_add(&e->closed, 1);
}

static void on_mail(void *ctx, unsigned loop, void *message)
{
    struct engine *e = ctx;

    (void)loop;
    free(message);
    atomic_fetch_add(&e->mails, 1);
}

static void on_tick(void *ctx, unsigned loop, int64_t mono_us)
{
    struct engine *e = ctx;

    (void)loop;
    (void)mono_us;
    atomic_fetch_add(&e->ticks, 1);
}

struct net_limits engine_limits(void)
{
    return net_limits_default;
}

void engine_start_at(struct engine *e, const struct net_limits *limits, unsigned loops,
                     const char *listen)
{
    const struct net_options options = {
        .listen = listen,
        .loops = loops,
        .limits = *limits,
        .handlers = {.request = on_request,
                     .default_fields = default_fields,
                     .ws_message = on_message,
                     .ws_open = on_open,
                     .ws_closed = on_closed,
                     .tick = on_tick,
                     .mail = on_mail},
        .ctx = e,
    };

    memset(e, 0, sizeof *e);
    assert_int_equal(net_new(&options, &e->net), 0);
    e->port = net_port(e->net);
    assert_int_equal(net_start(e->net), 0);
}

void engine_start(struct engine *e, const struct net_limits *limits, unsigned loops)
{
    engine_start_at(e, limits, loops, "127.0.0.1:0");
    assert_true(e->port > 0);
}

void engine_stop(struct engine *e)
{
    struct net_stats stats;

    net_stop(e->net, 2 * US_PER_S);
    net_stats(e->net, &stats);
    assert_int_equal(stats.connections, 0);
    assert_int_equal(stats.websockets, 0);
    assert_int_equal(atomic_load(&e->opened), atomic_load(&e->closed));
    while (atomic_load(&e->answering) > 0) /* net_free wants nobody inside any more */
        (void)usleep(1000);
    net_free(e->net);
}

struct net_ref engine_ws(const struct engine *e)
{
    return (struct net_ref){atomic_load(&e->ws_loop), atomic_load(&e->ws_slot),
                            atomic_load(&e->ws_generation)};
}

void wait_for(const atomic_int *value, int at_least)
{
    for (int i = 0; i < PATIENCE_MS && atomic_load(value) < at_least; i++)
        (void)usleep(1000);
    assert_true(atomic_load(value) >= at_least);
}

void wait_for_connections(const struct engine *e, size_t wanted)
{
    struct net_stats stats;

    for (int i = 0; i < 5000; i++) {
        net_stats(e->net, &stats);
        if (stats.connections == wanted)
            return;
        (void)usleep(1000);
    }
    assert_int_equal(stats.connections, wanted);
}

/* ---- the client ---- */

int client_open_at(const struct sockaddr *address, socklen_t n)
{
    const struct timeval patience = {.tv_sec = PATIENCE_MS / 1000};
    const int on = 1;
    int fd = socket(address->sa_family, SOCK_STREAM, 0);

    assert_true(fd >= 0);
    assert_int_equal(connect(fd, address, n), 0);
    (void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    (void)setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    return fd;
}

int client_open(const struct engine *e)
{
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons((uint16_t)e->port)};

    a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return client_open_at((struct sockaddr *)&a, sizeof a);
}

void client_send(int fd, const void *bytes, size_t n)
{
    const char *p = bytes;

    while (n > 0) {
        ssize_t sent = send(fd, p, n, MSG_NOSIGNAL);
        if (sent < 0 && (errno == EPIPE || errno == ECONNRESET))
            return; /* the server has ended it; the test looks at what it said */
        assert_true(sent > 0);
        p += sent;
        n -= (size_t)sent;
    }
}

void client_say(int fd, const char *text)
{
    client_send(fd, text, strlen(text));
}

size_t client_read(int fd, char *out, size_t n)
{
    ssize_t got = recv(fd, out, n, 0);

    if (got < 0 && errno == ECONNRESET)
        return 0;
    assert_true(got >= 0);
    return (size_t)got;
}

void client_read_all(int fd, char *out, size_t n)
{
    while (n > 0) {
        size_t got = client_read(fd, out, n);
        assert_true(got > 0);
        out += got;
        n -= got;
    }
}

int client_answer(int fd, char *out, size_t size)
{
    size_t n = 0;
    size_t length = 0;
    char *end = NULL;

    while (!end) {
        assert_true(n + 1 < size);
        client_read_all(fd, out + n, 1);
        out[++n] = '\0';
        end = n >= 4 && strcmp(out + n - 4, "\r\n\r\n") == 0 ? out + n : NULL;
    }
    const char *field = strstr(out, "Content-Length: ");
    if (field)
        length = (size_t)strtoul(field + 16, NULL, 10);
    assert_true(n + length < size);
    client_read_all(fd, out + n, length);
    out[n + length] = '\0';
    assert_memory_equal(out, "HTTP/1.1 ", 9);
    return (int)strtol(out + 9, NULL, 10);
}

size_t client_rest(int fd, char *out, size_t size)
{
    size_t n = 0;
    size_t got;

    while (n + 1 < size && (got = client_read(fd, out + n, size - 1 - n)) > 0)
        n += got;
    out[n] = '\0';
    return n;
}

bool client_ended(int fd)
{
    char c;

    return client_read(fd, &c, 1) == 0;
}

int client_ws(const struct engine *e, const char *path)
{
    char answer[2048];
    int fd = client_open(e);

    (void)snprintf(answer, sizeof answer,
                   "GET %s HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                   "Sec-WebSocket-Version: 13\r\n"
                   "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
                   path);
    client_say(fd, answer);
    assert_int_equal(client_answer(fd, answer, sizeof answer), 101);
    assert_non_null(strstr(answer, "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"));
    assert_non_null(strstr(answer, "Sec-WebSocket-Protocol: acolhe.v1\r\n"));
    assert_non_null(strstr(answer, "X-Standard: yes\r\n"));
    assert_null(strstr(answer, "Content-Length"));
    return fd;
}

void client_frame(int fd, unsigned char first, const void *payload, size_t n)
{
    static const unsigned char mask[4] = {0x12, 0x34, 0x56, 0x78};
    unsigned char *frame = malloc(n + 14);
    size_t at = 0;

    assert_non_null(frame);
    frame[at++] = first;
    if (n < 126) {
        frame[at++] = (unsigned char)(0x80 | n);
    } else if (n < 65536) {
        frame[at++] = 0x80 | 126;
        frame[at++] = (unsigned char)(n >> 8);
        frame[at++] = (unsigned char)n;
    } else {
        frame[at++] = 0x80 | 127;
        for (int shift = 56; shift >= 0; shift -= 8)
            frame[at++] = (unsigned char)(n >> shift);
    }
    memcpy(frame + at, mask, 4);
    at += 4;
    for (size_t i = 0; i < n; i++)
        frame[at++] = ((const unsigned char *)payload)[i] ^ mask[i % 4];
    client_send(fd, frame, at);
    free(frame);
}

unsigned char client_ws_read(int fd, char *out, size_t size, size_t *ret_n)
{
    unsigned char head[10];

    client_read_all(fd, (char *)head, 2);
    assert_false(head[1] & 0x80); /* a server never masks */
    size_t n = head[1];
    if (n >= 126) {
        size_t bytes = n == 126 ? 2 : 8;
        client_read_all(fd, (char *)head + 2, bytes);
        n = 0;
        for (size_t i = 0; i < bytes; i++)
            n = n << 8 | head[2 + i];
    }
    assert_true(n < size);
    client_read_all(fd, out, n);
    out[n] = '\0';
    *ret_n = n;
    return head[0];
}

void client_expect_close(int fd, int code)
{
    char payload[256] = {0};
    size_t n;

    assert_int_equal(client_ws_read(fd, payload, sizeof payload, &n), 0x88);
    if (code == 1005) {
        assert_int_equal(n, 0);
        return;
    }
    assert_true(n >= 2);
    assert_int_equal((unsigned char)payload[0] << 8 | (unsigned char)payload[1], code);
}
