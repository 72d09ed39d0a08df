/* test_options.c - options, words and groups of subcommands. */
#include "../unit.h"
#include "cli/cli.h"

static const char *name;
static const char *file;
static bool flag;
static const char *words[2];

#define PARSE(min, max, ...)                                                                       \
    parse((min), (max), (char *[]){"command", ##__VA_ARGS__, NULL},                                \
          (int)COUNT_OF(((const char *[]){"command", ##__VA_ARGS__})))

static int parse(size_t min, size_t max, char **argv, int argc)
{
    const struct cli_option options[] = {
        {"name", &name, NULL}, {"file", &file, NULL}, {"flag", NULL, &flag}};
    const struct cli_args args = {argc, argv, NULL};

    name = file = words[0] = words[1] = NULL;
    flag = false;
    return cli_parse(&args, options, COUNT_OF(options), words, min, max);
}

static void options(void **state)
{
    (void)state;
    assert_int_equal(PARSE(0, 0), CLI_OK);
    assert_null(name);
    assert_int_equal(PARSE(0, 0, "--name", "Ana", "--flag", "--file=-"), CLI_OK);
    assert_string_equal(name, "Ana");
    assert_string_equal(file, "-");
    assert_true(flag);
    assert_int_equal(PARSE(0, 0, "--name", "--flag"), CLI_OK); /* a value may look like one */
    assert_string_equal(name, "--flag");
    assert_false(flag);
    assert_int_equal(PARSE(0, 0, "--name="), CLI_OK);
    assert_string_equal(name, "");
}

static void mistakes(void **state)
{
    (void)state;
    assert_int_equal(PARSE(0, 0, "--nam", "x"), CLI_USAGE);
    assert_int_equal(PARSE(0, 0, "--names", "x"), CLI_USAGE);
    assert_int_equal(PARSE(0, 0, "--name"), CLI_USAGE);
    assert_int_equal(PARSE(0, 0, "--name", "a", "--name", "b"), CLI_USAGE);
    assert_int_equal(PARSE(0, 0, "--flag=yes"), CLI_USAGE);
    assert_int_equal(PARSE(0, 0, "word"), CLI_USAGE);
    assert_int_equal(PARSE(1, 1), CLI_USAGE);
    assert_int_equal(PARSE(1, 1, "a", "b"), CLI_USAGE);
}

static void plain_words(void **state)
{
    (void)state;
    assert_int_equal(PARSE(1, 1, "--flag", "a@b.example"), CLI_OK);
    assert_string_equal(words[0], "a@b.example");
    assert_int_equal(PARSE(1, 2, "--", "--flag"), CLI_OK);
    assert_string_equal(words[0], "--flag");
    assert_false(flag);
}

static int seen_argc;
static int one(const struct cli_args *args)
{
    seen_argc = args->argc;
    assert_string_equal(args->argv[0], "one");
    return CLI_FAILED;
}

static void groups(void **state)
{
    static const struct cli_command commands[] = {{"one", one, ""}};
    char *with[] = {"group", "one", "x", NULL};
    char *without[] = {"group", NULL};
    char *other[] = {"group", "on", NULL};

    (void)state;
    assert_int_equal(cli_group(&(struct cli_args){3, with, NULL}, commands, 1), CLI_FAILED);
    assert_int_equal(seen_argc, 2);
    assert_int_equal(cli_group(&(struct cli_args){1, without, NULL}, commands, 1), CLI_USAGE);
    assert_int_equal(cli_group(&(struct cli_args){2, other, NULL}, commands, 1), CLI_USAGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(options),
        cmocka_unit_test(mistakes),
        cmocka_unit_test(plain_words),
        cmocka_unit_test(groups),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
