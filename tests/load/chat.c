/*
 * chat.c - the modes that send messages: relay (closed loop, as much as the server takes), open
 * loop (a fixed schedule, latency counted from the scheduled moment whether or not the generator
 * or the server was late: no coordinated omission) and echo (the same frames against /test/echo:
 * what the framing alone costs).
 *
 * In each pair the patient sends and the doctor receives. A message of the relay is in flight until
 * it was acknowledged to its sender AND delivered to the other; every one sent must end so.
 */
#include "modes.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/timerfd.h>
#include <unistd.h>

#define BODY                                                                                       \
    "Bom dia. A dor de cabeca melhorou depois do remedio, mas ainda sinto um pouco de tontura."

struct chat {
    struct wire wire;
    const struct plan *plan;
    struct peer *senders;
    struct peer *receivers;
    size_t pairs;
    uint32_t *sent;          /* by pair: how many messages were sent */
    struct inflight *flight; /* by pair and number modulo capacity */
    size_t capacity;         /* a power of two */
    uint64_t acked;
    uint64_t delivered;
    uint64_t sent_all;
    bool sending;
    bool closed_loop;
    bool echo;
    int64_t measure_from_ns;
    int64_t *delivery_ns; /* open loop: latencies of deliveries */
    int64_t *ack_ns;
    size_t delivery_count;
    size_t ack_count;
};

struct inflight {
    uint32_t number;
    bool acked;
    bool delivered;
    bool used;
    int64_t due_ns; /* the scheduled moment */
};

static struct inflight *flight_of(struct chat *c, size_t pair, uint32_t number)
{
    return &c->flight[pair * c->capacity + (number & (uint32_t)(c->capacity - 1))];
}

static void send_one(struct chat *c, size_t pair, int64_t due_ns)
{
    uint32_t number = c->sent[pair]++;
    struct inflight *f = flight_of(c, pair, number);
    if (f->used)
        die("%zu messages of pair %zu are unanswered: the server does not keep up", c->capacity,
            pair);
    *f = (struct inflight){.number = number, .used = true, .due_ns = due_ns};
    char id[UUID_TEXT + 1];
    message_id(id, (uint16_t)pair, number);
    char text[512];
    int n = snprintf(text, sizeof text,
                     "{\"op\":\"send\",\"conversation\":\"%s\",\"client_id\":\"%s\","
                     "\"text\":\"" BODY "\"}",
                     c->plan->pairs[pair].conversation, id);
    if (n < 0 || (size_t)n >= sizeof text)
        die("the message is too long");
    wire_send_text(&c->wire, &c->senders[pair], text, (size_t)n);
    c->sent_all++;
}

static void settle(struct chat *c, size_t pair, struct inflight *f)
{
    if (!f->acked || !f->delivered)
        return;
    f->used = false;
    if (c->closed_loop && c->sending)
        send_one(c, pair, now_ns());
}

static void on_text(struct wire *w, struct peer *p, const char *text, size_t len)
{
    struct chat *c = w->ctx;
    size_t op_len;
    const char *op = json_member(text, len, "\"op\"", &op_len);
    if (op == NULL)
        die("not a protocol message: %.*s", (int)len, text);
    bool ack = op_len == 3 && memcmp(op, "ack", 3) == 0;
    bool message = op_len == 7 && memcmp(op, "message", 7) == 0;
    bool echo = c->echo && op_len == 4 && memcmp(op, "send", 4) == 0;
    if (op_len == 5 && memcmp(op, "error", 5) == 0)
        die("the server answered %.*s", (int)len, text);
    if (!ack && !message && !echo)
        return; /* presence, events */
    size_t id_len;
    const char *id = json_member(text, len, "\"client_id\"", &id_len);
    uint16_t pair;
    uint32_t number;
    if (id == NULL || id_len != UUID_TEXT || !message_id_read(id, &pair, &number))
        die("an id of somebody else: %.*s", (int)len, text);
    if (pair >= c->pairs || (message ? &c->receivers[pair] : &c->senders[pair]) != p)
        die("a message for pair %u came to socket %u", pair, p->id);
    struct inflight *f = flight_of(c, pair, number);
    if (!f->used || f->number != number || (ack ? f->acked : f->delivered))
        die("message %u of pair %u came twice or was never sent", number, pair);
    int64_t now = now_ns();
    if (ack || echo) {
        f->acked = true;
        c->acked++;
        if (c->ack_ns != NULL && f->due_ns >= c->measure_from_ns)
            c->ack_ns[c->ack_count++] = now - f->due_ns;
    }
    if (message || echo) {
        f->delivered = true;
        c->delivered++;
        if (c->delivery_ns != NULL && f->due_ns >= c->measure_from_ns)
            c->delivery_ns[c->delivery_count++] = now - f->due_ns;
    }
    settle(c, pair, f);
}

