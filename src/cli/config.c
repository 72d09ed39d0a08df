/* config.c - `acolhe config check|show`: what would be used, from where, and what is wrong with
 * it. Secrets are never shown. */
#include <stdio.h>
#include <unistd.h>

#include "base/error.h"
#include "cli/cli.h"
#include "cli/settings.h"

static void print_value(const struct config *c, const struct config_key *key)
{
    switch (key->kind) {
    case CONFIG_TEXT:
        if (key->secret)
            (void)fputs("(secret)", stdout);
        else
            cli_print_text(config_text(c, key->name));
        break;
    case CONFIG_BOOL:
        (void)fputs(config_bool(c, key->name) ? "on" : "off", stdout);
        break;
    case CONFIG_INT:
        (void)printf("%lld", (long long)config_int(c, key->name));
        break;
    case CONFIG_DURATION:
        (void)printf("%llds", (long long)config_int(c, key->name));
        break;
    }
}

static bool is_set(const struct config *c, const struct config_key *key)
{
    return strcmp(config_origin(c, key->name), "unset") != 0;
}

/* What somebody chose, then what follows from it. */
static void print_used(const struct settings *s)
{
    const struct config *c = &s->config;

    for (size_t i = 0; i < c->count; i++) {
        const struct config_key *key = &c->keys[i];
        if (!is_set(c, key))
            continue;
        (void)printf("%s=", key->name);
        print_value(c, key);
        (void)printf("  (%s)\n", config_origin(c, key->name));
    }
    (void)printf("public address: %s\n",
                 s->public_url ? s->public_url : "http:// and the address, once the port is known");
    (void)printf("data folder: %s\n", s->data_dir);
    (void)printf("database: %s\n", s->database_path);
}

/* A file that could be given back as --config: every key, with its line of explanation. */
static void print_file(const struct settings *s)
{
    const struct config *c = &s->config;

    for (size_t i = 0; i < c->count; i++) {
        const struct config_key *key = &c->keys[i];
        bool shown = is_set(c, key) && !key->secret && strcmp(key->name, "ACOLHE_CONFIG") != 0;
        (void)printf("%s# %s\n", i == 0 ? "" : "\n", key->doc);
        if (key->secret)
            (void)printf("# a secret; may be given as %s_FILE=/path\n", key->name);
        (void)printf("# from: %s\n", config_origin(c, key->name));
        (void)printf("%s%s=", shown ? "" : "#", key->name);
        if (shown)
            print_value(c, key);
        (void)putchar('\n');
    }
}

static int config_look(const struct cli_args *args, void (*print)(const struct settings *s))
{
    struct config_errors errors;
    struct settings s;

    int status = cli_parse(args, NULL, 0, NULL, 0, 0);
    if (status != CLI_OK)
        return status;
    int r = settings_load(args->config_file, environ, &s, &errors);
    settings_print_errors(&errors);
    if (r == 0)
        print(&s);
    settings_done(&s);
    if (r < 0 && r != -E_CONFIG)
        return cli_fail("%s", cli_reason(r));
    if (errors.count > 0) /* here a warning counts: somebody asked */
        return CLI_CONFIG;
    return cli_end();
}

static int config_check(const struct cli_args *args)
{
    return config_look(args, print_used);
}

static int config_show(const struct cli_args *args)
{
    return config_look(args, print_file);
}

int cli_config(const struct cli_args *args)
{
    static const struct cli_command commands[] = {
        {"check", config_check, "(what is used, and what is wrong with it)"},
        {"show", config_show, "(every key, as a file)"},
    };

    return cli_group(args, commands, sizeof commands / sizeof *commands);
}
