/* crm.c - see crm.h. There is no check digit: an admin verifies a doctor by hand. */
#include "domain/crm.h"

#include "base/error.h"

int uf_parse(struct str text, char out[3])
{
    static const char ufs[27][3] = {"AC", "AL", "AM", "AP", "BA", "CE", "DF", "ES", "GO",
                                    "MA", "MG", "MS", "MT", "PA", "PB", "PE", "PI", "PR",
                                    "RJ", "RN", "RO", "RR", "RS", "SC", "SE", "SP", "TO"};

    for (size_t i = 0; i < sizeof ufs / sizeof *ufs; i++) {
        if (str_ieq(text, (struct str){ufs[i], 2})) {
            memcpy(out, ufs[i], 3);
            return 0;
        }
    }
    return -E_MALFORMED;
}

int rqe_parse(struct str text, char out[REGISTRATION_DIGITS + 1])
{
    if (text.n < 1 || text.n > REGISTRATION_DIGITS)
        return -E_MALFORMED;
    for (size_t i = 0; i < text.n; i++)
        if (text.p[i] < '0' || text.p[i] > '9')
            return -E_MALFORMED;
    while (text.n > 0 && text.p[0] == '0')
        text = (struct str){text.p + 1, text.n - 1};
    if (text.n == 0)
        return -E_MALFORMED;
    return str_to_cstring(text, out, REGISTRATION_DIGITS + 1);
}

int crm_parse(struct str uf, struct str number, struct crm *ret)
{
    if (uf_parse(uf, ret->uf) < 0)
        return -E_MALFORMED;
    return rqe_parse(number, ret->number); /* both are numbers of the same council and form */
}
