/*
 * desk.h - use cases called by the person at the terminal: the same rules and audit rows as for
 * everybody, with the grant that stands for the program's operator.
 */
#ifndef ACOLHE_CLI_DESK_H
#define ACOLHE_CLI_DESK_H

#include "cli/installation.h"

struct desk {
    struct app app;
    struct arena arena;
    struct issues issues;
    struct call call;
};

/* `action` is the audit event and static. Borrows from the installation. 0 or -E_NO_MEMORY. */
int desk_init(struct desk *d, const struct installation *i, const char *action);
void desk_done(struct desk *d);
/* Ends the write transaction: commits when r is 0, else rolls back. Returns what came of it. */
int desk_end(struct desk *d, int r);
/* Tells why it failed, field by field. Returns CLI_OK for 0, else CLI_FAILED. */
int desk_explain(const struct desk *d, const char *what, int r);
/* The account of an e-mail address. 0 or -E_NOT_FOUND. */
int desk_find(struct desk *d, const char *email, struct id *ret);

/* A password, passphrase or the like: the file's one line ("-": standard input). 0 or a negative
 * error (said). Give it to secret_free. */
int secret_line(const char *path, struct str *ret);
/* By the file that --option names, else by the configuration; STR_NONE when neither has it. */
int secret_given(const struct settings *s, const char *file, const char *key, struct str *ret);

#endif
