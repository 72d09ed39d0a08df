/* wiring.c - see wiring.h.
 *
 * What may still call what decides the order of the end. The writer answers through the loops, so
 * it commits what it has and ends first: its acks reach the sockets before their close frames, and
 * what comes later is answered "unavailable". Loops hand work to the pools; the pools' jobs tell
 * the hub and the trail. So: writer and watcher, loops, pools, trail, connections.
 */
#include "cli/wiring.h"

#include <stdlib.h>
#include <sys/resource.h>

#include "api/api.h"
#include "api/metrics.h"
#include "app/trail.h"
#include "base/error.h"
#include "cli/cli.h"
#include "net/net.h"

#define DB_QUEUE_MAX 4096
#define PASSWORD_QUEUE_MAX 256
#define SPARE_FILES ((rlim_t)256) /* descriptors for what is not a connection */

struct wiring {
    struct app app;
    const struct settings *settings;
    struct pool *db_pool;
    struct pool *password_pool;
    struct db *trail_db;
    struct db *writer_db;
    struct db *watch_db;
    struct trail *trail;
    struct api *api;
    struct net *net;
    struct realtime *realtime;
    struct metrics metrics;
    bool told;    /* why it cannot be put together */
    bool running; /* the writer's and loops' threads */
};

static int open_worker(void *arg, void **ret_state)
{
    const struct settings *s = arg;
    struct db *db = NULL;
    int r = db_open(&(struct db_options){.url = s->database_url}, &db);

    *ret_state = db;
    return r;
}

static void close_worker(void *state)
{
    db_close(state);
}

static int make_pool(struct wiring *w, const char *name, const char *key, size_t queue_max,
                     struct pool **ret)
{
    const struct pool_options options = {
        .name = name,
        .threads = (size_t)config_int(&w->settings->config, key),
        .queue_max = queue_max,
        .open = open_worker,
        .close = close_worker,
        .arg = (void *)(uintptr_t)w->settings, /* only read */
    };

    return pool_new(&options, ret);
}

static int make_workers(struct wiring *w)
{
    void *db[3] = {NULL};
    int r = make_pool(w, "db", "ACOLHE_WORKERS", DB_QUEUE_MAX, &w->db_pool);

    if (r == 0)
        r = make_pool(w, "password", "ACOLHE_PASSWORD_WORKERS", PASSWORD_QUEUE_MAX,
                      &w->password_pool);
    for (size_t i = 0; r == 0 && i < 3; i++)
        r = open_worker((void *)(uintptr_t)w->settings, &db[i]);
    w->trail_db = db[0];
    w->writer_db = db[1];
    w->watch_db = db[2];
    if (r == 0)
        r = trail_new(w->trail_db, &w->app.node, &w->trail);
    if (r == 0)
        w->app.trail = w->trail;
    return r;
}

/* Connections that the process may really have: at their limit net answers 503, while at the
 * process's own limit nothing could be opened, a database file neither. */
static size_t connections_max(void)
{
    size_t most = net_limits_default.connections_max;
    struct rlimit files;

    if (getrlimit(RLIMIT_NOFILE, &files) < 0 || files.rlim_cur == RLIM_INFINITY)
        return most;
    rlim_t left = files.rlim_cur > 2 * SPARE_FILES ? files.rlim_cur - SPARE_FILES : SPARE_FILES;
    return left < most ? (size_t)left : most;
}

static int make_net(struct wiring *w)
{
    struct str listen = config_text(&w->settings->config, "ACOLHE_LISTEN");
    struct net_options options = {
        .listen = listen.p,
        .loops = (unsigned)config_int(&w->settings->config, "ACOLHE_LOOPS"),
        .limits = net_limits_default,
        .handlers = api_handlers(),
        .ctx = w->api,
    };
    options.limits.connections_max = connections_max();

    int r = net_new(&options, &w->net);
    w->told = r < 0;
    if (r < 0)
        cli_say("cannot listen on %s: see that no other program has the port and that the address "
                "is this machine's, or set ACOLHE_LISTEN",
                listen.p);
    return r;
}

