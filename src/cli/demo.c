/* demo.c - see demo.h. `acolhe demo` is here too.
 *
 * One random password for all of them, made with them and kept in the data folder (0600), so that
 * it can be printed again. All is written in one transaction, dated a day back: a demo that was cut
 * off is simply made anew.
 */
#include "cli/demo.h"

#include <stdio.h>

#include "app/admin.h"
#include "base/error.h"
#include "base/secret.h"
#include "cli/cli.h"
#include "store/accounts.h"

#define PASSWORD_GROUPS 4 /* of four characters: 20 bits each */
#define STORY_AGE_US (26 * US_PER_HOUR)

static const struct person_of_demo {
    enum role role;
    const char *name, *email;
    const char *crm, *specialty, *rqe;
    bool verified;
    const char *what;
} cast[] = {
    {ROLE_PATIENT, "Ana Beatriz Souza", "ana@demo.local", NULL, NULL, NULL, false,
     "patient, in a conversation with Dra. Helena"},
    {ROLE_PATIENT, "Bruno Conceição", "bruno@demo.local", NULL, NULL, NULL, false,
     "patient, waiting for Dra. Helena to accept"},
    {ROLE_DOCTOR, "Helena Prado", "helena@demo.local", "123456", "Clínica médica", "45678", true,
     "doctor, verified"},
    {ROLE_DOCTOR, "Otávio Reis", "otavio@demo.local", "234567", "Cardiologia", NULL, false,
     "doctor, to be verified by the admin"},
    {ROLE_RECEPTIONIST, "Rita Lima", "rita@demo.local", NULL, NULL, NULL, false, "receptionist"},
    {ROLE_ADMIN, "Áurea Martins", "admin@demo.local", NULL, NULL, NULL, false, "admin"},
};
#define CAST (sizeof cast / sizeof *cast)

/* ---- the password ---- */

/* Easy to type on a phone: no letters that look alike. */
static void invent(char out[PASSWORD_GROUPS * 5])
{
    static const char letters[] = "abcdefghjkmnpqrstuvwxyz23456789x"; /* 32, x twice */
    uint8_t bytes[PASSWORD_GROUPS * 4];
    size_t n = 0;

    crypto_random(bytes, sizeof bytes);
    for (size_t i = 0; i < sizeof bytes; i++) {
        if (i > 0 && i % 4 == 0)
            out[n++] = '-';
        out[n++] = letters[bytes[i] % 32];
    }
    out[n] = '\n';
    secret_wipe(bytes, sizeof bytes);
}

/* The one in the folder, or a new one put there (`create`). Give it to secret_free. */
static int the_password(const char *path, bool create, struct str *ret)
{
    char fresh[PASSWORD_GROUPS * 5];
    int r = secret_read_file(path, 256, true, ret);

    if (r == -E_NOT_FOUND && create) {
        invent(fresh);
        r = secret_write_new(path, str_of(fresh, sizeof fresh));
        secret_wipe(fresh, sizeof fresh);
        if (r == 0 || r == -E_DUPLICATE)
            r = secret_read_file(path, 256, true, ret);
    }
    if (r == -E_NOT_FOUND)
        cli_say("the demo people are there, but %s, which has their password, is gone: remove the "
                "data folder to begin anew, or leave out --demo",
                path);
    else if (r < 0)
        cli_say("%s cannot be used: %s", path,
                r == -E_CONFIG ? "others may read it (chmod 600)" : cli_reason(r));
    return r;
}

/* ---- the people ---- */

static int add_person(struct desk *d, const struct person_of_demo *p, struct str password,
                      struct id *ret)
{
    struct specialty specialty = {str_from(p->specialty), str_from(p->rqe)};
    char hash[PASSWORD_HASH_MAX] = "";
    struct account account = {0};
    struct staff_request in = {
        .role = p->role,
        .name = str_from(p->name),
        .email = str_from(p->email),
        .crm = str_from(p->crm),
        .uf = p->crm ? STR("SP") : STR_NONE,
        .specialties = &specialty,
        .specialty_count = p->specialty ? 1 : 0,
    };

    int r = password_hash(password, hash);
    in.password_hash = str_from(hash);
    if (r == 0)
        r = admin_add(&d->call, &in, &account);
    if (r == 0 && p->verified)
        r = admin_set_verified(&d->call, &account.id, true, &account);
    *ret = account.id;
    return r;
}

static int add_all(struct desk *d, struct str password)
{
    struct id ids[CAST] = {ID_NONE};
    int r = 0;

    for (size_t i = 0; r == 0 && i < CAST; i++)
        r = add_person(d, &cast[i], password, &ids[i]);
    return r < 0 ? r : demo_story(d, &(struct demo_people){ids[0], ids[1], ids[2]});
}

/* Is the demo there already? By its first person. */
static int look(struct desk *d, bool *ret_found)
{
    struct credentials known;
    int r =
        account_credentials(d->call.db, d->call.grant, &d->arena, str_from(cast[0].email), &known);

    *ret_found = r == 0;
    return r == -E_NOT_FOUND ? 0 : r;
}

static void print_people(const struct settings *s, struct str password)
{
    (void)printf("\nDemo clinic%s%s. Sign in as any of these, with the password %.*s\n\n",
                 s->public_url ? " at " : "", s->public_url ? s->public_url : "",
                 STR_FMT(password));
    for (size_t i = 0; i < CAST; i++)
        (void)printf("  %-18s  %s, %s\n", cast[i].email, cast[i].name, cast[i].what);
    (void)putchar('\n');
    (void)fflush(stdout);
}

/* In the write transaction: looks, and makes what is not there. */
static int make_once(struct desk *d, const char *password_path, struct str *ret_password)
{
    bool found;
    int r = look(d, &found);

    if (r == 0)
        r = the_password(password_path, !found, ret_password);
    d->call.now_us -= STORY_AGE_US;
    return r < 0 || found ? r : add_all(d, str_trim(*ret_password));
}

int demo_make(const struct installation *i)
{
    struct str password = STR_NONE;
    struct desk d;

    if (settings_public(i->settings))
        return cli_fail("demo people are for a machine of one's own: with an https "
                        "ACOLHE_PUBLIC_URL they are refused");
    int r = desk_init(&d, i, "cli.demo");
    if (r == 0)
        r = call_begin(&d.call, DB_WRITE);
    if (r == 0)
        r = desk_end(&d, make_once(&d, i->settings->demo_password_path, &password));
    int status = desk_explain(&d, "the demo people", r);
    if (status == CLI_OK)
        print_people(i->settings, str_trim(password));
    secret_free(&password);
    desk_done(&d);
    return status;
}

int cli_demo(const struct cli_args *args)
{
    struct installation i;
    struct settings s;

    int status = cli_parse(args, NULL, 0, NULL, 0, 0);
    if (status == CLI_OK)
        status = settings_for_command(args->config_file, &s);
    if (status != CLI_OK)
        return status;
    if (installation_open(&s, INSTALLATION_MAKE, &i) < 0) {
        settings_done(&s);
        return CLI_FAILED;
    }
    status = demo_make(&i);
    installation_done(&i);
    settings_done(&s);
    return status == CLI_OK ? cli_end() : status;
}
