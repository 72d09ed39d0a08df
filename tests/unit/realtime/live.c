/* live.c - see live.h. */
#include "live.h"

#include <jansson.h>
#include <unistd.h>

#include "../net/engine.h"
#include "realtime/frames.h"

/* ---- the program on the loop ---- */

static void gone(void *ctx, void *user)
{
    (void)ctx;
    free(user);
}

static void on_request(void *ctx, struct http_request *r)
{
    struct live *l = ctx;
    struct socket *s = calloc(1, sizeof *s);
    int64_t place;

    assert_non_null(s);
    assert_true(r->upgrade_websocket);
    assert_int_equal(str_to_i64(r->query, &place), 0);
    s->session = l->clients[place].session;
    s->conn = r->conn;
    s->checked_at = s->touched_at = clock_now_us();
    l->clients[place].conn = r->conn;
    net_ws_accept(l->net, r->conn, r->ws_key, "acolhe.v1", s, gone);
    net_request_free(r);
}

static void default_fields(void *ctx, struct http_reply *reply)
{
    (void)ctx;
    http_reply_field(reply, "X-Standard", STR("yes")); /* what engine.c's client looks for */
}

static void on_open(void *ctx, struct net_ref conn, void *user)
{
    struct live *l = ctx;

    (void)conn;
    hub_add(realtime_hub(l->rt), user);
    atomic_fetch_add(&l->opened, 1);
}

static void on_closed(void *ctx, struct net_ref conn, void *user)
{
    struct live *l = ctx;

    (void)conn;
    hub_remove(realtime_hub(l->rt), user);
    atomic_fetch_add(&l->closed, 1);
}

static void on_message(void *ctx, struct net_ref conn, void *user, struct str text)
{
    struct live *l = ctx;
    struct socket *s = user;
    struct str rest;
    struct str word = str_cut(text, ' ', &rest);
    struct str id_text = rest.p ? str_cut(rest, ' ', &rest) : STR_NONE;
    struct id id = ID_NONE;
    int64_t n = 0;
    int r = 0;

    if (l->on_json) {
        l->on_json(l, s, text);
        return;
    }
    if (id_text.p)
        assert_int_equal(id_parse(id_text, &id), 0);
    if (rest.p)
        assert_int_equal(str_to_i64(rest, &n), 0);
    if (str_is(word, "hold")) {
        atomic_store(&l->answer, 1 - hub_hold(realtime_hub(l->rt), s, &id));
        return;
    }
    if (str_is(word, "forgive")) {
        s->errors = 0;
        atomic_store(&l->answer, 1);
        return;
    }
    if (str_is(word, "release"))
        hub_release(realtime_hub(l->rt), s, &id);
    else if (str_is(word, "sync"))
        r = realtime_sync(l->rt, s, &id, n);
    else if (str_is(word, "typing"))
        r = realtime_typing(l->rt, s, &id);
    else if (str_is(word, "forgive"))
        s->errors = 0;
    else
        realtime_touch(l->rt, s, clock_now_us());
    if (r < 0) {
        struct ws_frame *f = frame_error(r, NULL, NULL, 0);
        net_ws_send_here(l->net, conn, f);
        ws_frame_unref(f);
    }
}

static void on_mail(void *ctx, unsigned loop, void *message)
{
    struct live *l = ctx;

    hub_mail(realtime_hub(l->rt), loop, message);
}

static void on_tick(void *ctx, unsigned loop, int64_t mono_us)
{
    struct live *l = ctx;

    (void)mono_us;
    realtime_tick(l->rt, loop);
}

/* ---- putting it together ---- */

static int open_worker(void *arg, void **ret_state)
{
    struct db *db = NULL;
    int r = db_open(&(struct db_options){.url = arg}, &db);

    *ret_state = db;
    return r;
}

static void close_worker(void *state)
{
    db_close(state);
}

static void make_pool(struct live *l)
{
    const struct pool_options options = {.name = "db",
                                         .threads = 2,
                                         .queue_max = 4096,
                                         .open = open_worker,
                                         .close = close_worker,
                                         .arg = l->c->url};

    assert_int_equal(pool_new(&options, &l->pool), 0);
}

static void make_net(struct live *l)
{
    const struct net_options options = {
        .listen = "127.0.0.1:0",
        .loops = 2,
        .limits = net_limits_default,
        .handlers = {.request = on_request,
                     .default_fields = default_fields,
                     .ws_message = on_message,
                     .ws_open = on_open,
                     .ws_closed = on_closed,
                     .tick = on_tick,
                     .mail = on_mail},
        .ctx = l,
    };

    assert_int_equal(net_new(&options, &l->net), 0);
}

struct live *live_new(const struct session_limits *limits)
{
    struct live *l = calloc(1, sizeof *l);
    void *clinic;

    assert_non_null(l);
    assert_int_equal(clinic_setup(&clinic), 0);
    l->c = clinic;
    make_pool(l);
    make_net(l);
    l->writer_db = clinic_open(l->c);
    l->watch_db = clinic_open(l->c);
    const struct realtime_options options = {
        .net = l->net,
        .pool = l->pool,
        .writer_db = l->writer_db,
        .watch_db = l->watch_db,
        .keys = l->c->keys,
        .node = l->c->node,
        .sessions = *limits,
    };
    assert_int_equal(realtime_new(&options, &l->rt), 0);
    assert_int_equal(net_start(l->net), 0);
    return l;
}

int live_setup(void **state)
{
    *state = live_new(&(struct session_limits){15 * US_PER_MIN, 12 * US_PER_HOUR});
    return 0;
}

