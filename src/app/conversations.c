/* conversations.c - see conversations.h. */
#include "app/conversations.h"

#include "base/error.h"
#include "domain/fold.h"
#include "store/conversations.h"
#include "store/doctors.h"
#include "store/messages.h"
#include "store/relationships.h"

#define SEARCH_TEXT_MIN 2
#define SEARCH_TEXT_MAX 100

static int read_last_message(struct call *call, const struct grant *g,
                             const struct conversation *conversation,
                             struct conversation_view *view)
{
    const struct message_page page = {.before = INT64_MAX, .limit = 1, .from_end = true};
    struct message *messages;
    size_t count;
    bool more;

    int r = message_list(call->db, g, call->arena, call->app->keys, conversation, &page, &messages,
                         &count, &more);
    if (r == 0 && count > 0)
        view->last_message = messages;
    return r;
}

static int read_peer(struct call *call, const struct grant *g,
                     const struct conversation *conversation, enum side side,
                     struct conversation_view *view)
{
    const struct grant *relationship_grant;
    struct relationship relationship;

    int r = authz_relationship(call->db, call->arena, call->session, &conversation->relationship,
                               &relationship, &relationship_grant);
    if (r < 0)
        return r;
    if (side == SIDE_DOCTOR) {
        view->peer_name = relationship.patient.name;
        view->peer_role = ROLE_PATIENT;
        /* whoever ended the relationship is no longer watched */
        view->peer_online = view->state == CONVERSATION_OPEN && call->app->realtime &&
                            hub_online(realtime_hub(call->app->realtime), &view->peer);
        return 0;
    }
    view->peer_name = relationship.doctor.name;
    view->peer_role = ROLE_DOCTOR;
    view->doctor = arena_new(call->arena, struct doctor);
    return view->doctor ? doctor_of_conversation(call->db, g, call->arena, &conversation->id,
                                                 &view->peer, call->now_us, view->doctor)
                        : -E_NO_MEMORY;
}

int conversations_get(struct call *call, const struct id *id, struct conversation_view *ret)
{
    struct conversation conversation;
    const struct grant *g;

    int r = authz_conversation(call->db, call->arena, call->session, id, RIGHT_CONVERSATION_READ,
                               &conversation, &g);
    if (r < 0)
        return r;
    enum side side = authz_side(&conversation, &call->session->user);
    const struct watermarks *own = &conversation.marks[side - 1];
    const struct watermarks *peer = &conversation.marks[2 - side];
    *ret = (struct conversation_view){
        .id = conversation.id,
        .relationship = conversation.relationship,
        .state = conversation.doctor_verified ? conversation.state : CONVERSATION_CLOSED,
        .peer = conversation.member[2 - side],
        .viewer_is_doctor = side == SIDE_DOCTOR,
        .last_seq = conversation.last_seq,
        .last_at = conversation.last_at,
        .peer_delivered = peer->delivered,
        .peer_read = peer->read,
        .own_read = own->read,
    };
    r = message_count_unread(call->db, g, &conversation, side, own->read, &ret->unread);
    if (r == 0)
        r = read_last_message(call, g, &conversation, ret);
    return r < 0 ? r : read_peer(call, g, &conversation, side, ret);
}

int conversations_list(struct call *call, const struct time_cursor *before, int64_t limit,
                       struct conversation_view **ret, size_t *ret_count,
                       struct time_cursor *ret_next)
{
    const struct page_key from = {before->id, before->at};
    struct page_key *keys = NULL;
    size_t count = 0;

    *ret_next = (struct time_cursor){0};
    int r = conversation_list(call->db, call->grant, call->arena, &from, limit + 1, &keys, &count);
    if (r < 0)
        return r;
    if (count > (size_t)limit) {
        count--;
        *ret_next = (struct time_cursor){keys[count - 1].at, keys[count - 1].id};
    }
    *ret = arena_array(call->arena, count, sizeof **ret);
    *ret_count = count;
    if (!*ret)
        return -E_NO_MEMORY;
    for (size_t i = 0; r == 0 && i < count; i++)
        r = conversations_get(call, &keys[i].id, &(*ret)[i]);
    return r;
}

int conversations_history(struct call *call, const struct id *id, const struct history_page *page,
                          struct message **ret, size_t *ret_count, bool *ret_more)
{
    const struct message_page range = {
        .after = page->after > 0 ? page->after : 0,
        .before = page->before > 0 ? page->before : INT64_MAX,
        .limit = page->limit,
        .from_end = page->after < 0,
    };
    struct conversation conversation;
    const struct grant *g;

    int r = authz_conversation(call->db, call->arena, call->session, id, RIGHT_CONVERSATION_READ,
                               &conversation, &g);
    return r < 0 ? r
                 : message_list(call->db, g, call->arena, call->app->keys, &conversation, &range,
                                ret, ret_count, ret_more);
}

int conversations_search(struct call *call, const struct id *id, struct str text, int64_t limit,
                         struct message **ret, size_t *ret_count, bool *ret_more)
{
    struct conversation conversation;
    const struct grant *g = NULL;
    struct str folded = STR_NONE;
    size_t chars = 0;

    text = str_trim(text);
    if (!str_utf8(text, &chars) || chars < SEARCH_TEXT_MIN || chars > SEARCH_TEXT_MAX)
        return call_invalid(call, "q", chars > SEARCH_TEXT_MAX ? "too_long" : "too_short",
                            "Search for 2 to 100 characters.");
    int r = text_fold(text, call->arena, &folded);
    if (r == 0)
        r = authz_conversation(call->db, call->arena, call->session, id, RIGHT_CONVERSATION_READ,
                               &conversation, &g);
    return r < 0 ? r
                 : message_search(call->db, g, call->arena, call->app->keys, &conversation, folded,
                                  (size_t)limit, ret, ret_count, ret_more);
}
