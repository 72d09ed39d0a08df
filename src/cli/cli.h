/*
 * cli.h - what every subcommand shares: how it is called, how it speaks, how it ends.
 *
 *      main.c (table) -> cli_<name>(args) -> settings -> installation [-> wiring] -> use cases
 *
 * Results go to standard output; everything said to a person goes to standard error, in one plain
 * sentence that also says what to do. Single-threaded but for `serve`.
 */
#ifndef ACOLHE_CLI_CLI_H
#define ACOLHE_CLI_CLI_H

#include <stdbool.h>

#include "base/str.h"

/* How a command ends. */
enum cli_exit {
    CLI_OK = 0,
    CLI_FAILED = 1,
    CLI_USAGE = 2,  /* called wrongly */
    CLI_CONFIG = 78 /* the configuration is wrong; EX_CONFIG of sysexits.h */
};

/* argv[0] is the subcommand's name; argv[argc] is NULL. */
struct cli_args {
    int argc;
    char **argv;
    const char *config_file; /* --config; NULL: none given */
};

int cli_serve(const struct cli_args *args);
int cli_migrate(const struct cli_args *args);
int cli_demo(const struct cli_args *args);
int cli_user(const struct cli_args *args);
int cli_config(const struct cli_args *args);
int cli_keys(const struct cli_args *args);
int cli_audit(const struct cli_args *args);
int cli_backup(const struct cli_args *args);
int cli_restore(const struct cli_args *args);
int cli_verify(const struct cli_args *args);
int cli_diagnose(const struct cli_args *args);
int cli_routes(const struct cli_args *args);
int cli_version(const struct cli_args *args);

/* "acolhe: …" on standard error. */
void cli_say(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* The same; returns CLI_FAILED or CLI_USAGE, so that a command can end with it. */
int cli_fail(const char *format, ...) __attribute__((format(printf, 1, 2)));
int cli_usage(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* What an error of base/error.h means to the person at the terminal. Static. */
const char *cli_reason(int err);
/* Text as it may be shown on a terminal: control characters become '?'. */
void cli_print_text(struct str text);
/* Flushes standard output: CLI_OK, or CLI_FAILED when something could not be written. */
int cli_end(void);

struct cli_command {
    const char *name;
    int (*run)(const struct cli_args *args);
    const char *help;
};
/* Runs the one of a group ("user add") that argv[1] names, with argv moved on by one. */
int cli_group(const struct cli_args *args, const struct cli_command *commands, size_t count);

/* Options of a subcommand: "--name VALUE" or "--name=VALUE"; a flag has no value. */
struct cli_option {
    const char *name; /* without the dashes */
    const char **ret_value;
    bool *ret_flag;
};
/* Takes the options out; what is left over are words, at most `max`, at least `min`. CLI_OK or
 * CLI_USAGE (said). The results borrow from argv. */
int cli_parse(const struct cli_args *args, const struct cli_option *options, size_t count,
              const char **ret_words, size_t min, size_t max);

#endif
