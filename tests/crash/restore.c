/*
 * restore.c - `powerloss-restore JOURNAL FOLDER [SEED]`: what the disk holds after the power cut.
 *
 * Undoes, newest first, every recorded change that no later sync of its file covers. With a seed,
 * a random half of them is then done again, in order: a real disk may have written any part of
 * what it was not told to sync. Prints one line of JSON with the number of changes dropped.
 */
#include "powerloss.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

struct change {
    struct record r; /* a copy: records of the journal are not aligned */
    const char *old;
    const char *new;
    int64_t position;
    bool safe;
};

struct place {
    uint64_t device;
    uint64_t inode;
    char *path;
};

static struct change *changes;
static size_t change_count;
static struct place places[4096];
static size_t place_count;

static void fail(const char *what)
{
    fprintf(stderr, "powerloss-restore: %s: %s\n", what, strerror(errno));
    exit(1);
}

static int note_file(const char *path, const struct stat *st, int kind, struct FTW *walk)
{
    (void)walk;
    if (kind != FTW_F)
        return 0;
    size_t n = strlen(path);
    if (n > 4 && strcmp(path + n - 4, "-shm") == 0)
        return unlink(path); /* the WAL index lives in memory only */
    if (place_count == sizeof places / sizeof *places)
        return -1;
    char *copy = strdup(path);
    if (copy == NULL)
        return -1;
    places[place_count++] = (struct place){.device = st->st_dev, .inode = st->st_ino, .path = copy};
    return 0;
}

static int open_place(const struct record *r)
{
    for (size_t i = 0; i < place_count; i++) {
        if (places[i].device == r->device && places[i].inode == r->inode) {
            int fd = open(places[i].path, O_RDWR | O_CLOEXEC);
            if (fd < 0)
                fail(places[i].path);
            return fd;
        }
    }
    return -1; /* removed since: nothing to restore */
}

static void forget(const struct record *r, int64_t position, bool all)
{
    for (size_t i = 0; i < change_count; i++) {
        struct change *c = &changes[i];
        if (c->r.device == r->device && c->r.inode == r->inode && (all || c->position < position))
            c->safe = true;
    }
    size_t kept = 0; /* keep the list short: a sync comes every few records */
    for (size_t i = 0; i < change_count; i++) {
        if (!changes[i].safe)
            changes[kept++] = changes[i];
    }
    change_count = kept;
}

static void read_journal(const char *at, int64_t size)
{
    size_t cap = 0;
    for (int64_t position = 0; position + (int64_t)sizeof(struct record) <= size;) {
        struct record copy;
        memcpy(&copy, at + position, sizeof copy);
        const struct record *r = &copy;
        if (r->magic != POWERLOSS_MAGIC) {
            errno = EINVAL;
            fail("not a journal");
        }
        const char *old = at + position + sizeof *r;
        int64_t end = position + (int64_t)(sizeof *r) + (int64_t)r->old_len + (int64_t)r->new_len;
        if (end > size)
            break; /* killed inside the record: its write never happened */
        if (r->kind == RECORD_SYNC || r->kind == RECORD_CREATE) {
            forget(r, r->offset, r->kind == RECORD_CREATE);
        } else {
            if (change_count == cap) {
                cap = cap > 0 ? cap * 2 : 1024;
                changes = realloc(changes, cap * sizeof *changes);
                if (changes == NULL)
                    fail("memory");
            }
            changes[change_count++] = (struct change){
                .r = copy, .old = old, .new = old + r->old_len, .position = position};
        }
        position = end;
    }
}

static void put(int fd, const char *at, uint64_t n, int64_t offset)
{
    if (n > 0 && pwrite(fd, at, n, offset) != (ssize_t)n)
        fail("pwrite");
}

static void undo(const struct change *c)
{
    int fd = open_place(&c->r);
    if (fd < 0)
        return;
    put(fd, c->old, c->r.old_len, c->r.offset);
    if (ftruncate(fd, c->r.old_size) != 0)
        fail("ftruncate");
    close(fd);
}

static void redo(const struct change *c)
{
    int fd = open_place(&c->r);
    if (fd < 0)
        return;
    if (c->r.kind == RECORD_WRITE)
        put(fd, c->new, c->r.new_len, c->r.offset);
    else if (ftruncate(fd, c->r.new_size) != 0)
        fail("ftruncate");
    close(fd);
}

int main(int argc, char **argv)
{
    if (argc < 3 || argc > 4) {
        fprintf(stderr, "usage: powerloss-restore JOURNAL FOLDER [SEED]\n");
        return 2;
    }
    int fd = open(argv[1], O_RDONLY | O_CLOEXEC);
    struct stat st;
    if (fd < 0 || fstat(fd, &st) != 0)
        fail(argv[1]);
    if (nftw(argv[2], note_file, 16, FTW_PHYS) != 0)
        fail(argv[2]);
    const char *at = NULL;
    if (st.st_size > 0) {
        at = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
        if (at == MAP_FAILED)
            fail("mmap");
        read_journal(at, st.st_size);
    }
    for (size_t i = change_count; i-- > 0;)
        undo(&changes[i]);
    size_t kept = 0;
    if (argc == 4) {
        uint64_t state = strtoull(argv[3], NULL, 10) * UINT64_C(2654435761) + 1;
        for (size_t i = 0; i < change_count; i++) {
            state = state * UINT64_C(6364136223846793005) + 1442695040888963407;
            if ((state >> 40 & 1) == 0)
                continue;
            redo(&changes[i]);
            kept++;
        }
    }
    printf("{\"unsynced\":%zu,\"dropped\":%zu,\"journal_bytes\":%lld}\n", change_count,
           change_count - kept, (long long)st.st_size);
    return 0;
}
