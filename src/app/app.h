/*
 * app.h - what every use case works with: the wired program and one call.
 *
 *   api/dispatch: call_begin -> use case (checks rules, stores, call_audit, call_effect)
 *              -> call_commit: audit row and change in one transaction, then the effects, in the
 *                 order of commits -> answer
 *
 * A use case is a function that takes a `struct call`, runs straight through on a worker thread
 * and returns 0 or a negative error. It finds the grant for its object in the call.
 */
#ifndef ACOLHE_APP_APP_H
#define ACOLHE_APP_APP_H

#include "authz/authz.h"
#include "base/issue.h"
#include "crypto/crypto.h"
#include "db/db.h"
#include "realtime/realtime.h"
#include "store/idempotency.h"

struct trail;

struct app_config {
    struct str public_url; /* "https://clinic.example", no slash at the end */
    struct session_limits sessions;
    int64_t link_us; /* how long a set-password link lives */
    struct str terms_version;
    struct str clinic_name;
    struct str technical_director; /* name and CRM; may be empty */
    struct str timezone;           /* IANA; of new doctors */
};

/* Immutable while the program serves; shared by all threads. */
struct app {
    struct app_config config;
    struct keyring *keys;
    struct realtime *realtime; /* NULL on the command line */
    struct trail *trail;       /* NULL on the command line, whose use cases note nothing */
    struct id node;
};

struct call_effect;
/* One use case under way; on one worker thread. Texts borrow from the request. */
struct call {
    const struct app *app;
    struct db *db;
    struct arena *arena;
    int64_t now_us;
    const struct session *session; /* NULL: nobody is signed in */
    const struct grant *grant;     /* of the route's object; NULL for OBJECT_NOTHING */
    const char *action;            /* the route's audit event */
    struct str address;
    struct str user_agent;
    struct str request_id;
    struct issues *issues;
    struct call_effect *effects; /* the call's own */
};

int call_begin(struct call *call, enum db_mode mode);
/* Commits and runs the effects before another writer of this process may begin. */
int call_commit(struct call *call);
void call_rollback(struct call *call);

/* An audit row in the running write transaction: the change and its trace stand or fall together.
 * `object` may be NULL; detail STR_NONE for none. The action is call->action. */
int call_audit(struct call *call, const char *object_type, const struct id *object,
               struct str detail);
/* A row that must not hold up the answer: a refusal, or a read (coalesced per viewer, record and
 * quarter of an hour). outcome 0 = "ok", else an error. */
void call_note(struct call *call, const char *object_type, const struct id *object, int outcome,
               struct str detail);

/* Runs after the commit, on the worker thread; `arg` lives in the call's arena. */
int call_effect(struct call *call, void (*run)(const struct app *app, void *arg), void *arg);
/* The commonest effects. */
int call_event(struct call *call, const struct id *to, size_t count, const char *topic,
               const struct id *id);
int call_revocations_changed(struct call *call);

/* Stores that the session was used, in a transaction of its own. */
int app_touch(struct call *call);
/* Does the store answer, and take writes? For /readyz. */
int app_ready(struct call *call);

/* Adds a field error and returns -E_VALIDATION. */
int call_invalid(struct call *call, const char *field, const char *code, const char *detail);

#endif
