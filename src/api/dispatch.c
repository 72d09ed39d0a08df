/*
 * dispatch.c - one request from net to a handler and back.
 *
 *   loop thread:   api_request: file or route? method, content type, address limit -> job
 *   worker thread: session -> access rule -> Origin and CSRF -> account limit -> body -> begin
 *                  -> grant -> Idempotency-Key -> handler -> answer written -> commit -> net_reply
 *
 * The order matters: nothing is read for somebody who may not, and no lock is held while parsing.
 */
#include <stdlib.h>

#include "api/answer.h"
#include "api/api_internal.h"
#include "api/bodies.h"
#include "api/static.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/list.h"
#include "base/log.h"

#define REPLY_MAX ((size_t)4 << 20)
#define REQUEST_MEMORY ((size_t)16 << 20)
#define IDEMPOTENCY_KEY_MAX 200
#define TOUCH_EVERY_US (15 * US_PER_S)

struct job {
    struct pool_job job;
    struct api *api;
    struct http_request *request;
    struct exchange ex;
    struct session session;
    struct issues issues;
    struct arena arena; /* of the use case; the request's own holds the request */
    struct buf answer;
    struct str replay; /* the answer of an Idempotency-Key that came again */
    bool bad_id;       /* the path's {id} is no id: there is nothing under it */
    char request_id[ID_TEXT + 1];
};

/* ---- answering ---- */

static void log_answer(const struct job *j, int status, int err)
{
    const struct http_request *r = j->request;
    const struct call *call = &j->ex.call;

    log_event(err < 0 ? error_info(err)->level : LOG_INFO, "http", "answered",
              log_str("method", r->method_text), log_text("route", j->ex.route->path),
              log_i64("status", status), log_i64("us", clock_mono_us() - r->received_us),
              log_str("address", call->address),
              log_id("account", call->session ? call->session->user : ID_NONE));
}

static void add_fields(const struct job *j, struct http_reply *reply, int err)
{
    const struct exchange *ex = &j->ex;

    http_reply_field(reply, "X-Request-Id", str_from(j->request_id));
    if (err == 0 && ex->set_token.p)
        http_reply_field(reply, "Set-Cookie",
                         guard_set_cookie(ex->call.app, ex->call.arena, ex->set_token));
    if ((err == 0 && ex->clear_cookie))
        http_reply_field(reply, "Set-Cookie",
                         guard_set_cookie(ex->call.app, ex->call.arena, STR_NONE));
    if (err == -E_RATE_LIMITED) {
        char wait[24];
        char burst[24];
        (void)snprintf(wait, sizeof wait, "%lld",
                       (long long)(ex->retry_after_s > 0 ? ex->retry_after_s : 1));
        (void)snprintf(burst, sizeof burst, "%lld", (long long)limits_burst(ex->route->rate));
        http_reply_field(reply, "Retry-After", str_from(wait));
        http_reply_field(reply, "RateLimit-Limit", str_from(burst));
        http_reply_field(reply, "RateLimit-Remaining", STR("0"));
        http_reply_field(reply, "RateLimit-Reset", str_from(wait));
    } else if (error_info(err)->status == 503) {
        http_reply_field(reply, "Retry-After", STR("1"));
    }
}

static struct http_reply *good_reply(struct job *j)
{
    struct http_reply *reply = http_reply_new(j->ex.status);

    if (!reply || (!j->ex.route->reply && !j->replay.p))
        return reply;
    http_reply_field(reply, "Content-Type", STR("application/json"));
    if (j->replay.p) {
        (void)buf_add_str(&reply->body, j->replay);
    } else {
        buf_done(&reply->body);
        reply->body = j->answer; /* handed over */
        buf_init(&j->answer, REPLY_MAX);
    }
    return reply;
}

