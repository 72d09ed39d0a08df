/* handlers_care.c - the directory, relationships, conversations; and the clinic's public facts. */
#include "api/bodies.h"
#include "api/cursor.h"
#include "api/handlers.h"
#include "api/views.h"
#include "base/error.h"

#define LIST_DEFAULT 50
#define LIST_MAX 100

static int read_limit(struct exchange *ex, int64_t *ret)
{
    return query_i64(ex, "limit", 1, LIST_MAX, LIST_DEFAULT, ret);
}

/* Where a list sorted by time goes on, and how far. */
static int read_time_page(struct exchange *ex, struct time_cursor *ret_before, int64_t *ret_limit)
{
    static const char *const known[] = {"limit", "cursor", NULL};

    int r = query_only(ex, known);
    if (r == 0)
        r = read_limit(ex, ret_limit);
    return r < 0 ? r : cursor_read_time(ex, ret_before);
}

static struct list_reply *new_list(struct exchange *ex, size_t size,
                                   void (*write)(struct buf *, const char *, const void *))
{
    struct list_reply *list = arena_new(ex->call.arena, struct list_reply);

    if (list) {
        list->size = size;
        list->write = write;
        ex->reply = list;
    }
    return list;
}

int handle_health(struct exchange *ex)
{
    ex->reply = "ok";
    return 0;
}

int handle_ready(struct exchange *ex)
{
    ex->reply = "ok";
    return app_ready(&ex->call);
}

int handle_clinic(struct exchange *ex)
{
    ex->reply = &ex->call.app->config;
    return 0;
}

int handle_doctors(struct exchange *ex)
{
    static const char *const known[] = {"specialty", "q", "limit", "cursor", NULL};
    struct list_reply *list = new_list(ex, sizeof(struct doctor), item_doctor);
    struct doctor_search in = {0};
    struct name_cursor next = {0};
    struct doctor *doctors = NULL;

    if (!list)
        return -E_NO_MEMORY;
    int r = query_only(ex, known);
    if (r == 0)
        r = query_text(ex, "specialty", &in.specialty);
    if (r == 0)
        r = query_text(ex, "q", &in.text);
    if (r == 0)
        r = read_limit(ex, &in.limit);
    if (r == 0)
        r = cursor_read_name(ex, &in.after);
    if (r == 0)
        r = directory_list(&ex->call, &in, &doctors, &list->count, &next);
    if (r < 0)
        return r;
    list->items = doctors;
    list->next_cursor = cursor_write_name(ex->call.arena, &next);
    return 0;
}

int handle_doctor(struct exchange *ex)
{
    struct doctor *doctor = arena_new(ex->call.arena, struct doctor);

    ex->reply = doctor;
    return doctor ? directory_get(&ex->call, &ex->id, doctor) : -E_NO_MEMORY;
}

int handle_ask(struct exchange *ex)
{
    const struct ask_body *in = ex->body;
    struct relationship *r_ = arena_new(ex->call.arena, struct relationship);
    bool is_new = false;

    if (!r_)
        return -E_NO_MEMORY;
    ex->reply = r_;
    int r =
        care_ask(&ex->call, &(struct care_request){in->doctor_id, in->patient_email}, r_, &is_new);
    if (r == 0 && !is_new)
        ex->status = 200;
    return r;
}

int handle_relationships(struct exchange *ex)
{
    struct list_reply *list = new_list(ex, sizeof(struct relationship), item_relationship);
    struct relationship *items = NULL;
    struct time_cursor before = {0};
    struct time_cursor next = {0};
    int64_t limit = 0;

    if (!list)
        return -E_NO_MEMORY;
    int r = read_time_page(ex, &before, &limit);
    if (r == 0)
        r = care_list(&ex->call, &before, limit, &items, &list->count, &next);
    if (r < 0)
        return r;
    list->items = items;
    list->next_cursor = cursor_write_time(ex->call.arena, &next);
    return 0;
}

static int move(struct exchange *ex, enum relationship_action action)
{
    struct relationship *r = arena_new(ex->call.arena, struct relationship);

    ex->reply = r;
    return r ? care_move(&ex->call, &ex->id, action, r) : -E_NO_MEMORY;
}

int handle_accept(struct exchange *ex)
{
    return move(ex, RELATIONSHIP_ACCEPT);
}

int handle_decline(struct exchange *ex)
{
    return move(ex, RELATIONSHIP_DECLINE);
}

int handle_end(struct exchange *ex)
{
    return move(ex, RELATIONSHIP_END);
}

int handle_conversations(struct exchange *ex)
{
    struct list_reply *list = new_list(ex, sizeof(struct conversation_view), item_conversation);
    struct conversation_view *items = NULL;
    struct time_cursor before = {0};
    struct time_cursor next = {0};
    int64_t limit = 0;

    if (!list)
        return -E_NO_MEMORY;
    int r = read_time_page(ex, &before, &limit);
    if (r == 0)
        r = conversations_list(&ex->call, &before, limit, &items, &list->count, &next);
    if (r < 0)
        return r;
    list->items = items;
    list->next_cursor = cursor_write_time(ex->call.arena, &next);
    return 0;
}

int handle_conversation(struct exchange *ex)
{
    struct conversation_view *v = arena_new(ex->call.arena, struct conversation_view);

    ex->reply = v;
    return v ? conversations_get(&ex->call, &ex->id, v) : -E_NO_MEMORY;
}

int handle_history(struct exchange *ex)
{
    static const char *const known[] = {"before", "after", "limit", NULL};
    struct list_reply *list = new_list(ex, sizeof(struct message), item_message);
    struct history_page page = {0};
    struct message *messages = NULL;

    if (!list)
        return -E_NO_MEMORY;
    int r = query_only(ex, known);
    if (r == 0)
        r = query_i64(ex, "before", 1, INT64_MAX, 0, &page.before);
    if (r == 0)
        r = query_i64(ex, "after", 0, INT64_MAX, -1, &page.after);
    if (r == 0)
        r = read_limit(ex, &page.limit);
    if (r == 0)
        r = conversations_history(&ex->call, &ex->id, &page, &messages, &list->count,
                                  &list->has_more);
    list->items = messages;
    list->by_seq = true;
    return r;
}

int handle_search(struct exchange *ex)
{
    static const char *const known[] = {"q", "limit", NULL};
    struct list_reply *list = new_list(ex, sizeof(struct message), item_message);
    struct message *messages = NULL;
    struct str text;
    int64_t limit = 0;

    if (!list)
        return -E_NO_MEMORY;
    int r = query_only(ex, known);
    if (r == 0)
        r = query_text(ex, "q", &text);
    if (r == 0)
        r = read_limit(ex, &limit);
    if (r == 0)
        r = conversations_search(&ex->call, &ex->id, text, limit, &messages, &list->count,
                                 &list->has_more);
    list->items = messages;
    list->by_seq = true;
    return r;
}