static void note_access(void *trail, const struct audit_entry *entry)
{
    trail_note(trail, entry, true);
}

static int make_realtime(struct wiring *w)
{
    const struct realtime_options options = {
        .net = w->net,
        .pool = w->db_pool,
        .writer_db = w->writer_db,
        .watch_db = w->watch_db,
        .keys = w->app.keys,
        .node = w->app.node,
        .sessions = w->app.config.sessions,
        .note = note_access,
        .note_arg = w->trail,
    };
    int r = realtime_new(&options, &w->realtime);

    w->app.realtime = w->realtime;
    return r;
}

static int make_all(struct wiring *w, struct settings *settings)
{
    int r = make_workers(w);

    const struct api_options options = {
        .app = &w->app,
        .db_pool = w->db_pool,
        .password_pool = w->password_pool,
        .trusted_proxies = config_text(&settings->config, "ACOLHE_TRUSTED_PROXIES"),
        .rate_limits = config_bool(&settings->config, "ACOLHE_RATE_LIMITS"),
    };
    if (r == 0)
        r = api_new(&options, &w->api);
    if (r == 0)
        r = make_net(w);
    /* with port 0 the URL is known only now; the api reads it request by request */
    if (r == 0)
        r = settings_bound(settings, net_port(w->net));
    w->app.config = settings_app(settings);
    if (r == 0)
        r = make_realtime(w);
    if (r == 0)
        api_attach(w->api, w->net);
    return r;
}

int wiring_new(const struct installation *i, struct settings *settings, struct wiring **ret)
{
    struct wiring *w = calloc(1, sizeof *w);

    *ret = NULL;
    if (!w)
        return -E_NO_MEMORY;
    w->settings = settings;
    w->app = (struct app){.config = settings_app(settings), .keys = i->keys, .node = i->node};
    int r = make_all(w, settings);
    if (r < 0) {
        if (!w->told)
            cli_say("the server could not be put together: %s", cli_reason(r));
        wiring_free(w);
        return r;
    }
    *ret = w;
    return 0;
}

/* Monitoring has a listener of its own: what it tells is not for the public. */
static int start_metrics(struct wiring *w)
{
    struct str listen = config_text(&w->settings->config, "ACOLHE_METRICS_LISTEN");

    if (listen.n == 0)
        return 0;
    w->metrics = (struct metrics){.app = &w->app,
                                  .public_net = w->net,
                                  .db_pool = w->db_pool,
                                  .password_pool = w->password_pool};
    int r = metrics_start(&w->metrics, listen.p);
    if (r < 0)
        cli_say("cannot listen on %s for metrics: set ACOLHE_METRICS_LISTEN to a free port",
                listen.p);
    return r;
}

int wiring_start(struct wiring *w)
{
    int r = realtime_start(w->realtime);

    w->running = true;
    if (r == 0)
        r = net_start(w->net);
    if (r == 0)
        r = start_metrics(w);
    if (r < 0) {
        cli_say("the server's threads could not be started: %s", cli_reason(r));
        wiring_stop(w, 0);
    }
    return r;
}

static void end_pools(struct wiring *w)
{
    pool_free(w->password_pool);
    pool_free(w->db_pool);
    w->password_pool = w->db_pool = NULL;
}

void wiring_stop(struct wiring *w, int64_t grace_us)
{
    if (!w->running)
        return;
    metrics_stop(&w->metrics);
    realtime_stop(w->realtime);
    net_stop(w->net, grace_us);
    end_pools(w);
    trail_free(w->trail);
    w->trail = NULL;
    w->app.trail = NULL;
    w->running = false;
}

void wiring_free(struct wiring *w)
{
    if (!w)
        return;
    end_pools(w);
    realtime_free(w->realtime);
    net_free(w->net);
    api_free(w->api);
    trail_free(w->trail);
    db_close(w->watch_db);
    db_close(w->writer_db);
    db_close(w->trail_db);
    free(w);
}
