/*
 * metrics.h - Prometheus text on a listener of its own (ACOLHE_METRICS_LISTEN), never on the public
 * one. No label and no value tells about a person.
 */
#ifndef ACOLHE_API_METRICS_H
#define ACOLHE_API_METRICS_H

#include "api/api.h"

struct metrics {
    struct net *net; /* the private listener; NULL: not configured */
    const struct app *app;
    const struct net *public_net;
    struct pool *db_pool;
    struct pool *password_pool;
};
/* Listens on `address` and serves GET /metrics from `m`, which must outlive it. 0, -E_CONFIG,
 * -E_IO. */
int metrics_start(struct metrics *m, const char *address);
void metrics_stop(struct metrics *m); /* a metrics that never started is accepted */

#endif
