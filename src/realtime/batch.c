/*
 * batch.c - one transaction for many requests of many people.
 *
 *   begin -> read the conversations touched, in id order -> each op in turn: may this session? has
 *   it been stored before? -> number, seal, insert -> watermarks -> store the conversations
 *   -> audit -> commit -> publish (acks, messages, watermarks) before the next writer may begin
 *
 * An op that is refused gets its error frame and does not hinder the others. When the database
 * refuses, everything is rolled back and the batch is tried again in halves, so that one poisonous
 * op cannot hold up the rest. An op that fails alone is answered "unavailable", as are all at once
 * while nothing can be written; the sender sends it again with the same client_id, which is never
 * stored twice.
 */
#include <stdlib.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/log.h"
#include "base/secret.h"
#include "db/db.h"
#include "domain/message_rules.h"
#include "realtime/frames.h"
#include "realtime/realtime_internal.h"
#include "store/audit.h"
#include "store/conversations.h"
#include "store/messages.h"

#define BATCH_MEMORY ((size_t)64 << 20)
#define RETRY_AFTER_MS 1000

/* A conversation that the batch touches. */
struct touched {
    struct conversation conversation;
    struct data_key key;
    bool found;
    bool has_key;
    bool dirty;
    const struct grant *grant; /* of the last one who was allowed */
    size_t last_draft;         /* 1 + index of its newest draft; 0: none */
};

struct draft_note {
    size_t op;
    size_t previous; /* 1 + index of the same conversation's draft before; 0: none */
};

struct batch {
    struct realtime *rt;
    struct db *db;
    struct arena arena;
    int64_t now_us;
    struct write_op **ops;
    size_t count;
    struct touched *touched; /* ascending by id */
    size_t touched_count;
    struct message_draft *drafts;
    struct draft_note *notes;
    size_t draft_count;
    size_t flushed; /* drafts that are inserted */
    struct audit_entry *audit;
    size_t audit_count;
    bool *allowed; /* by op: it was not refused */
    struct delivery_list out;
};

static int compare_ids(const void *a, const void *b)
{
    return id_cmp(a, b);
}

/* Reads every conversation of the batch once, in id order (the order in which rows are locked where
 * the engine locks rows). */
static int read_conversations(struct batch *b)
{
    struct id *ids = arena_array(&b->arena, b->count, sizeof *ids);
    size_t n = 0;

    b->touched = arena_array(&b->arena, b->count, sizeof *b->touched);
    if (!ids || !b->touched)
        return -E_NO_MEMORY;
    for (size_t i = 0; i < b->count; i++)
        ids[i] = b->ops[i]->request.conversation;
    qsort(ids, b->count, sizeof *ids, compare_ids);
    for (size_t i = 0; i < b->count; i++) {
        if (i > 0 && id_eq(&ids[i], &ids[i - 1]))
            continue;
        struct touched *t = &b->touched[n++];
        int r = authz_conversation_find(b->db, &b->arena, &ids[i], &t->conversation);
        if (r < 0 && r != -E_NOT_FOUND)
            return r;
        t->found = r == 0;
        t->conversation.id = ids[i];
    }
    b->touched_count = n;
    return 0;
}

static struct touched *find_touched(struct batch *b, const struct id *id)
{
    size_t lo = 0;
    size_t hi = b->touched_count;

    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        int c = id_cmp(&b->touched[mid].conversation.id, id);
        if (c == 0)
            return &b->touched[mid];
        if (c < 0)
            lo = mid + 1;
        else
            hi = mid;
    }
    return NULL;
}

static int need_key(struct batch *b, struct touched *t, const struct grant *g)
{
    if (t->has_key)
        return 0;
    int r = conversation_key(g, b->rt->options.keys, &t->conversation, &t->key);
    t->has_key = r == 0;
    return r;
}

static int answer_origin(struct batch *b, const struct write_op *op, struct ws_frame *frame)
{
    return delivery_add(&b->out, &(struct delivery){.has_origin = true,
                                                    .origin = op->request.origin,
                                                    .origin_frame = frame});
}

