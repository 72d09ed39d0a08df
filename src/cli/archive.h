/*
 * archive.h - the container of a backup: a POSIX ustar file, which any tar can list and take apart.
 *
 * Sizes beyond what ustar's octal digits hold (8 GiB) are written in base 256, as GNU tar does.
 * Every header has a checksum; what the members hold is covered by digests of their own
 * (backup_file.h).
 */
#ifndef ACOLHE_CLI_ARCHIVE_H
#define ACOLHE_CLI_ARCHIVE_H

#include "crypto/crypto.h"

#define ARCHIVE_NAME_MAX 100

struct archive_member {
    char name[ARCHIVE_NAME_MAX + 1];
    uint64_t size;
};

/* ---- writing, in order, to a descriptor ---- */
int archive_put_header(int fd, const char *name, uint64_t size, int64_t now_us);
int archive_put_bytes(int fd, struct str bytes); /* a part of the member's contents */
int archive_put_padding(int fd, uint64_t size);  /* after the contents */
int archive_put_end(int fd);

/* ---- reading ---- */
/* The next header. 0; -E_NOT_FOUND at the end of the archive; -E_CORRUPT; -E_IO. */
int archive_get_header(int fd, struct archive_member *ret);
/* Exactly n bytes of contents. -E_CORRUPT when the file ends before. */
int archive_get_bytes(int fd, void *out, size_t n);
int archive_get_padding(int fd, uint64_t size); /* zeroes, or -E_CORRUPT */

/* A running digest over what is copied, in chunks: not the hash of the whole at once, so that no
 * size is too large for memory. */
#define ARCHIVE_CHUNK ((size_t)1 << 20)
struct archive_digest {
    uint8_t value[CRYPTO_SHA256];
};
void archive_digest_add(struct archive_digest *d, struct str chunk);
/* Exactly `size` bytes from one descriptor to another, adding them to the digest. -E_CORRUPT when
 * the source ends before. */
int archive_copy(int from, int to, uint64_t size, struct archive_digest *d);

#endif
