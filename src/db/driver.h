/*
 * driver.h - what one database engine must provide; seen by src/db only.
 *
 *   db.c (checks, transactions' rules, rows into arenas) --> struct db_driver --> one engine
 *
 * A driver embeds `struct db` as the first member of its own connection and fills in a table. db.c
 * guarantees the order of calls: begin, then statements, then exactly one of commit+release or
 * rollback; no statement that writes outside DB_WRITE. Errors are negative `enum err`.
 */
#ifndef ACOLHE_DB_DRIVER_H
#define ACOLHE_DB_DRIVER_H

#include "db/db.h"

/* Where rows go: for each row of the result the driver fills `row` and calls `each`, which may
 * return non-zero to end the query with that value. Text and bytes are copied into `arena`, or,
 * where it is NULL, borrowed until `each` returns. */
struct db_sink {
    void *row;
    struct arena *arena;
    int (*each)(void *arg, const void *row);
    void *arg;
};

struct db_driver {
    enum db_dialect dialect;
    const char *scheme; /* of the URL, with its colon */
    /* `where` is the URL after the scheme */
    int (*open)(const char *where, bool read_only, struct db **ret);
    void (*close)(struct db *db); /* outside a transaction */

    int (*begin)(struct db *db, enum db_mode mode);
    /* On failure nothing is left of the transaction in this connection. */
    int (*commit)(struct db *db);
    /* After a successful commit and what is published: lets the next writer of this process in. */
    void (*release)(struct db *db);
    void (*rollback)(struct db *db); /* releases too */

    int (*writable)(struct db *db); /* see db_writable */

    int (*exec)(struct db *db, const struct db_query *q, const void *params, size_t n,
                int64_t *ret_changes); /* once for each of n >= 1 parameter structs */
    int (*rows)(struct db *db, const struct db_query *q, const void *params,
                const struct db_sink *sink);
    int (*prepare)(struct db *db, const struct db_query *q);
    int (*script)(struct db *db, const char *sql); /* several statements, in a transaction */

    int (*backup)(struct db *db, const char *path); /* outside a transaction */
    int (*check)(struct db *db);
};

struct db {
    const struct db_driver *driver;
    bool read_only;
    enum db_mode mode; /* of the open transaction; 0 outside */
};

extern const struct db_driver db_sqlite;

#endif
