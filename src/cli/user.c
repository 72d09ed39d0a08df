/* user.c - `acolhe user …` on accounts that are there. Adding one is in user_add.c. */
#include <stdio.h>

#include "app/admin.h"
#include "base/error.h"
#include "cli/cli.h"
#include "cli/desk.h"
#include "cli/user.h"

#define PAGE 100
#define NAME_BYTES 4096 /* of a folded name; names have at most 120 characters */

struct change {
    const char *action; /* audit event */
    const char *done;   /* "disabled" */
    int (*apply)(struct desk *d, const struct id *user);
};

static int disable(struct desk *d, const struct id *user)
{
    struct account account;

    return admin_set_state(&d->call, user, ACCOUNT_DISABLED, &account);
}

static int enable(struct desk *d, const struct id *user)
{
    struct account account;

    return admin_set_state(&d->call, user, ACCOUNT_ACTIVE, &account);
}

static int set_verified(struct desk *d, const struct id *user, bool verified)
{
    struct account account;

    int r = admin_get(&d->call, user, &account);
    if (r < 0)
        return r;
    if (account.role != ROLE_DOCTOR)
        return call_invalid(&d->call, "role", "invalid", "This account is not a doctor's.");
    return admin_set_verified(&d->call, user, verified, &account);
}

static int verify_doctor(struct desk *d, const struct id *user)
{
    return set_verified(d, user, true);
}

static int unverify_doctor(struct desk *d, const struct id *user)
{
    return set_verified(d, user, false);
}

static int reset_password(struct desk *d, const struct id *user)
{
    struct password_link link;
    char until[CLOCK_TEXT + 1];

    if (!d->app.config.public_url.p)
        return call_invalid(&d->call, "ACOLHE_PUBLIC_URL", "required",
                            "A link needs to know where the clinic is served.");
    int r = admin_make_link(&d->call, user, &link);
    if (r < 0)
        return r;
    clock_format(link.expires_at, until);
    (void)printf("%.*s\n", STR_FMT(link.url));
    cli_say("the link works once, until %s: give it to nobody but its owner", until);
    return 0;
}

static int apply(struct installation *i, const struct change *change, const char *email)
{
    struct desk d;
    struct id user;

    int r = desk_init(&d, i, change->action);
    if (r == 0)
        r = call_begin(&d.call, DB_WRITE);
    if (r == 0) {
        r = desk_find(&d, email, &user);
        bool unknown = r == -E_NOT_FOUND;
        if (r == 0)
            r = change->apply(&d, &user);
        r = desk_end(&d, r);
        if (unknown) {
            desk_done(&d);
            return CLI_FAILED;
        }
    }
    int status = desk_explain(&d, email, r);
    if (status == CLI_OK)
        cli_say("%s: %s", email, change->done);
    desk_done(&d);
    return status;
}

static int run(const struct cli_args *args, const struct change *change)
{
    const char *email = NULL;
    struct installation i;
    struct settings s;

    int status = cli_parse(args, NULL, 0, &email, 1, 1);
    if (status == CLI_OK)
        status = settings_for_command(args->config_file, &s);
    if (status != CLI_OK)
        return status;
    if (installation_open(&s, INSTALLATION_EXISTING, &i) < 0) {
        settings_done(&s);
        return CLI_FAILED;
    }
    status = apply(&i, change, email);
    installation_done(&i);
    settings_done(&s);
    return status == CLI_OK ? cli_end() : status;
}

static int user_disable(const struct cli_args *args)
{
    return run(args, &(struct change){"cli.user.disable", "disabled; its sessions end", disable});
}

static int user_enable(const struct cli_args *args)
{
    return run(args, &(struct change){"cli.user.enable", "enabled", enable});
}

static int user_reset_password(const struct cli_args *args)
{
    return run(args,
               &(struct change){"cli.user.reset_password", "a link was made", reset_password});
}

static int user_verify_doctor(const struct cli_args *args)
{
    return run(args, &(struct change){"cli.user.verify_doctor", "verified", verify_doctor});
}

static int user_unverify_doctor(const struct cli_args *args)
{
    return run(args,
               &(struct change){"cli.user.unverify_doctor", "no longer verified", unverify_doctor});
}

/* ---- the list ---- */

static void print_account(const struct account *a)
{
    const char *verified = !a->doctor ? "-" : a->doctor->verified ? "verified" : "unverified";
    char id[ID_TEXT + 1];

    id_format(&a->id, id);
    (void)printf("%-12s %-8s %-10s %s  ", role_names[a->role - 1],
                 account_state_names[a->state - 1], verified, id);
    cli_print_text(a->email);
    (void)fputs("  ", stdout);
    cli_print_text(a->display_name);
    (void)putchar('\n');
}

static int print_page(struct installation *i, const struct account_search *search,
                      struct str *next_name, struct id *ret_next, char buffer[NAME_BYTES])
{
    struct account *accounts;
    struct name_cursor next;
    size_t count = 0;
    struct desk d;

    *next_name = STR_NONE;
    int r = desk_init(&d, i, "cli.user.list");
    if (r == 0)
        r = admin_list(&d.call, search, &accounts, &count, &next);
    for (size_t n = 0; r == 0 && n < count; n++)
        print_account(&accounts[n]);
    if (r == 0 && next.name.p) { /* its text lives in this page's arena */
        r = next.name.n <= NAME_BYTES ? 0 : -E_CORRUPT;
        if (r == 0)
            memcpy(buffer, next.name.p, next.name.n);
        *next_name = str_of(buffer, next.name.n);
        *ret_next = next.id;
    }
    desk_done(&d);
    return r;
}

static int list(struct installation *i)
{
    struct account_search search = {.verified = -1, .limit = PAGE};
    char buffer[NAME_BYTES];
    struct str next;
    int r;

    do {
        r = print_page(i, &search, &next, &search.after.id, buffer);
        search.after.name = next;
    } while (r == 0 && next.p);
    return r;
}

static int user_list(const struct cli_args *args)
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
    int r = list(&i);
    installation_done(&i);
    settings_done(&s);
    return r < 0 ? cli_fail("the accounts cannot be listed: %s", cli_reason(r)) : cli_end();
}

int cli_user(const struct cli_args *args)
{
    static const struct cli_command commands[] = {
        {"add", user_add, "--role ROLE --name N --email E [--password-file F] [--crm N --uf UF] …"},
        {"list", user_list, ""},
        {"disable", user_disable, "EMAIL"},
        {"enable", user_enable, "EMAIL"},
        {"reset-password", user_reset_password, "EMAIL"},
        {"verify-doctor", user_verify_doctor, "EMAIL"},
        {"unverify-doctor", user_unverify_doctor, "EMAIL"},
    };

    return cli_group(args, commands, sizeof commands / sizeof *commands);
}
