/* cns.c - see cns.h. */
#include "domain/cns.h"

#include "base/error.h"

int cns_parse(struct str text, char digits[CNS_DIGITS + 1])
{
    int sum = 0;
    int n = 0;

    for (size_t i = 0; i < text.n; i++) {
        char c = text.p[i];
        if (c == ' ')
            continue;
        if (c < '0' || c > '9' || n == CNS_DIGITS)
            return -E_MALFORMED;
        sum += (c - '0') * (CNS_DIGITS - n);
        digits[n++] = c;
    }
    digits[n] = '\0';
    return n == CNS_DIGITS && sum > 0 && sum % 11 == 0 ? 0 : -E_MALFORMED;
}
