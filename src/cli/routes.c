/* routes.c - `acolhe routes`: the tables of routes and realtime ops, for tests and documents. */
#include <stdio.h>

#include "api/api.h"
#include "cli/cli.h"

int cli_routes(const struct cli_args *args)
{
    int status = cli_parse(args, NULL, 0, NULL, 0, 0);

    if (status != CLI_OK)
        return status;
    api_print_routes(stdout);
    return cli_end();
}
