/*
 * powerloss.c - LD_PRELOAD shim that makes a power cut testable without root or special disks.
 *
 *   write to a file of POWERLOSS_DIR -> save what stood there in the journal -> do the write
 *   fsync / fdatasync of it          -> do it -> note "this file is safe up to here"
 *   kill -9 (the page cache survives) -> powerloss-restore undoes every write that no sync covers
 *
 * So after the restore the folder is what a disk would hold that had written nothing but what it
 * was told to sync: the harshest honest disk. Directory entries are taken as durable (stricter
 * file systems differ), and memory maps are not seen: SQLite maps only its WAL index, which is
 * rebuilt, and the restore removes it.
 *
 * While the file POWERLOSS_FAIL exists, every sync of the folder fails with EIO and nothing counts
 * as synced: the disk that is dying.
 *
 * stdio's own writes do not pass through here; the database never uses them. Thread-safe: one lock
 * around "save, then write", none around a sync.
 */
#include "powerloss.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#define EXPORT __attribute__((visibility("default")))
#define FILES_MAX 4096

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int journal = -1;
static int64_t journal_size;
static char dir[PATH_MAX];
static bool tracked[FILES_MAX]; /* by descriptor */
static const char *fail_file;

/* The real calls, by number: the C library's own entry points are the ones replaced here. */
static ssize_t sys_pwrite(int fd, const void *at, size_t n, off_t offset)
{
    return syscall(SYS_pwrite64, fd, at, n, offset);
}

static ssize_t sys_pread(int fd, void *at, size_t n, off_t offset)
{
    return syscall(SYS_pread64, fd, at, n, offset);
}

static void fail(const char *what)
{
    dprintf(STDERR_FILENO, "powerloss: %s: %s\n", what, strerror(errno));
    _exit(99);
}

