/*
 * engine.h - for the tests of src/net: an engine on a loopback port whose program echoes, and a
 * plain blocking client to speak to it, byte by byte where a test wants that.
 */
#ifndef ACOLHE_TESTS_ENGINE_H
#define ACOLHE_TESTS_ENGINE_H

#include <stdatomic.h>

#include "base/clock.h"
#include "base/error.h"
#include "net/net.h"

struct engine {
    struct net *net;
    int port;
    atomic_int opened; /* ws_open calls */
    atomic_int closed; /* ws_closed calls */
    atomic_int gone;   /* accepts refused */
    atomic_int mails;
    atomic_int ticks;
    atomic_int requests;
    atomic_int answering; /* threads that answer /later */
    /* what the handler of "/hold" keeps for the test to answer */
    _Atomic(struct http_request *) held;
    /* the last WebSocket that opened */
    _Atomic(uint64_t) ws_generation;
    atomic_uint ws_slot;
    atomic_uint ws_loop;
};

/* Small limits where the defaults would make a test wait. */
struct net_limits engine_limits(void);
void engine_start(struct engine *e, const struct net_limits *limits, unsigned loops);
void engine_start_at(struct engine *e, const struct net_limits *limits, unsigned loops,
                     const char *listen);
void engine_stop(struct engine *e);
struct net_ref engine_ws(const struct engine *e); /* names that last WebSocket */

/* ---- the client; every call fails the test on error or after 5 s ---- */
int client_open(const struct engine *e);
int client_open_at(const struct sockaddr *address, socklen_t n);
void client_send(int fd, const void *bytes, size_t n);
void client_say(int fd, const char *text);
size_t client_read(int fd, char *out, size_t n);   /* some; 0 at the end of stream or on a reset */
void client_read_all(int fd, char *out, size_t n); /* exactly n */
/* One answer: head and body, as text. Returns the status. */
int client_answer(int fd, char *out, size_t size);
/* Until the end of stream, as text. */
size_t client_rest(int fd, char *out, size_t size);
bool client_ended(int fd); /* the stream ends or is reset, and nothing else comes */

int client_ws(const struct engine *e, const char *path); /* opened, 101 read */
/* A masked frame; first = the first byte. */
void client_frame(int fd, unsigned char first, const void *payload, size_t n);
/* One frame of the server: its first byte; the payload (NUL added) and its length. */
unsigned char client_ws_read(int fd, char *out, size_t size, size_t *ret_n);
/* The next frame must be a close of that code. */
void client_expect_close(int fd, int code);

/* Waits until *value is at least that; fails the test after 5 s. */
void wait_for(const atomic_int *value, int at_least);
/* The same until that many connections are open. */
void wait_for_connections(const struct engine *e, size_t wanted);

#endif
