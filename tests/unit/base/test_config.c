/* test_config.c - the configuration file, the environment over it, secrets in files, all errors. */
#include <sys/stat.h>
#include <unistd.h>

#include "../unit.h"
#include "base/config.h"

static const struct config_key keys[] = {
    {"ACOLHE_LISTEN", CONFIG_TEXT, false, "localhost:8080", 1, 100, "address"},
    {"ACOLHE_WORKERS", CONFIG_INT, false, "4", 1, 64, "threads"},
    {"ACOLHE_RATE_LIMITS", CONFIG_BOOL, false, "on", 0, 0, "limits"},
    {"ACOLHE_IDLE", CONFIG_DURATION, false, "15m", 60, 86400, "idle"},
    {"ACOLHE_DATABASE_URL", CONFIG_TEXT, true, NULL, 0, 0, "database"},
    {"ACOLHE_NOTHING", CONFIG_TEXT, false, NULL, 0, 0, "unset"},
};

static char dir[] = "/tmp/acolhe-config-XXXXXX";
static char path[128];
static char secret_path[128];
static struct config config;
static struct config_errors errors;

static int make_dir(void **state)
{
    (void)state;
    char *made = mkdtemp(dir);
    (void)snprintf(path, sizeof path, "%s/acolhe.conf", dir);
    (void)snprintf(secret_path, sizeof secret_path, "%s/secret", dir);
    return made ? 0 : -1;
}

static int remove_dir(void **state)
{
    (void)state;
    (void)unlink(path);
    (void)unlink(secret_path);
    return rmdir(dir);
}

static void write_file(const char *name, const char *text, mode_t mode)
{
    FILE *f = fopen(name, "w");
    assert_non_null(f);
    assert_true(fputs(text, f) >= 0);
    assert_int_equal(fclose(f), 0);
    assert_int_equal(chmod(name, mode), 0);
}

/* With `text` in the file (NULL: no file) and the environment given. */
static int load(const char *text, char *const *env)
{
    config_done(&config);
    if (text)
        write_file(path, text, 0600);
    return config_load(keys, COUNT_OF(keys), text ? path : NULL, env, &config, &errors);
}

static bool has_error(const char *part)
{
    for (size_t i = 0; i < errors.count; i++)
        if (strstr(errors.list[i].text, part))
            return true;
    return false;
}

static void defaults(void **state)
{
    (void)state;
    assert_int_equal(load(NULL, NULL), 0);
    assert_str(config_text(&config, "ACOLHE_LISTEN"), "localhost:8080");
    assert_int_equal(config_int(&config, "ACOLHE_WORKERS"), 4);
    assert_true(config_bool(&config, "ACOLHE_RATE_LIMITS"));
    assert_int_equal(config_int(&config, "ACOLHE_IDLE"), 900);
    assert_null(config_text(&config, "ACOLHE_NOTHING").p);
    assert_string_equal(config_origin(&config, "ACOLHE_LISTEN"), "default");
    assert_string_equal(config_origin(&config, "ACOLHE_NOTHING"), "unset");
}

static void file_and_quotes(void **state)
{
    (void)state;
    assert_int_equal(load("# a comment\n\n  ACOLHE_LISTEN = \" [::1]:80 \"\r\n"
                          "ACOLHE_NOTHING='a # is # kept'\n"
                          "ACOLHE_DATABASE_URL=postgres://u:p\"#w@h/$HOME\nACOLHE_IDLE=12h",
                          NULL),
                     0);
    assert_str(config_text(&config, "ACOLHE_LISTEN"), " [::1]:80 ");
    assert_str(config_text(&config, "ACOLHE_NOTHING"), "a # is # kept");
    assert_str(config_text(&config, "ACOLHE_DATABASE_URL"), "postgres://u:p\"#w@h/$HOME");
    assert_int_equal(config_int(&config, "ACOLHE_IDLE"), 43200);
    assert_string_equal(config_origin(&config, "ACOLHE_LISTEN"), "acolhe.conf:3");
    assert_int_equal(
        config_text(&config, "ACOLHE_NOTHING").p[config_text(&config, "ACOLHE_NOTHING").n], '\0');
}

