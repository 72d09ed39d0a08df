/*
 * api.h - HTTP and WebSocket to use cases: the routes, the realtime ops, the web client's files.
 *
 *   net -> api (loop thread): route, limits, rate -> job -> worker thread: session, CSRF, rule,
 *       grant, body -> use case -> reply -> net
 */
#ifndef ACOLHE_API_API_H
#define ACOLHE_API_API_H

#include <stdio.h>

#include "app/app.h"
#include "base/pool.h"
#include "net/net.h"

struct api_options {
    const struct app *app;      /* complete but for app.realtime, which is set before net_start */
    struct pool *db_pool;       /* its state is a struct db of each thread */
    struct pool *password_pool; /* the same, few threads */
    struct str trusted_proxies; /* comma-separated addresses or prefixes; may be empty */
    bool rate_limits;           /* false: ACOLHE_RATE_LIMITS=off */
};
struct api;
int api_new(const struct api_options *options, struct api **ret);
void api_free(struct api *api); /* after the loops and pools ended */
/* What the engine calls; ctx is the api. */
struct net_handlers api_handlers(void);
/* After net_new, before net_start: where replies go. */
void api_attach(struct api *api, struct net *net);
/* One JSON line for each route and realtime op: the table, for tests and documents. */
void api_print_routes(FILE *out);

#endif
