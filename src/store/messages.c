/* messages.c - see messages.h. */
#include "store/messages.h"

#include "base/error.h"
#include "base/secret.h"
#include "store/rows.h"

#define AD_SIZE (16 + 8 + 8 + 1)

static void put_u64(uint8_t *out, int64_t v)
{
    for (int i = 0; i < 8; i++)
        out[i] = (uint8_t)((uint64_t)v >> (56 - 8 * i));
}

/* The place that a sealed body belongs to. */
static struct str place(uint8_t ad[AD_SIZE], const struct id *conversation, int64_t seq,
                        int64_t version, enum side side)
{
    memcpy(ad, conversation->b, 16);
    put_u64(ad + 16, seq);
    put_u64(ad + 24, version);
    ad[32] = (uint8_t)side;
    return str_of(ad, AD_SIZE);
}

/* Seals each draft behind the last in one buffer of the exact size, so that pointers into it stay.
 */
static int seal_drafts(struct message_draft *drafts, size_t count, struct buf *sealed,
                       struct q_message_insert_params *rows)
{
    size_t total = 0;
    uint8_t ad[AD_SIZE];

    for (size_t i = 0; i < count; i++)
        total += drafts[i].text.n + SEAL_OVERHEAD;
    buf_init(sealed, total ? total : 1);
    int r = buf_reserve(sealed, total);
    for (size_t i = 0; r == 0 && i < count; i++) {
        struct message_draft *d = &drafts[i];
        size_t from = sealed->len;

        r = grant_require(d->grant, RIGHT_CONVERSATION_WRITE, &d->conversation->id);
        if (r < 0)
            break;
        d->seq = ++d->conversation->last_seq;
        if (d->at > d->conversation->last_at)
            d->conversation->last_at = d->at;
        r = seal(d->key, d->text, place(ad, &d->conversation->id, d->seq, 1, d->side), sealed);
        rows[i] = (struct q_message_insert_params){
            .conversation = d->conversation->no,
            .seq = d->seq,
            .client_id = d->client_id,
            .side = d->side,
            .kind = d->kind,
            .at = d->at,
            .body = str_of(sealed->data + from, sealed->len - from),
        };
    }
    return r;
}

int message_append(struct db *db, struct arena *a, struct message_draft *drafts, size_t count)
{
    struct q_message_insert_params *rows = arena_array(a, count, sizeof *rows);
    struct buf sealed;

    if (!rows)
        return -E_NO_MEMORY;
    if (count == 0)
        return 0;
    int r = seal_drafts(drafts, count, &sealed, rows);
    if (r == 0)
        r = q_message_insert_many(db, rows, count);
    buf_done(&sealed);
    return r;
}

int message_find_sent(struct db *db, const struct grant *g, const struct conversation *conversation,
                      enum side side, const struct id *client_id, int64_t *ret_seq, int64_t *ret_at)
{
    struct q_message_by_client_row row;
    const struct q_message_by_client_params params = {*client_id, conversation->no, side};

    int r = grant_require(g, RIGHT_CONVERSATION_READ, &conversation->id);
    if (r == 0)
        r = q_message_by_client(db, &params, NULL, &row);
    if (r == 0) {
        *ret_seq = row.seq;
        *ret_at = row.at;
    }
    return r;
}

/* The rows of the two page queries and of message_by_seq have the same columns. */
static int open_row(struct arena *a, const struct data_key *key,
                    const struct conversation *conversation,
                    const struct q_message_page_after_row *row, struct message *ret)
{
    uint8_t ad[AD_SIZE];
    struct str text = STR("");

    if (row->side != SIDE_PATIENT && row->side != SIDE_DOCTOR)
        return -E_CORRUPT;
    int r = unseal(key, row->body,
                   place(ad, &conversation->id, row->seq, row->version, (enum side)row->side), a,
                   &text);
    if (r < 0)
        return r;
    *ret = (struct message){
        .conversation = conversation->id,
        .seq = row->seq,
        .client_id = row->client_id,
        .from = conversation->member[row->side - 1],
        .kind = (enum message_kind)row->kind,
        .text = text,
        .at = row->at,
        .edited_at = int_or_zero(row->edited_at),
        .deleted = row->deleted_at.set,
        .version = row->version,
    };
    return 0;
}

