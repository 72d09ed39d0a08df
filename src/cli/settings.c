/* settings.c - see settings.h. The texts of the table are what `acolhe config show` prints. */
#include "cli/settings.h"

#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include "base/error.h"
#include "cli/cli.h"
#include "domain/zone.h"

static const struct config_key keys[] = {
    {"ACOLHE_CONFIG", CONFIG_TEXT, false, NULL, 0, 0,
     "a KEY=VALUE file, as --config; only in the environment"},
    {"ACOLHE_LISTEN", CONFIG_TEXT, false, "localhost:8080", 1, 200,
     "address and port, or unix:/path"},
    {"ACOLHE_PUBLIC_URL", CONFIG_TEXT, false, NULL, 0, 0,
     "what browsers see; https outside this machine (default: http:// and the listening address)"},
    {"ACOLHE_DATA_DIR", CONFIG_TEXT, false, NULL, 0, 0,
     "folder of the database and the keys (default: $XDG_DATA_HOME/acolhe or "
     "~/.local/share/acolhe)"},
    {"ACOLHE_DATABASE_URL", CONFIG_TEXT, true, NULL, 0, 0,
     "sqlite:/path (default: clinic.db in the data folder)"},
    {"ACOLHE_REDIS_URL", CONFIG_TEXT, true, NULL, 0, 0,
     "the bus between several nodes; not in this version"},
    {"ACOLHE_TRUSTED_PROXIES", CONFIG_TEXT, false, "", 0, 0,
     "addresses or prefixes whose word about a client's address is taken, with commas between"},
    {"ACOLHE_RATE_LIMITS", CONFIG_BOOL, false, "on", 0, 0, "off: for tests only"},
    {"ACOLHE_METRICS_LISTEN", CONFIG_TEXT, false, "", 0, 0,
     "address and port of GET /metrics, for this machine's monitoring; empty: none"},
    {"ACOLHE_LOG_FORMAT", CONFIG_TEXT, false, "text", 0, 0, "text or json"},
    {"ACOLHE_LOG_LEVEL", CONFIG_TEXT, false, "info", 0, 0, "debug, info, notice, warning or error"},
    {"ACOLHE_CLINIC_NAME", CONFIG_TEXT, false, "Acolhe", 1, 120, "shown to everybody"},
    {"ACOLHE_TECHNICAL_DIRECTOR", CONFIG_TEXT, false, "", 0, 0,
     "name and CRM of the technical director, shown to everybody"},
    {"ACOLHE_TIMEZONE", CONFIG_TEXT, false, ZONE_DEFAULT, 1, ZONE_NAME_MAX,
     "the clinic's, as the IANA names it"},
    {"ACOLHE_TERMS_VERSION", CONFIG_TEXT, false, "1", 1, 40,
     "of the terms that a patient accepts when signing up"},
    {"ACOLHE_SESSION_IDLE_S", CONFIG_DURATION, false, "15m", 1, 3600,
     "a session ends when it was not used for so long"},
    {"ACOLHE_SESSION_ABSOLUTE_S", CONFIG_DURATION, false, "12h", 1, 43200,
     "a session ends after so long in any case"},
    {"ACOLHE_LINK_S", CONFIG_DURATION, false, "30m", 60, 86400,
     "how long a link to set a password lives"},
    {"ACOLHE_LOOPS", CONFIG_INT, false, "0", 0, 256, "network threads; 0: one per processor"},
    {"ACOLHE_WORKERS", CONFIG_INT, false, "4", 1, 64, "database threads"},
    {"ACOLHE_PASSWORD_WORKERS", CONFIG_INT, false, "2", 1, 64,
     "threads that hash passwords, with 19 MiB each"},
    {"ACOLHE_ADMIN_EMAIL", CONFIG_TEXT, false, NULL, 0, 0,
     "the first admin, made at the start when there is none"},
    {"ACOLHE_ADMIN_PASSWORD", CONFIG_TEXT, true, NULL, 0, 0, "the first admin's password"},
    {"ACOLHE_BACKUP_PASSPHRASE", CONFIG_TEXT, true, NULL, 0, 0,
     "seals the keys inside a backup; without it they stay out"},
#ifdef ACOLHE_TEST_HOOKS
    {"ACOLHE_TEST_SQLITE_SYNCHRONOUS", CONFIG_TEXT, false, NULL, 0, 0, "tests only: read by db"},
#endif
};

__attribute__((format(printf, 2, 3))) static void report(struct config_errors *errors,
                                                         const char *format, ...)
{
    va_list args;

    errors->fatal = true;
    if (errors->count == CONFIG_ERRORS_MAX) {
        errors->dropped++;
        return;
    }
    struct config_error *e = &errors->list[errors->count++];
    e->fatal = true;
    va_start(args, format);
    (void)vsnprintf(e->text, sizeof e->text, format, args);
    va_end(args);
}

