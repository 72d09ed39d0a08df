/* first_admin.h - the first admin, from the environment (containers have no terminal). */
#ifndef ACOLHE_CLI_FIRST_ADMIN_H
#define ACOLHE_CLI_FIRST_ADMIN_H

#include "cli/installation.h"

/* Makes the admin of ACOLHE_ADMIN_EMAIL when the clinic has none. CLI_OK also when there is nothing
 * to do; otherwise it was said why, and the server must not start with half of what was asked. */
int first_admin_make(const struct installation *i);

#endif
