/* archive.c - see archive.h. */
#include "cli/archive.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/error.h"

#define BLOCK 512
#define OCTAL_SIZE_MAX ((UINT64_C(1) << 33) - 1) /* eleven octal digits */

/* POSIX.1-1988, "ustar Interchange Format". */
struct header {
    char name[100];
    char mode[8];
    char uid[8];
    char gid[8];
    char size[12];
    char mtime[12];
    char checksum[8];
    char type;
    char linkname[100];
    char magic[6];
    char version[2];
    char uname[32];
    char gname[32];
    char devmajor[8];
    char devminor[8];
    char prefix[155];
    char padding[12];
};
_Static_assert(sizeof(struct header) == BLOCK, "a header is one block");

static unsigned checksum_of(const struct header *h)
{
    const unsigned char *bytes = (const unsigned char *)h;
    size_t at = offsetof(struct header, checksum);
    unsigned sum = 0;

    for (size_t i = 0; i < sizeof *h; i++)
        sum += i >= at && i < at + sizeof h->checksum ? ' ' : bytes[i];
    return sum;
}

/* width - 1 digits and a NUL, which the field was filled with. */
static void put_octal(char *field, size_t width, uint64_t v)
{
    for (size_t i = width - 1; i-- > 0; v >>= 3)
        field[i] = (char)('0' + (v & 7));
}

static bool get_octal(const char *field, size_t width, uint64_t *ret)
{
    size_t i = 0;

    for (*ret = 0; i < width && field[i] >= '0' && field[i] <= '7'; i++)
        *ret = *ret << 3 | (uint64_t)(field[i] - '0');
    return i > 0 && (i == width || field[i] == 0 || field[i] == ' ');
}

static void put_size(char field[12], uint64_t size)
{
    if (size <= OCTAL_SIZE_MAX) {
        put_octal(field, 12, size);
        return;
    }
    field[0] = (char)0x80;
    for (size_t i = 11; i > 3; i--, size >>= 8)
        field[i] = (char)(size & 0xFF);
}

static bool get_size(const char field[12], uint64_t *ret)
{
    if ((unsigned char)field[0] != 0x80)
        return get_octal(field, 12, ret);
    *ret = 0;
    for (size_t i = 4; i < 12; i++)
        *ret = *ret << 8 | (unsigned char)field[i];
    return field[1] == 0 && field[2] == 0 && field[3] == 0 && *ret <= INT64_MAX;
}

int archive_put_bytes(int fd, struct str bytes)
{
    for (size_t at = 0; at < bytes.n;) {
        ssize_t n = write(fd, bytes.p + at, bytes.n - at);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return -E_IO;
        at += (size_t)n;
    }
    return 0;
}

int archive_put_header(int fd, const char *name, uint64_t size, int64_t now_us)
{
    struct header h = {.type = '0', .magic = "ustar", .version = {'0', '0'}};

    if (strlen(name) >= sizeof h.name)
        return -E_TOO_LARGE;
    memcpy(h.name, name, strlen(name));
    put_octal(h.mode, sizeof h.mode, 0600);
    put_octal(h.uid, sizeof h.uid, 0);
    put_octal(h.gid, sizeof h.gid, 0);
    put_size(h.size, size);
    put_octal(h.mtime, sizeof h.mtime, (uint64_t)(now_us / US_PER_S));
    put_octal(h.checksum, sizeof h.checksum - 1, checksum_of(&h));
    h.checksum[7] = ' ';
    return archive_put_bytes(fd, str_of(&h, sizeof h));
}

static size_t padding_of(uint64_t size)
{
    return (size_t)((BLOCK - size % BLOCK) % BLOCK);
}

int archive_put_padding(int fd, uint64_t size)
{
    static const char zeroes[BLOCK];

    return archive_put_bytes(fd, str_of(zeroes, padding_of(size)));
}

int archive_put_end(int fd)
{
    static const char zeroes[2 * BLOCK];

    return archive_put_bytes(fd, str_of(zeroes, sizeof zeroes));
}

int archive_get_bytes(int fd, void *out, size_t n)
{
    for (size_t at = 0; at < n;) {
        ssize_t got = read(fd, (char *)out + at, n - at);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return -E_IO;
        if (got == 0)
            return -E_CORRUPT;
        at += (size_t)got;
    }
    return 0;
}

static bool all_zero(const void *bytes, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (((const char *)bytes)[i] != 0)
            return false;
    return true;
}

int archive_get_padding(int fd, uint64_t size)
{
    char bytes[BLOCK];
    int r = archive_get_bytes(fd, bytes, padding_of(size));

    return r < 0 || all_zero(bytes, padding_of(size)) ? r : -E_CORRUPT;
}

/* Two blocks of zeroes, the first of which was read, and nothing after them. */
static int check_end(int fd)
{
    char block[BLOCK];
    char more;
    int r = archive_get_bytes(fd, block, sizeof block);

    if (r < 0)
        return r;
    return all_zero(block, sizeof block) && read(fd, &more, 1) == 0 ? -E_NOT_FOUND : -E_CORRUPT;
}

int archive_get_header(int fd, struct archive_member *ret)
{
    struct header h;
    uint64_t sum;

    int r = archive_get_bytes(fd, &h, sizeof h);
    if (r < 0)
        return r;
    if (all_zero(&h, sizeof h))
        return check_end(fd);
    if (!get_octal(h.checksum, 7, &sum) || h.checksum[7] != ' ' || sum != checksum_of(&h) ||
        strncmp(h.magic, "ustar", sizeof h.magic) != 0 || h.type != '0' || h.prefix[0] ||
        !memchr(h.name, 0, sizeof h.name) || !get_size(h.size, &ret->size))
        return -E_CORRUPT;
    memcpy(ret->name, h.name, sizeof h.name);
    ret->name[sizeof h.name] = 0;
    return 0;
}

void archive_digest_add(struct archive_digest *d, struct str chunk)
{
    const struct str parts[] = {str_of(d->value, sizeof d->value), chunk};
    uint8_t next[CRYPTO_SHA256];

    crypto_sha256(parts, 2, next);
    memcpy(d->value, next, sizeof next);
}

int archive_copy(int from, int to, uint64_t size, struct archive_digest *d)
{
    char *chunk = malloc(ARCHIVE_CHUNK);
    int r = chunk ? 0 : -E_NO_MEMORY;

    while (r == 0 && size > 0) {
        size_t n = size < ARCHIVE_CHUNK ? (size_t)size : ARCHIVE_CHUNK;
        r = archive_get_bytes(from, chunk, n);
        if (r < 0)
            break;
        archive_digest_add(d, str_of(chunk, n));
        r = archive_put_bytes(to, str_of(chunk, n));
        size -= n;
    }
    free(chunk);
    return r;
}
