/* phone.c - see phone.h. */
#include "domain/phone.h"

#include "base/error.h"

#define DIGITS_MAX 15

/* Digits of the number, and whether it was written with a '+'. */
static int strip(struct str in, char digits[DIGITS_MAX + 1], size_t *ret_n, bool *ret_plus)
{
    size_t n = 0;

    *ret_plus = in.n > 0 && in.p[0] == '+';
    for (size_t i = *ret_plus ? 1 : 0; i < in.n; i++) {
        char c = in.p[i];
        if (c != '\0' && strchr(" .-/()", c))
            continue;
        if (c < '0' || c > '9' || n == DIGITS_MAX)
            return -E_MALFORMED;
        digits[n++] = c;
    }
    *ret_n = n;
    return 0;
}

/* Area code and number, without the country code. */
static bool is_brazilian(const char *digits, size_t n)
{
    if (n < 2 || digits[0] == '0' || digits[1] == '0')
        return false;
    if (n == 11)
        return digits[2] == '9';
    return n == 10 && digits[2] >= '2' && digits[2] <= '5';
}

int phone_normalise(struct str in, char out[PHONE_TEXT + 1])
{
    char digits[DIGITS_MAX + 1] = "";
    const char *national = digits;
    size_t n;
    bool plus;

    if (strip(str_trim(in), digits, &n, &plus) < 0 || n < 7)
        return -E_MALFORMED;
    if (plus && (digits[0] != '5' || digits[1] != '5')) {
        if (digits[0] == '0')
            return -E_MALFORMED;
        out[0] = '+';
        memcpy(out + 1, digits, n);
        out[n + 1] = '\0';
        return 0;
    }
    /* 12 and 13 digits can only be 55 and a whole number; with 10 or 11, 55 is an area code */
    size_t skip = plus || ((n == 12 || n == 13) && digits[0] == '5' && digits[1] == '5') ? 2
                  : digits[0] == '0'                                                     ? 1
                                                                                         : 0;
    national += skip;
    n -= skip;
    if (!is_brazilian(national, n))
        return -E_MALFORMED;
    memcpy(out, "+55", 3);
    memcpy(out + 3, national, n);
    out[n + 3] = '\0';
    return 0;
}
