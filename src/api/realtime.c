/*
 * realtime.c - the WebSocket's life: the upgrade (a route like any other, decided on a worker
 * thread before a byte of WebSocket is spoken), then frames to ops.c.
 */
#include <stdlib.h>

#include "api/api_internal.h"
#include "api/handlers.h"
#include "api/ops.h"
#include "base/clock.h"
#include "base/error.h"

#define SUBPROTOCOL "acolhe.v1"

/* Does Sec-WebSocket-Protocol offer ours? */
static bool offers_subprotocol(struct str header)
{
    while (header.p)
        if (str_is(str_trim(str_cut(header, ',', &header)), SUBPROTOCOL))
            return true;
    return false;
}

bool realtime_well_formed(const struct http_request *r)
{
    return r->upgrade_websocket && offers_subprotocol(http_field(r, "sec-websocket-protocol"));
}

/* The connection went away before the upgrade was done: the socket was never in the hub. */
static void never_opened(void *ctx, void *user)
{
    (void)ctx;
    free(user);
}

int handle_realtime(struct exchange *ex)
{
    const struct http_request *r = ex->request;

    const struct str address = ex->call.address;
    struct socket *s = calloc(1, sizeof *s + address.n);
    if (!s)
        return -E_NO_MEMORY;
    if (address.n > 0)
        memcpy(s + 1, address.p, address.n);
    s->address = str_of(s + 1, address.n);
    s->session = *ex->call.session;
    s->conn = r->conn;
    s->checked_at = s->touched_at = ex->call.now_us;
    ex->answered = true;
    net_ws_accept(ex->net, r->conn, r->ws_key, SUBPROTOCOL, s, never_opened);
    return 0;
}

#ifdef ACOLHE_TEST_HOOKS
/* /test/echo has no session: its connections carry this mark instead of a socket. */
static char test_echo_mark;

static void echo_gone(void *ctx, void *user)
{
    (void)ctx;
    (void)user;
}

bool test_echo_upgrade(struct api *api, struct http_request *r)
{
    if (!str_is(r->path, "/test/echo") || !r->upgrade_websocket)
        return false;
    net_ws_accept(api->net, r->conn, r->ws_key, NULL, &test_echo_mark, echo_gone);
    net_request_free(r);
    return true;
}

static void echo(struct net *net, struct net_ref conn, struct str text)
{
    struct ws_frame *f = ws_frame_text(text);

    if (f)
        net_ws_send_here(net, conn, f);
    ws_frame_unref(f);
}

void realtime_binary_in(void *ctx, struct net_ref conn, void *user, struct str bytes)
{
    const struct api *api = ctx;
    struct ws_frame *f = user == &test_echo_mark ? ws_frame_binary(bytes) : NULL;

    if (f)
        net_ws_send_here(api->net, conn, f);
    else
        net_ws_close_here(api->net, conn, 1003, "text only");
    ws_frame_unref(f);
}
#endif

void realtime_opened(void *ctx, struct net_ref conn, void *user)
{
    const struct api *api = ctx;

    (void)conn;
#ifdef ACOLHE_TEST_HOOKS
    if (user == &test_echo_mark)
        return;
#endif
    hub_add(realtime_hub(api->options.app->realtime), user);
}

void realtime_message_in(void *ctx, struct net_ref conn, void *user, struct str text)
{
    const struct api *api = ctx;

#ifdef ACOLHE_TEST_HOOKS
    if (user == &test_echo_mark) {
        echo(api->net, conn, text);
        return;
    }
#endif
    (void)conn;
    ops_handle(api->options.app, api->net, user, api->options.rate_limits ? api->limits : NULL,
               text);
}

void realtime_closed(void *ctx, struct net_ref conn, void *user)
{
    const struct api *api = ctx;

    (void)conn;
#ifdef ACOLHE_TEST_HOOKS
    if (user == &test_echo_mark)
        return;
#endif
    hub_remove(realtime_hub(api->options.app->realtime), user);
}