_Static_assert(sizeof(struct q_message_page_after_row) == sizeof(struct q_message_page_before_row),
               "the two page queries have the same columns");

static int read_page(struct db *db, struct arena *a, const struct conversation *conversation,
                     const struct message_page *page, struct q_message_page_after_row **ret,
                     size_t *ret_count)
{
    if (page->from_end) {
        const struct q_message_page_before_params params = {conversation->no, page->after,
                                                            page->before, page->limit + 1};
        return q_message_page_before(db, &params, a, (struct q_message_page_before_row **)ret,
                                     ret_count);
    }
    const struct q_message_page_after_params params = {conversation->no, page->after, page->before,
                                                       page->limit + 1};
    return q_message_page_after(db, &params, a, ret, ret_count);
}

int message_list(struct db *db, const struct grant *g, struct arena *a, const struct keyring *keys,
                 const struct conversation *conversation, const struct message_page *page,
                 struct message **ret, size_t *ret_count, bool *ret_more)
{
    struct q_message_page_after_row *rows;
    struct data_key key;
    size_t count;

    int r = grant_require(g, RIGHT_CONVERSATION_READ, &conversation->id);
    if (r == 0)
        r = read_page(db, a, conversation, page, &rows, &count);
    if (r != 0)
        return r;
    *ret_more = count > (size_t)page->limit;
    if (*ret_more)
        count--;
    *ret_count = count;
    *ret = arena_array(a, count, sizeof **ret);
    if (!*ret)
        return -E_NO_MEMORY;
    r = data_key_unwrap(keys, conversation->wrapped_key,
                        str_of(conversation->id.b, sizeof conversation->id.b), &key);
    for (size_t i = 0; r == 0 && i < count; i++)
        r = open_row(a, &key, conversation, &rows[i], &(*ret)[page->from_end ? count - 1 - i : i]);
    secret_wipe(&key, sizeof key);
    return r;
}

int message_count_unread(struct db *db, const struct grant *g,
                         const struct conversation *conversation, enum side side, int64_t after,
                         int64_t *ret)
{
    struct q_message_unread_row row;
    const struct q_message_unread_params params = {conversation->no, after, side, 1000};

    int r = grant_require(g, RIGHT_CONVERSATION_READ, &conversation->id);
    if (r == 0)
        r = q_message_unread(db, &params, NULL, &row);
    if (r == 0)
        *ret = row.n;
    return r;
}

int message_replace(struct db *db, const struct grant *g, struct arena *a,
                    const struct conversation *conversation, const struct data_key *key,
                    enum side side, int64_t seq, struct str text, int64_t window_us, int64_t now_us)
{
    const struct q_message_by_seq_params which = {conversation->no, seq};
    struct q_message_by_seq_row row;
    uint8_t ad[AD_SIZE];
    struct buf sealed;
    int64_t changes = 0;

    int r = grant_require(g, RIGHT_CONVERSATION_WRITE, &conversation->id);
    if (r == 0)
        r = q_message_by_seq(db, &which, a, &row);
    if (r != 0)
        return r;
    if (row.side != (int64_t)side || row.kind != MESSAGE_TEXT || row.deleted_at.set)
        return -E_NOT_FOUND;
    if (now_us - row.at > window_us)
        return -E_TOO_LATE;

    /* what is replaced stays in the record, sealed as it was, under its own version */
    const struct q_message_keep_params keep = {
        conversation->no, seq, row.version, row.edited_at.set ? row.edited_at.v : row.at, row.body};
    r = q_message_keep(db, &keep, NULL);
    if (r < 0)
        return r;
    buf_init(&sealed, text.n + SEAL_OVERHEAD);
    r = seal(key, text.p ? text : STR(""), place(ad, &conversation->id, seq, row.version + 1, side),
             &sealed);
    if (r == 0) {
        const struct q_message_replace_params params = {
            .conversation = conversation->no,
            .seq = seq,
            .version = row.version,
            .edited_at = text.p ? int_or_null(now_us) : row.edited_at,
            .deleted_at = int_or_null(text.p ? 0 : now_us),
            .body = buf_str(&sealed),
        };
        r = q_message_replace(db, &params, &changes);
    }
    buf_done(&sealed);
    return r != 0 ? r : changes == 1 ? 0 : -E_CONFLICT;
}
