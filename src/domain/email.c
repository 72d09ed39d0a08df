/* email.c - see email.h. What mail servers take in practice, not all that RFC 5322 allows. */
#include "domain/email.h"

#include "base/error.h"

static bool is_alnum(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/* Atoms of RFC 5322 with single dots between them. */
static bool is_local(struct str s)
{
    if (s.n < 1 || s.n > EMAIL_LOCAL_MAX || s.p[0] == '.' || s.p[s.n - 1] == '.')
        return false;
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        if (c == '.' ? s.p[i - 1] == '.'
                     : c == '\0' || (!is_alnum(c) && !strchr("!#$%&'*+/=?^_`{|}~-", c)))
            return false;
    }
    return true;
}

static bool is_label(struct str s)
{
    if (s.n < 1 || s.n > 63 || s.p[0] == '-' || s.p[s.n - 1] == '-')
        return false;
    for (size_t i = 0; i < s.n; i++)
        if (!is_alnum(s.p[i]) && s.p[i] != '-')
            return false;
    return true;
}

static bool is_domain(struct str s)
{
    struct str label = STR_NONE;
    struct str rest = s;
    size_t labels = 0;

    while (rest.p) {
        label = str_cut(rest, '.', &rest);
        if (!is_label(label))
            return false;
        labels++;
    }
    int64_t number;
    return labels >= 2 && str_to_i64(label, &number) < 0; /* an IP address is no domain */
}

int email_normalise(struct str in, struct arena *a, struct str *ret_key, struct str *ret_shown)
{
    struct str s = str_trim(in);
    struct str domain;

    *ret_key = *ret_shown = STR_NONE;
    if (s.n > EMAIL_MAX)
        return -E_MALFORMED;
    struct str local = str_cut(s, '@', &domain);
    if (!domain.p || !is_local(local) || !is_domain(domain))
        return -E_MALFORMED;
    char *lower = arena_cstring(a, s);
    *ret_shown = arena_str(a, s);
    if (!lower || !ret_shown->p)
        return -E_NO_MEMORY;
    for (size_t i = 0; i < s.n; i++)
        if (lower[i] >= 'A' && lower[i] <= 'Z')
            lower[i] = (char)(lower[i] + ('a' - 'A'));
    *ret_key = (struct str){lower, s.n};
    return 0;
}