/* To every socket of both members, the origin's own frame apart. */
static int tell_members(struct batch *b, const struct touched *t, const struct write_op *op,
                        struct ws_frame *frame, struct ws_frame *origin_frame, int64_t seq)
{
    if (!frame || (op->request.kind == WRITE_SEND && !origin_frame)) {
        ws_frame_unref(frame);
        ws_frame_unref(origin_frame);
        return -E_NO_MEMORY;
    }
    return delivery_add(&b->out, &(struct delivery){
                                     .to = {t->conversation.member[0], t->conversation.member[1]},
                                     .to_count = 2,
                                     .has_origin = origin_frame != NULL,
                                     .origin = op->request.origin,
                                     .frame = frame,
                                     .origin_frame = origin_frame,
                                     .conversation = t->conversation.id,
                                     .seq = seq,
                                 });
}

/* Inserts the drafts that are not in the database yet, and tells about them. */
static int flush_drafts(struct batch *b)
{
    size_t n = b->draft_count - b->flushed;
    struct message_draft *drafts = b->drafts + b->flushed;

    if (n == 0)
        return 0;
    int r = message_append(b->db, &b->arena, drafts, n);
    for (size_t i = 0; r == 0 && i < n; i++) {
        const struct message_draft *d = &drafts[i];
        const struct write_op *op = b->ops[b->notes[b->flushed + i].op];
        const struct message message = {
            .conversation = d->conversation->id,
            .seq = d->seq,
            .client_id = d->client_id,
            .from = op->request.session.user,
            .kind = MESSAGE_TEXT,
            .text = d->text,
            .at = d->at,
        };
        r = tell_members(b, find_touched(b, &message.conversation), op, frame_message(&message),
                         frame_ack(&message.conversation, &message.client_id, d->seq, d->at),
                         d->seq);
    }
    b->flushed = b->draft_count;
    return r;
}

/* The same client id earlier in this very batch: 1 + index of its draft, or 0. */
static size_t find_draft(const struct batch *b, const struct touched *t, enum side side,
                         const struct id *client_id)
{
    for (size_t i = t->last_draft; i > 0; i = b->notes[i - 1].previous)
        if (b->drafts[i - 1].side == side && id_eq(&b->drafts[i - 1].client_id, client_id))
            return i;
    return 0;
}

static int apply_send(struct batch *b, size_t index, struct touched *t, enum side side,
                      const struct grant *g)
{
    const struct write_op *op = b->ops[index];
    const struct write_request *q = &op->request;
    int64_t seq;
    int64_t at;

    int r = need_key(b, t, g);
    if (r < 0)
        return r;
    if (find_draft(b, t, side, &q->client_id) > 0) {
        r = flush_drafts(b);
        if (r < 0)
            return r;
    }
    r = message_find_sent(b->db, g, &t->conversation, side, &q->client_id, &seq, &at);
    if (r == 0)
        return answer_origin(b, op, frame_ack(&q->conversation, &q->client_id, seq, at));
    if (r != -E_NOT_FOUND)
        return r;
    int64_t last_at = t->conversation.last_at;
    b->drafts[b->draft_count] = (struct message_draft){
        .grant = g,
        .conversation = &t->conversation,
        .key = &t->key,
        .side = side,
        .kind = MESSAGE_TEXT,
        .client_id = q->client_id,
        .text = q->text,
        .at = b->now_us > last_at ? b->now_us : last_at, /* times never run backwards */
    };
    b->notes[b->draft_count] = (struct draft_note){index, t->last_draft};
    t->last_draft = ++b->draft_count;
    t->dirty = true;
    return 0;
}

static const char *const audit_actions[] = {
    [WRITE_SEND] = "message.send",      [WRITE_EDIT] = "message.edit",
    [WRITE_DELETE] = "message.delete",  [WRITE_RECEIVED] = "conversation.read",
    [WRITE_READ] = "conversation.read",
};

static struct audit_entry audit_of(struct batch *b, const struct write_op *op, int outcome)
{
    const struct write_request *q = &op->request;

