/*
 * sync.c - what a socket asks of the database about one conversation: the messages it missed, and
 * whether it may say that somebody is typing. Jobs of the database pool; the answers go back to the
 * socket's loop through the hub.
 */
#include <stdlib.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/list.h"
#include "base/log.h"
#include "db/db.h"
#include "realtime/frames.h"
#include "realtime/realtime_internal.h"
#include "store/audit.h"
#include "store/messages.h"

#define RETRY_AFTER_MS 1000
#define SYNC_PART 100 /* messages read by one job: others get their turn in between */
#define SYNC_PART_BYTES                                                                            \
    ((size_t)524288) /* sent by one job: with HUB_SYNC_QUEUED, below output_max */

struct sync_job {
    struct pool_job job;
    struct realtime *rt;
    struct net_ref conn;
    struct session session;
    struct id conversation;
    char address[64];
    int64_t from; /* as it was asked */
    int64_t after;
    int64_t brought; /* up to here the socket has everything; `after` is only what it says */
};

static int read_part(struct sync_job *j, struct db *db, struct arena *a,
                     struct delivery_list *frames, bool *ret_more)
{
    const struct message_page page = {.after = j->after, .before = INT64_MAX, .limit = SYNC_PART};
    struct conversation conversation;
    const struct grant *g;
    struct message *messages;
    size_t count = 0;
    size_t bytes = 0;

    int r = authz_conversation(db, a, &j->session, &j->conversation, RIGHT_CONVERSATION_READ,
                               &conversation, &g);
    if (r == 0)
        r = message_list(db, g, a, j->rt->options.keys, &conversation, &page, &messages, &count,
                         ret_more);
    if (r == 0)
        j->brought = j->after < conversation.last_seq ? j->after : conversation.last_seq;
    for (size_t i = 0; r == 0 && i < count; i++) {
        if (bytes > SYNC_PART_BYTES) {
            *ret_more = true;
            break;
        }
        struct ws_frame *frame = frame_message(&messages[i]);
        bytes += frame ? ws_frame_size(frame) : 0;
        r = delivery_add(frames, &(struct delivery){.frame = frame, .seq = messages[i].seq});
        j->after = j->brought = messages[i].seq;
    }
    return r;
}

/* An attempt at somebody else's conversation leaves a row; the loop counts the error frame. */
static void note_refusal(struct realtime *rt, struct db *db, const struct session *session,
                         const struct id *conversation, struct str address, const char *action)
{
    const struct audit_entry entry = {
        .at = clock_now_us(),
        .actor = session->user,
        .action = action,
        .object_type = "conversation",
        .object = *conversation,
        .address = address,
        .outcome = error_info(-E_NOT_FOUND)->code,
    };

    if (db_begin(db, DB_WRITE) < 0)
        return;
    if (audit_append(db, &rt->options.node, &entry) < 0 || db_commit(db) < 0) {
        db_rollback(db);
        log_event(LOG_ERROR, "audit", "a refusal could not be stored", log_text("action", action),
                  log_id("actor", session->user), log_id("object", *conversation));
    }
}

/* What the client asked for that it may not: counted against the socket. */
static bool is_theirs(int err)
{
    return err == -E_NOT_FOUND || err == -E_FORBIDDEN || err == -E_CLOSED;
}

static struct ws_frame *frame_refusal(int err)
{
    if (!is_theirs(err)) /* no other code is in the protocol */
        return frame_error(-E_UNAVAILABLE, NULL, NULL, RETRY_AFTER_MS);
    return frame_error(err == -E_FORBIDDEN ? -E_NOT_FOUND : err, NULL, NULL, 0);
}

