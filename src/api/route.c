/* route.c - the table made from routes.def, and finding a row in it. */
#include "api/route.h"

#include "api/bodies.h"
#include "api/handlers.h"
#include "api/views.h"
#include "base/error.h"

#define NO_BODY NULL
#define NO_REPLY NULL
#define ROUTE(method_, path_, access_, object_, body_, reply_, status_, tx_, lane_, rate_,         \
              action_, idem_, handler_)                                                            \
    {HTTP_##method_, path_,        ACCESS_##access_, OBJECT_##object_, body_, reply_,  status_,    \
     TX_##tx_,       LANE_##lane_, RATE_##rate_,     action_,          idem_, handler_},
const struct route routes[] = {
#include "api/routes.def"
};
#undef ROUTE
const size_t route_count = sizeof routes / sizeof *routes;

/* Does the path match the pattern? The text in the place of "{id}" goes to *ret_id_text. */
static bool path_matches(const char *pattern, struct str path, struct str *ret_id_text)
{
    const char *hole = strstr(pattern, "{id}");

    *ret_id_text = STR_NONE;
    if (!hole)
        return str_is(path, pattern);
    size_t before = (size_t)(hole - pattern);
    struct str after = str_from(hole + 4);
    if (path.n <= before + after.n || memcmp(path.p, pattern, before) != 0)
        return false;
    if (after.n > 0 && memcmp(path.p + path.n - after.n, after.p, after.n) != 0)
        return false;
    *ret_id_text = str_of(path.p + before, path.n - before - after.n);
    return memchr(ret_id_text->p, '/', ret_id_text->n) == NULL;
}

const char *route_method_name(enum http_method method)
{
    switch (method) {
    case HTTP_GET:
        return "GET";
    case HTTP_POST:
        return "POST";
    case HTTP_PUT:
        return "PUT";
    case HTTP_PATCH:
        return "PATCH";
    case HTTP_DELETE:
        return "DELETE";
    case HTTP_HEAD:
    case HTTP_OPTIONS:
    case HTTP_OTHER:
        return "";
    }
    return "";
}

static void add_allowed(char allowed[64], enum http_method method)
{
    size_t n = strlen(allowed);

    (void)snprintf(allowed + n, 64 - n, "%s%s%s", n > 0 ? ", " : "", route_method_name(method),
                   method == HTTP_GET ? ", HEAD" : "");
}

const struct route *route_find(struct str path, enum http_method method, struct id *ret_id,
                               bool *ret_bad_id, char ret_allowed[64])
{
    struct str id_text;

    ret_allowed[0] = '\0';
    *ret_bad_id = false;
    *ret_id = ID_NONE;
    if (method == HTTP_HEAD)
        method = HTTP_GET;
    for (size_t i = 0; i < route_count; i++) {
        if (!path_matches(routes[i].path, path, &id_text))
            continue;
        if (routes[i].method != method) {
            add_allowed(ret_allowed, routes[i].method);
            continue;
        }
        *ret_bad_id = id_text.p && (id_parse(id_text, ret_id) < 0 || id_is_none(ret_id));
        return &routes[i];
    }
    return NULL;
}
