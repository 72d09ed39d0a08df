/*
 * installation.h - one clinic's folder: its lock, database, keys and node id.
 *
 *      DATA_DIR/ (0700)   clinic.db   keys (0600)   node.id   lock   demo-password
 *
 * A new key ring is made only beside a database that holds no account yet: beside any other it
 * would hide that the real keys are missing, until somebody wanted to read.
 */
#ifndef ACOLHE_CLI_INSTALLATION_H
#define ACOLHE_CLI_INSTALLATION_H

#include "app/app.h"
#include "cli/settings.h"

enum installation_need {
    INSTALLATION_EXISTING = 1, /* it must be there */
    INSTALLATION_MAKE,         /* made when there is none */
    INSTALLATION_UPGRADE       /* the same, and its schema is brought up to this program's */
};

struct installation {
    const struct settings *settings; /* borrowed */
    struct keyring *keys;
    struct id node;
    struct db *db; /* a connection for the main thread */
    size_t migrated;
};

/* 0 or a negative error, which has been told on standard error with what to do about it. Then
 * nothing is left to be done with. */
int installation_open(const struct settings *settings, enum installation_need need,
                      struct installation *ret);
void installation_done(struct installation *i);
/* How many accounts of a role (0: of all) there are. */
int installation_accounts(const struct installation *i, int role, int64_t *ret);

/* Makes the data folder (and those above it) where it is not there. 0 or -E_IO (said). */
int folder_make(const char *path);
/* Makes the names in the folder that holds `path` durable. 0 or -E_IO. */
int folder_sync_of(const char *path);
/* Takes the folder for one server (or one restore) alone, until the descriptor is closed. 0 or a
 * negative error (said). */
int folder_lock(const char *lock_path, int *ret_fd);

#endif