static void *array(size_t count, size_t size)
{
    void *at = calloc(count, size);
    if (at == NULL)
        die("out of memory");
    return at;
}

static void chat_init(struct chat *c, const struct plan *plan, const struct settings *s,
                      size_t capacity, bool echo)
{
    *c = (struct chat){.plan = plan, .pairs = s->pairs, .capacity = capacity, .echo = echo};
    if (c->pairs == 0 || c->pairs > plan->pair_count)
        die("the plan has %zu pairs, %zu were asked for", plan->pair_count, c->pairs);
    wire_init(&c->wire);
    c->wire.on_text = on_text;
    c->wire.ctx = c;
    c->senders = array(c->pairs, sizeof(struct peer));
    c->receivers = array(c->pairs, sizeof(struct peer));
    c->sent = array(c->pairs, sizeof(uint32_t));
    c->flight = array(c->pairs * capacity, sizeof(struct inflight));
    const char *path = echo ? "/test/echo" : "/api/v1/realtime";
    for (size_t i = 0; i < c->pairs; i++) {
        c->senders[i].id = (uint32_t)(2 * i);
        c->receivers[i].id = (uint32_t)(2 * i + 1);
        wire_connect(&c->wire, &c->senders[i], &plan->target);
        wire_upgrade(&c->wire, &c->senders[i], &plan->target, path, echo ? NULL : "acolhe.v1",
                     echo ? NULL : plan->pairs[i].patient);
        if (echo)
            continue;
        wire_connect(&c->wire, &c->receivers[i], &plan->target);
        wire_upgrade(&c->wire, &c->receivers[i], &plan->target, path, "acolhe.v1",
                     plan->pairs[i].doctor);
    }
}

static void chat_done(struct chat *c)
{
    for (size_t i = 0; i < c->pairs; i++) {
        peer_close(&c->senders[i]);
        if (!c->echo)
            peer_close(&c->receivers[i]);
    }
    wire_done(&c->wire);
    free(c->senders);
    free(c->receivers);
    free(c->sent);
    free(c->flight);
    free(c->delivery_ns);
    free(c->ack_ns);
}

static void run_until(struct chat *c, int64_t end_ns)
{
    while (now_ns() < end_ns)
        wire_turn(&c->wire, end_ns);
}

/* Everything sent must be answered; who does not in ten seconds has lost something. */
static void drain(struct chat *c)
{
    int64_t end = now_ns() + 10000000000;
    while (c->acked < c->sent_all || c->delivered < c->sent_all) {
        if (now_ns() > end)
            die("sent %llu, acknowledged %llu, delivered %llu", (unsigned long long)c->sent_all,
                (unsigned long long)c->acked, (unsigned long long)c->delivered);
        wire_turn(&c->wire, now_ns() + 100000000);
    }
}

static int64_t ns_of(double seconds)
{
    return (int64_t)(seconds * 1e9);
}

