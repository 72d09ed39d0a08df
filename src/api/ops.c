/*
 * ops.c - one realtime frame: bind, check the op's members and rule, hand it to the use case.
 *
 * Anything wrong inside a good frame is answered with an error frame; more than ERRORS_PER_MINUTE
 * such close the socket with 1008 (docs/protocol.md).
 */
#include "api/ops.h"

#include "base/clock.h"
#include "base/error.h"
#include "domain/message_rules.h"
#include "realtime/frames.h"
#include "json/json.h"

#define OP_BURST 200     /* operations a socket may send at once */
#define OP_PER_SECOND 50 /* and then each second */
#define OP_MILLI 1000

enum member { HAS_CONVERSATION = 1, HAS_CLIENT_ID = 2, HAS_SEQ = 4, HAS_AFTER = 8, HAS_TEXT = 16 };

struct frame_in {
    int op; /* 1-based in op_names */
    struct id conversation;
    struct id client_id;
    int64_t seq;
    int64_t after;
    struct str text;
    bool has_conversation, has_client_id, has_seq, has_after, has_text;
};

static const char *const op_names[] = {
#define OP(name, access, members, cost, handler) #name,
#include "api/realtime_ops.def"
#undef OP
    NULL};

static const struct json_field frame_fields[] = {
    {.name = "op",
     .kind = JSON_ENUM,
     .offset = offsetof(struct frame_in, op),
     .flags = JSON_REQUIRED,
     .names = op_names,
     .present = JSON_NO_PRESENT},
    {.name = "conversation",
     .kind = JSON_ID,
     .offset = offsetof(struct frame_in, conversation),
     .present = offsetof(struct frame_in, has_conversation)},
    {.name = "client_id",
     .kind = JSON_ID,
     .offset = offsetof(struct frame_in, client_id),
     .present = offsetof(struct frame_in, has_client_id)},
    {.name = "seq",
     .kind = JSON_I64,
     .offset = offsetof(struct frame_in, seq),
     .min = 1,
     .max = INT64_MAX,
     .present = offsetof(struct frame_in, has_seq)},
    {.name = "after",
     .kind = JSON_I64,
     .offset = offsetof(struct frame_in, after),
     .min = 0,
     .max = INT64_MAX,
     .present = offsetof(struct frame_in, has_after)},
    {.name = "text",
     .kind = JSON_TEXT,
     .offset = offsetof(struct frame_in, text),
     .flags = JSON_CLINICAL,
     .min = 1,
     .max = MESSAGE_MAX_CHARS,
     .present = offsetof(struct frame_in, has_text)},
};
static const struct json_desc frame_desc = {.name = "frame",
                                            .fields = frame_fields,
                                            .count = sizeof frame_fields / sizeof *frame_fields,
                                            .size = sizeof(struct frame_in)};

struct op_call {
    const struct app *app;
    struct socket *socket;
    const struct frame_in *in;
    int64_t now_us;
};

static int op_send(const struct op_call *c)
{
    return message_send(c->app, c->socket, &c->in->conversation, &c->in->client_id, c->in->text,
                        c->now_us);
}

static int op_edit(const struct op_call *c)
{
    return message_edit(c->app, c->socket, &c->in->conversation, c->in->seq, c->in->text,
                        c->now_us);
}

static int op_delete(const struct op_call *c)
{
    return message_delete(c->app, c->socket, &c->in->conversation, c->in->seq, c->now_us);
}

static int op_received(const struct op_call *c)
{
    return message_received(c->app, c->socket, &c->in->conversation, c->in->seq);
}

static int op_read(const struct op_call *c)
{
    return message_read(c->app, c->socket, &c->in->conversation, c->in->seq, c->now_us);
}

static int op_typing(const struct op_call *c)
{
    return message_typing(c->app, c->socket, &c->in->conversation, c->now_us);
}

static int op_sync(const struct op_call *c)
{
    return message_sync(c->app, c->socket, &c->in->conversation, c->in->after);
}

