/* user.h - inside `acolhe user`. */
#ifndef ACOLHE_CLI_USER_H
#define ACOLHE_CLI_USER_H

struct cli_args;
int user_add(const struct cli_args *args);

#endif
