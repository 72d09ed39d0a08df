/* names.c - see names.h. */
#include "domain/names.h"

#include <stdlib.h>
#include <utf8proc.h>

#include "base/error.h"

static size_t next(struct str s, utf8proc_int32_t *ret)
{
    return (size_t)utf8proc_iterate((const utf8proc_uint8_t *)s.p, (utf8proc_ssize_t)s.n, ret);
}

static bool is_blank(utf8proc_int32_t c)
{
    return c == '\t' || utf8proc_category(c) == UTF8PROC_CATEGORY_ZS;
}

/* Unicode blanks at both ends. The text is well-formed. */
static struct str trim(struct str s)
{
    utf8proc_int32_t c;
    struct str end = STR_NONE;

    while (s.n > 0) {
        size_t n = next(s, &c);
        if (!is_blank(c))
            break;
        s = (struct str){s.p + n, s.n - n};
    }
    for (struct str rest = s; rest.n > 0;) {
        size_t n = next(rest, &c);
        rest = (struct str){rest.p + n, rest.n - n};
        if (!is_blank(c))
            end = rest;
    }
    return (struct str){s.p, end.p ? (size_t)(end.p - s.p) : 0};
}

static bool is_refused(utf8proc_int32_t c)
{
    switch ((int)utf8proc_category(c)) {
    case UTF8PROC_CATEGORY_CC:
    case UTF8PROC_CATEGORY_ZL:
    case UTF8PROC_CATEGORY_ZP:
    case UTF8PROC_CATEGORY_CO:
        return true;
    }
    /* embeddings, overrides and isolates of direction; the byte order mark */
    return (c >= 0x202A && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069) || c == 0x200E ||
           c == 0x200F || c == 0xFEFF;
}

static bool is_letter_or_digit(utf8proc_int32_t c)
{
    utf8proc_category_t category = utf8proc_category(c);

    return (category >= UTF8PROC_CATEGORY_LU && category <= UTF8PROC_CATEGORY_LO) ||
           category == UTF8PROC_CATEGORY_ND;
}

static int check(struct str s)
{
    size_t count = 0;
    bool readable = false;

    for (struct str rest = s; rest.n > 0; count++) {
        utf8proc_int32_t c;
        size_t n = next(rest, &c);
        if (is_refused(c))
            return -E_MALFORMED;
        readable = readable || is_letter_or_digit(c);
        rest = (struct str){rest.p + n, rest.n - n};
    }
    if (!readable)
        return -E_MALFORMED;
    return count > NAME_MAX_CHARS ? -E_TOO_LARGE : 0;
}

int name_normalise(struct str in, struct arena *a, struct str *ret)
{
    utf8proc_uint8_t *nfc = NULL;

    *ret = STR_NONE;
    if (in.n == 0 || !str_utf8(in, NULL))
        return -E_MALFORMED;
    utf8proc_ssize_t n = utf8proc_map((const utf8proc_uint8_t *)in.p, (utf8proc_ssize_t)in.n, &nfc,
                                      (utf8proc_option_t)(UTF8PROC_STABLE | UTF8PROC_COMPOSE));
    if (n < 0)
        return n == UTF8PROC_ERROR_NOMEM ? -E_NO_MEMORY : -E_MALFORMED;
    struct str s = trim(str_of(nfc, (size_t)n));
    int r = check(s);
    if (r == 0) {
        *ret = arena_str(a, s);
        r = ret->p ? 0 : -E_NO_MEMORY;
    }
    free(nfc);
    return r;
}