static const struct op {
    const char *name;
    enum access access;
    unsigned members;
    uint32_t cost;
    int (*handle)(const struct op_call *c);
} ops[] = {
#define OP(name, access, members, cost, handler)                                                   \
    {#name, ACCESS_##access, (unsigned)(members), (cost), handler},
#include "api/realtime_ops.def"
#undef OP
};

static unsigned members_given(const struct frame_in *in)
{
    return (in->has_conversation ? (unsigned)HAS_CONVERSATION : 0) |
           (in->has_client_id ? (unsigned)HAS_CLIENT_ID : 0) |
           (in->has_seq ? (unsigned)HAS_SEQ : 0) | (in->has_after ? (unsigned)HAS_AFTER : 0) |
           (in->has_text ? (unsigned)HAS_TEXT : 0);
}

/* The socket's own token bucket; 0, or the wait in milliseconds. */
static int64_t take_tokens(struct socket *s, uint32_t cost, int64_t mono_us)
{
    const int64_t most = (int64_t)OP_BURST * OP_MILLI;
    int64_t elapsed = mono_us - s->tokens_at;
    int64_t have = elapsed > 60 * US_PER_S ? most : s->tokens + elapsed * OP_PER_SECOND / US_PER_MS;

    if (have > most)
        have = most;
    if (have < (int64_t)cost)
        return ((int64_t)cost - have) / OP_PER_SECOND + 1;
    s->tokens = (uint32_t)(have - cost);
    s->tokens_at = mono_us;
    return 0;
}

/* A socket has its rate, and a person's sockets together have theirs: to open another one, or to
 * come back, brings no more. 0, or the wait in milliseconds. */
static int64_t take_rate(struct limits *limits, struct socket *s, uint32_t cost)
{
    int64_t now = clock_mono_us();
    int64_t wait_s = 0;

    int64_t wait_ms = take_tokens(s, cost, now);
    if (wait_ms == 0 && !limits_take(limits, RATE_SOCKET, id_hash(&s->session.user), now, &wait_s))
        wait_ms = wait_s * 1000;
    return wait_ms;
}

static int run(const struct app *app, struct socket *s, const struct frame_in *in,
               struct limits *limits, int64_t *ret_wait_ms)
{
    const struct op *op = &ops[in->op - 1];
    const struct op_call call = {app, s, in, clock_now_us()};
    unsigned given = members_given(in);

    if (given != op->members)
        return -E_VALIDATION;
    if (authz_access(op->access, &s->session) < 0)
        return -E_NOT_FOUND;
    if (limits) {
        *ret_wait_ms = take_rate(limits, s, op->cost);
        if (*ret_wait_ms > 0)
            return -E_RATE_LIMITED;
    }
    return op->handle(&call);
}

/* The errors of the protocol's list; whatever else happened is "unavailable". */
static int public_error(int err)
{
    switch (-err) {
    case E_MALFORMED:
    case E_VALIDATION:
    case E_NOT_FOUND:
    case E_CLOSED:
    case E_CLIENT_ID_EXPIRED:
    case E_TOO_LATE:
    case E_RATE_LIMITED:
        return err;
    case E_CONFLICT: /* that conversation is being synced already */
        return -E_RATE_LIMITED;
    default:
        return -E_UNAVAILABLE;
    }
}

static void answer_error(struct net *net, struct socket *s, int err, const struct id *client_id,
                         int64_t wait_ms)
{
    err = public_error(err);
    bool theirs = err != -E_UNAVAILABLE && err != -E_RATE_LIMITED;
    struct ws_frame *f = frame_error(err, NULL, client_id,
                                     theirs        ? 0
                                     : wait_ms > 0 ? wait_ms
                                                   : 1000);

    if (f)
        net_ws_send_here(net, s->conn, f);
    ws_frame_unref(f);
    if (theirs && socket_count_error(s, clock_mono_us()))
        net_ws_close_here(net, s->conn, CLOSE_POLICY, "too many errors");
}

void ops_handle(const struct app *app, struct net *net, struct socket *s, struct limits *limits,
                struct str text)
{
    struct issues issues = {0};
    struct frame_in in = {0};
    struct arena arena;
    int64_t wait_ms = 0;

    arena_init(&arena, (size_t)512 << 10);
    int r = json_bind(&frame_desc, text, &arena, &in, &issues);
    if (r == -E_VALIDATION && in.op == 0)
        r = -E_MALFORMED; /* no operation of ours at all */
    if (r == 0)
        r = run(app, s, &in, limits, &wait_ms);
    if (r < 0)
        answer_error(net, s, r, in.has_client_id ? &in.client_id : NULL, wait_ms);
    arena_done(&arena);
}

void ops_print(FILE *out)
{
    static const struct {
        unsigned bit;
        const char *name;
    } members[] = {{HAS_CONVERSATION, "conversation"},
                   {HAS_CLIENT_ID, "client_id"},
                   {HAS_SEQ, "seq"},
                   {HAS_AFTER, "after"},
                   {HAS_TEXT, "text"}};

    for (size_t i = 0; i < sizeof ops / sizeof *ops; i++) {
        (void)fprintf(out, "{\"kind\":\"op\",\"op\":\"%s\",\"access\":\"%s\",\"members\":[",
                      ops[i].name, access_names[ops[i].access - 1]);
        const char *comma = "";
        for (size_t m = 0; m < sizeof members / sizeof *members; m++)
            if (ops[i].members & members[m].bit) {
                (void)fprintf(out, "%s\"%s\"", comma, members[m].name);
                comma = ",";
            }
        (void)fprintf(out, "]}\n");
    }
}