void live_start(struct live *l)
{
    assert_int_equal(realtime_start(l->rt), 0);
    l->running = true;
}

void live_stop(struct live *l)
{
    if (l->running)
        realtime_stop(l->rt);
    l->running = false;
}

int live_teardown(void **state)
{
    struct live *l = *state;
    void *clinic = l->c;

    for (size_t i = 0; i < l->count; i++)
        (void)close(l->clients[i].fd);
    net_stop(l->net, 2 * US_PER_S);
    pool_free(l->pool);
    live_stop(l);
    realtime_free(l->rt);
    net_free(l->net);
    db_close(l->writer_db);
    db_close(l->watch_db);
    assert_int_equal(atomic_load(&l->opened), atomic_load(&l->closed));
    free(l);
    return clinic_teardown(&clinic);
}

/* ---- clients ---- */

struct live_client *live_connect_as(struct live *l, const struct session *session)
{
    const struct engine engine = {.port = net_port(l->net)};
    struct live_client *k = &l->clients[l->count];
    char path[32];

    assert_true(l->count < LIVE_CLIENTS);
    k->session = *session;
    (void)snprintf(path, sizeof path, "/ws?%zu", l->count++);
    k->fd = client_ws(&engine, path);
    wait_for(&l->opened, (int)l->count);
    return k;
}

struct live_client *live_connect(struct live *l, const struct id *user, enum role role)
{
    const struct session session = clinic_session(l->c, user, role, clock_now_us(), NULL);

    return live_connect_as(l, &session);
}

void live_say(struct live_client *k, const char *word, const struct id *id, int64_t n)
{
    char id_text[ID_TEXT + 1];
    char text[128];

    id_format(id, id_text);
    (void)snprintf(text, sizeof text, "%s %s %lld", word, id_text, (long long)n);
    client_frame(k->fd, 0x81, text, strlen(text));
}

static void take_id(const json_t *json, const char *name, struct id *ret)
{
    const char *text = json_string_value(json_object_get(json, name));

    *ret = ID_NONE;
    if (text)
        assert_int_equal(id_parse(str_from(text), ret), 0);
}

static void take_text(const json_t *json, const char *name, char *out, size_t size)
{
    const char *text = json_string_value(json_object_get(json, name));

    (void)snprintf(out, size, "%s", text ? text : "");
}

static void parse(struct frame *f)
{
    json_error_t error;
    json_t *json = json_loads(f->raw, JSON_REJECT_DUPLICATES, &error);

    assert_non_null(json);
    take_text(json, "op", f->op, sizeof f->op);
    take_text(json, "code", f->code, sizeof f->code);
    take_text(json, "text", f->text, sizeof f->text);
    take_text(json, "topic", f->topic, sizeof f->topic);
    take_text(json, "kind", f->kind, sizeof f->kind);
    take_id(json, "conversation", &f->conversation);
    take_id(json, "client_id", &f->client_id);
    take_id(json, "from", &f->from);
    take_id(json, "by", &f->by);
    take_id(json, "user", &f->user);
    take_id(json, "id", &f->id);
    f->seq = json_integer_value(json_object_get(json, "seq"));
    f->online = json_is_true(json_object_get(json, "online"));
    f->has_text = json_object_get(json, "text") != NULL;
    f->has_retry = json_object_get(json, "retry_after_ms") != NULL;
    json_decref(json);
}

void live_read(struct live_client *k, struct frame *ret)
{
    size_t n;

    assert_int_equal(client_ws_read(k->fd, ret->raw, sizeof ret->raw, &n), 0x81);
    parse(ret);
}

static bool is_mark(const struct frame *f)
{
    return strcmp(f->op, "event") == 0 && strcmp(f->topic, "appointment") == 0;
}

size_t live_drain(struct live *l, struct live_client *k, struct frame *ret, size_t max)
{
    const struct id mark = id_new();
    struct frame f;
    size_t n = 0;

    hub_post_one(realtime_hub(l->rt), &k->session.user, frame_event("appointment", &mark));
    for (;;) {
        live_read(k, &f);
        if (is_mark(&f) && id_eq(&f.id, &mark))
            return n;
        if (is_mark(&f) || strcmp(f.op, "presence") == 0)
            continue;
        if (n == max)
            print_error("one frame too many: %s\n", f.raw);
        assert_true(n < max);
        ret[n++] = f;
    }
}

void live_expect_nothing(struct live *l, struct live_client *k)
{
    (void)live_drain(l, k, NULL, 0);
}

struct frame live_expect(struct live *l, struct live_client *k, const char *op)
{
    struct frame f;

    assert_int_equal(live_drain(l, k, &f, 1), 1);
    assert_string_equal(f.op, op);
    return f;
}

void live_expect_close(struct live *l, struct live_client *k, int code)
{
    char payload[2048];
    unsigned char first;
    size_t n;

    (void)l;
    do
        first = client_ws_read(k->fd, payload, sizeof payload, &n);
    while (first == 0x81);
    assert_int_equal(first, 0x88);
    assert_true(n >= 2);
    assert_int_equal((unsigned char)payload[0] << 8 | (unsigned char)payload[1], code);
}

struct write_request live_request(const struct live_client *k, enum write_kind kind,
                                  const struct id *conversation, int64_t seq, struct str text)
{
    return (struct write_request){
        .kind = kind,
        .origin = k->conn,
        .session = k->session,
        .conversation = *conversation,
        .client_id = kind == WRITE_SEND ? id_new() : ID_NONE,
        .seq = seq,
        .text = text,
        .address = STR("127.0.0.1"),
    };
}
