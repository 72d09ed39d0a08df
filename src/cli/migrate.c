/* migrate.c - `acolhe migrate`: the database to this program's schema. Re-runnable. */
#include <stdio.h>

#include "base/error.h"
#include "cli/cli.h"
#include "cli/installation.h"

int cli_migrate(const struct cli_args *args)
{
    struct installation i;
    struct settings s;

    int status = cli_parse(args, NULL, 0, NULL, 0, 0);
    if (status == CLI_OK)
        status = settings_for_command(args->config_file, &s);
    if (status != CLI_OK)
        return status;
    if (installation_open(&s, INSTALLATION_UPGRADE, &i) < 0) {
        settings_done(&s);
        return CLI_FAILED;
    }
    if (i.migrated > 0)
        (void)printf("%zu migration%s applied\n", i.migrated, i.migrated == 1 ? "" : "s");
    else
        (void)puts("the schema is up to date");
    installation_done(&i);
    settings_done(&s);
    return cli_end();
}
