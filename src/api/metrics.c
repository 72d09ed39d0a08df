/* metrics.c - see metrics.h. The text format is Prometheus' 0.0.4, written by hand: it is lines. */
#include "api/metrics.h"

#include <unistd.h>

#include "api/answer.h"
#include "base/clock.h"
#include "base/error.h"

static void line(struct buf *b, const char *name, const char *type, const char *help, int64_t value)
{
    (void)buf_addf(b, "# HELP %s %s\n# TYPE %s %s\n%s %lld\n", name, help, name, type, name,
                   (long long)value);
}

/* Pages resident, from the kernel; -1 when it does not say. */
static int64_t resident_bytes(void)
{
    long long size;
    long long resident;
    FILE *f = fopen("/proc/self/statm", "re");

    if (!f)
        return -1;
    int n = fscanf(f, "%lld %lld", &size, &resident);
    (void)fclose(f);
    return n == 2 ? (int64_t)resident * sysconf(_SC_PAGESIZE) : -1;
}

static void write_metrics(const struct metrics *m, struct buf *b)
{
    struct realtime_stats realtime;
    struct net_stats net;

    net_stats(m->public_net, &net);
    realtime_stats(m->app->realtime, &realtime);
    line(b, "acolhe_connections", "gauge", "Open connections.", (int64_t)net.connections);
    line(b, "acolhe_websockets", "gauge", "Open WebSockets.", (int64_t)net.websockets);
    line(b, "acolhe_http_requests_total", "counter", "HTTP requests.", (int64_t)net.requests);
    line(b, "acolhe_frames_in_total", "counter", "WebSocket messages received.",
         (int64_t)net.messages_in);
    line(b, "acolhe_frames_out_total", "counter", "WebSocket messages queued.",
         (int64_t)net.frames_out);
    line(b, "acolhe_slow_readers_dropped_total", "counter", "Sockets closed at their output bound.",
         (int64_t)net.dropped_slow);
    line(b, "acolhe_writer_requests_total", "counter", "Requests that the writer took.",
         (int64_t)realtime.taken);
    line(b, "acolhe_writer_batches_total", "counter", "Transactions of the writer.",
         (int64_t)realtime.batches);
    line(b, "acolhe_writer_queue", "gauge", "Requests waiting for the writer.",
         (int64_t)realtime.queued);
    line(b, "acolhe_database_queue", "gauge", "Jobs waiting for a database thread.",
         (int64_t)pool_queued(m->db_pool));
    line(b, "acolhe_password_queue", "gauge", "Jobs waiting for a password thread.",
         (int64_t)pool_queued(m->password_pool));
    line(b, "process_resident_memory_bytes", "gauge", "Resident memory.", resident_bytes());
}

static void answer(void *ctx, struct http_request *r)
{
    struct metrics *m = ctx;
    struct net_ref conn = r->conn;
    bool found = str_is(r->path, "/metrics") && (r->method == HTTP_GET || r->method == HTTP_HEAD);
    struct http_reply *reply = found ? http_reply_new(200) : answer_problem(-E_NOT_FOUND, NULL);

    net_request_free(r);
    if (!reply)
        return;
    if (found) {
        http_reply_field(reply, "Content-Type", STR("text/plain; version=0.0.4"));
        write_metrics(m, &reply->body);
    }
    net_reply(m->net, conn, reply);
}

static void default_fields(void *ctx, struct http_reply *reply)
{
    const struct metrics *m = ctx;

    answer_default_fields(m->app, reply);
}

int metrics_start(struct metrics *m, const char *address)
{
    const struct net_options options = {
        .listen = address,
        .loops = 1,
        .limits = net_limits_default,
        .handlers = {.request = answer, .default_fields = default_fields},
        .ctx = m,
    };

    int r = net_new(&options, &m->net);
    return r < 0 ? r : net_start(m->net);
}

void metrics_stop(struct metrics *m)
{
    if (!m->net)
        return;
    net_stop(m->net, US_PER_S);
    net_free(m->net);
    m->net = NULL;
}
