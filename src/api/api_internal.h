/* api_internal.h - what the files of api/ share. */
#ifndef ACOLHE_API_INTERNAL_H
#define ACOLHE_API_INTERNAL_H

#include "api/api.h"
#include "api/limits.h"
#include "api/request_guard.h"
#include "api/route.h"

struct api {
    struct api_options options;
    struct net *net;
    struct limits *limits;
    struct proxies *proxies;
};

/* dispatch.c: net's request handler */
void api_request(void *ctx, struct http_request *r);
/* realtime.c: is it an upgrade, and does it offer our subprotocol? */
bool realtime_well_formed(const struct http_request *r);
/* realtime.c: net's WebSocket handlers */
void realtime_opened(void *ctx, struct net_ref conn, void *user);
void realtime_message_in(void *ctx, struct net_ref conn, void *user, struct str text);
void realtime_closed(void *ctx, struct net_ref conn, void *user);
#ifdef ACOLHE_TEST_HOOKS
void realtime_binary_in(void *ctx, struct net_ref conn, void *user, struct str bytes);
/* Takes the request when it is an upgrade of /test/echo. */
bool test_echo_upgrade(struct api *api, struct http_request *r);
#endif

#endif
