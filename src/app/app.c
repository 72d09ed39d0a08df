/* app.c - the unit of work around a use case. See app.h. */
#include "app/app.h"

#include "app/trail.h"
#include "base/error.h"
#include "store/sessions.h"

struct call_effect {
    struct call_effect *next;
    void (*run)(const struct app *app, void *arg);
    void *arg;
};

int call_begin(struct call *call, enum db_mode mode)
{
    return db_begin(call->db, mode);
}

static void run_effects(void *arg)
{
    struct call *call = arg;

    for (struct call_effect *e = call->effects; e; e = e->next)
        e->run(call->app, e->arg);
    call->effects = NULL;
}

int call_commit(struct call *call)
{
    return db_commit_publish(call->db, run_effects, call);
}

void call_rollback(struct call *call)
{
    db_rollback(call->db);
    call->effects = NULL;
}

static struct audit_entry entry_of(const struct call *call, const char *object_type,
                                   const struct id *object, int outcome, struct str detail)
{
    return (struct audit_entry){
        .at = call->now_us,
        .actor = call->session ? call->session->user : ID_NONE,
        .action = call->action,
        .object_type = object_type,
        .object = object ? *object : ID_NONE,
        .outcome = error_info(outcome)->code,
        .address = call->address,
        .request_id = call->request_id,
        .detail = detail,
    };
}

int call_audit(struct call *call, const char *object_type, const struct id *object,
               struct str detail)
{
    const struct audit_entry entry = entry_of(call, object_type, object, 0, detail);

    return audit_append(call->db, &call->app->node, &entry);
}

void call_note(struct call *call, const char *object_type, const struct id *object, int outcome,
               struct str detail)
{
    const struct audit_entry entry = entry_of(call, object_type, object, outcome, detail);

    trail_note(call->app->trail, &entry, outcome == 0);
}

int call_effect(struct call *call, void (*run)(const struct app *app, void *arg), void *arg)
{
    struct call_effect *e = arena_new(call->arena, struct call_effect);
    struct call_effect **at = &call->effects;

    if (!e)
        return -E_NO_MEMORY;
    *e = (struct call_effect){NULL, run, arg};
    while (*at)
        at = &(*at)->next;
    *at = e;
    return 0;
}

struct event {
    struct id to[2];
    size_t count;
    const char *topic;
    struct id id;
};

static void send_event(const struct app *app, void *arg)
{
    const struct event *e = arg;

    if (app->realtime)
        realtime_event(app->realtime, e->to, e->count, e->topic, &e->id);
}

int call_event(struct call *call, const struct id *to, size_t count, const char *topic,
               const struct id *id)
{
    struct event *e = arena_new(call->arena, struct event);

    if (!e)
        return -E_NO_MEMORY;
    *e = (struct event){.count = count < 2 ? count : 2, .topic = topic, .id = *id};
    for (size_t i = 0; i < e->count; i++)
        e->to[i] = to[i];
    return call_effect(call, send_event, e);
}

static void kick_watcher(const struct app *app, void *arg)
{
    (void)arg;
    if (app->realtime)
        realtime_revocations_changed(app->realtime);
}

int call_revocations_changed(struct call *call)
{
    return call_effect(call, kick_watcher, NULL);
}

int call_invalid(struct call *call, const char *field, const char *code, const char *detail)
{
    issue_add(call->issues, call->arena, field, code, detail);
    return -E_VALIDATION;
}

int app_ready(struct call *call)
{
    const struct grant *g = authz_system(call->arena);
    int64_t last;

    if (!g)
        return -E_NO_MEMORY;
    int r = revocation_last(call->db, g, &last);
    return r < 0 ? r : db_writable(call->db);
}

int app_touch(struct call *call)
{
    const struct grant *own;

    int r = authz_object(call->db, call->arena, call->session, OBJECT_OWN_ACCOUNT, NULL, &own);
    if (r == 0)
        r = db_begin(call->db, DB_WRITE);
    if (r < 0)
        return r;
    r = session_touch(call->db, own, call->session, call->now_us);
    if (r == 0)
        return db_commit(call->db);
    db_rollback(call->db);
    return r;
}