/* A text's value, or NULL when it is unset or empty. */
static const char *text_of(const struct settings *s, const char *name)
{
    struct str v = config_text(&s->config, name);

    return v.n > 0 ? v.p : NULL;
}

static const char *env_value(char *const *env, const char *name)
{
    for (; env && *env; env++) {
        struct str value;
        if (str_is(str_cut(str_from(*env), '=', &value), name) && value.n > 0)
            return value.p;
    }
    return NULL;
}

/* ---- where things are ---- */

static void find_folder(struct settings *s, char *const *env, struct config_errors *errors)
{
    const char *given = text_of(s, "ACOLHE_DATA_DIR");
    const char *data_home = env_value(env, "XDG_DATA_HOME");
    const char *home = env_value(env, "HOME");

    if (given)
        s->data_dir = given;
    else if (data_home && data_home[0] == '/')
        s->data_dir = arena_printf(&s->arena, "%s/acolhe", data_home).p;
    else if (home && home[0] == '/')
        s->data_dir = arena_printf(&s->arena, "%s/.local/share/acolhe", home).p;
    else
        report(errors, "ACOLHE_DATA_DIR must be given where there is no HOME");
}

static void find_database(struct settings *s, struct config_errors *errors)
{
    const char *url = text_of(s, "ACOLHE_DATABASE_URL");
    const struct str scheme = STR("sqlite:");

    if (url && (!str_starts(str_from(url), scheme) || !url[scheme.n])) {
        report(errors, "%s: ACOLHE_DATABASE_URL must be sqlite:/path in this version",
               config_origin(&s->config, "ACOLHE_DATABASE_URL"));
        return;
    }
    s->database_path =
        url ? url + scheme.n : arena_printf(&s->arena, "%s/clinic.db", s->data_dir).p;
    s->database_url = url ? url : arena_printf(&s->arena, "sqlite:%s", s->database_path).p;
    if (text_of(s, "ACOLHE_REDIS_URL"))
        report(errors,
               "%s: ACOLHE_REDIS_URL: this version serves from one node and takes no bus; "
               "leave it out",
               config_origin(&s->config, "ACOLHE_REDIS_URL"));
}

static int name_files(struct settings *s)
{
    s->keys_path = arena_printf(&s->arena, "%s/keys", s->data_dir).p;
    s->node_path = arena_printf(&s->arena, "%s/node.id", s->data_dir).p;
    s->lock_path = arena_printf(&s->arena, "%s/lock", s->data_dir).p;
    s->demo_password_path = arena_printf(&s->arena, "%s/demo-password", s->data_dir).p;
    return s->database_path && s->database_url && s->keys_path && s->node_path && s->lock_path &&
                   s->demo_password_path
               ? 0
               : -E_NO_MEMORY;
}

/* ---- what is said to the world ---- */

static int check_addresses(struct settings *s, struct config_errors *errors)
{
    const char *listen = text_of(s, "ACOLHE_LISTEN");
    const char *url = text_of(s, "ACOLHE_PUBLIC_URL");
    const char *wrong = listen_parse(str_from(listen), &s->listen);
    bool listens = wrong == NULL;

    if (wrong)
        report(errors, "%s: ACOLHE_LISTEN %s", config_origin(&s->config, "ACOLHE_LISTEN"), wrong);
    wrong = url ? public_url_check(str_from(url)) : NULL;
    if (wrong)
        report(errors, "%s: ACOLHE_PUBLIC_URL %s", config_origin(&s->config, "ACOLHE_PUBLIC_URL"),
               wrong);
    s->public_url = url;
    if (listens && !url) {
        int r = s->listen.port > 0
                    ? public_url_of(&s->listen, s->listen.port, &s->arena, &s->public_url)
                    : 0;
        if (r < 0)
            return r;
        if (s->listen.unix_socket || !host_is_loopback(s->listen.host))
            report(errors, "ACOLHE_PUBLIC_URL must be given where others than this machine are "
                           "served: https:// and the name that browsers use");
    }
    wrong = proxies_check(config_text(&s->config, "ACOLHE_TRUSTED_PROXIES"));
    if (wrong)
        report(errors, "%s: ACOLHE_TRUSTED_PROXIES %s",
               config_origin(&s->config, "ACOLHE_TRUSTED_PROXIES"), wrong);
    return 0;
}

