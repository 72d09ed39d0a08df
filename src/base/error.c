/* error.c - the error table as data. See error.h for why there is only one. */
#include "base/error.h"

static const struct error_info table[ERR_COUNT_] = {[OK] = {"OK", 200, "ok", "", LOG_DEBUG},
#define X(symbol, status, code, detail, level)                                                     \
    [E_##symbol] = {#symbol, status, code, detail, level},
                                                    ERROR_TABLE(X)
#undef X
};

const struct error_info *error_info(int err)
{
    if (err < 0)
        err = -err;
    if (err >= ERR_COUNT_)
        err = E_INTERNAL;
    return &table[err];
}
