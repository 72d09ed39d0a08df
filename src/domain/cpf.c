/* cpf.c - see cpf.h. */
#include "domain/cpf.h"

#include <stdio.h>

#include "base/error.h"

static bool is_separator(char c)
{
    return c == '.' || c == '-' || c == ' ';
}

static int strip(struct str text, char digits[CPF_DIGITS + 1])
{
    size_t n = 0;

    for (size_t i = 0; i < text.n; i++) {
        char c = text.p[i];
        if (is_separator(c))
            continue;
        if (c < '0' || c > '9' || n == CPF_DIGITS)
            return -E_MALFORMED;
        digits[n++] = c;
    }
    digits[n] = '\0';
    return n == CPF_DIGITS ? 0 : -E_MALFORMED;
}

/* The check digit that follows the first `count` digits: weights count+1 down to 2, modulo 11. */
static char check_digit(const char *digits, int count)
{
    int sum = 0;

    for (int i = 0; i < count; i++)
        sum += (digits[i] - '0') * (count + 1 - i);
    int rest = sum % 11;
    return (char)('0' + (rest < 2 ? 0 : 11 - rest));
}

int cpf_parse(struct str text, char digits[CPF_DIGITS + 1])
{
    if (strip(text, digits) < 0)
        return -E_MALFORMED;
    bool all_equal = true;
    for (int i = 1; i < CPF_DIGITS; i++)
        all_equal = all_equal && digits[i] == digits[0];
    if (all_equal || digits[9] != check_digit(digits, 9) || digits[10] != check_digit(digits, 10))
        return -E_MALFORMED;
    return 0;
}

void cpf_mask(const char digits[CPF_DIGITS + 1], char out[CPF_MASKED + 1])
{
    (void)snprintf(out, CPF_MASKED + 1, "•••.%.3s.%.3s-••", digits + 3, digits + 6);
}
