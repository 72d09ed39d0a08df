/*
 * fuzz_cookie.c - any bytes as a Cookie header. A value that is found must lie inside the header,
 * hold only cookie octets, and be the only one of its name.
 */
#include <stdlib.h>

#include "base/cookie.h"
#include "base/error.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
    if (!holds)
        abort();
}

/* Pairs of that name, counted in the plainest way. */
static size_t count_pairs(struct str header, struct str name)
{
    size_t count = 0;
    size_t start = 0;

    for (size_t i = 0; i <= header.n; i++) {
        if (i < header.n && header.p[i] != ';')
            continue;
        struct str pair = {header.p + start, i - start};
        size_t n = 0;
        while (n < pair.n && pair.p[n] != '=')
            n++;
        count += str_eq(str_trim((struct str){pair.p, n}), name);
        start = i + 1;
    }
    return count;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str header = str_of(data ? data : (const uint8_t *)"", size);
    struct str value;

    int r = cookie_get(header, "acolhe", &value);
    size_t pairs = count_pairs(header, STR("acolhe"));
    if (r < 0) {
        must(!value.p);
        must(r == (pairs == 0 ? -E_NOT_FOUND : -E_MALFORMED));
        return 0;
    }
    must(r == 0 && pairs == 1);
    must(value.n > 0 && value.p >= header.p && value.p + value.n <= header.p + header.n);
    for (size_t i = 0; i < value.n; i++)
        must(value.p[i] > ' ' && value.p[i] < 0x7F && !strchr("\",;\\", value.p[i]));
    return 0;
}
