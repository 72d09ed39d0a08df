/*
 * clinic.h - what the tests of store, authz, realtime, app and api share: a small clinic in a real
 * SQLite file of its own, with its key ring, and people who are put into it by the store itself.
 *
 * Grants are made here by hand, to try the store with the right and the wrong ones.
 */
#ifndef ACOLHE_TESTS_CLINIC_H
#define ACOLHE_TESTS_CLINIC_H

#include "../unit.h"
#include "base/clock.h"
#include "crypto/crypto.h"
#include "db/db.h"
#include "domain/care.h"
#include "store/grant_make.h"

/* 2026-05-04T12:00:00Z, a Monday, 09:00 in São Paulo: the time of the tests that need none. */
#define NOON (INT64_C(1777896000) * US_PER_S)

struct clinic {
    char folder[64];
    char path[96]; /* of the database */
    char url[112];
    char key_path[96];
    struct arena arena;
    struct db *db;
    struct keyring *keys;
    struct id node;
    int people; /* made so far */
};

int clinic_setup(void **state);
int clinic_teardown(void **state);
/* One more connection; the test closes it. */
struct db *clinic_open(const struct clinic *c);

/* ---- people; each call is a transaction of its own ---- */
struct id clinic_patient(struct clinic *c, const char *name);
struct id clinic_doctor(struct clinic *c, const char *name, bool verified);
struct id clinic_staff(struct clinic *c, enum role role, const char *name);
void clinic_verify(struct clinic *c, const struct id *doctor, bool verified);
void clinic_disable(struct clinic *c, const struct id *user);
/* A session of that person as of `now_us`, twelve hours long; `hash` (may be NULL): its token's. */
struct session clinic_session(struct clinic *c, const struct id *user, enum role role,
                              int64_t now_us, uint8_t hash[TOKEN_HASH]);
/* An active relationship and its open conversation. */
struct relationship clinic_care(struct clinic *c, const struct id *patient,
                                const struct id *doctor);
void clinic_close(struct clinic *c, const struct relationship *relationship);
struct conversation clinic_conversation(struct clinic *c, const struct id *id);
/* Appends texts by turns of both sides, "patient" first; returns the conversation as stored. */
struct conversation clinic_talk(struct clinic *c, const struct id *id, const char *const *texts,
                                size_t count, int64_t at);

/* ---- grants; objects and actors may be NULL ---- */
const struct grant *clinic_grant(struct clinic *c, enum right right, const struct id *actor,
                                 const struct id *object);
const struct grant *clinic_system(struct clinic *c);

/* ---- the file itself, past the program: plain SQLite ---- */
void clinic_sql(const struct clinic *c, const char *sql);
/* As clinic_sql for a statement that the schema must refuse. */
void clinic_sql_refused(const struct clinic *c, const char *sql);
int64_t clinic_ask(const struct clinic *c, const char *sql); /* the first column of the one row */
/* Do these bytes lie anywhere in the database or its log, as they are? */
bool clinic_file_has(const struct clinic *c, const void *bytes, size_t n);

#define T(f) cmocka_unit_test_setup_teardown(f, clinic_setup, clinic_teardown)

/* In a write transaction of its own; the result of `call` must be 0. */
#define COMMIT(c, call)                                                                            \
    do {                                                                                           \
        assert_int_equal(db_begin((c)->db, DB_WRITE), 0);                                          \
        assert_int_equal((call), 0);                                                               \
        assert_int_equal(db_commit((c)->db), 0);                                                   \
    } while (0)

#endif
