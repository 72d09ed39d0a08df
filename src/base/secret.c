/* secret.c - see secret.h. Memory that holds a secret is mapped by itself, locked where the limit
 * allows (RLIMIT_MEMLOCK may be small), kept out of core dumps, and wiped before it is unmapped. */
#include "base/secret.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"

/* Length of the mapping behind a secret of n bytes; one byte more, so that none is empty. */
static size_t mapping_size(size_t n)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);

    return (n + page) / page * page;
}

char *secret_alloc(size_t n)
{
    size_t size = mapping_size(n);
    char *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (p == MAP_FAILED)
        return NULL;
    (void)mlock(p, size); /* best effort: swapping is the lesser evil than not starting */
    (void)madvise(p, size, MADV_DONTDUMP);
    return p;
}

void secret_wipe(void *p, size_t n)
{
    if (n > 0)
        explicit_bzero(p, n);
}

void secret_free(struct str *s)
{
    if (s->p) {
        char *p = (char *)(uintptr_t)s->p; /* secret_read_file made it writable */
        secret_wipe(p, s->n);
        (void)munmap(p, mapping_size(s->n));
    }
    *s = STR_NONE;
}

/* Reads until the end of the file; a file that grows past `size` meanwhile is an error. */
static int read_all(int fd, char *p, size_t size, size_t *ret_n)
{
    size_t n = 0;

    for (;;) {
        ssize_t got = read(fd, p + n, size - n);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return -E_IO;
        if (got == 0)
            break;
        n += (size_t)got;
        if (n == size)
            return -E_TOO_LARGE;
    }
    *ret_n = n;
    return 0;
}

static int read_open_file(int fd, size_t max, bool private_only, struct str *ret)
{
    struct stat st;
    size_t n;

    if (fstat(fd, &st) < 0)
        return -E_IO;
    if (!S_ISREG(st.st_mode) || (private_only && (st.st_mode & 077) != 0))
        return -E_CONFIG;
    if ((uint64_t)st.st_size > max)
        return -E_TOO_LARGE;
    char *p = secret_alloc(max);
    if (!p)
        return -E_NO_MEMORY;
    int r = read_all(fd, p, max + 1, &n);
    if (r == 0 && mapping_size(n) != mapping_size(max)) {
        /* give back the pages past the end, so that n alone tells the length of the mapping */
        (void)munmap(p + mapping_size(n), mapping_size(max) - mapping_size(n));
    }
    *ret = (struct str){p, r == 0 ? n : max};
    if (r < 0)
        secret_free(ret);
    return r;
}

int secret_read_file(const char *path, size_t max, bool private_only, struct str *ret)
{
    *ret = STR_NONE;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (fd < 0)
        return errno == ENOENT ? -E_NOT_FOUND : -E_IO;
    int r = read_open_file(fd, max, private_only, ret);
    (void)close(fd);
    return r;
}

static int write_all(int fd, struct str bytes)
{
    for (size_t at = 0; at < bytes.n;) {
        ssize_t n = write(fd, bytes.p + at, bytes.n - at);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return -E_IO;
        at += (size_t)n;
    }
    return fsync(fd) < 0 ? -E_IO : 0;
}

/* A new name is durable only when its directory is. */
static int sync_directory_of(const char *path)
{
    char dir[4096];
    const char *slash = strrchr(path, '/');
    struct str parent = slash ? str_of(path, slash == path ? 1 : (size_t)(slash - path)) : STR(".");

    if (str_to_cstring(parent, dir, sizeof dir) < 0)
        return -E_IO;
    int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return -E_IO;
    int r = fsync(fd) < 0 ? -E_IO : 0;
    (void)close(fd);
    return r;
}

static int write_new_file(const char *path, struct str bytes)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return errno == EEXIST ? -E_DUPLICATE : -E_IO;
    int r = fchmod(fd, 0600) < 0 ? -E_IO : write_all(fd, bytes); /* whatever the umask was */
    if (close(fd) < 0)
        r = -E_IO;
    return r;
}

/* Written under another name and then linked, which fails if the name is taken: nobody ever reads
 * half a key file, not even after a crash. */
int secret_write_new(const char *path, struct str bytes)
{
    char draft[4096];

    int n = snprintf(draft, sizeof draft, "%s.new-%ld", path, (long)getpid());
    if (n < 0 || (size_t)n >= sizeof draft)
        return -E_IO;
    int r = write_new_file(draft, bytes);
    if (r == -E_DUPLICATE)
        return -E_IO; /* left by a crashed process of the same number: for a person to look at */
    if (r == 0 && link(draft, path) < 0)
        r = errno == EEXIST ? -E_DUPLICATE : -E_IO;
    (void)unlink(draft);
    return r == 0 ? sync_directory_of(path) : r;
}
