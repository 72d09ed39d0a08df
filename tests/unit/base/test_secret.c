/* test_secret.c - secret files: modes, bounds, and never half of one. */
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../unit.h"
#include "base/secret.h"

static char dir[] = "/tmp/acolhe-secret-XXXXXX";
static char path[128];

static int make_dir(void **state)
{
    (void)state;
    char *made = mkdtemp(dir);
    (void)snprintf(path, sizeof path, "%s/key", dir);
    return made ? 0 : -1;
}

static int remove_dir(void **state)
{
    (void)state;
    (void)unlink(path);
    return rmdir(dir); /* fails if a draft was left behind */
}

static int remove_file(void **state)
{
    (void)state;
    (void)unlink(path);
    return 0;
}

static void round_trip_and_mode(void **state)
{
    (void)state;
    struct stat st;
    struct str got;
    mode_t before = umask(0);
    assert_int_equal(secret_write_new(path, STR("top\0secret\n")), 0);
    (void)umask(before);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0600);
    assert_int_equal(secret_read_file(path, 100, true, &got), 0);
    assert_int_equal(got.n, 11);
    assert_memory_equal(got.p, "top\0secret\n", 11);
    secret_free(&got);
    assert_null(got.p);
    secret_free(&got);
}

static void an_existing_file_is_left_alone(void **state)
{
    (void)state;
    struct str got;
    assert_int_equal(secret_write_new(path, STR("one")), 0);
    assert_int_equal(secret_write_new(path, STR("two")), -E_DUPLICATE);
    assert_int_equal(secret_read_file(path, 100, true, &got), 0);
    assert_str(got, "one");
    secret_free(&got);
}

static void bounds(void **state)
{
    (void)state;
    struct str got;
    size_t big = 3 * 4096;
    char *bytes = malloc(big);
    assert_non_null(bytes);
    memset(bytes, 'x', big);
    assert_int_equal(secret_write_new(path, str_of(bytes, big)), 0);
    assert_int_equal(secret_read_file(path, big - 1, true, &got), -E_TOO_LARGE);
    assert_null(got.p);
    assert_int_equal(secret_read_file(path, big, true, &got), 0);
    assert_int_equal(got.n, big);
    secret_free(&got);
    assert_int_equal(secret_read_file(path, 64 * 4096, true, &got), 0);
    assert_memory_equal(got.p, bytes, big);
    secret_free(&got);
    free(bytes);
    assert_int_equal(truncate(path, 0), 0);
    assert_int_equal(secret_read_file(path, 10, true, &got), 0);
    assert_non_null(got.p);
    assert_int_equal(got.n, 0);
    secret_free(&got);
}

static void only_the_owner_may_read(void **state)
{
    (void)state;
    static const mode_t loose[] = {0640, 0604, 0660, 0620, 0602, 0666, 0610, 0601};
    struct str got;
    assert_int_equal(secret_write_new(path, STR("one")), 0);
    for (size_t i = 0; i < COUNT_OF(loose); i++) {
        assert_int_equal(chmod(path, loose[i]), 0);
        assert_int_equal(secret_read_file(path, 100, true, &got), -E_CONFIG);
        assert_int_equal(secret_read_file(path, 100, false, &got), 0);
        secret_free(&got);
    }
    assert_int_equal(chmod(path, 0400), 0);
    assert_int_equal(secret_read_file(path, 100, true, &got), 0);
    secret_free(&got);
}

static void what_is_no_file(void **state)
{
    (void)state;
    struct str got;
    char other[160];
    assert_int_equal(secret_read_file(path, 100, true, &got), -E_NOT_FOUND);
    assert_int_equal(secret_read_file(dir, 100, false, &got), -E_CONFIG);
    assert_int_equal(mkfifo(path, 0600), 0);
    assert_int_equal(secret_read_file(path, 100, true, &got), -E_CONFIG); /* and does not hang */
    (void)snprintf(other, sizeof other, "%s/no/such/dir", dir);
    assert_int_equal(secret_write_new(other, STR("x")), -E_IO);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(round_trip_and_mode, remove_file),
        cmocka_unit_test_teardown(an_existing_file_is_left_alone, remove_file),
        cmocka_unit_test_teardown(bounds, remove_file),
        cmocka_unit_test_teardown(only_the_owner_may_read, remove_file),
        cmocka_unit_test_teardown(what_is_no_file, remove_file),
    };
    return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
