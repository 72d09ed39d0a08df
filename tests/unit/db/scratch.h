/*
 * scratch.h - what the tests of src/db share: a folder of their own, a database in it, its tables.
 */
#ifndef ACOLHE_TEST_DB_SCRATCH_H
#define ACOLHE_TEST_DB_SCRATCH_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* after those four */
#include <cmocka.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/error.h"
#include "db/db.h"
#include "db/migrate.h"
#include "test_queries.h"

struct scratch {
    char folder[64];
    char path[80]; /* of the database */
    char url[96];
    struct arena arena;
};

static const struct db_migration scratch_schema[] = {
    {1, "things",
     "CREATE TABLE things (id BLOB NOT NULL PRIMARY KEY, n INTEGER NOT NULL, maybe_n INTEGER,"
     " name TEXT NOT NULL UNIQUE, note TEXT, body BLOB NOT NULL, extra BLOB,"
     " friend BLOB REFERENCES things (id)) STRICT;"
     "CREATE TABLE log (pos INTEGER NOT NULL PRIMARY KEY, writer INTEGER NOT NULL,"
     " n INTEGER NOT NULL, body BLOB NOT NULL, UNIQUE (writer, n)) STRICT;"},
};

static inline struct db *scratch_open(const struct scratch *s, bool read_only)
{
    struct db_options options = {.url = s->url, .read_only = read_only};
    struct db *db = NULL;
    assert_int_equal(db_open(&options, &db), 0);
    return db;
}

static inline int scratch_setup(void **state)
{
    struct scratch *s = calloc(1, sizeof *s);
    assert_non_null(s);
    (void)snprintf(s->folder, sizeof s->folder, "/tmp/acolhe-test-db-XXXXXX");
    assert_non_null(mkdtemp(s->folder));
    (void)snprintf(s->path, sizeof s->path, "%s/t.db", s->folder);
    (void)snprintf(s->url, sizeof s->url, "sqlite:%s", s->path);
    arena_init(&s->arena, 64 << 20);
    struct db *db = scratch_open(s, false);
    assert_int_equal(db_migrate_list(db, scratch_schema, 1, 1, NULL), 0);
    db_close(db);
    *state = s;
    return 0;
}

static inline int scratch_teardown(void **state)
{
    struct scratch *s = *state;
    DIR *dir = opendir(s->folder);
    for (struct dirent *e; dir && (e = readdir(dir));) {
        if (e->d_name[0] != '.')
            (void)unlinkat(dirfd(dir), e->d_name, 0);
    }
    if (dir)
        (void)closedir(dir);
    (void)rmdir(s->folder);
    arena_done(&s->arena);
    free(s);
    return 0;
}

static inline int64_t scratch_log_count(struct db *db, struct scratch *s)
{
    struct q_log_count_row row;
    assert_int_equal(q_log_count(db, &s->arena, &row), 0);
    return row.n;
}

static inline int scratch_log(struct db *db, int64_t writer, int64_t n, struct str body)
{
    struct q_log_insert_params p = {.writer = writer, .n = n, .body = body};
    return q_log_insert(db, &p, NULL);
}

#endif
