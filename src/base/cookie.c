/* cookie.c - see cookie.h. Grammar: pair *( ";" SP pair ), pair = token "=" value. */
#include "base/cookie.h"

#include "base/error.h"

/* cookie-octets: visible ASCII without quote, comma, semicolon and backslash. */
static bool is_value(struct str s)
{
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        if (c <= ' ' || c >= 0x7F || c == '"' || c == ',' || c == ';' || c == '\\')
            return false;
    }
    return true;
}

static struct str unquote(struct str s)
{
    if (s.n >= 2 && s.p[0] == '"' && s.p[s.n - 1] == '"')
        return (struct str){s.p + 1, s.n - 2};
    return s;
}

int cookie_get(struct str header, const char *name, struct str *ret)
{
    struct str rest = header;
    struct str found = STR_NONE;

    *ret = STR_NONE;
    while (rest.p) {
        struct str value;
        struct str pair = str_cut(rest, ';', &rest);
        struct str pair_name = str_trim(str_cut(pair, '=', &value));

        if (!str_is(pair_name, name))
            continue;
        if (found.p || !value.p) /* twice, or a name without a value */
            return -E_MALFORMED;
        found = value;
    }
    if (!found.p)
        return -E_NOT_FOUND;
    found = unquote(str_trim(found));
    if (found.n == 0 || !is_value(found))
        return -E_MALFORMED;
    *ret = found;
    return 0;
}
