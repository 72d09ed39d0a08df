/*
 * desk.h - for the tests of app: a wired program over the clinic of ../store/clinic.h, and calls as
 * dispatch makes them.
 */
#ifndef ACOLHE_TESTS_DESK_H
#define ACOLHE_TESTS_DESK_H

#include "app/app.h"
#include "clinic.h"

struct desk {
    struct clinic *c;
    struct app app;
    struct issues issues;
    struct session session; /* of the call under way */
    int64_t now_us;
};

static inline void desk_open(struct desk *d, struct clinic *c)
{
    *d = (struct desk){
        .c = c,
        .now_us = NOON,
        .app = {.config = {.public_url = STR("https://clinic.example"),
                           .sessions = {900 * US_PER_S, 43200 * US_PER_S},
                           .link_us = 30 * US_PER_MIN,
                           .terms_version = STR("2026-01"),
                           .clinic_name = STR("Clínica"),
                           .technical_director = STR(""),
                           .timezone = STR("America/Sao_Paulo")},
                .keys = c->keys,
                .node = c->node},
    };
}

/* A call on that object; `user` NULL: nobody is signed in. */
static inline struct call desk_call(struct desk *d, const struct id *user, enum role role,
                                    enum object object, const struct id *id, const char *action)
{
    struct call call = {.app = &d->app,
                        .db = d->c->db,
                        .arena = &d->c->arena,
                        .now_us = d->now_us,
                        .action = action,
                        .address = STR("192.0.2.7"),
                        .user_agent = STR("cmocka"),
                        .request_id = STR("r-1"),
                        .issues = &d->issues};

    d->issues.count = 0;
    if (user) {
        d->session = clinic_session(d->c, user, role, d->now_us, NULL);
        call.session = &d->session;
    }
    assert_int_equal(authz_object(call.db, call.arena, call.session, object, id, &call.grant), 0);
    return call;
}

/* Is there exactly this one field error? */
static inline void desk_one_issue(const struct desk *d, const char *field, const char *code)
{
    assert_int_equal(d->issues.count, 1);
    assert_str(d->issues.list[0].field, field);
    assert_string_equal(d->issues.list[0].code, code);
}

static inline void desk_begin(struct call *call)
{
    assert_int_equal(call_begin(call, DB_WRITE), 0);
}

static inline int desk_end(struct call *call, int r)
{
    if (r == 0)
        assert_int_equal(call_commit(call), 0);
    else
        call_rollback(call);
    return r;
}

/* The expression in a write transaction of `call`, which is committed when it is 0. */
#define IN_TX(call, expression) (desk_begin(call), desk_end((call), (expression)))

#endif
