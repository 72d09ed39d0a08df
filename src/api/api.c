/* api.c - the handle: see api.h. */
#include "api/api.h"

#include <stdlib.h>

#include "api/answer.h"
#include "api/api_internal.h"
#include "api/ops.h"
#include "base/error.h"

int api_new(const struct api_options *options, struct api **ret)
{
    struct api *api = calloc(1, sizeof *api);

    if (!api)
        return -E_NO_MEMORY;
    api->options = *options;
    api->limits = limits_new(options->rate_limits);
    int r = api->limits ? proxies_new(options->trusted_proxies, &api->proxies) : -E_NO_MEMORY;
    if (r < 0) {
        api_free(api);
        return r;
    }
    *ret = api;
    return 0;
}

void api_free(struct api *api)
{
    if (!api)
        return;
    limits_free(api->limits);
    proxies_free(api->proxies);
    free(api);
}

void api_attach(struct api *api, struct net *net)
{
    api->net = net;
}

static void default_fields(void *ctx, struct http_reply *reply)
{
    const struct api *api = ctx;

    answer_default_fields(api->options.app, reply);
}

static void tick(void *ctx, unsigned loop, int64_t mono_us)
{
    const struct api *api = ctx;

    (void)mono_us;
    realtime_tick(api->options.app->realtime, loop);
}

static void mail(void *ctx, unsigned loop, void *message)
{
    const struct api *api = ctx;

    hub_mail(realtime_hub(api->options.app->realtime), loop, message);
}

struct net_handlers api_handlers(void)
{
    return (struct net_handlers){
        .request = api_request,
        .default_fields = default_fields,
        .ws_message = realtime_message_in,
        .ws_open = realtime_opened,
        .ws_closed = realtime_closed,
        .tick = tick,
        .mail = mail,
#ifdef ACOLHE_TEST_HOOKS
        .ws_binary = realtime_binary_in,
#endif
    };
}

void api_print_routes(FILE *out)
{
    for (size_t i = 0; i < route_count; i++) {
        const struct route *r = &routes[i];
        (void)fprintf(out,
                      "{\"kind\":\"http\",\"method\":\"%s\",\"path\":\"%s\",\"access\":\"%s\","
                      "\"object\":\"%s\",\"body\":\"%s\",\"status\":%d,\"audit\":\"%s\","
                      "\"rate\":\"%s\",\"idempotent\":%s}\n",
                      route_method_name(r->method), r->path, access_names[r->access - 1],
                      object_names[r->object - 1], r->body ? r->body->name : "", r->status,
                      r->action, rate_names[r->rate], r->idempotent ? "true" : "false");
    }
    ops_print(out);
}
