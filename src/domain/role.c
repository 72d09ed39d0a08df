/* role.c - see role.h. */
#include "domain/role.h"

#include "base/error.h"

const char *const role_names[] = {"patient", "doctor", "receptionist", "admin", NULL};

int role_parse(struct str text, enum role *ret)
{
    for (int i = 0; role_names[i]; i++) {
        if (str_is(text, role_names[i])) {
            *ret = (enum role)(i + 1);
            return 0;
        }
    }
    return -E_MALFORMED;
}