    return (struct audit_entry){
        .at = b->now_us,
        .actor = q->session.user,
        .action = audit_actions[q->kind],
        .object_type = "conversation",
        .object = q->conversation,
        .outcome = error_info(outcome)->code,
        .address = q->address,
        .request_id = STR(""),
        .detail = q->seq > 0 ? arena_printf(&b->arena, "seq=%lld", (long long)q->seq) : STR(""),
    };
}

static int apply_replace(struct batch *b, const struct write_op *op, struct touched *t,
                         enum side side, const struct grant *g)
{
    const struct write_request *q = &op->request;
    bool edit = q->kind == WRITE_EDIT;

    int r = need_key(b, t, g);
    if (r == 0)
        r = flush_drafts(b);
    if (r == 0)
        r = message_replace(b->db, g, &b->arena, &t->conversation, &t->key, side, q->seq,
                            edit ? q->text : STR_NONE, MESSAGE_EDIT_WINDOW_US, b->now_us);
    if (r < 0)
        return r;
    b->audit[b->audit_count++] = audit_of(b, op, 0);
    return tell_members(b, t, op,
                        edit ? frame_edited(&q->conversation, q->seq, q->text, b->now_us)
                             : frame_deleted(&q->conversation, q->seq, b->now_us),
                        NULL, 0);
}

static int apply_watermark(struct batch *b, const struct write_op *op, struct touched *t,
                           enum side side)
{
    const struct write_request *q = &op->request;
    struct watermarks *marks = &t->conversation.marks[side - 1];
    bool read = q->kind == WRITE_READ;
    int64_t present = read ? marks->read : marks->delivered;

    /* drafts of this batch are numbered when they are flushed */
    int r = flush_drafts(b);
    if (r < 0)
        return r;
    int64_t raised = watermark_raise(present, q->seq, t->conversation.last_seq);
    if (raised == present)
        return 0;
    if (read)
        marks->read = raised;
    if (raised > marks->delivered)
        marks->delivered = raised;
    t->dirty = true;
    return tell_members(b, t, op,
                        frame_watermark(read ? "read" : "delivered", &q->conversation, raised,
                                        &q->session.user, b->now_us),
                        NULL, 0);
}

static int apply_op(struct batch *b, size_t index)
{
    const struct write_op *op = b->ops[index];
    const struct write_request *q = &op->request;
    struct touched *t = find_touched(b, &q->conversation);
    const struct grant *g;
    bool marks = q->kind == WRITE_RECEIVED || q->kind == WRITE_READ;

    if (!t || !t->found)
        return -E_NOT_FOUND;
    int r = authz_conversation_of(&b->arena, &q->session, &t->conversation,
                                  marks ? RIGHT_CONVERSATION_READ : RIGHT_CONVERSATION_WRITE, &g);
    if (r < 0)
        return r;
    t->grant = g;
    enum side side = authz_side(&t->conversation, &q->session.user);
    switch (q->kind) {
    case WRITE_SEND:
        return apply_send(b, index, t, side, g);
    case WRITE_EDIT:
    case WRITE_DELETE:
        return apply_replace(b, op, t, side, g);
    case WRITE_RECEIVED:
    case WRITE_READ:
        return apply_watermark(b, op, t, side);
    }
    return -E_INTERNAL;
}

/* Is this error the request's own, so that the others go on? */
static bool is_refusal(int err)
{
    return err == -E_NOT_FOUND || err == -E_CLOSED || err == -E_FORBIDDEN || err == -E_TOO_LATE ||
           err == -E_VALIDATION;
}

static int refuse(struct batch *b, const struct write_op *op, int err)
{
    bool send = op->request.kind == WRITE_SEND;
    int64_t retry = is_refusal(err) ? 0 : RETRY_AFTER_MS;

    bool theirs = is_refusal(err);

    /* a doctor who lost the verification learns no more than that there is nothing here */
    if (err == -E_FORBIDDEN)
        err = -E_NOT_FOUND;
    if (err == -E_NOT_FOUND) /* somebody else's conversation, perhaps */
        b->audit[b->audit_count++] = audit_of(b, op, err);
    return delivery_add(
        &b->out, &(struct delivery){.has_origin = true,
                                    .origin = op->request.origin,
                                    .origin_user = op->request.session.user,
                                    .origin_frame = frame_error(
                                        err, NULL, send ? &op->request.client_id : NULL, retry),
                                    .refusal = theirs});
}