__attribute__((constructor)) static void start(void)
{
    const char *root = getenv("POWERLOSS_DIR");
    const char *file = getenv("POWERLOSS_JOURNAL");
    fail_file = getenv("POWERLOSS_FAIL");
    if (root == NULL || file == NULL)
        return;
    if (realpath(root, dir) == NULL)
        fail(root);
    journal =
        (int)syscall(SYS_openat, AT_FDCWD, file, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (journal < 0)
        fail(file);
    journal_size = (int64_t)lseek(journal, 0, SEEK_END);
}

static void journal_add(const struct record *r, const void *old, const void *new)
{
    struct iovec parts[3] = {
        {.iov_base = (void *)(uintptr_t)r, .iov_len = sizeof *r},
        {.iov_base = (void *)(uintptr_t)old, .iov_len = r->old_len},
        {.iov_base = (void *)(uintptr_t) new, .iov_len = r->new_len},
    };
    ssize_t whole = (ssize_t)(sizeof *r + r->old_len + r->new_len);
    if (syscall(SYS_writev, journal, parts, 3) != whole)
        fail("journal");
    journal_size += whole;
}

static bool is_tracked(int fd)
{
    return journal >= 0 && fd >= 0 && fd < FILES_MAX && tracked[fd];
}

static struct record record_of(int fd, enum record_kind kind, int64_t *ret_size)
{
    struct stat st;
    if (fstat(fd, &st) != 0)
        fail("fstat");
    *ret_size = st.st_size;
    return (struct record){.magic = POWERLOSS_MAGIC,
                           .kind = kind,
                           .device = st.st_dev,
                           .inode = st.st_ino,
                           .old_size = st.st_size};
}

static ssize_t save_and_write(int fd, const void *at, size_t n, off_t offset)
{
    pthread_mutex_lock(&lock);
    int64_t size;
    struct record r = record_of(fd, RECORD_WRITE, &size);
    r.offset = offset;
    char *old = NULL;
    if (offset < size && n > 0) {
        old = malloc(n);
        if (old == NULL)
            fail("memory");
        ssize_t had = sys_pread(fd, old, n, offset);
        if (had < 0)
            fail("pread");
        r.old_len = (uint64_t)had;
    }
    r.new_len = n;
    journal_add(&r, old, at);
    ssize_t did = sys_pwrite(fd, at, n, offset);
    int saved = errno;
    pthread_mutex_unlock(&lock);
    free(old);
    errno = saved;
    return did;
}

static void save_size(int fd, int64_t new_size)
{
    int64_t size;
    struct record r = record_of(fd, RECORD_SIZE, &size);
    r.new_size = new_size;
    r.offset = new_size;
    char *old = NULL;
    if (new_size < size) {
        old = malloc((size_t)(size - new_size));
        if (old == NULL)
            fail("memory");
        ssize_t had = sys_pread(fd, old, (size_t)(size - new_size), new_size);
        if (had < 0)
            fail("pread");
        r.old_len = (uint64_t)had;
    }
    journal_add(&r, old, NULL);
    free(old);
}

/* ---- opening: which descriptors belong to the folder ---- */

static void note_open(int fd, bool created)
{
    if (fd < 0 || fd >= FILES_MAX || journal < 0)
        return;
    char link[64];
    char path[PATH_MAX];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t n = readlink(link, path, sizeof path - 1);
    if (n <= 0)
        return;
    path[n] = '\0';
    size_t root = strlen(dir);
    struct stat st;
    bool inside = strncmp(path, dir, root) == 0 && path[root] == '/' && fstat(fd, &st) == 0 &&
                  S_ISREG(st.st_mode);
    pthread_mutex_lock(&lock);
    tracked[fd] = inside;
    if (inside && created) {
        int64_t size;
        struct record r = record_of(fd, RECORD_CREATE, &size);
        journal_add(&r, NULL, NULL);
    }
    pthread_mutex_unlock(&lock);
}

static int open_at(int at, const char *path, int flags, mode_t mode)
{
    struct stat st;
    bool existed = journal < 0 || fstatat(at, path, &st, 0) == 0;
    /* a truncating open is an ordinary one followed by a truncation that the journal sees */
    bool cuts = journal >= 0 && existed && S_ISREG(st.st_mode) && (flags & O_TRUNC) != 0 &&
                (flags & O_ACCMODE) != O_RDONLY;
    int fd = (int)syscall(SYS_openat, at, path, cuts ? flags & ~O_TRUNC : flags, mode);
    if (fd < 0)
        return fd;
    note_open(fd, (flags & O_CREAT) != 0 && !existed);
    if (cuts && ftruncate(fd, 0) != 0) {
        int saved = errno;
        close(fd);
        errno = saved;
        return -1;
    }
    return fd;
}

#define MODE_OF(flags)                                                                             \
    mode_t mode = 0;                                                                               \
    if (((flags) & (O_CREAT | O_TMPFILE)) != 0) {                                                  \
        va_list args;                                                                              \
        va_start(args, flags);                                                                     \
        mode = va_arg(args, mode_t);                                                               \
        va_end(args);                                                                              \
    }

EXPORT int open(const char *path, int flags, ...)
{
    MODE_OF(flags)
    return open_at(AT_FDCWD, path, flags, mode);
}

EXPORT int open64(const char *path, int flags, ...)
{
    MODE_OF(flags)
    return open_at(AT_FDCWD, path, flags, mode);
}

EXPORT int openat(int at, const char *path, int flags, ...)
{
    MODE_OF(flags)
    return open_at(at, path, flags, mode);
}

EXPORT int openat64(int at, const char *path, int flags, ...)
{
    MODE_OF(flags)
    return open_at(at, path, flags, mode);
}

EXPORT int __open_2(const char *path, int flags);
EXPORT int __open_2(const char *path, int flags)
{
    return open_at(AT_FDCWD, path, flags, 0);
}

EXPORT int __open64_2(const char *path, int flags);
EXPORT int __open64_2(const char *path, int flags)
{
    return open_at(AT_FDCWD, path, flags, 0);
}

EXPORT int __openat_2(int at, const char *path, int flags);
EXPORT int __openat_2(int at, const char *path, int flags)
{
    return open_at(at, path, flags, 0);
}

EXPORT int __openat64_2(int at, const char *path, int flags);
EXPORT int __openat64_2(int at, const char *path, int flags)
{
    return open_at(at, path, flags, 0);
}

EXPORT int close(int fd)
{
    if (fd >= 0 && fd < FILES_MAX)
        tracked[fd] = false;
    return (int)syscall(SYS_close, fd);
}

/* ---- writing ---- */

EXPORT ssize_t pwrite(int fd, const void *at, size_t n, off_t offset)
{
    return is_tracked(fd) ? save_and_write(fd, at, n, offset) : sys_pwrite(fd, at, n, offset);
}

EXPORT ssize_t pwrite64(int fd, const void *at, size_t n, off64_t offset)
{
    return is_tracked(fd) ? save_and_write(fd, at, n, offset) : sys_pwrite(fd, at, n, offset);
}

EXPORT ssize_t write(int fd, const void *at, size_t n)
{
    if (!is_tracked(fd))
        return syscall(SYS_write, fd, at, n);
    int flags = fcntl(fd, F_GETFL);
    off_t offset = lseek(fd, 0, flags >= 0 && (flags & O_APPEND) != 0 ? SEEK_END : SEEK_CUR);
    if (offset < 0)
        return -1;
    ssize_t did = save_and_write(fd, at, n, offset);
    if (did > 0)
        lseek(fd, offset + did, SEEK_SET);
    return did;
}

EXPORT ssize_t writev(int fd, const struct iovec *parts, int count)
{
    if (!is_tracked(fd))
        return syscall(SYS_writev, fd, parts, count);
    ssize_t all = 0;
    for (int i = 0; i < count; i++) {
        ssize_t did = write(fd, parts[i].iov_base, parts[i].iov_len);
        if (did < 0)
            return all > 0 ? all : did;
        all += did;
        if ((size_t)did < parts[i].iov_len)
            break;
    }
    return all;
}

static int resize(int fd, off_t size)
{
    if (!is_tracked(fd))
        return (int)syscall(SYS_ftruncate, fd, size);
    pthread_mutex_lock(&lock);
    save_size(fd, size);
    int did = (int)syscall(SYS_ftruncate, fd, size);
    int saved = errno;
    pthread_mutex_unlock(&lock);
    errno = saved;
    return did;
}

EXPORT int ftruncate(int fd, off_t size)
{
    return resize(fd, size);
}

EXPORT int ftruncate64(int fd, off64_t size)
{
    return resize(fd, size);
}

static int extend(int fd, off_t offset, off_t len)
{
    if (is_tracked(fd)) {
        struct stat st;
        if (fstat(fd, &st) != 0)
            return errno;
        if (offset + len > st.st_size && resize(fd, offset + len) != 0)
            return errno;
    }
    return syscall(SYS_fallocate, fd, 0, offset, len) == 0 ? 0 : errno;
}

EXPORT int posix_fallocate(int fd, off_t offset, off_t len)
{
    return extend(fd, offset, len);
}

EXPORT int posix_fallocate64(int fd, off64_t offset, off64_t len)
{
    return extend(fd, offset, len);
}

/* ---- syncing ---- */

static int sync_file(int fd, long number)
{
    if (!is_tracked(fd))
        return (int)syscall(number, fd);
    if (fail_file != NULL && access(fail_file, F_OK) == 0) {
        errno = EIO;
        return -1;
    }
    pthread_mutex_lock(&lock);
    int64_t position = journal_size; /* all that is saved so far is also written */
    pthread_mutex_unlock(&lock);
    int did = (int)syscall(number, fd);
    if (did != 0)
        return did;
    pthread_mutex_lock(&lock);
    int64_t size;
    struct record r = record_of(fd, RECORD_SYNC, &size);
    r.offset = position;
    journal_add(&r, NULL, NULL);
    pthread_mutex_unlock(&lock);
    return 0;
}

EXPORT int fsync(int fd)
{
    return sync_file(fd, SYS_fsync);
}

EXPORT int fdatasync(int fd)
{
    return sync_file(fd, SYS_fdatasync);
}