static void environment_wins(void **state)
{
    (void)state;
    char *env[] = {"PATH=/bin",
                   "ACOLHE_WORKERS=8",
                   "ACOLHE_RATE_LIMITS=off",
                   "ACOLHE_LISTEN=",
                   "ACOLHE_PROT=tcp://10.0.0.1:80",
                   "NOEQUALS",
                   NULL};
    assert_int_equal(load("ACOLHE_WORKERS=2\nACOLHE_LISTEN=file:1\n", env), 0);
    assert_int_equal(config_int(&config, "ACOLHE_WORKERS"), 8);
    assert_false(config_bool(&config, "ACOLHE_RATE_LIMITS"));
    assert_str(config_text(&config, "ACOLHE_LISTEN"), "file:1"); /* an empty variable is none */
    assert_string_equal(config_origin(&config, "ACOLHE_WORKERS"), "environment");
    assert_true(has_error("unknown variable ACOLHE_PROT"));
    assert_false(has_error("PATH"));
    assert_false(errors.fatal);
}

static void all_errors_at_once(void **state)
{
    (void)state;
    char *env[] = {"ACOLHE_IDLE=1s", NULL};
    assert_int_equal(load("ACOLHE_WORKERS=many\n"
                          "no equals sign\n"
                          "ACOLHE_TYPO=1\n"
                          "ACOLHE_LISTEN=\"open\n"
                          "ACOLHE_RATE_LIMITS=maybe\n"
                          "ACOLHE_RATE_LIMITS=on\n"
                          "=x\n"
                          "ACOLHE_NOTHING=\xff\n",
                          env),
                     -E_CONFIG);
    assert_true(has_error("acolhe.conf:1: ACOLHE_WORKERS is not a whole number"));
    assert_true(has_error("acolhe.conf:2: expected KEY=VALUE"));
    assert_true(has_error("acolhe.conf:3: unknown key ACOLHE_TYPO"));
    assert_true(has_error("acolhe.conf:4: ACOLHE_LISTEN: the closing quote"));
    assert_true(has_error("ACOLHE_RATE_LIMITS is neither on nor off"));
    assert_true(has_error("acolhe.conf:6: ACOLHE_RATE_LIMITS is given twice"));
    assert_true(has_error("acolhe.conf:7: expected KEY=VALUE"));
    assert_true(has_error("acolhe.conf:8: ACOLHE_NOTHING is not text"));
    assert_true(has_error("environment: ACOLHE_IDLE is not within 60 and 86400"));
    assert_int_equal(errors.count, 9);
}

static void numbers_and_durations(void **state)
{
    (void)state;
    static const char *const bad[] = {"ACOLHE_WORKERS=-1",
                                      "ACOLHE_WORKERS=0",
                                      "ACOLHE_WORKERS=65",
                                      "ACOLHE_WORKERS=4x",
                                      "ACOLHE_WORKERS=9223372036854775808",
                                      "ACOLHE_IDLE=15min",
                                      "ACOLHE_IDLE=m",
                                      "ACOLHE_IDLE=9223372036854775807d",
                                      "ACOLHE_IDLE=1.5h",
                                      "ACOLHE_IDLE=2d",
                                      "ACOLHE_WORKERS=",
                                      "ACOLHE_NOTHING=a\tb"};
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        assert_int_equal(load(bad[i], NULL), -E_CONFIG);
        assert_int_equal(errors.count, 1);
    }
    assert_int_equal(load("ACOLHE_IDLE=1d", NULL), 0);
    assert_int_equal(config_int(&config, "ACOLHE_IDLE"), 86400);
    assert_int_equal(load("ACOLHE_IDLE=90", NULL), 0);
    assert_int_equal(config_int(&config, "ACOLHE_IDLE"), 90);
}

