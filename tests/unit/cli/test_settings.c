/* test_settings.c - the program's own table of keys, and what follows from their values. */
#include "../unit.h"
#include "cli/settings.h"

static struct settings settings;
static struct config_errors errors;

/* The environment as NULL-terminated "KEY=VALUE" list; HOME is there unless it is given. */
#define LOAD(...)                                                                                  \
    (settings_done(&settings),                                                                     \
     settings_load(NULL, (char *const[]){"HOME=/home/x", ##__VA_ARGS__, NULL}, &settings,          \
                   &errors))

static bool said(const char *part)
{
    for (size_t i = 0; i < errors.count; i++)
        if (strstr(errors.list[i].text, part))
            return true;
    return false;
}

static int done(void **state)
{
    (void)state;
    settings_done(&settings);
    return 0;
}

/* With nothing set, a server on this machine alone, with the limits of the rules. */
static void defaults(void **state)
{
    (void)state;
    assert_int_equal(LOAD(), 0);
    assert_int_equal(errors.count, 0);
    assert_string_equal(settings.public_url, "http://localhost:8080");
    assert_string_equal(settings.data_dir, "/home/x/.local/share/acolhe");
    assert_string_equal(settings.database_url, "sqlite:/home/x/.local/share/acolhe/clinic.db");
    assert_string_equal(settings.database_path, "/home/x/.local/share/acolhe/clinic.db");
    assert_string_equal(settings.keys_path, "/home/x/.local/share/acolhe/keys");
    assert_int_equal(settings.log_format, LOG_TEXT);
    assert_int_equal(settings.log_level, LOG_INFO);
    assert_false(settings_public(&settings));
    assert_true(config_bool(&settings.config, "ACOLHE_RATE_LIMITS"));

    struct app_config app = settings_app(&settings);
    assert_int_equal(app.sessions.idle_us, 15 * US_PER_MIN);
    assert_int_equal(app.sessions.absolute_us, 12 * US_PER_HOUR);
    assert_int_equal(app.link_us, 30 * US_PER_MIN); /* ASVS 6.4.3 */
    assert_str(app.timezone, "America/Sao_Paulo");
    assert_str(app.public_url, "http://localhost:8080");
}

static void folder(void **state)
{
    (void)state;
    assert_int_equal(LOAD("XDG_DATA_HOME=/data"), 0);
    assert_string_equal(settings.data_dir, "/data/acolhe");
    assert_int_equal(LOAD("XDG_DATA_HOME=relative"), 0); /* to be ignored, says the XDG's page */
    assert_string_equal(settings.data_dir, "/home/x/.local/share/acolhe");
    assert_int_equal(LOAD("ACOLHE_DATA_DIR=run", "XDG_DATA_HOME=/data"), 0);
    assert_string_equal(settings.data_dir, "run");
    settings_done(&settings);
    assert_int_equal(settings_load(NULL, (char *const[]){NULL}, &settings, &errors), -E_CONFIG);
    assert_true(said("ACOLHE_DATA_DIR"));
}

static void database(void **state)
{
    (void)state;
    assert_int_equal(LOAD("ACOLHE_DATABASE_URL=sqlite:/srv/c.db"), 0);
    assert_string_equal(settings.database_path, "/srv/c.db");
    assert_int_equal(LOAD("ACOLHE_DATABASE_URL=oracle://u:hunter2hunter2@x"), -E_CONFIG);
    assert_true(said("ACOLHE_DATABASE_URL"));
    assert_false(said("hunter2"));
    assert_int_equal(LOAD("ACOLHE_DATABASE_URL=sqlite:"), -E_CONFIG);
    assert_int_equal(LOAD("ACOLHE_REDIS_URL=redis://:hunter2hunter2@r"), -E_CONFIG);
    assert_true(said("ACOLHE_REDIS_URL"));
    assert_false(said("hunter2"));
}

static void addresses(void **state)
{
    (void)state;
    assert_int_equal(LOAD("ACOLHE_PUBLIC_URL=https://clinic.example"), 0);
    assert_true(settings_public(&settings));
    assert_int_equal(LOAD("ACOLHE_PUBLIC_URL=http://clinic.example"), -E_CONFIG);
    assert_true(said("ACOLHE_PUBLIC_URL"));
    assert_int_equal(LOAD("ACOLHE_LISTEN=0.0.0.0:8080"), -E_CONFIG);
    assert_true(said("ACOLHE_PUBLIC_URL"));
    assert_int_equal(LOAD("ACOLHE_LISTEN=unix:/run/a"), -E_CONFIG);
    assert_int_equal(LOAD("ACOLHE_LISTEN=unix:/run/a", "ACOLHE_PUBLIC_URL=https://c.example"), 0);
    assert_int_equal(LOAD("ACOLHE_LISTEN=nowhere"), -E_CONFIG);
    assert_true(said("ACOLHE_LISTEN"));
    assert_int_equal(LOAD("ACOLHE_TRUSTED_PROXIES=proxy"), -E_CONFIG);
    assert_true(said("ACOLHE_TRUSTED_PROXIES"));
}

static void port_of_zero(void **state)
{
    (void)state;
    assert_int_equal(LOAD("ACOLHE_LISTEN=127.0.0.1:0"), 0);
    assert_null(settings.public_url);
    assert_int_equal(settings_bound(&settings, 40123), 0);
    assert_string_equal(settings.public_url, "http://127.0.0.1:40123");
    assert_int_equal(LOAD("ACOLHE_LISTEN=127.0.0.1:0", "ACOLHE_PUBLIC_URL=https://c.example"), 0);
    assert_int_equal(settings_bound(&settings, 40123), 0);
    assert_string_equal(settings.public_url, "https://c.example");
}

static void logging(void **state)
{
    (void)state;
    assert_int_equal(LOAD("ACOLHE_LOG_FORMAT=json", "ACOLHE_LOG_LEVEL=debug"), 0);
    assert_int_equal(settings.log_format, LOG_JSON);
    assert_int_equal(settings.log_level, LOG_DEBUG);
    assert_int_equal(LOAD("ACOLHE_LOG_LEVEL=error"), 0);
    assert_int_equal(settings.log_level, LOG_ERROR);
    assert_int_equal(LOAD("ACOLHE_LOG_FORMAT=xml"), -E_CONFIG);
    assert_true(said("ACOLHE_LOG_FORMAT"));
    assert_int_equal(LOAD("ACOLHE_LOG_LEVEL=loud"), -E_CONFIG);
    assert_true(said("ACOLHE_LOG_LEVEL"));
}

/* security.md, 40: absolute at most 12 hours. */
static void limits_of_sessions(void **state)
{
    (void)state;
    assert_int_equal(LOAD("ACOLHE_SESSION_IDLE_S=2", "ACOLHE_SESSION_ABSOLUTE_S=3"), 0);
    assert_int_equal(settings_app(&settings).sessions.idle_us, 2 * US_PER_S);
    assert_int_equal(LOAD("ACOLHE_SESSION_ABSOLUTE_S=43201"), -E_CONFIG);
    assert_int_equal(LOAD("ACOLHE_SESSION_IDLE_S=2h"), -E_CONFIG);
    assert_int_equal(LOAD("ACOLHE_SESSION_IDLE_S=many"), -E_CONFIG);
    assert_true(said("ACOLHE_SESSION_IDLE_S"));
    assert_int_equal(LOAD("ACOLHE_SESSION_IDLE_S=0"), -E_CONFIG);
}

static void what_belongs_together(void **state)
{
    (void)state;
    assert_int_equal(LOAD("ACOLHE_ADMIN_EMAIL=a@b.example"), -E_CONFIG);
    assert_true(said("ACOLHE_ADMIN_PASSWORD"));
    assert_int_equal(LOAD("ACOLHE_ADMIN_PASSWORD=hunter2hunter2"), -E_CONFIG);
    assert_false(said("hunter2"));
    assert_int_equal(LOAD("ACOLHE_ADMIN_EMAIL=a@b.example", "ACOLHE_ADMIN_PASSWORD=x"), 0);
    assert_int_equal(LOAD("ACOLHE_TIMEZONE=America/Atlantis"), -E_CONFIG);
    assert_true(said("America/Atlantis"));
    assert_int_equal(LOAD("ACOLHE_TIMEZONE=America/Manaus"), 0);
}

static void unknown_names_are_told(void **state)
{
    (void)state;
    assert_int_equal(LOAD("ACOLHE_NO_SUCH_THING=1"), 0);
    assert_int_equal(errors.count, 1);
    assert_false(errors.fatal);
    assert_true(said("ACOLHE_NO_SUCH_THING"));
}

static void a_file_names_no_other_file(void **state)
{
    char path[] = "/tmp/acolhe-settings-XXXXXX";
    char env[64];
    int fd = mkstemp(path);

    (void)state;
    assert_true(fd >= 0);
    FILE *f = fdopen(fd, "w");
    assert_non_null(f);
    assert_true(fputs("ACOLHE_CLINIC_NAME=Praça\n", f) >= 0);
    assert_int_equal(fflush(f), 0);
    (void)snprintf(env, sizeof env, "ACOLHE_CONFIG=%s", path);
    assert_int_equal(LOAD(env), 0);
    assert_str(settings_app(&settings).clinic_name, "Praça");
    assert_true(fputs("ACOLHE_CONFIG=/etc/other\n", f) >= 0);
    assert_int_equal(fclose(f), 0);
    settings_done(&settings);
    assert_int_equal(settings_load(path, (char *const[]){"HOME=/home/x", NULL}, &settings, &errors),
                     -E_CONFIG);
    assert_true(said("ACOLHE_CONFIG"));
    (void)remove(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(defaults),
        cmocka_unit_test(folder),
        cmocka_unit_test(database),
        cmocka_unit_test(addresses),
        cmocka_unit_test(port_of_zero),
        cmocka_unit_test(logging),
        cmocka_unit_test(limits_of_sessions),
        cmocka_unit_test(what_belongs_together),
        cmocka_unit_test(unknown_names_are_told),
        cmocka_unit_test(a_file_names_no_other_file),
    };
    return cmocka_run_group_tests(tests, NULL, done);
}