static int store_conversations(struct batch *b)
{
    for (size_t i = 0; i < b->touched_count; i++) {
        struct touched *t = &b->touched[i];
        if (!t->dirty)
            continue;
        int r = conversation_store(b->db, t->grant, &t->conversation);
        if (r < 0)
            return r;
    }
    return 0;
}

static int fill(struct batch *b)
{
    int r = read_conversations(b);

    b->drafts = arena_array(&b->arena, b->count, sizeof *b->drafts);
    b->notes = arena_array(&b->arena, b->count, sizeof *b->notes);
    b->audit = arena_array(&b->arena, b->count, sizeof *b->audit);
    b->allowed = arena_array(&b->arena, b->count, sizeof *b->allowed);
    if (r == 0 && (!b->drafts || !b->notes || !b->audit || !b->allowed))
        r = -E_NO_MEMORY;
    for (size_t i = 0; r == 0 && i < b->count; i++) {
        r = apply_op(b, i);
        b->allowed[i] = r == 0;
        if (is_refusal(r))
            r = refuse(b, b->ops[i], r);
    }
    if (r == 0)
        r = flush_drafts(b);
    if (r == 0)
        r = store_conversations(b);
    if (r == 0 && b->audit_count > 0)
        r = audit_append_many(b->db, &b->rt->options.node, b->audit, b->audit_count);
    return r;
}

static void publish(void *arg)
{
    struct batch *b = arg;

    hub_post(b->rt->hub, &b->out);
}

/* Who wrote or read in which record; edits and deletions have rows of their own. */
static void note_access(const struct batch *b)
{
    for (size_t i = 0; i < b->count; i++) {
        const struct write_request *q = &b->ops[i]->request;
        if (b->allowed[i] && (q->kind == WRITE_SEND || q->kind == WRITE_READ))
            realtime_note(b->rt, &q->session.user, audit_actions[q->kind], &q->conversation,
                          q->address, b->now_us);
    }
}

static int try_commit(struct realtime *rt, struct write_op **ops, size_t count)
{
    struct batch b = {.rt = rt, .db = rt->options.writer_db, .ops = ops, .count = count};

    arena_init(&b.arena, BATCH_MEMORY);
    delivery_list_init(&b.out);
    int r = db_begin(b.db, DB_WRITE);
    if (r == 0) {
        b.now_us = clock_now_us();
        r = fill(&b);
        if (r == 0)
            r = db_commit_publish(b.db, publish, &b);
        else
            db_rollback(b.db);
        if (r == 0)
            note_access(&b);
    }
    for (size_t i = 0; i < b.touched_count; i++)
        secret_wipe(&b.touched[i].key, sizeof b.touched[i].key);
    delivery_list_done(&b.out);
    arena_done(&b.arena);
    return r;
}

/* The database cannot be written at all: halves would fare no better, only wait once more each. */
static bool is_away(int err)
{
    return err == -E_UNAVAILABLE || err == -E_IO;
}

static void refuse_all(struct realtime *rt, struct write_op **ops, size_t count)
{
    struct batch b = {.rt = rt};

    delivery_list_init(&b.out);
    for (size_t i = 0; i < count; i++)
        if (refuse(&b, ops[i], -E_UNAVAILABLE) < 0)
            hub_lose(rt->hub);
    hub_post(rt->hub, &b.out);
}

void batch_commit(struct realtime *rt, struct write_op **ops, size_t count)
{
    int r = try_commit(rt, ops, count);

    if (r == 0)
        return;
    if (count > 1 && !is_away(r)) {
        log_event(LOG_WARNING, "realtime", "a batch failed and is split", log_err("error", r),
                  log_i64("requests", count));
        batch_commit(rt, ops, count / 2);
        batch_commit(rt, ops + count / 2, count - count / 2);
        return;
    }
    log_event(LOG_ERROR, "realtime", "messages could not be stored", log_err("error", r),
              log_i64("requests", count));
    refuse_all(rt, ops, count);
}
