/*
 * message_search.c - searching one conversation. Bodies are sealed, so a search opens the newest
 * MESSAGE_SEARCH_MAX messages page by page and compares folded texts. That bound and the one on
 * bytes keep a search from holding a database thread for seconds: folding is slow, and some
 * characters become eighteen. The texts of a page are forgotten before the next is opened.
 */
#include "base/error.h"
#include "domain/fold.h"
#include "store/messages.h"

#define SEARCH_PAGE 200

struct search {
    struct arena *keep; /* what is found lives here */
    struct arena fold;  /* one message's folded text */
    size_t bytes;       /* of the texts looked at */
    struct str folded;
    struct message *found;
    size_t count;
    size_t limit;
};

static int take_matches(struct search *s, const struct message *messages, size_t count)
{
    for (size_t i = count; i > 0 && s->count < s->limit && s->bytes < MESSAGE_SEARCH_BYTES; i--) {
        const struct message *m = &messages[i - 1];
        if (m->kind != MESSAGE_TEXT || m->deleted)
            continue;
        struct str folded;
        arena_reset(&s->fold);
        int r = text_fold(m->text, &s->fold, &folded);
        if (r < 0)
            return r;
        s->bytes += folded.n > m->text.n ? folded.n : m->text.n;
        if (!fold_contains(folded, s->folded))
            continue;
        struct message *kept = &s->found[s->count++];
        *kept = *m;
        kept->text = arena_str(s->keep, m->text);
        if (!kept->text.p)
            return -E_NO_MEMORY;
    }
    return 0;
}

int message_search(struct db *db, const struct grant *g, struct arena *a,
                   const struct keyring *keys, const struct conversation *conversation,
                   struct str folded, size_t limit, struct message **ret, size_t *ret_count,
                   bool *ret_more)
{
    struct search s = {.keep = a, .folded = folded, .limit = limit};
    struct message_page page = {.before = INT64_MAX, .limit = SEARCH_PAGE, .from_end = true};
    struct arena page_arena;
    size_t seen = 0;
    bool more = true;
    int r = 0;

    s.found = arena_array(a, limit, sizeof *s.found);
    if (!s.found)
        return -E_NO_MEMORY;
    arena_init(&page_arena, (size_t)16 << 20);
    arena_init(&s.fold, (size_t)4 << 20);
    while (r == 0 && more && s.count < limit && seen < MESSAGE_SEARCH_MAX &&
           s.bytes < MESSAGE_SEARCH_BYTES) {
        struct message *messages;
        size_t count;

        arena_reset(&page_arena);
        r = message_list(db, g, &page_arena, keys, conversation, &page, &messages, &count, &more);
        if (r < 0 || count == 0)
            break;
        seen += count;
        page.before = messages[0].seq;
        r = take_matches(&s, messages, count);
    }
    arena_done(&s.fold);
    arena_done(&page_arena);
    *ret = s.found;
    *ret_count = s.count;
    *ret_more = more || s.count == limit || s.bytes >= MESSAGE_SEARCH_BYTES;
    return r;
}
