/*
 * request_guard.h - where a request comes from: the session cookie, the Origin, the CSRF token, the
 * client's address behind trusted proxies.
 */
#ifndef ACOLHE_API_REQUEST_GUARD_H
#define ACOLHE_API_REQUEST_GUARD_H

#include "app/app.h"
#include "net/net.h"

/* "__Host-acolhe" over HTTPS; "acolhe" while the public URL is plain http on loopback. */
const char *guard_cookie_name(const struct app *app);
/* The Set-Cookie value for a token; for STR_NONE the one that removes it. In the arena. */
struct str guard_set_cookie(const struct app *app, struct arena *a, struct str token);
/* The token's text in the Cookie header. 0, -E_NOT_FOUND, -E_MALFORMED (given twice). */
int guard_cookie(const struct app *app, const struct http_request *r, struct str *ret);

/* Is the Origin that of the public URL? `required`: a missing one is refused too. Sec-Fetch-Site,
 * where a browser sends it, must not tell another site. 0 or -E_CSRF. */
int guard_origin(const struct app *app, const struct http_request *r, bool required);
/* The X-CSRF-Token of that session. 0 or -E_CSRF. */
int guard_csrf(const struct app *app, const struct http_request *r, const struct session *session);

/* Addresses whose X-Forwarded-For is believed. */
struct proxies;
/* From "10.0.0.1, 10.1.0.0/16, ::1". 0 or -E_CONFIG. */
int proxies_new(struct str list, struct proxies **ret);
void proxies_free(struct proxies *p);
/* The client's address: the last untrusted one of the chain. Borrows from the request. */
struct str proxies_client(const struct proxies *p, const struct http_request *r);

#endif