static void finish(struct job *j, int err)
{
    struct http_request *r = j->request;
    struct net *net = j->api->net;
    struct net_ref conn = r->conn;
    struct http_reply *reply = err == 0 ? good_reply(j) : answer_problem(err, &j->issues);

    if (reply)
        add_fields(j, reply, err);
    log_answer(j, reply ? reply->status : 503, err);
    log_set_request(STR_NONE);
    buf_done(&j->answer);
    arena_done(&j->arena);
    net_request_free(r);         /* the job lives in it */
    net_reply(net, conn, reply); /* without one the connection ends: nobody waits for ever */
}

/* ---- on a worker thread ---- */

/* Refusals that say something about the one who asks leave a row; a mere missing session does not.
 */
static bool worth_noting(const struct exchange *ex, int err)
{
    switch (-err) {
    case E_FORBIDDEN:
    case E_CSRF:
    case E_INVALID_CREDENTIALS:
    case E_LINK_USED:
        return true;
    case E_NOT_FOUND:
        return ex->call.session != NULL;
    default:
        return false;
    }
}

static void note_outcome(struct job *j, int err)
{
    struct exchange *ex = &j->ex;
    const char *type = object_names[ex->route->object - 1];
    const struct id *object = id_is_none(&ex->id) ? NULL : &ex->id;
    struct call call = ex->call;

    if (call.action[0] == '\0')
        call.action = ex->route->path;
    if (err < 0 && worth_noting(ex, err))
        call_note(&call, type, object, err, STR_NONE);
    else if (err == 0 && ex->route->tx == TX_READ && ex->route->action[0] != '\0')
        call_note(&call, type, object, 0, STR_NONE);
}

static int find_session(struct job *j)
{
    struct call *call = &j->ex.call;
    uint8_t hash[TOKEN_HASH];
    struct str token;

    int r = guard_cookie(call->app, j->request, &token);
    if (r == 0)
        r = token_hash(token, hash);
    if (r < 0)
        return 0; /* no usable cookie: nobody is signed in */
    r = authz_session(call->db, str_of(hash, sizeof hash), &call->app->config.sessions,
                      call->now_us, &j->session);
    if (r == 0)
        call->session = &j->session;
    return r == -E_UNAUTHENTICATED ? 0 : r;
}

static bool is_mutation(const struct route *route)
{
    return route->method != HTTP_GET;
}

static int guard(struct job *j)
{
    struct exchange *ex = &j->ex;
    const struct app *app = ex->call.app;
    bool by_session = ex->route->access != ACCESS_PUBLIC;

    /* before anything is refused: refusals leave rows, and must not be free */
    if (by_session && ex->call.session &&
        !limits_take(ex->limits, ex->route->rate, id_hash(&ex->call.session->user), clock_mono_us(),
                     &ex->retry_after_s))
        return -E_RATE_LIMITED;
    int r = authz_access(ex->route->access, ex->call.session);
    if (r < 0)
        return r;
    if (is_mutation(ex->route) || ex->route->lane == LANE_SOCKET)
        r = guard_origin(app, j->request, by_session);
    if (r == 0 && by_session && is_mutation(ex->route))
        r = guard_csrf(app, j->request, ex->call.session);
    if (r == -E_CSRF && ex->route->lane == LANE_SOCKET)
        r = -E_FORBIDDEN;
    return r;
}

/* The time of the last activity, stored now and then, in a transaction of its own. */
static void keep_alive(struct job *j)
{
    struct call *call = &j->ex.call;
    int64_t every = call->app->config.sessions.idle_us / 4;

    if (every > TOUCH_EVERY_US)
        every = TOUCH_EVERY_US;
    if (!call->session || call->now_us - j->session.last_seen_at < every)
        return;
    int r = app_touch(call);
    if (r == 0)
        j->session.last_seen_at = call->now_us;
    else
        log_event(LOG_WARNING, "http", "a session could not be kept alive", log_err("error", r));
}

