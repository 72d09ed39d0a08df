/*
 * message_search.c - searching one conversation. Bodies are sealed, so a search opens the newest
 * MESSAGE_SEARCH_MAX messages page by page and compares folded texts; the bound keeps one search
 * from becoming a full scan. The texts of a page are forgotten before the next is opened.
 */
#include "base/error.h"
#include "domain/fold.h"
#include "store/messages.h"

#define SEARCH_PAGE 200

struct search {
    struct arena *keep; /* what is found lives here */
    struct str folded;
    struct message *found;
    size_t count;
    size_t limit;
};

static int take_matches(struct search *s, struct arena *page_arena, const struct message *messages,
                        size_t count)
{
    for (size_t i = count; i > 0 && s->count < s->limit; i--) {
        const struct message *m = &messages[i - 1];
        if (m->kind != MESSAGE_TEXT || m->deleted)
            continue;
        struct str folded;
        int r = text_fold(m->text, page_arena, &folded);
        if (r < 0)
            return r;
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
    while (r == 0 && more && s.count < limit && seen < MESSAGE_SEARCH_MAX) {
        struct message *messages;
        size_t count;

        arena_reset(&page_arena);
        r = message_list(db, g, &page_arena, keys, conversation, &page, &messages, &count, &more);
        if (r < 0 || count == 0)
            break;
        seen += count;
        page.before = messages[0].seq;
        r = take_matches(&s, &page_arena, messages, count);
    }
    arena_done(&page_arena);
    *ret = s.found;
    *ret_count = s.count;
    *ret_more = more || s.count == limit;
    return r;
}
