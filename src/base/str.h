/*
 * str.h - a borrowed piece of text or bytes: pointer and length, not necessarily NUL-terminated.
 *
 * Everything that came from outside is carried as a `struct str`, so that an embedded NUL can
 * never make a check and its use see different values. A str never owns its bytes; the function
 * that returns one says whose they are.
 */
#ifndef ACOLHE_BASE_STR_H
#define ACOLHE_BASE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct str {
    const char *p; /* NULL means "absent", as SQL's NULL; an empty text has p != NULL, n == 0 */
    size_t n;
};

#define STR(literal) ((struct str){"" literal, sizeof(literal) - 1})
#define STR_NONE ((struct str){NULL, 0})
/* for printf("%.*s", STR_FMT(s)); s is at most 2 GiB, which every bound in the program ensures */
#define STR_FMT(s) (int)(s).n, ((s).p ? (s).p : "")

static inline struct str str_from(const char *cstring)
{
    return cstring ? (struct str){cstring, strlen(cstring)} : STR_NONE;
}
static inline struct str str_of(const void *p, size_t n)
{
    return (struct str){p, n};
}
static inline bool str_eq(struct str a, struct str b)
{
    return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}
static inline bool str_is(struct str a, const char *cstring)
{
    return str_eq(a, str_from(cstring));
}

bool str_ieq(struct str a, struct str b);         /* ASCII case-insensitive */
bool str_starts(struct str s, struct str prefix); /* case-sensitive */
struct str str_trim(struct str s);                /* without ASCII blanks at both ends */
/* The part before the first `sep`; *rest becomes what follows it (STR_NONE where there is none). */
struct str str_cut(struct str s, char sep, struct str *ret_rest);
/* The value of a hexadecimal digit in either case, or -1. */
int str_hex_digit(char c);
/* Digits only, no sign, no blanks, at most INT64_MAX. 0 or -E_MALFORMED. */
int str_to_i64(struct str s, int64_t *ret);
/* Well-formed UTF-8 as RFC 3629 (no surrogates, no overlong forms)? Counts the scalar values. */
bool str_utf8(struct str s, size_t *ret_count);
/* The same for a NUL-terminated copy: -E_TOO_LARGE if it does not fit with its NUL, -E_MALFORMED
 * if the text itself has a NUL. */
int str_to_cstring(struct str s, char *dst, size_t size);

#endif