static int bind_body(struct job *j)
{
    struct exchange *ex = &j->ex;
    const struct json_desc *desc = ex->route->body ? ex->route->body : &body_empty;

    if (!is_mutation(ex->route) || (!ex->route->body && j->request->body.n == 0))
        return 0;
    void *body = arena_alloc(ex->call.arena, desc->size);
    if (!body)
        return -E_NO_MEMORY;
    ex->body = body;
    return json_bind(desc, j->request->body, ex->call.arena, body, &j->issues);
}

/* What makes two requests the same: the route, the {id} and the body. */
static void hash_request(const struct job *j, struct idempotency *which)
{
    const struct str parts[] = {str_from(j->ex.route->path), str_of(j->ex.id.b, sizeof j->ex.id.b),
                                j->request->body};

    crypto_sha256(parts, sizeof parts / sizeof *parts, which->request_hash);
}

static int use_case(struct job *j)
{
    struct exchange *ex = &j->ex;
    struct call *call = &ex->call;
    struct idempotency which = {.route = ex->route->path,
                                .key = http_field(j->request, "idempotency-key")};
    bool idempotent = ex->route->idempotent && which.key.p;

    if (j->bad_id)
        return -E_NOT_FOUND;
    int r = authz_object(call->db, call->arena, call->session, ex->route->object,
                         id_is_none(&ex->id) ? NULL : &ex->id, &call->grant);
    if (r < 0)
        return r;
    if (idempotent) {
        if (which.key.n == 0 || which.key.n > IDEMPOTENCY_KEY_MAX)
            return call_invalid(call, "Idempotency-Key", "invalid", "Use 1 to 200 characters.");
        which.account = call->session->user;
        hash_request(j, &which);
        r = idempotency_find(call->db, call->app->keys, call->arena, &which, call->now_us,
                             &ex->status, &j->replay);
        if (r != -E_NOT_FOUND)
            return r;
    }
    r = ex->route->handle(ex);
    if (r < 0 || ex->answered)
        return r;
    if (ex->route->reply)
        ex->route->reply(&j->answer, ex->reply);
    if (j->answer.err < 0)
        return j->answer.err;
    return idempotent ? idempotency_remember(call->db, call->app->keys, &which, ex->status,
                                             buf_str(&j->answer), call->now_us)
                      : 0;
}

/* The write lock may have been waited for: who was sent away or lost a right meanwhile changes
 * nothing any more. */
static int guard_again(struct job *j)
{
    const struct call *call = &j->ex.call;
    struct session now;
    bool disabled;

    if (!call->session || j->ex.route->access == ACCESS_PUBLIC)
        return 0;
    int r = authz_session_again(call->db, &call->session->id, &call->app->config.sessions,
                                call->now_us, &now, &disabled);
    return r < 0 ? r : authz_access(j->ex.route->access, &now);
}

static int in_transaction(struct job *j)
{
    struct call *call = &j->ex.call;

    if (j->ex.route->tx == TX_NONE)
        return use_case(j);
    int r = call_begin(call, j->ex.route->tx == TX_WRITE ? DB_WRITE : DB_READ);
    if (r < 0)
        return r;
    if (j->ex.route->tx == TX_WRITE)
        r = guard_again(j);
    if (r == 0)
        r = use_case(j);
    if (r == 0)
        return call_commit(call);
    call_rollback(call);
    return r;
}

static void run(struct pool_job *job, void *state)
{
    struct job *j = container_of(job, struct job, job);
    struct exchange *ex = &j->ex;

    log_set_request(str_from(j->request_id));
    ex->call.db = state;
    ex->call.now_us = clock_now_us();
    int r = find_session(j);
    if (r == 0)
        r = guard(j);
    if (r == 0)
        keep_alive(j);
    if (r == 0)
        r = bind_body(j);
    if (r == 0)
        r = in_transaction(j);
    note_outcome(j, r);
    if (r == 0 && ex->answered) {
        log_answer(j, ex->status, 0);
        log_set_request(STR_NONE);
        buf_done(&j->answer);
        arena_done(&j->arena);
        net_request_free(j->request);
        return;
    }
    finish(j, r);
}