static void closed_loop(const struct plan *plan, const struct settings *s, bool echo)
{
    struct chat c;
    size_t capacity = 1;
    while (capacity < s->window * 2)
        capacity *= 2;
    chat_init(&c, plan, s, capacity, echo);
    c.closed_loop = true;
    c.sending = true;
    for (size_t i = 0; i < c.pairs; i++) {
        for (size_t k = 0; k < s->window; k++)
            send_one(&c, i, now_ns());
    }
    run_until(&c, now_ns() + ns_of(s->warmup_s));
    uint64_t acked = c.acked;
    uint64_t delivered = c.delivered;
    int64_t from = now_ns();
    run_until(&c, from + ns_of(s->seconds));
    double took = (double)(now_ns() - from) / 1e9;
    acked = c.acked - acked;
    delivered = c.delivered - delivered;
    c.sending = false;
    drain(&c);
    printf("{\"mode\":\"%s\",\"pairs\":%zu,\"window\":%zu,\"seconds\":%.3f,\"acked_per_s\":%.0f,"
           "\"delivered_per_s\":%.0f,\"total\":%llu}\n",
           echo ? "echo" : "relay", c.pairs, s->window, took, (double)acked / took,
           (double)delivered / took, (unsigned long long)c.sent_all);
    chat_done(&c);
}

void mode_relay(const struct plan *plan, const struct settings *s)
{
    closed_loop(plan, s, false);
}

void mode_echo(const struct plan *plan, const struct settings *s)
{
    closed_loop(plan, s, true);
}

static int by_value(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a;
    int64_t y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

/* Nearest rank, in milliseconds. */
static double percentile(const int64_t *sorted, size_t n, double p)
{
    if (n == 0)
        return -1;
    size_t rank = (size_t)((double)n * p / 100.0 + 0.999999);
    if (rank < 1)
        rank = 1;
    if (rank > n)
        rank = n;
    return (double)sorted[rank - 1] / 1e6;
}

static void print_latency(const char *name, int64_t *values, size_t n)
{
    qsort(values, n, sizeof *values, by_value);
    printf(",\"%s\":{\"count\":%zu,\"p50_ms\":%.3f,\"p99_ms\":%.3f,\"p999_ms\":%.3f,"
           "\"max_ms\":%.3f}",
           name, n, percentile(values, n, 50), percentile(values, n, 99),
           percentile(values, n, 99.9), percentile(values, n, 100));
}

static void arm(int timer, int64_t at_ns)
{
    struct itimerspec when = {
        .it_value = {.tv_sec = at_ns / 1000000000, .tv_nsec = at_ns % 1000000000}};
    if (timerfd_settime(timer, TFD_TIMER_ABSTIME, &when, NULL) != 0)
        die("timerfd_settime: %s", strerror(errno));
}

void mode_openloop(const struct plan *plan, const struct settings *s)
{
    struct chat c;
    chat_init(&c, plan, s, 4096, false);
    size_t total = (size_t)(s->rate * (s->warmup_s + s->seconds));
    c.delivery_ns = array(total, sizeof(int64_t));
    c.ack_ns = array(total, sizeof(int64_t));
    int timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
    if (timer < 0)
        die("timerfd_create: %s", strerror(errno));
    wire_wake(&c.wire, timer);
    int64_t start = now_ns() + 50000000;
    c.measure_from_ns = start + ns_of(s->warmup_s);
    double step = 1e9 / s->rate;
    int64_t late_max = 0;
    for (size_t i = 0; i < total;) {
        int64_t due = start + (int64_t)((double)i * step);
        int64_t now = now_ns();
        if (now >= due) {
            if (due >= c.measure_from_ns && now - due > late_max)
                late_max = now - due;
            send_one(&c, i % c.pairs, due);
            i++;
            continue;
        }
        arm(timer, due);
        wire_turn(&c.wire, now + 1000000000);
        uint64_t fired;
        if (read(timer, &fired, sizeof fired) < 0 && errno != EAGAIN)
            die("timer: %s", strerror(errno));
    }
    drain(&c);
    printf("{\"mode\":\"openloop\",\"pairs\":%zu,\"rate\":%.0f,\"seconds\":%.1f", c.pairs, s->rate,
           s->seconds);
    print_latency("delivery", c.delivery_ns, c.delivery_count);
    print_latency("ack", c.ack_ns, c.ack_count);
    printf(",\"generator_late_max_ms\":%.3f}\n", (double)late_max / 1e6);
    close(timer);
    chat_done(&c);
}
