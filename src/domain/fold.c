/* fold.c - see fold.h. */
#include "domain/fold.h"

#include <stdlib.h>
#include <utf8proc.h>

#include "base/error.h"

/* Compatibility decomposition, Unicode case folding, then marks and invisible characters go. */
#define FOLD                                                                                       \
    (UTF8PROC_STABLE | UTF8PROC_COMPAT | UTF8PROC_DECOMPOSE | UTF8PROC_CASEFOLD |                  \
     UTF8PROC_STRIPMARK | UTF8PROC_IGNORE)

int text_fold(struct str in, struct arena *a, struct str *ret)
{
    utf8proc_uint8_t *folded = NULL;

    *ret = STR_NONE;
    if (!str_utf8(in, NULL))
        return -E_MALFORMED;
    utf8proc_ssize_t n = utf8proc_map((const utf8proc_uint8_t *)(in.p ? in.p : ""),
                                      (utf8proc_ssize_t)in.n, &folded, (utf8proc_option_t)FOLD);
    if (n < 0)
        return n == UTF8PROC_ERROR_NOMEM ? -E_NO_MEMORY : -E_MALFORMED;
    *ret = arena_str(a, str_of(folded, (size_t)n));
    explicit_bzero(folded, (size_t)n); /* it may be what a patient wrote */
    free(folded);
    return ret->p ? 0 : -E_NO_MEMORY;
}

bool fold_contains(struct str folded, struct str folded_needle)
{
    return folded_needle.n > 0 && folded.n >= folded_needle.n &&
           memmem(folded.p, folded.n, folded_needle.p, folded_needle.n);
}