static void sync_run(struct pool_job *job, void *state)
{
    struct sync_job *j = container_of(job, struct sync_job, job);
    struct delivery_list frames;
    struct arena arena;
    bool more = false;

    arena_init(&arena, (size_t)8 << 20);
    delivery_list_init(&frames);
    int r = read_part(j, state, &arena, &frames, &more);
    arena_done(&arena);
    if (r == -E_NOT_FOUND)
        note_refusal(j->rt, state, &j->session, &j->conversation, str_from(j->address),
                     "conversation.read");
    if (r == 0 && j->after > j->from)
        realtime_note(j->rt, &j->session.user, "conversation.read", &j->conversation,
                      str_from(j->address), clock_now_us());
    if (r == 0 && more) {
        hub_post_sync_part(j->rt->hub, j->conn, &j->session.user, &j->conversation, &frames,
                           j->after);
    } else {
        struct ws_frame *last = r < 0 ? frame_refusal(r) : frame_synced(&j->conversation, j->after);
        if (delivery_add(&frames, &(struct delivery){.frame = last, .refusal = is_theirs(r)}) < 0)
            hub_lose(j->rt->hub);
        hub_post_synced(j->rt->hub, j->conn, &j->session.user, &j->conversation, &frames,
                        j->brought, false);
    }
    free(j);
}

int sync_next(void *rt_, struct socket *s, const struct id *conversation, int64_t after)
{
    struct realtime *rt = rt_;
    struct sync_job *j = malloc(sizeof *j);

    if (!j)
        return -E_NO_MEMORY;
    *j = (struct sync_job){.job = {.run = sync_run},
                           .rt = rt,
                           .conn = s->conn,
                           .session = s->session,
                           .conversation = *conversation,
                           .from = after,
                           .after = after};
    (void)str_to_cstring(s->address, j->address, sizeof j->address);
    int r = pool_submit(rt->options.pool, &j->job);
    if (r < 0)
        free(j);
    return r;
}

int realtime_sync(struct realtime *rt, struct socket *s, const struct id *conversation,
                  int64_t after)
{
    int r = hub_hold(rt->hub, s, conversation);

    if (r < 0)
        return r;
    r = hub_sync(rt->hub, s, conversation, after);
    if (r < 0)
        hub_release(rt->hub, s, conversation);
    return r;
}

struct typing_job {
    struct pool_job job;
    struct realtime *rt;
    struct net_ref conn;
    struct session session;
    struct id conversation;
    char address[64];
};

static void typing_run(struct pool_job *job, void *state)
{
    struct typing_job *j = container_of(job, struct typing_job, job);
    struct conversation conversation;
    const struct grant *g;
    struct arena arena;

    arena_init(&arena, 65536);
    int r = authz_conversation(state, &arena, &j->session, &j->conversation,
                               RIGHT_CONVERSATION_WRITE, &conversation, &g);
    if (r == 0) {
        enum side side = authz_side(&conversation, &j->session.user);
        hub_post_one(j->rt->hub, &conversation.member[2 - side],
                     frame_typing(&j->conversation, &j->session.user));
    } else {
        if (r == -E_NOT_FOUND)
            note_refusal(j->rt, state, &j->session, &j->conversation, str_from(j->address),
                         "message.typing");
        struct delivery_list answer;
        delivery_list_init(&answer);
        if (delivery_add(&answer, &(struct delivery){.has_origin = true,
                                                     .origin = j->conn,
                                                     .origin_user = j->session.user,
                                                     .origin_frame = frame_refusal(r),
                                                     .refusal = is_theirs(r)}) == 0)
            hub_post(j->rt->hub, &answer);
        else
            hub_lose(j->rt->hub);
    }
    arena_done(&arena);
    free(j);
}

int realtime_typing(struct realtime *rt, const struct socket *s, const struct id *conversation)
{
    struct typing_job *j = malloc(sizeof *j);

    if (!j)
        return -E_NO_MEMORY;
    *j = (struct typing_job){.job = {.run = typing_run},
                             .rt = rt,
                             .conn = s->conn,
                             .session = s->session,
                             .conversation = *conversation};
    (void)str_to_cstring(s->address, j->address, sizeof j->address);
    int r = pool_submit(rt->options.pool, &j->job);
    if (r < 0)
        free(j);
    return r;
}
