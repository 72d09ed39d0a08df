/* cli.c - see cli.h. */
#include "cli/cli.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/error.h"

static void say(const char *format, va_list args)
{
    (void)fputs("acolhe: ", stderr);
    (void)vfprintf(stderr, format, args);
    (void)fputc('\n', stderr);
}

void cli_say(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    say(format, args);
    va_end(args);
}

int cli_fail(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    say(format, args);
    va_end(args);
    return CLI_FAILED;
}

int cli_usage(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    say(format, args);
    va_end(args);
    (void)fputs("acolhe: see `acolhe help`\n", stderr);
    return CLI_USAGE;
}

const char *cli_reason(int err)
{
    switch (err < 0 ? -err : err) {
    case E_NOT_FOUND:
        return "there is no such thing";
    case E_DUPLICATE:
        return "there is one already";
    case E_NO_MEMORY:
        return "out of memory";
    case E_IO:
        return "reading or writing failed: see that the disk is well, not full, and that the "
               "permissions are right";
    case E_UNAVAILABLE:
        return "the database is busy: try again in a moment";
    case E_DATABASE:
        return "the database refused: see the lines above, and run `acolhe diagnose`";
    case E_VERSION:
        return "the database's schema is not this program's: run `acolhe migrate`, or use the "
               "newer program that wrote it";
    case E_CORRUPT:
        return "what is stored is damaged, or the keys are not the ones it was sealed with";
    case E_BAD_STATE:
        return "that is not possible in its present state";
    default:
        return error_info(err)->detail;
    }
}

void cli_print_text(struct str text)
{
    for (size_t i = 0; i < text.n; i++) {
        unsigned char c = (unsigned char)text.p[i];
        /* C1 controls are U+0080-U+009F: C2 80-C2 9F */
        bool c1 = c == 0xC2 && i + 1 < text.n && (unsigned char)text.p[i + 1] < 0xA0;
        (void)putchar(c < 0x20 || c == 0x7F || c1 ? '?' : c);
        i += c1 ? 1 : 0;
    }
}

int cli_end(void)
{
    if (fflush(stdout) == 0 && !ferror(stdout))
        return CLI_OK;
    return cli_fail("the output could not be written: see that the disk is not full");
}

static const struct cli_command *find(struct str name, const struct cli_command *commands,
                                      size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (str_is(name, commands[i].name))
            return &commands[i];
    return NULL;
}

int cli_group(const struct cli_args *args, const struct cli_command *commands, size_t count)
{
    const struct cli_command *c =
        args->argc > 1 ? find(str_from(args->argv[1]), commands, count) : NULL;

    if (c) {
        const struct cli_args inner = {args->argc - 1, args->argv + 1, args->config_file};
        return c->run(&inner);
    }
    cli_say("%s is one of:", args->argv[0]);
    for (size_t i = 0; i < count; i++)
        (void)fprintf(stderr, "  acolhe %s %s  %s\n", args->argv[0], commands[i].name,
                      commands[i].help);
    return CLI_USAGE;
}

static const struct cli_option *find_option(struct str name, const struct cli_option *options,
                                            size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (str_is(name, options[i].name))
            return &options[i];
    return NULL;
}

/* Reads argv[*at], an option, and its value where it has one. */
static int take_option(const struct cli_args *args, int *at, const struct cli_option *options,
                       size_t count)
{
    struct str value;
    struct str name = str_cut(str_from(args->argv[*at] + 2), '=', &value);
    const struct cli_option *o = find_option(name, options, count);

    if (!o)
        return cli_usage("%s has no option --%.*s", args->argv[0], STR_FMT(name));
    if (o->ret_flag) {
        if (value.p)
            return cli_usage("--%s takes no value", o->name);
        *o->ret_flag = true;
        return CLI_OK;
    }
    if (*o->ret_value)
        return cli_usage("--%s is given twice", o->name);
    if (!value.p && *at + 1 >= args->argc)
        return cli_usage("--%s needs a value", o->name);
    *o->ret_value = value.p ? value.p : args->argv[++*at];
    return CLI_OK;
}

int cli_parse(const struct cli_args *args, const struct cli_option *options, size_t count,
              const char **ret_words, size_t min, size_t max)
{
    size_t words = 0;
    bool only_words = false;

    for (int i = 1; i < args->argc; i++) {
        const char *arg = args->argv[i];
        if (!only_words && strcmp(arg, "--") == 0) {
            only_words = true;
        } else if (!only_words && arg[0] == '-' && arg[1] == '-') {
            int r = take_option(args, &i, options, count);
            if (r != CLI_OK)
                return r;
        } else if (words == max) {
            return cli_usage("%s: do not know what to do with \"%s\"", args->argv[0], arg);
        } else {
            ret_words[words++] = arg;
        }
    }
    if (words < min)
        return cli_usage("%s needs %s", args->argv[0], max == 1 ? "one word more" : "more words");
    return CLI_OK;
}
