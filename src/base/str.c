/* str.c - the few text operations that every room needs. See str.h. */
#include "base/str.h"

#include "base/error.h"

static char ascii_lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

bool str_ieq(struct str a, struct str b)
{
    if (a.n != b.n)
        return false;
    for (size_t i = 0; i < a.n; i++)
        if (ascii_lower(a.p[i]) != ascii_lower(b.p[i]))
            return false;
    return true;
}

bool str_starts(struct str s, struct str prefix)
{
    return s.n >= prefix.n && (prefix.n == 0 || memcmp(s.p, prefix.p, prefix.n) == 0);
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

struct str str_trim(struct str s)
{
    while (s.n > 0 && is_blank(s.p[0])) {
        s.p++;
        s.n--;
    }
    while (s.n > 0 && is_blank(s.p[s.n - 1]))
        s.n--;
    return s;
}

struct str str_cut(struct str s, char sep, struct str *ret_rest)
{
    const char *at = s.n > 0 ? memchr(s.p, sep, s.n) : NULL;

    if (!at) {
        *ret_rest = STR_NONE;
        return s;
    }
    size_t n = (size_t)(at - s.p);
    *ret_rest = (struct str){at + 1, s.n - n - 1};
    return (struct str){s.p, n};
}

int str_hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

int str_to_i64(struct str s, int64_t *ret)
{
    int64_t v = 0;

    if (s.n == 0 || s.n > 19)
        return -E_MALFORMED;
    for (size_t i = 0; i < s.n; i++) {
        int digit = s.p[i] - '0';
        if (digit < 0 || digit > 9)
            return -E_MALFORMED;
        if (v > (INT64_MAX - digit) / 10)
            return -E_MALFORMED;
        v = v * 10 + digit;
    }
    *ret = v;
    return 0;
}

/* Length of the well-formed sequence at p (RFC 3629, table 3-7 of Unicode), or 0. */
static size_t utf8_sequence(const unsigned char *p, size_t left)
{
    unsigned char c = p[0];
    size_t need;
    unsigned char lo = 0x80;
    unsigned char hi = 0xBF;

    if (c < 0x80)
        return 1;
    if (c >= 0xC2 && c <= 0xDF) {
        need = 2;
    } else if (c >= 0xE0 && c <= 0xEF) {
        need = 3;
        if (c == 0xE0)
            lo = 0xA0;
        if (c == 0xED)
            hi = 0x9F;
    } else if (c >= 0xF0 && c <= 0xF4) {
        need = 4;
        if (c == 0xF0)
            lo = 0x90;
        if (c == 0xF4)
            hi = 0x8F;
    } else {
        return 0;
    }
    if (left < need || p[1] < lo || p[1] > hi)
        return 0;
    for (size_t i = 2; i < need; i++)
        if (p[i] < 0x80 || p[i] > 0xBF)
            return 0;
    return need;
}

bool str_utf8(struct str s, size_t *ret_count)
{
    size_t count = 0;

    for (size_t i = 0; i < s.n; count++) {
        size_t step = utf8_sequence((const unsigned char *)s.p + i, s.n - i);
        if (step == 0)
            return false;
        i += step;
    }
    if (ret_count)
        *ret_count = count;
    return true;
}

int str_to_cstring(struct str s, char *dst, size_t size)
{
    if (s.n + 1 > size)
        return -E_TOO_LARGE;
    if (s.n > 0) {
        if (memchr(s.p, '\0', s.n))
            return -E_MALFORMED;
        memcpy(dst, s.p, s.n);
    }
    dst[s.n] = '\0';
    return 0;
}
