/* backup_file.c - see backup_file.h.
 *
 *      backup_read -> read_member... -> copy_database (digest) -> check_manifest -> open_box
 */
#include "cli/backup_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "base/error.h"
#include "base/secret.h"
#include "cli/cli.h"

static int copy_database(int fd, const char *path, uint64_t size, struct backup_read *ret)
{
    int to = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);

    if (to < 0) {
        cli_say("%s cannot be made (%s)", path, strerror(errno));
        return -E_IO;
    }
    int r = archive_copy(fd, to, size, &ret->digest);
    if (r == 0 && fsync(to) < 0)
        r = -E_IO;
    if (close(to) < 0 && r == 0)
        r = -E_IO;
    ret->has_database = true;
    ret->database_bytes = size;
    return r;
}

static int read_small(int fd, uint64_t size, size_t max, struct arena *a, struct str *ret)
{
    if (size > max || ret->p)
        return -E_CORRUPT;
    char *p = arena_alloc(a, (size_t)size + 1);
    if (!p)
        return -E_NO_MEMORY;
    *ret = str_of(p, (size_t)size);
    return archive_get_bytes(fd, p, (size_t)size);
}

static int read_members(int fd, const char *database_path, struct arena *a, struct backup_read *ret)
{
    struct archive_member m;
    int r;

    while ((r = archive_get_header(fd, &m)) == 0) {
        if (strcmp(m.name, BACKUP_DATABASE) == 0 && !ret->has_database)
            r = copy_database(fd, database_path, m.size, ret);
        else if (strcmp(m.name, BACKUP_MANIFEST) == 0)
            r = read_small(fd, m.size, BACKUP_MANIFEST_MAX, a, &ret->manifest);
        else if (strcmp(m.name, BACKUP_BOX) == 0)
            r = read_small(fd, m.size, BACKUP_BOX_MAX, a, &ret->box);
        else
            r = -E_CORRUPT;
        if (r == 0)
            r = archive_get_padding(fd, m.size);
        if (r < 0)
            return r;
    }
    return r == -E_NOT_FOUND ? 0 : r;
}

/* Splits off the manifest's last line, completes the digest with the others, and compares. */
static int check_manifest(struct backup_read *b)
{
    const struct str label = STR(BACKUP_MANIFEST_LINE);
    const size_t last = label.n + BACKUP_DIGEST_TEXT + 1;

    if (!b->manifest.p || !b->has_database || b->manifest.n < last)
        return -E_CORRUPT;
    struct str head = str_of(b->manifest.p, b->manifest.n - last);
    struct str line = str_of(head.p + head.n, last);
    archive_digest_add(&b->digest, head);
    crypto_hex(b->digest.value, sizeof b->digest.value, b->digest_text);
    if (!str_starts(head, STR(BACKUP_FORMAT)) || !str_starts(line, label) ||
        line.p[last - 1] != '\n' ||
        !str_is(str_of(line.p + label.n, BACKUP_DIGEST_TEXT), b->digest_text))
        return -E_CORRUPT;
    b->manifest = head;
    return 0;
}

/* Takes the hash off the front of the box and compares. */
static int check_box(struct backup_read *b)
{
    uint8_t hash[CRYPTO_SHA256];
    struct str box = b->box;

    if (!box.p)
        return 0;
    if (box.n < sizeof hash)
        return -E_CORRUPT;
    b->box = str_of(box.p + sizeof hash, box.n - sizeof hash);
    crypto_sha256(&b->box, 1, hash);
    return crypto_equal(hash, box.p, sizeof hash) ? 0 : -E_CORRUPT;
}

static int open_box(struct backup_read *b, struct str passphrase)
{
    const struct str label = STR(BACKUP_BOX_LINE);
    int r = passphrase_unseal(passphrase, b->box, &b->keys);

    if (r < 0) {
        cli_say(r == -E_CORRUPT ? "this is not the passphrase that the backup was made with"
                                : "the keys inside the backup cannot be opened: out of memory");
        return r;
    }
    struct str line = str_of(b->keys.p, b->keys.n < label.n ? 0 : label.n);
    if (!str_eq(line, label) || b->keys.n < label.n + BACKUP_DIGEST_TEXT ||
        !str_is(str_of(b->keys.p + label.n, BACKUP_DIGEST_TEXT), b->digest_text)) {
        cli_say("the database inside the backup is not the one that was put there");
        return -E_CORRUPT;
    }
    return 0;
}

int backup_read(const char *path, const char *database_path, struct str passphrase, struct arena *a,
                struct backup_read *ret)
{
    *ret = (struct backup_read){0};
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        cli_say("%s cannot be opened (%s)", path, strerror(errno));
        return errno == ENOENT ? -E_NOT_FOUND : -E_IO;
    }
    int r = read_members(fd, database_path, a, ret);
    (void)close(fd);
    if (r == 0)
        r = check_manifest(ret);
    if (r == 0)
        r = check_box(ret);
    if (r < 0) {
        cli_say("%s: %s", path,
                r == -E_CORRUPT ? "this is no whole backup: it was damaged or cut off, or is "
                                  "something else. Use another copy"
                                : cli_reason(r));
        return r;
    }
    return passphrase.p && ret->box.p ? open_box(ret, passphrase) : 0;
}

void backup_read_done(struct backup_read *b)
{
    secret_free(&b->keys);
}
