/* main.c - the subcommand table. Everything else is in src/cli and the rooms below it. */
#include <stdio.h>

#include "cli/cli.h"

static const struct cli_command commands[] = {
    {"serve", cli_serve, "serve the clinic; --demo: with demo people"},
    {"migrate", cli_migrate, "bring the database to this program's schema"},
    {"demo", cli_demo, "make the demo people, without serving"},
    {"user", cli_user, "add, list, disable, enable, reset-password, verify-doctor"},
    {"config", cli_config, "check, show"},
    {"keys", cli_keys, "status"},
    {"audit", cli_audit, "verify, export"},
    {"backup", cli_backup, "FILE: copy the clinic while it serves"},
    {"restore", cli_restore, "FILE: bring a backup into an empty data folder"},
    {"verify", cli_verify, "FILE: check a backup without restoring it"},
    {"diagnose", cli_diagnose, "check this installation"},
    {"routes", cli_routes, "print the routes and realtime ops as JSON lines"},
    {"version", cli_version, "print the version"},
};
#define COMMANDS (sizeof commands / sizeof *commands)

static void print_help(FILE *out)
{
    (void)fputs("usage: acolhe [--config FILE] COMMAND [options]\n\n", out);
    for (size_t i = 0; i < COMMANDS; i++)
        (void)fprintf(out, "  %-10s %s\n", commands[i].name, commands[i].help);
    (void)fputs("\nConfiguration: ACOLHE_* variables, or the same names in a KEY=VALUE file; "
                "`acolhe config show` lists them. `man acolhe` tells the rest.\n",
                out);
}

/* Takes --config FILE out of the arguments, wherever it stands. False: without its value. */
static bool take_config(int *argc, char **argv, const char **ret)
{
    static const char option[] = "--config";
    int kept = 1;

    for (int i = 1; i < *argc; i++) {
        bool joined =
            strncmp(argv[i], option, sizeof option - 1) == 0 && argv[i][sizeof option - 1] == '=';
        if (joined) {
            *ret = argv[i] + sizeof option;
        } else if (strcmp(argv[i], option) != 0) {
            argv[kept++] = argv[i];
        } else if (i + 1 == *argc) {
            return false;
        } else {
            *ret = argv[++i];
        }
    }
    *argc = kept;
    argv[kept] = NULL;
    return true;
}

static bool asks_for_help(const char *word)
{
    return strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0;
}

int main(int argc, char **argv)
{
    struct cli_args args = {0};

    if (!take_config(&argc, argv, &args.config_file))
        return cli_usage("--config needs a file");
    if (argc < 2) {
        print_help(stderr);
        return CLI_USAGE;
    }
    if (strcmp(argv[1], "help") == 0 || asks_for_help(argv[1]) || asks_for_help(argv[argc - 1])) {
        print_help(stdout);
        return cli_end();
    }
    const char *name = strcmp(argv[1], "--version") == 0 ? "version" : argv[1];
    for (size_t i = 0; i < COMMANDS; i++) {
        if (strcmp(name, commands[i].name) == 0) {
            args.argc = argc - 1;
            args.argv = argv + 1;
            return commands[i].run(&args);
        }
    }
    cli_say("there is no command \"%s\"", argv[1]);
    print_help(stderr);
    return CLI_USAGE;
}
