/* test_archive.c - the container of a backup: what is written is read, and damage is noticed. */
#include <unistd.h>

#include "../unit.h"
#include "cli/archive.h"

static char path[] = "/tmp/acolhe-archive-XXXXXX";
static int fd;

static int open_file(void **state)
{
    (void)state;
    fd = mkstemp(path);
    return fd >= 0 && crypto_setup() == 0 ? 0 : -1;
}

static int close_file(void **state)
{
    (void)state;
    (void)close(fd);
    return unlink(path);
}

static void start(void)
{
    assert_int_equal(ftruncate(fd, 0), 0);
    assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
}

static void rewind_file(void)
{
    assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
}

static void put(const char *name, struct str bytes)
{
    assert_int_equal(archive_put_header(fd, name, bytes.n, INT64_C(1795372689000000)), 0);
    assert_int_equal(archive_put_bytes(fd, bytes), 0);
    assert_int_equal(archive_put_padding(fd, bytes.n), 0);
}

/* The whole archive; the first error, or 0. */
static int read_all(size_t *ret_members)
{
    struct archive_member m;
    char bytes[2048];
    int r;

    *ret_members = 0;
    while ((r = archive_get_header(fd, &m)) == 0) {
        if (m.size > sizeof bytes)
            return -E_TOO_LARGE;
        r = archive_get_bytes(fd, bytes, (size_t)m.size);
        if (r == 0)
            r = archive_get_padding(fd, m.size);
        if (r < 0)
            return r;
        (*ret_members)++;
    }
    return r == -E_NOT_FOUND ? 0 : r;
}

static void round_trip(void **state)
{
    struct archive_member m;
    char bytes[513];
    char big[513];

    (void)state;
    memset(big, 'x', sizeof big);
    start();
    put("one", STR("first"));
    put("two", str_of(big, sizeof big));
    put("none", STR(""));
    put("whole", str_of(big, 512));
    assert_int_equal(archive_put_end(fd), 0);
    assert_int_equal(lseek(fd, 0, SEEK_END) % 512, 0);

    rewind_file();
    assert_int_equal(archive_get_header(fd, &m), 0);
    assert_string_equal(m.name, "one");
    assert_int_equal(m.size, 5);
    assert_int_equal(archive_get_bytes(fd, bytes, 5), 0);
    assert_memory_equal(bytes, "first", 5);
    assert_int_equal(archive_get_padding(fd, 5), 0);
    assert_int_equal(archive_get_header(fd, &m), 0);
    assert_int_equal(m.size, sizeof big);
    assert_int_equal(archive_get_bytes(fd, bytes, sizeof big), 0);
    assert_memory_equal(bytes, big, sizeof big);
    assert_int_equal(archive_get_padding(fd, sizeof big), 0);
    assert_int_equal(archive_get_header(fd, &m), 0);
    assert_int_equal(m.size, 0);
    assert_int_equal(archive_get_header(fd, &m), 0);
    assert_int_equal(archive_get_bytes(fd, bytes, 512), 0);
    assert_int_equal(archive_get_header(fd, &m), -E_NOT_FOUND);
}

/* More than eleven octal digits say. */
static void large_sizes(void **state)
{
    static const uint64_t sizes[] = {(UINT64_C(1) << 33) - 1, UINT64_C(1) << 33,
                                     UINT64_C(123456789012345), INT64_MAX};
    struct archive_member m;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(sizes); i++) {
        start();
        assert_int_equal(archive_put_header(fd, "large", sizes[i], 0), 0);
        rewind_file();
        assert_int_equal(archive_get_header(fd, &m), 0);
        assert_true(m.size == sizes[i]);
    }
}

static void damage_is_noticed(void **state)
{
    size_t members;
    off_t size;

    (void)state;
    start();
    put("one", STR("first"));
    assert_int_equal(archive_put_end(fd), 0);
    size = lseek(fd, 0, SEEK_END);
    rewind_file();
    assert_int_equal(read_all(&members), 0);
    assert_int_equal(members, 1);
    /* every byte but the contents', which digests cover (and the unused bits of none) */
    for (off_t at = 0; at < size; at++) {
        char was;
        if (at >= 512 && at < 517)
            continue;
        assert_int_equal(pread(fd, &was, 1, at), 1);
        char is = (char)(was ^ 1);
        assert_int_equal(pwrite(fd, &is, 1, at), 1);
        rewind_file();
        if (read_all(&members) == 0)
            fail_msg("a changed byte at %lld was not noticed", (long long)at);
        assert_int_equal(pwrite(fd, &was, 1, at), 1);
    }
    /* cut off anywhere */
    for (off_t n = size - 1; n >= 0; n -= 7) {
        assert_int_equal(ftruncate(fd, n), 0);
        rewind_file();
        assert_int_not_equal(read_all(&members), 0);
    }
}

static void something_after_the_end(void **state)
{
    size_t members;

    (void)state;
    start();
    put("one", STR("first"));
    assert_int_equal(archive_put_end(fd), 0);
    assert_int_equal(archive_put_bytes(fd, STR("x")), 0);
    rewind_file();
    assert_int_equal(read_all(&members), -E_CORRUPT);
}

static void long_names(void **state)
{
    char name[ARCHIVE_NAME_MAX + 1];

    (void)state;
    memset(name, 'n', ARCHIVE_NAME_MAX);
    name[ARCHIVE_NAME_MAX] = 0;
    start();
    assert_int_equal(archive_put_header(fd, name, 0, 0), -E_TOO_LARGE);
}

static void digests(void **state)
{
    struct archive_digest a = {{0}};
    struct archive_digest b = {{0}};

    (void)state;
    archive_digest_add(&a, STR("ab"));
    archive_digest_add(&b, STR("a"));
    assert_memory_not_equal(a.value, b.value, sizeof a.value);
    archive_digest_add(&b, STR("b"));
    assert_memory_not_equal(a.value, b.value, sizeof a.value);
    b = (struct archive_digest){{0}};
    archive_digest_add(&b, STR("ab"));
    assert_memory_equal(a.value, b.value, sizeof a.value);
}

static void copying(void **state)
{
    char to_path[] = "/tmp/acolhe-archive-XXXXXX";
    struct archive_digest want = {{0}};
    struct archive_digest got = {{0}};
    char bytes[6];
    int to = mkstemp(to_path);

    (void)state;
    assert_true(to >= 0);
    start();
    assert_int_equal(archive_put_bytes(fd, STR("secret and more")), 0);
    rewind_file();
    assert_int_equal(archive_copy(fd, to, 6, &got), 0);
    archive_digest_add(&want, STR("secret"));
    assert_memory_equal(got.value, want.value, sizeof got.value);
    assert_int_equal(pread(to, bytes, 6, 0), 6);
    assert_memory_equal(bytes, "secret", 6);
    assert_int_equal(archive_copy(fd, to, 10, &got), -E_CORRUPT); /* nine are left */
    (void)close(to);
    (void)unlink(to_path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(round_trip),        cmocka_unit_test(large_sizes),
        cmocka_unit_test(damage_is_noticed), cmocka_unit_test(something_after_the_end),
        cmocka_unit_test(long_names),        cmocka_unit_test(digests),
        cmocka_unit_test(copying),
    };
    return cmocka_run_group_tests(tests, open_file, close_file);
}