static void check_log(struct settings *s, struct config_errors *errors)
{
    static const char *const levels[] = {"debug", "info", "notice", "warning", "error"};
    struct str format = config_text(&s->config, "ACOLHE_LOG_FORMAT");
    struct str level = config_text(&s->config, "ACOLHE_LOG_LEVEL");

    s->log_format = str_is(format, "json") ? LOG_JSON : LOG_TEXT;
    if (!str_is(format, "json") && !str_is(format, "text"))
        report(errors, "%s: ACOLHE_LOG_FORMAT is neither text nor json",
               config_origin(&s->config, "ACOLHE_LOG_FORMAT"));
    for (size_t i = 0; i < sizeof levels / sizeof *levels; i++)
        if (str_is(level, levels[i]))
            s->log_level = (enum log_level)(LOG_DEBUG + (int)i);
    if (s->log_level == 0)
        report(errors, "%s: ACOLHE_LOG_LEVEL is none of debug, info, notice, warning, error",
               config_origin(&s->config, "ACOLHE_LOG_LEVEL"));
}

static void check_people(struct settings *s, struct config_errors *errors)
{
    const char *zone = text_of(s, "ACOLHE_TIMEZONE");

    if (zone && !zone_exists(zone))
        report(errors,
               "%s: ACOLHE_TIMEZONE: this machine knows no zone \"%s\"; see "
               "/usr/share/zoneinfo (package tzdata)",
               config_origin(&s->config, "ACOLHE_TIMEZONE"), zone);
    if (!text_of(s, "ACOLHE_ADMIN_EMAIL") != !text_of(s, "ACOLHE_ADMIN_PASSWORD"))
        report(errors, "ACOLHE_ADMIN_EMAIL and ACOLHE_ADMIN_PASSWORD (or _FILE) belong together");
    if (text_of(s, "ACOLHE_CONFIG") &&
        !str_is(str_from(config_origin(&s->config, "ACOLHE_CONFIG")), "environment"))
        report(errors, "%s: ACOLHE_CONFIG stands in the environment, not in the file itself",
               config_origin(&s->config, "ACOLHE_CONFIG"));
}

int settings_load(const char *file, char *const *env, struct settings *ret,
                  struct config_errors *errors)
{
    *ret = (struct settings){0};
    arena_init(&ret->arena, (size_t)1 << 20);
    if (!file)
        file = env_value(env, "ACOLHE_CONFIG");
    int r = config_load(keys, sizeof keys / sizeof *keys, file, env, &ret->config, errors);
    if (r < 0) /* a value that is not of its kind may not be looked at */
        return r;
    find_folder(ret, env, errors);
    find_database(ret, errors);
    r = check_addresses(ret, errors);
    check_log(ret, errors);
    check_people(ret, errors);
    if (r == 0 && errors->fatal)
        return -E_CONFIG;
    return r < 0 ? r : name_files(ret);
}

void settings_done(struct settings *s)
{
    config_done(&s->config);
    arena_done(&s->arena);
}

int settings_bound(struct settings *s, int port)
{
    return s->public_url ? 0 : public_url_of(&s->listen, port, &s->arena, &s->public_url);
}

struct app_config settings_app(const struct settings *s)
{
    const struct config *c = &s->config;

    return (struct app_config){
        .public_url = str_from(s->public_url),
        .sessions = {.idle_us = config_int(c, "ACOLHE_SESSION_IDLE_S") * US_PER_S,
                     .absolute_us = config_int(c, "ACOLHE_SESSION_ABSOLUTE_S") * US_PER_S},
        .link_us = config_int(c, "ACOLHE_LINK_S") * US_PER_S,
        .terms_version = config_text(c, "ACOLHE_TERMS_VERSION"),
        .clinic_name = config_text(c, "ACOLHE_CLINIC_NAME"),
        .technical_director = config_text(c, "ACOLHE_TECHNICAL_DIRECTOR"),
        .timezone = config_text(c, "ACOLHE_TIMEZONE"),
    };
}

bool settings_public(const struct settings *s)
{
    return s->public_url && str_starts(str_from(s->public_url), STR("https://"));
}

void settings_print_errors(const struct config_errors *errors)
{
    for (size_t i = 0; i < errors->count; i++)
        cli_say("%s%s", errors->list[i].fatal ? "" : "warning: ", errors->list[i].text);
    if (errors->dropped > 0)
        cli_say("and %zu problems more", errors->dropped);
}

int settings_for_command(const char *file, struct settings *ret)
{
    struct config_errors errors;
    int r = settings_load(file, environ, ret, &errors);

    log_setup(LOG_TEXT, LOG_WARNING);
    if (r == 0)
        return CLI_OK;
    settings_print_errors(&errors);
    settings_done(ret);
    if (r != -E_CONFIG)
        return cli_fail("%s", cli_reason(r));
    cli_say("the configuration cannot be used: `acolhe config check` lists every problem");
    return CLI_CONFIG;
}
