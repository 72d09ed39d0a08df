/*
 * backup_file.h - what is inside a backup, and reading it back.
 *
 *      FILE (ustar, 0600):  clinic.db   the database, one snapshot
 *                           manifest    program, time; its last line is the digest of it all
 *                           keys.box    optional: a hash of the rest; then, under the passphrase,
 *                                       the digest and the key ring
 *
 * The digest, of the database and then the manifest's other lines, tells damage. Inside the box it
 * stands again, sealed: with the passphrase a change is noticed even if the digest was made to fit.
 */
#ifndef ACOLHE_CLI_BACKUP_FILE_H
#define ACOLHE_CLI_BACKUP_FILE_H

#include "cli/archive.h"

#define BACKUP_DATABASE "clinic.db"
#define BACKUP_MANIFEST "manifest"
#define BACKUP_BOX "keys.box"
#define BACKUP_FORMAT "format: 1\n" /* the manifest's first line */
#define BACKUP_MANIFEST_MAX 4096
#define BACKUP_BOX_MAX ((size_t)128 * 1024)
#define BACKUP_DIGEST_TEXT ((size_t)2 * CRYPTO_SHA256)
#define BACKUP_MANIFEST_LINE "digest: "
/* the first line inside the box; the key ring's own lines follow (a '#' line is skipped there) */
#define BACKUP_BOX_LINE "# digest "

struct backup_read {
    struct str manifest; /* in the arena */
    struct str box;      /* in the arena; STR_NONE: the keys are not inside */
    struct str keys;     /* the ring's text, when a passphrase was given; of secret_alloc */
    bool has_database;
    uint64_t database_bytes;
    struct archive_digest digest;
    char digest_text[BACKUP_DIGEST_TEXT + 1];
};
/* Reads the whole backup, writes its database to a new file, checks every digest. 0, or a negative
 * error that was told. In any case *ret is to be given to backup_read_done. */
int backup_read(const char *path, const char *database_path, struct str passphrase, struct arena *a,
                struct backup_read *ret);
void backup_read_done(struct backup_read *b);

#endif
