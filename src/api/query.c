/* query.c - query parameters, strictly: percent-decoded once, valid UTF-8, each at most once. */
#include "api/route.h"
#include "base/clock.h"
#include "base/error.h"

/* application/x-www-form-urlencoded: "%xx" and "+". STR_NONE when it is not well formed. */
static struct str decode(struct arena *a, struct str in)
{
    char *out = arena_alloc(a, in.n + 1);
    size_t n = 0;

    if (!out)
        return STR_NONE;
    for (size_t i = 0; i < in.n; i++) {
        char c = in.p[i];
        if (c == '+')
            c = ' ';
        if (c == '%') {
            if (i + 2 >= in.n || str_hex_digit(in.p[i + 1]) < 0 || str_hex_digit(in.p[i + 2]) < 0)
                return STR_NONE;
            c = (char)(str_hex_digit(in.p[i + 1]) << 4 | str_hex_digit(in.p[i + 2]));
            i += 2;
        }
        if (c == '\0')
            return STR_NONE;
        out[n++] = c;
    }
    struct str s = str_of(out, n);
    return str_utf8(s, NULL) ? s : STR_NONE;
}

int query_text(struct exchange *ex, const char *name, struct str *ret)
{
    struct str rest = ex->request->query;
    bool seen = false;

    *ret = STR_NONE;
    while (rest.p) {
        struct str value;
        struct str pair = str_cut(rest, '&', &rest);
        struct str key = str_cut(pair, '=', &value);
        if (!str_is(key, name))
            continue;
        *ret = decode(ex->call.arena, value.p ? value : STR(""));
        if (seen || !ret->p)
            return call_invalid(&ex->call, name, "invalid", "Give it once, percent-encoded UTF-8.");
        seen = true;
    }
    return 0;
}

int query_i64(struct exchange *ex, const char *name, int64_t min, int64_t max, int64_t fallback,
              int64_t *ret)
{
    struct str text;

    *ret = fallback;
    int r = query_text(ex, name, &text);
    if (r < 0 || !text.p)
        return r;
    if (str_to_i64(text, ret) < 0 || *ret < min || *ret > max)
        return call_invalid(&ex->call, name, "invalid", "This number is out of range.");
    return 0;
}

int query_id(struct exchange *ex, const char *name, struct id *ret)
{
    struct str text;

    *ret = ID_NONE;
    int r = query_text(ex, name, &text);
    if (r < 0 || !text.p)
        return r;
    return id_parse(text, ret) < 0 ? call_invalid(&ex->call, name, "invalid", "This is not an id.")
                                   : 0;
}

int query_time(struct exchange *ex, const char *name, int64_t *ret)
{
    struct str text;

    *ret = 0;
    int r = query_text(ex, name, &text);
    if (r < 0 || !text.p)
        return r;
    return clock_parse(text, ret) < 0
               ? call_invalid(&ex->call, name, "invalid", "Give an RFC 3339 time.")
               : 0;
}

int query_enum(struct exchange *ex, const char *name, const char *const *names, int64_t *ret)
{
    struct str text;

    *ret = 0;
    int r = query_text(ex, name, &text);
    if (r < 0 || !text.p)
        return r;
    for (int64_t i = 0; names[i]; i++)
        if (str_is(text, names[i])) {
            *ret = i + 1;
            return 0;
        }
    return call_invalid(&ex->call, name, "invalid", "This is not one of the values.");
}

int query_only(struct exchange *ex, const char *const *names)
{
    struct str rest = ex->request->query;

    while (rest.p) {
        struct str value;
        struct str key = str_cut(str_cut(rest, '&', &rest), '=', &value);
        bool known = key.n == 0;
        for (size_t i = 0; names[i]; i++)
            known = known || str_is(key, names[i]);
        if (!known)
            return call_invalid(&ex->call, "query", "unknown", "There is no such parameter.");
    }
    return 0;
}
