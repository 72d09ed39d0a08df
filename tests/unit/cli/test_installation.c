/* test_installation.c - one clinic's folder: what is made, what is never made, who has it alone. */
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../unit.h"
#include "cli/cli.h"
#include "cli/demo.h"
#include "cli/installation.h"

static char root[] = "/tmp/acolhe-installation-XXXXXX";
static struct settings settings;
static struct installation installation;
static unsigned folders;

static int make_root(void **state)
{
    (void)state;
    log_setup(LOG_TEXT, LOG_ERROR);
    return mkdtemp(root) ? 0 : -1;
}

static void load(const char *folder)
{
    struct config_errors errors;
    char dir[128];

    (void)snprintf(dir, sizeof dir, "ACOLHE_DATA_DIR=%s", folder);
    settings_done(&settings);
    assert_int_equal(settings_load(NULL, (char *const[]){dir, NULL}, &settings, &errors), 0);
}

/* Each test has a folder of its own, which is not there yet. */
static int fresh(void **state)
{
    char folder[96];

    (void)state;
    (void)snprintf(folder, sizeof folder, "%s/%u/data", root, ++folders);
    load(folder);
    return 0;
}

static int remove_files(void **state)
{
    const char *const paths[] = {settings.keys_path, settings.node_path, settings.lock_path,
                                 settings.demo_password_path, settings.database_path};
    char above[96];

    (void)state;
    installation_done(&installation);
    for (size_t i = 0; i < COUNT_OF(paths); i++)
        (void)unlink(paths[i]);
    (void)rmdir(settings.data_dir);
    (void)snprintf(above, sizeof above, "%s/%u", root, folders);
    return rmdir(above);
}

static int remove_root(void **state)
{
    (void)state;
    settings_done(&settings);
    return rmdir(root);
}

static unsigned mode_of(const char *path)
{
    struct stat st;

    assert_int_equal(stat(path, &st), 0);
    return st.st_mode & 0777;
}

static int open_it(enum installation_need need)
{
    installation_done(&installation);
    return installation_open(&settings, need, &installation);
}

static void nothing_is_made_unasked(void **state)
{
    (void)state;
    assert_int_equal(open_it(INSTALLATION_EXISTING), -E_NOT_FOUND);
    assert_int_equal(access(settings.data_dir, F_OK), -1);
    assert_int_equal(open_it(INSTALLATION_MAKE), 0); /* so that there is something to remove */
}

static void made_private(void **state)
{
    int64_t accounts;

    (void)state;
    assert_int_equal(open_it(INSTALLATION_UPGRADE), 0);
    assert_true(installation.migrated > 0);
    assert_int_equal(mode_of(settings.data_dir), 0700);
    assert_int_equal(mode_of(settings.keys_path), 0600);
    assert_int_equal(mode_of(settings.database_path), 0600);
    assert_int_equal(installation_accounts(&installation, 0, &accounts), 0);
    assert_int_equal(accounts, 0);
}

static void the_same_clinic_again(void **state)
{
    (void)state;
    assert_int_equal(open_it(INSTALLATION_MAKE), 0);
    struct id node = installation.node;
    assert_false(id_is_none(&node));
    assert_int_equal(open_it(INSTALLATION_EXISTING), 0);
    assert_true(id_eq(&node, &installation.node));
    assert_int_equal(open_it(INSTALLATION_UPGRADE), 0);
    assert_int_equal(installation.migrated, 0);
}

static void no_new_keys_beside_accounts(void **state)
{
    int64_t accounts;

    (void)state;
    assert_int_equal(open_it(INSTALLATION_MAKE), 0);
    installation_done(&installation);
    assert_int_equal(unlink(settings.keys_path), 0);
    assert_int_equal(open_it(INSTALLATION_EXISTING), 0); /* nothing is sealed yet */
    assert_int_equal(demo_make(&installation), CLI_OK);
    assert_int_equal(installation_accounts(&installation, 0, &accounts), 0);
    assert_int_equal(accounts, 6);
    assert_int_equal(installation_accounts(&installation, ROLE_DOCTOR, &accounts), 0);
    assert_int_equal(accounts, 2);
    installation_done(&installation);
    assert_int_equal(unlink(settings.keys_path), 0);
    assert_int_equal(open_it(INSTALLATION_UPGRADE), -E_NOT_FOUND);
    assert_int_equal(access(settings.keys_path, F_OK), -1);
}

static void the_demo_is_made_once(void **state)
{
    int64_t accounts;

    (void)state;
    assert_int_equal(open_it(INSTALLATION_MAKE), 0);
    assert_int_equal(demo_make(&installation), CLI_OK);
    assert_int_equal(demo_make(&installation), CLI_OK);
    assert_int_equal(mode_of(settings.demo_password_path), 0600);
    assert_int_equal(installation_accounts(&installation, 0, &accounts), 0);
    assert_int_equal(accounts, 6);
    /* with the password gone nobody is told a wrong one */
    assert_int_equal(unlink(settings.demo_password_path), 0);
    assert_int_equal(demo_make(&installation), CLI_FAILED);
    assert_int_equal(access(settings.demo_password_path, F_OK), -1);
}

static void keys_that_others_may_read(void **state)
{
    (void)state;
    assert_int_equal(open_it(INSTALLATION_MAKE), 0);
    assert_int_equal(chmod(settings.keys_path, 0640), 0);
    assert_int_equal(open_it(INSTALLATION_EXISTING), -E_CONFIG);
}

static void a_folder_that_others_may_write(void **state)
{
    (void)state;
    assert_int_equal(open_it(INSTALLATION_MAKE), 0);
    assert_int_equal(chmod(settings.data_dir, 0770), 0);
    assert_int_equal(open_it(INSTALLATION_MAKE), -E_CONFIG);
    assert_int_equal(chmod(settings.data_dir, 0750), 0);
    assert_int_equal(open_it(INSTALLATION_MAKE), 0);
}

static void one_server_at_a_time(void **state)
{
    int first;
    int second = -1;

    (void)state;
    assert_int_equal(folder_make(settings.data_dir), 0);
    assert_int_equal(folder_lock(settings.lock_path, &first), 0);
    assert_int_equal(folder_lock(settings.lock_path, &second), -E_BAD_STATE);
    assert_int_equal(second, -1);
    assert_int_equal(open_it(INSTALLATION_MAKE), 0); /* a command beside the server */
    assert_int_equal(close(first), 0);
    assert_int_equal(folder_lock(settings.lock_path, &second), 0);
    assert_int_equal(close(second), 0);
}

int main(void)
{
#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, fresh, remove_files)
    const struct CMUnitTest tests[] = {
        IN_FOLDER(nothing_is_made_unasked),        IN_FOLDER(made_private),
        IN_FOLDER(the_same_clinic_again),          IN_FOLDER(no_new_keys_beside_accounts),
        IN_FOLDER(the_demo_is_made_once),          IN_FOLDER(keys_that_others_may_read),
        IN_FOLDER(a_folder_that_others_may_write), IN_FOLDER(one_server_at_a_time),
    };
    return cmocka_run_group_tests(tests, make_root, remove_root);
}
