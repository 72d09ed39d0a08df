/* audit.c - see audit.h. */
#include "store/audit.h"

#include "base/error.h"
#include "store/rows.h"

static const uint8_t genesis[CRYPTO_SHA256];

static void put_i64(uint8_t out[8], int64_t v)
{
    for (int i = 0; i < 8; i++)
        out[i] = (uint8_t)((uint64_t)v >> (56 - 8 * i));
}

static void hash_row(const struct q_audit_insert_params *row, uint8_t out[CRYPTO_SHA256])
{
    uint8_t seq[8];
    uint8_t at[8];

    put_i64(seq, row->seq);
    put_i64(at, row->at);
    const struct str parts[] = {
        row->prev_hash,
        blob(row->node.b, 16),
        blob(seq, sizeof seq),
        blob(at, sizeof at),
        row->actor_id.set ? blob(row->actor_id.v.b, 16) : STR(""),
        row->action,
        row->object_type,
        row->object_id.set ? blob(row->object_id.v.b, 16) : STR(""),
        row->outcome,
        row->address,
        row->request_id,
        row->detail,
    };
    crypto_sha256(parts, sizeof parts / sizeof *parts, out);
}

static struct str text_or_empty(struct str s)
{
    return s.p ? s : STR("");
}

/* Cut between characters: the database takes no broken UTF-8. */
static struct str detail_text(struct str s)
{
    size_t n = s.n;

    if (n > AUDIT_DETAIL_MAX)
        for (n = AUDIT_DETAIL_MAX; n > 0 && ((unsigned char)s.p[n] & 0xC0) == 0x80;)
            n--;
    return s.p ? str_of(s.p, n) : STR("");
}

int audit_append_many(struct db *db, const struct id *node, const struct audit_entry *entries,
                      size_t count)
{
    const struct q_audit_head_params which = {*node};
    struct q_audit_head_row head;
    struct arena arena;
    uint8_t prev[CRYPTO_SHA256];
    uint8_t hash[CRYPTO_SHA256];
    int64_t seq = 0;

    arena_init(&arena, 16384);
    memcpy(prev, genesis, sizeof prev);
    int r = q_audit_head(db, &which, &arena, &head);
    if (r == 0 && head.hash.n == sizeof prev) {
        memcpy(prev, head.hash.p, sizeof prev);
        seq = head.seq;
    }
    arena_done(&arena);
    if (r == -E_NOT_FOUND)
        r = 0;
    for (size_t i = 0; r == 0 && i < count; i++) {
        const struct audit_entry *e = &entries[i];
        struct q_audit_insert_params row = {
            .node = *node,
            .seq = seq + 1 + (int64_t)i,
            .at = e->at,
            .actor_id = uuid_or_null(&e->actor),
            .action = str_from(e->action),
            .object_type = str_from(e->object_type),
            .object_id = uuid_or_null(&e->object),
            .outcome = str_from(e->outcome),
            .address = text_or_empty(e->address),
            .request_id = text_or_empty(e->request_id),
            .detail = detail_text(e->detail),
            .prev_hash = blob(prev, sizeof prev),
        };
        hash_row(&row, hash);
        row.hash = blob(hash, sizeof hash);
        r = q_audit_insert(db, &row, NULL);
        memcpy(prev, hash, sizeof prev);
    }
    return r;
}

int audit_append(struct db *db, const struct id *node, const struct audit_entry *entry)
{
    return audit_append_many(db, node, entry, 1);
}

