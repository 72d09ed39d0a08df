/*
 * secret.h - reading secrets, and forgetting them.
 *
 * Every secret of the configuration may be given as NAME or as a file, NAME_FILE. What is read is
 * kept in memory that is locked and wiped, and never logged.
 */
#ifndef ACOLHE_BASE_SECRET_H
#define ACOLHE_BASE_SECRET_H

#include "base/str.h"

/* Reads a whole file of at most max bytes into fresh memory; the caller gives it to secret_free.
 * `private_only` refuses a file that others than its owner may read (-E_CONFIG).
 * 0, -E_NOT_FOUND, -E_TOO_LARGE, -E_CONFIG, -E_IO, -E_NO_MEMORY. */
int secret_read_file(const char *path, size_t max, bool private_only, struct str *ret);
/* Fresh zeroed memory of the same kind for a secret of exactly n bytes; the caller gives
 * {result, n} to secret_free. NULL without memory. */
char *secret_alloc(size_t n);
void secret_free(struct str *s); /* wipes, frees, sets STR_NONE; STR_NONE is accepted */
/* Creates path with mode 0600, which must not exist yet (-E_DUPLICATE), writes, fsyncs it and its
 * directory. 0, -E_DUPLICATE or -E_IO. */
int secret_write_new(const char *path, struct str bytes);
void secret_wipe(void *p, size_t n); /* never optimised away */

#endif