/* ---- on the loop thread ---- */

static void refuse(struct api *api, struct http_request *r, struct http_reply *reply)
{
    struct net_ref conn = r->conn;

    net_request_free(r);
    net_reply(api->net, conn, reply);
}

static bool is_api_path(struct str path)
{
    return str_starts(path, STR("/api/")) || str_is(path, "/healthz") || str_is(path, "/readyz");
}

/* A body must be JSON, so that no other site's form can send one (ASVS 3.5.2). */
static bool body_is_json(const struct http_request *r)
{
    struct str parameters;
    struct str type = str_trim(str_cut(http_field(r, "content-type"), ';', &parameters));

    return str_ieq(type, STR("application/json"));
}

static int check_head(const struct api *api, const struct http_request *r,
                      const struct route *route, struct exchange *ex)
{
    if (r->body.n > 0 && !body_is_json(r))
        return -E_MEDIA_TYPE;
    if (route->body && r->body.n == 0)
        return body_is_json(r) || route->access != ACCESS_PUBLIC ? -E_MALFORMED : -E_MEDIA_TYPE;
    if (route->lane == LANE_SOCKET && !realtime_well_formed(r))
        return -E_MALFORMED;
    if (route->access == ACCESS_PUBLIC &&
        !limits_take(api->limits, route->rate, limits_key_address(ex->call.address),
                     clock_mono_us(), &ex->retry_after_s))
        return -E_RATE_LIMITED;
    return 0;
}

static struct job *new_job(struct api *api, struct http_request *r, const struct route *route,
                           const struct id *id)
{
    struct job *j = arena_new(&r->arena, struct job);
    struct id request_id = id_new();

    if (!j)
        return NULL;
    j->job.run = run;
    j->api = api;
    j->request = r;
    id_format(&request_id, j->request_id);
    arena_init(&j->arena, REQUEST_MEMORY);
    buf_init(&j->answer, REPLY_MAX);
    j->ex = (struct exchange){
        .call = {.app = api->options.app,
                 .arena = &j->arena,
                 .action = route->action,
                 .address = proxies_client(api->proxies, r),
                 .user_agent = http_field(r, "user-agent"),
                 .request_id = str_from(j->request_id),
                 .issues = &j->issues},
        .limits = api->limits,
        .net = api->net,
        .route = route,
        .request = r,
        .id = *id,
        .status = route->status,
    };
    return j;
}

static void start(struct api *api, struct http_request *r, const struct route *route,
                  const struct id *id, bool bad_id)
{
    struct job *j = new_job(api, r, route, id);

    if (!j) {
        refuse(api, r, answer_problem(-E_NO_MEMORY, NULL));
        return;
    }
    j->bad_id = bad_id;
    int err = check_head(api, r, route, &j->ex);
    if (err == 0)
        err = pool_submit(route->lane == LANE_PASSWORD ? api->options.password_pool
                                                       : api->options.db_pool,
                          &j->job);
    if (err < 0)
        finish(j, err);
}

void api_request(void *ctx, struct http_request *r)
{
    struct api *api = ctx;
    char allowed[64];
    bool bad_id;
    struct id id;

#ifdef ACOLHE_TEST_HOOKS
    if (test_echo_upgrade(api, r))
        return;
#endif
    if (!is_api_path(r->path)) {
        refuse(api, r, static_answer(r));
        return;
    }
    const struct route *route = route_find(r->path, r->method, &id, &bad_id, allowed);
    if (route) {
        start(api, r, route, &id, bad_id);
        return;
    }
    struct http_reply *reply = answer_problem(allowed[0] ? -E_METHOD : -E_NOT_FOUND, NULL);
    if (reply && allowed[0])
        http_reply_field(reply, "Allow", str_from(allowed));
    refuse(api, r, reply);
}