static void secrets_from_files(void **state)
{
    (void)state;
    char variable[200];
    char *env[] = {variable, NULL, NULL};
    (void)snprintf(variable, sizeof variable, "ACOLHE_DATABASE_URL_FILE=%s", secret_path);
    write_file(secret_path, "postgres://secret\n", 0444); /* as container secrets are */
    assert_int_equal(load(NULL, env), 0);
    assert_str(config_text(&config, "ACOLHE_DATABASE_URL"), "postgres://secret");
    /* the environment's file wins over the file's value */
    assert_int_equal(load("ACOLHE_DATABASE_URL=x\n", env), 0);
    assert_str(config_text(&config, "ACOLHE_DATABASE_URL"), "postgres://secret");
    env[1] = "ACOLHE_DATABASE_URL=x";
    assert_int_equal(load(NULL, env), -E_CONFIG);
    assert_true(has_error("not both"));
    env[1] = NULL;
    write_file(secret_path, "\xff\xfe", 0600);
    assert_int_equal(load(NULL, env), -E_CONFIG);
    assert_int_equal(unlink(secret_path), 0);
    assert_int_equal(load(NULL, env), -E_CONFIG);
    assert_true(has_error("NOT_FOUND"));
    /* only secrets have a _FILE form */
    assert_int_equal(load("ACOLHE_LISTEN_FILE=/x\n", NULL), -E_CONFIG);
}

static void secrets_in_shared_files(void **state)
{
    (void)state;
    config_done(&config);
    write_file(path, "ACOLHE_DATABASE_URL=hunter2hunter2\nACOLHE_WORKERS=2\n", 0644);
    assert_int_equal(config_load(keys, COUNT_OF(keys), path, NULL, &config, &errors), -E_CONFIG);
    assert_true(has_error("others can read"));
    assert_false(has_error("hunter2"));
    config_done(&config);
    write_file(path, "ACOLHE_WORKERS=2\n", 0644);
    assert_int_equal(config_load(keys, COUNT_OF(keys), path, NULL, &config, &errors), 0);
}

static void lines_and_files_are_bounded(void **state)
{
    (void)state;
    static char text[CONFIG_LINE_MAX * 100];
    memset(text, 'x', sizeof text);
    memcpy(text, "ACOLHE_NOTHING=", 15);
    text[CONFIG_LINE_MAX] = '\0';
    assert_int_equal(load(text, NULL), 0);
    text[CONFIG_LINE_MAX] = 'x';
    text[CONFIG_LINE_MAX + 1] = '\0';
    assert_int_equal(load(text, NULL), -E_CONFIG);
    assert_true(has_error("longer than"));
    memset(text, '\n', sizeof text);
    text[sizeof text - 1] = '\0';
    assert_int_equal(load(text, NULL), -E_CONFIG);
    assert_true(has_error("TOO_LARGE"));
    for (size_t i = 0; i < 100; i++)
        memcpy(text + 2 * i, "x\n", 2);
    text[200] = '\0';
    assert_int_equal(load(text, NULL), -E_CONFIG);
    assert_int_equal(errors.count, CONFIG_ERRORS_MAX);
    assert_int_equal(errors.dropped, 100 - CONFIG_ERRORS_MAX);
    config_done(&config);
    assert_int_equal(config_load(keys, COUNT_OF(keys), "/no/such/file", NULL, &config, &errors),
                     -E_CONFIG);
    config_done(&config);
    config_done(&config);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(defaults),
        cmocka_unit_test(file_and_quotes),
        cmocka_unit_test(environment_wins),
        cmocka_unit_test(all_errors_at_once),
        cmocka_unit_test(numbers_and_durations),
        cmocka_unit_test(secrets_from_files),
        cmocka_unit_test(secrets_in_shared_files),
        cmocka_unit_test(lines_and_files_are_bounded),
    };
    return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
