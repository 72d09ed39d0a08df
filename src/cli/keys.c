/* keys.c - `acolhe keys status`: which master key seals, and whether the ring opens what is stored.
 */
#include <stdio.h>

#include "base/error.h"
#include "cli/cli.h"
#include "cli/desk.h"
#include "store/sealed.h"

static int report(const struct installation *i)
{
    struct arena a;
    uint64_t checked = 0;

    arena_init(&a, 65536);
    int r = sealed_check(i->db, authz_system(&a), i->keys, &checked);
    arena_done(&a);
    (void)printf("file: %s\nmaster key that seals: %u\nrecords whose keys were opened: %llu\n",
                 i->settings->keys_path, (unsigned)keyring_master(i->keys),
                 (unsigned long long)checked);
    if (r == -E_CORRUPT)
        return cli_fail("record %llu does not open: these are not the keys of this database. Bring "
                        "the right file back from a backup",
                        (unsigned long long)checked);
    return r < 0 ? cli_fail("the records cannot be read: %s", cli_reason(r)) : cli_end();
}

static int keys_status(const struct cli_args *args)
{
    struct installation i;
    struct settings s;

    int status = cli_parse(args, NULL, 0, NULL, 0, 0);
    if (status == CLI_OK)
        status = settings_for_command(args->config_file, &s);
    if (status != CLI_OK)
        return status;
    if (installation_open(&s, INSTALLATION_EXISTING, &i) < 0) {
        settings_done(&s);
        return CLI_FAILED;
    }
    status = report(&i);
    installation_done(&i);
    settings_done(&s);
    return status;
}

int cli_keys(const struct cli_args *args)
{
    static const struct cli_command commands[] = {
        {"status", keys_status, "(which key seals; does it open what is stored)"},
    };

    return cli_group(args, commands, 1);
}
