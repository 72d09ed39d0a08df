/* conversations.h - a member's conversations and their history. Reads only. */
#ifndef ACOLHE_APP_CONVERSATIONS_H
#define ACOLHE_APP_CONVERSATIONS_H

#include "app/app.h"
#include "app/care.h"

/* A conversation as one of its members sees it. */
struct conversation_view {
    struct id id;
    struct id relationship;
    enum conversation_state state;
    struct id peer;
    struct str peer_name;
    enum role peer_role;
    struct doctor *doctor; /* the peer, where it is the doctor; else NULL */
    bool peer_online;      /* only told to doctors */
    bool viewer_is_doctor;
    int64_t last_seq;
    int64_t last_at;
    int64_t unread;
    int64_t peer_delivered;
    int64_t peer_read;
    int64_t own_read;
    struct message *last_message; /* NULL: there is none */
};

/* RIGHT_CARE. Latest activity first; *ret_next.at is 0 at the end. */
int conversations_list(struct call *call, const struct time_cursor *before, int64_t limit,
                       struct conversation_view **ret, size_t *ret_count,
                       struct time_cursor *ret_next);
/* RIGHT_CONVERSATION_READ. */
int conversations_get(struct call *call, const struct id *id, struct conversation_view *ret);

struct history_page {
    int64_t before; /* exclusive; 0: not given */
    int64_t after;  /* exclusive; -1: not given */
    int64_t limit;
};
/* RIGHT_CONVERSATION_READ. Ascending; without `after`, the last ones of the range. */
int conversations_history(struct call *call, const struct id *id, const struct history_page *page,
                          struct message **ret, size_t *ret_count, bool *ret_more);
/* RIGHT_CONVERSATION_READ. Newest first; `text` of 2–100 characters. */
int conversations_search(struct call *call, const struct id *id, struct str text, int64_t limit,
                         struct message **ret, size_t *ret_count, bool *ret_more);

#endif