int audit_list(struct db *db, const struct grant *g, struct arena *a,
               const struct audit_filter *filter, struct audit_row **ret, size_t *ret_count)
{
    struct q_audit_list_row *rows;
    const struct q_audit_list_params params = {
        .actor_id = uuid_or_null(&filter->actor),
        .action = filter->action,
        .object_id = uuid_or_null(&filter->object),
        .from_at = filter->from_at,
        .to_at = filter->to_at,
        .before_at = filter->before_at,
        .before_seq = filter->before_seq,
        .row_limit = filter->limit,
    };

    int r = grant_require(g, RIGHT_TRAIL, NULL);
    if (r == 0)
        r = q_audit_list(db, &params, a, &rows, ret_count);
    if (r != 0)
        return r;
    *ret = arena_array(a, *ret_count, sizeof **ret);
    if (!*ret)
        return -E_NO_MEMORY;
    for (size_t i = 0; i < *ret_count; i++)
        (*ret)[i] = (struct audit_row){
            .node = rows[i].node,
            .seq = rows[i].seq,
            .at = rows[i].at,
            .actor = uuid_or_none(rows[i].actor_id),
            .action = rows[i].action,
            .object_type = rows[i].object_type,
            .object = uuid_or_none(rows[i].object_id),
            .outcome = rows[i].outcome,
            .address = rows[i].address,
            .request_id = rows[i].request_id,
            .detail = rows[i].detail,
        };
    return 0;
}

struct walk {
    int (*each)(void *arg, const struct audit_row *row);
    void *arg;
};

static int walk_row(void *arg, const void *row_)
{
    const struct q_audit_walk_row *row = row_;
    const struct walk *walk = arg;
    struct audit_row out = {
        .node = row->node,
        .seq = row->seq,
        .at = row->at,
        .actor = uuid_or_none(row->actor_id),
        .action = row->action,
        .object_type = row->object_type,
        .object = uuid_or_none(row->object_id),
        .outcome = row->outcome,
        .address = row->address,
        .request_id = row->request_id,
        .detail = row->detail,
    };

    if (row->hash.n == sizeof out.hash)
        memcpy(out.hash, row->hash.p, sizeof out.hash);
    return walk->each(walk->arg, &out);
}

int audit_walk(struct db *db, const struct grant *g, int64_t from_at, int64_t to_at,
               int (*each)(void *arg, const struct audit_row *row), void *arg)
{
    struct q_audit_walk_row row;
    const struct q_audit_walk_params params = {from_at, to_at};
    struct walk walk = {each, arg};

    int r = grant_require(g, RIGHT_TRAIL, NULL);
    return r < 0 ? r : q_audit_walk_each(db, &params, &row, walk_row, &walk);
}

struct verify {
    struct audit_report *report;
    struct audit_break *found;
    struct id node;
    int64_t seq;
    uint8_t prev[CRYPTO_SHA256];
};

static int break_at(struct verify *v, const struct q_audit_walk_row *row, const char *reason)
{
    *v->found = (struct audit_break){row->node, row->seq, reason};
    return -E_CORRUPT;
}

static int verify_row(void *arg, const void *row_)
{
    const struct q_audit_walk_row *row = row_;
    struct verify *v = arg;
    uint8_t hash[CRYPTO_SHA256];
    const struct q_audit_insert_params again = {
        row->node,    row->seq,         row->at,        row->actor_id,
        row->action,  row->object_type, row->object_id, row->outcome,
        row->address, row->request_id,  row->detail,    blob(v->prev, sizeof v->prev),
        STR_NONE,
    };

    if (v->report->nodes == 0 || !id_eq(&v->node, &row->node)) {
        v->node = row->node;
        v->seq = 0;
        memcpy(v->prev, genesis, sizeof v->prev);
        v->report->nodes++;
        return verify_row(arg, row_);
    }
    if (row->seq != v->seq + 1)
        return break_at(v, row, "missing");
    hash_row(&again, hash);
    if (row->prev_hash.n != sizeof hash || !crypto_equal(row->prev_hash.p, v->prev, sizeof hash) ||
        row->hash.n != sizeof hash || !crypto_equal(row->hash.p, hash, sizeof hash))
        return break_at(v, row, "changed");
    memcpy(v->prev, hash, sizeof hash);
    v->seq = row->seq;
    v->report->rows++;
    return 0;
}

int audit_verify(struct db *db, const struct grant *g, struct audit_report *ret,
                 struct audit_break *ret_break)
{
    struct q_audit_walk_row row;
    const struct q_audit_walk_params params = {INT64_MIN, INT64_MAX};
    struct verify v = {.report = ret, .found = ret_break};

    *ret = (struct audit_report){0};
    int r = grant_require(g, RIGHT_TRAIL, NULL);
    return r < 0 ? r : q_audit_walk_each(db, &params, &row, verify_row, &v);
}
