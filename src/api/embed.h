/*
 * embed.h - the files of the web client, which live inside the program.
 *
 * tools/embed makes the table from web/dist at build time; nothing is read from disk when a
 * browser asks. Everything here is static storage, never changes and may be read by any thread.
 */
#ifndef ACOLHE_API_EMBED_H
#define ACOLHE_API_EMBED_H

#include "base/str.h"

struct embed_file {
    const char *path; /* as in the URL, "/assets/main-ABC.js" */
    const char *type; /* the Content-Type */
    const char *etag; /* weak and quoted, ready for the header: one for both representations */
    bool immutable;   /* its name carries a hash of its content: may be cached for ever */
    struct str bytes;
    struct str gzip; /* the same, gzipped; STR_NONE where that is no shorter */
};

/* sorted by path in byte order; in the generated file */
extern const struct embed_file embed_files[];
extern const size_t embed_file_count;

/* The file at exactly this path, or NULL. "/" is not a file: the shell is "/index.html". */
const struct embed_file *embed_find(struct str path);

#endif
