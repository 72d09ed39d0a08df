/* first_admin.c - see first_admin.h. */
#include "cli/first_admin.h"

#include "app/admin.h"
#include "app/fields.h"
#include "base/error.h"
#include "cli/cli.h"
#include "cli/desk.h"

static int add(struct desk *d, struct str email, struct str password)
{
    struct staff_request in = {.role = ROLE_ADMIN, .name = STR("Admin"), .email = email};
    char hash[PASSWORD_HASH_MAX] = "";
    struct account made;

    int r = field_password(&d->call, "ACOLHE_ADMIN_PASSWORD", password, email, in.name);
    if (r == 0)
        r = password_hash(password, hash);
    in.password_hash = str_from(hash);
    if (r == 0)
        r = call_begin(&d->call, DB_WRITE);
    return r < 0 ? r : desk_end(d, admin_add(&d->call, &in, &made));
}

int first_admin_make(const struct installation *i)
{
    const struct config *c = &i->settings->config;
    struct str email = config_text(c, "ACOLHE_ADMIN_EMAIL");
    int64_t admins;
    struct desk d;

    if (email.n == 0)
        return CLI_OK;
    int r = installation_accounts(i, ROLE_ADMIN, &admins);
    if (r < 0)
        return cli_fail("the accounts cannot be read: %s", cli_reason(r));
    if (admins > 0)
        return CLI_OK;
    r = desk_init(&d, i, "start.first_admin");
    if (r == 0)
        r = add(&d, email, config_text(c, "ACOLHE_ADMIN_PASSWORD"));
    int status = desk_explain(&d, "the first admin of ACOLHE_ADMIN_EMAIL", r);
    if (r == 0)
        log_event(LOG_NOTICE, "cli", "the first admin was made", log_str("email", email));
    desk_done(&d);
    return r == -E_VALIDATION ? CLI_CONFIG : status;
}
