/* user_add.c - `acolhe user add`: an account of any role, by the operator. Without a password file
 * it prints a one-time link by which the owner sets the password. */
#include <stdio.h>

#include "app/admin.h"
#include "app/fields.h"
#include "base/error.h"
#include "base/secret.h"
#include "cli/cli.h"
#include "cli/desk.h"
#include "cli/user.h"

struct words {
    const char *role, *name, *social_name, *email, *password_file, *phone, *locale, *birth_date;
    const char *crm, *uf, *specialty, *rqe;
};

/* The hash lives in the desk's arena. */
static int set_password(struct desk *d, struct staff_request *in, struct str password)
{
    char *hash = arena_alloc(&d->arena, PASSWORD_HASH_MAX);

    if (!hash)
        return -E_NO_MEMORY;
    int r = field_password(&d->call, "password", password, in->email, in->name);
    if (r == 0)
        r = password_hash(password, hash);
    in->password_hash = str_from(hash);
    return r;
}

static int add(struct desk *d, struct staff_request *in, struct str password,
               struct account *account, struct password_link *link)
{
    int r = 0;

    if (password.p)
        r = set_password(d, in, password);
    else if (!d->app.config.public_url.p)
        r = call_invalid(&d->call, "password", "required",
                         "Give --password-file, or ACOLHE_PUBLIC_URL for a link to set it.");
    if (r < 0 && r != -E_VALIDATION)
        return r;
    int begun = call_begin(&d->call, DB_WRITE);
    if (begun < 0)
        return begun;
    r = first_error(r, admin_add(&d->call, in, account)); /* tells all wrong fields at once */
    if (r == 0 && !password.p)
        r = admin_make_link(&d->call, &account->id, link);
    return desk_end(d, r);
}

static int run(struct installation *i, const struct words *w, struct staff_request *in)
{
    struct password_link link = {0};
    struct account account;
    struct str password = STR_NONE;
    char id[ID_TEXT + 1];
    struct desk d;

    if (w->password_file && secret_line(w->password_file, &password) < 0)
        return CLI_FAILED;
    int r = desk_init(&d, i, "cli.user.add");
    if (r == 0)
        r = add(&d, in, password, &account, &link);
    int status = desk_explain(&d, w->email, r);
    if (status == CLI_OK) {
        id_format(&account.id, id);
        (void)printf("%s\n", id);
        if (link.url.p)
            (void)printf("%.*s\n", STR_FMT(link.url));
        cli_say("%s %s was added%s", w->role, w->email,
                link.url.p ? "; its owner sets the password by the link above, which works once"
                           : "");
    }
    secret_free(&password);
    desk_done(&d);
    return status;
}

static int parse(const struct cli_args *args, struct words *w)
{
    const struct cli_option options[] = {
        {"role", &w->role, NULL},
        {"name", &w->name, NULL},
        {"social-name", &w->social_name, NULL},
        {"email", &w->email, NULL},
        {"password-file", &w->password_file, NULL},
        {"phone", &w->phone, NULL},
        {"locale", &w->locale, NULL},
        {"birth-date", &w->birth_date, NULL},
        {"crm", &w->crm, NULL},
        {"uf", &w->uf, NULL},
        {"specialty", &w->specialty, NULL},
        {"rqe", &w->rqe, NULL},
    };

    int status = cli_parse(args, options, sizeof options / sizeof *options, NULL, 0, 0);
    if (status != CLI_OK)
        return status;
    if (!w->role || !w->name || !w->email)
        return cli_usage("user add needs --role, --name and --email");
    if (w->rqe && !w->specialty)
        return cli_usage("--rqe is the registration of a --specialty: name it");
    return CLI_OK;
}

int user_add(const struct cli_args *args)
{
    struct words w = {0};
    struct installation i;
    struct settings s;

    int status = parse(args, &w);
    if (status != CLI_OK)
        return status;
    struct specialty specialty = {str_from(w.specialty), str_from(w.rqe)};
    struct staff_request in = {
        .name = str_from(w.name),
        .social_name = str_from(w.social_name),
        .email = str_from(w.email),
        .locale = str_from(w.locale),
        .phone = str_from(w.phone),
        .birth_date = str_from(w.birth_date),
        .crm = str_from(w.crm),
        .uf = str_from(w.uf),
        .specialties = &specialty,
        .specialty_count = w.specialty ? 1 : 0,
    };
    if (role_parse(str_from(w.role), &in.role) < 0)
        return cli_usage("--role is one of patient, doctor, receptionist, admin");
    status = settings_for_command(args->config_file, &s);
    if (status != CLI_OK)
        return status;
    if (installation_open(&s, INSTALLATION_MAKE, &i) < 0) {
        settings_done(&s);
        return CLI_FAILED;
    }
    status = run(&i, &w, &in);
    installation_done(&i);
    settings_done(&s);
    return status == CLI_OK ? cli_end() : status;
}
