/*
 * still.c - the modes that send no messages: idle sockets (what one costs the server in memory)
 * and HTTP requests over kept connections.
 */
#include "modes.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The server's own memory, bytes that no other process shares: what /proc calls private. */
static long long private_bytes(long pid, long long *ret_anonymous)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/%ld/smaps_rollup", pid);
    FILE *file = fopen(path, "re");
    if (file == NULL)
        die("%s cannot be read", path);
    char line[256];
    long long total = 0;
    *ret_anonymous = 0;
    while (fgets(line, sizeof line, file) != NULL) {
        long long kb;
        if (sscanf(line, "Private_Clean: %lld kB", &kb) == 1 ||
            sscanf(line, "Private_Dirty: %lld kB", &kb) == 1)
            total += kb * 1024;
        else if (sscanf(line, "Anonymous: %lld kB", &kb) == 1)
            *ret_anonymous = kb * 1024;
    }
    fclose(file);
    return total;
}

static void ignore_text(struct wire *w, struct peer *p, const char *text, size_t len)
{
    (void)w;
    (void)p;
    (void)text;
    (void)len;
}

static void settle(struct wire *w, double seconds)
{
    int64_t end = now_ns() + (int64_t)(seconds * 1e9);
    while (now_ns() < end)
        wire_turn(w, end);
}

static void open_idle(struct wire *w, const struct plan *plan, struct peer *p, size_t number)
{
    const struct pair *pair = &plan->pairs[(number / 2) % plan->pair_count];
    p->id = (uint32_t)number;
    wire_connect(w, p, &plan->target);
    wire_upgrade(w, p, &plan->target, "/api/v1/realtime", "acolhe.v1",
                 number % 2 == 0 ? pair->patient : pair->doctor);
}

void mode_idle(const struct plan *plan, const struct settings *s)
{
    size_t first = 2 * plan->pair_count; /* one each: their threads, caches and statements exist */
    struct peer *peers = calloc(first + s->sockets, sizeof(struct peer));
    if (peers == NULL || s->pid <= 0)
        die("idle needs --pid and --sockets");
    struct wire w;
    wire_init(&w);
    w.on_text = ignore_text;
    for (size_t i = 0; i < first; i++)
        open_idle(&w, plan, &peers[i], i);
    settle(&w, 1.0);
    long long anonymous_before, anonymous_after;
    long long before = private_bytes(s->pid, &anonymous_before);
    for (size_t i = first; i < first + s->sockets; i++) {
        open_idle(&w, plan, &peers[i], i);
        if (i % 64 == 0)
            settle(&w, 0.001);
    }
    settle(&w, 1.5);
    long long after = private_bytes(s->pid, &anonymous_after);
    printf("{\"mode\":\"idle\",\"sockets\":%zu,\"accounts\":%zu,\"private_before\":%lld,"
           "\"private_after\":%lld,\"bytes_per_socket\":%.0f,\"anonymous_per_socket\":%.0f}\n",
           s->sockets, first, before, after, (double)(after - before) / (double)s->sockets,
           (double)(anonymous_after - anonymous_before) / (double)s->sockets);
    for (size_t i = 0; i < first + s->sockets; i++)
        peer_close(&peers[i]);
    free(peers);
    wire_done(&w);
}

struct get {
    char request[1024];
    size_t len;
};

struct http_run {
    uint64_t answers;
    uint64_t bytes;
};

/* One whole answer, or 0 while it is incomplete; then asks again. */
static size_t on_answer(struct wire *w, struct peer *p, const char *at, size_t len)
{
    const char *end = memmem(at, len, "\r\n\r\n", 4);
    if (end == NULL)
        return 0;
    size_t head = (size_t)(end - at) + 4;
    if (memcmp(at, "HTTP/1.1 200", 12) != 0)
        die("%.*s", (int)(len < 600 ? len : 600), at);
    const char *length = memmem(at, head, "\r\nContent-Length: ", 18);
    if (length == NULL)
        length = memmem(at, head, "\r\ncontent-length: ", 18);
    if (length == NULL)
        die("an answer without a length");
    size_t whole = head + (size_t)strtoul(length + 18, NULL, 10);
    if (len < whole)
        return 0;
    struct http_run *run = w->ctx;
    run->answers++;
    run->bytes += whole;
    const struct get *get = p->owner;
    wire_send(w, p, get->request, get->len);
    return whole;
}

void mode_http(const struct plan *plan, const struct settings *s)
{
    struct http_run run = {0};
    struct wire w;
    wire_init(&w);
    w.on_bytes = on_answer;
    w.ctx = &run;
    struct peer *peers = calloc(s->connections, sizeof(struct peer));
    struct get *gets = calloc(s->connections, sizeof(struct get));
    if (peers == NULL || gets == NULL)
        die("out of memory");
    for (size_t i = 0; i < s->connections; i++) {
        const struct pair *pair = &plan->pairs[i % plan->pair_count];
        char history[128];
        snprintf(history, sizeof history, "/api/v1/conversations/%s/messages?limit=50",
                 pair->conversation);
        int n = snprintf(gets[i].request, sizeof gets[i].request,
                         "GET %s HTTP/1.1\r\nHost: %s:%s\r\nCookie: %s\r\n"
                         "Accept: application/json\r\n\r\n",
                         s->path != NULL ? s->path : history, plan->target.host, plan->target.port,
                         i % 2 == 0 ? pair->patient : pair->doctor);
        if (n < 0 || (size_t)n >= sizeof gets[i].request)
            die("the request is too long");
        gets[i].len = (size_t)n;
        peers[i].id = (uint32_t)i;
        peers[i].owner = &gets[i];
        wire_connect(&w, &peers[i], &plan->target);
        wire_watch(&w, &peers[i]);
        wire_send(&w, &peers[i], gets[i].request, gets[i].len);
    }
    settle(&w, s->warmup_s);
    uint64_t answers = run.answers;
    uint64_t bytes = run.bytes;
    int64_t from = now_ns();
    settle(&w, s->seconds);
    double took = (double)(now_ns() - from) / 1e9;
    answers = run.answers - answers;
    if (answers == 0)
        die("no answer in %.1f s", took);
    printf("{\"mode\":\"http\",\"connections\":%zu,\"seconds\":%.3f,\"requests_per_s\":%.0f,"
           "\"bytes_per_answer\":%.0f}\n",
           s->connections, took, (double)answers / took,
           (double)(run.bytes - bytes) / (double)answers);
    for (size_t i = 0; i < s->connections; i++)
        peer_close(&peers[i]);
    free(peers);
    free(gets);
    wire_done(&w);
}
