/* request_guard.c - cookie, Origin and CSRF token. See request_guard.h; proxies are in proxies.c.
 */
#include "api/request_guard.h"

#include "base/cookie.h"
#include "base/error.h"

static bool is_https(const struct app *app)
{
    return str_starts(app->config.public_url, STR("https://"));
}

const char *guard_cookie_name(const struct app *app)
{
    return is_https(app) ? "__Host-acolhe" : "acolhe";
}

struct str guard_set_cookie(const struct app *app, struct arena *a, struct str token)
{
    long long age = token.p ? (long long)(app->config.sessions.absolute_us / 1000000) : 0;

    return arena_printf(a, "%s=%.*s; Path=/; Max-Age=%lld; HttpOnly; SameSite=Lax%s",
                        guard_cookie_name(app), STR_FMT(token), age,
                        is_https(app) ? "; Secure" : "");
}

int guard_cookie(const struct app *app, const struct http_request *r, struct str *ret)
{
    struct str header = http_field(r, "cookie");

    *ret = STR_NONE;
    return header.p ? cookie_get(header, guard_cookie_name(app), ret) : -E_NOT_FOUND;
}

int guard_origin(const struct app *app, const struct http_request *r, bool required)
{
    struct str origin = http_field(r, "origin");
    struct str site = http_field(r, "sec-fetch-site");

    if (site.p && !str_is(site, "same-origin"))
        return -E_CSRF;
    if (!origin.p)
        return required ? -E_CSRF : 0;
    return str_eq(origin, app->config.public_url) ? 0 : -E_CSRF;
}

int guard_csrf(const struct app *app, const struct http_request *r, const struct session *session)
{
    struct str token = http_field(r, "x-csrf-token");

    return token.p && csrf_token_is(app->keys, &session->id, token) ? 0 : -E_CSRF;
}
