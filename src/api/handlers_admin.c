/* handlers_admin.c - accounts, verification, the audit trail. */
#include "api/bodies.h"
#include "api/cursor.h"
#include "api/handlers.h"
#include "api/views.h"
#include "base/error.h"

static const char *const verified_names[] = {"true", "false", NULL};

int handle_admin_add(struct exchange *ex)
{
    const struct staff_body *in = ex->body;
    struct link_reply *reply = arena_new(ex->call.arena, struct link_reply);
    struct account *account = arena_new(ex->call.arena, struct account);
    const struct staff_request request = {
        .role = (enum role)(in->role + 1), /* the list starts with the doctor */
        .name = in->name,
        .social_name = in->social_name,
        .email = in->email,
        .locale = in->locale,
        .phone = in->phone,
        .crm = in->crm,
        .uf = in->uf,
        .specialties = in->specialties.items,
        .specialty_count = in->specialties.count,
    };

    if (!reply || !account)
        return -E_NO_MEMORY;
    int r = admin_add(&ex->call, &request, account);
    if (r == 0)
        r = admin_make_link(&ex->call, &account->id, &reply->link);
    reply->account = account;
    ex->reply = reply;
    return r;
}

int handle_admin_list(struct exchange *ex)
{
    static const char *const known[] = {"role", "state", "verified", "q", "limit", "cursor", NULL};
    struct list_reply *list = arena_new(ex->call.arena, struct list_reply);
    struct account_search in = {0};
    struct name_cursor next = {0};
    struct account *accounts = NULL;
    int64_t verified = 0;

    if (!list)
        return -E_NO_MEMORY;
    int r = query_only(ex, known);
    if (r == 0)
        r = query_enum(ex, "role", role_names, &in.role);
    if (r == 0)
        r = query_enum(ex, "state", account_state_names, &in.state);
    if (r == 0)
        r = query_enum(ex, "verified", verified_names, &verified);
    if (r == 0)
        r = query_text(ex, "q", &in.text);
    if (r == 0)
        r = query_i64(ex, "limit", 1, 100, 50, &in.limit);
    if (r == 0)
        r = cursor_read_name(ex, &in.after);
    if (r < 0)
        return r;
    in.verified = verified == 0 ? -1 : verified == 1;
    r = admin_list(&ex->call, &in, &accounts, &list->count, &next);
    if (r < 0)
        return r;
    list->items = accounts;
    list->size = sizeof *accounts;
    list->write = item_account;
    list->next_cursor = cursor_write_name(ex->call.arena, &next);
    ex->reply = list;
    return 0;
}

static struct account *new_account_reply(struct exchange *ex)
{
    struct account *account = arena_new(ex->call.arena, struct account);

    ex->reply = account;
    return account;
}

int handle_admin_get(struct exchange *ex)
{
    struct account *account = new_account_reply(ex);

    return account ? admin_get(&ex->call, &ex->id, account) : -E_NO_MEMORY;
}

int handle_admin_disable(struct exchange *ex)
{
    struct account *account = new_account_reply(ex);

    return account ? admin_set_state(&ex->call, &ex->id, ACCOUNT_DISABLED, account) : -E_NO_MEMORY;
}

int handle_admin_enable(struct exchange *ex)
{
    struct account *account = new_account_reply(ex);

    return account ? admin_set_state(&ex->call, &ex->id, ACCOUNT_ACTIVE, account) : -E_NO_MEMORY;
}

int handle_admin_link(struct exchange *ex)
{
    struct link_reply *reply = arena_new(ex->call.arena, struct link_reply);

    ex->reply = reply;
    return reply ? admin_make_link(&ex->call, &ex->id, &reply->link) : -E_NO_MEMORY;
}

int handle_admin_verify(struct exchange *ex)
{
    struct account *account = new_account_reply(ex);

    return account ? admin_set_verified(&ex->call, &ex->id, true, account) : -E_NO_MEMORY;
}

int handle_admin_unverify(struct exchange *ex)
{
    struct account *account = new_account_reply(ex);

    return account ? admin_set_verified(&ex->call, &ex->id, false, account) : -E_NO_MEMORY;
}

int handle_admin_audit(struct exchange *ex)
{
    static const char *const known[] = {"actor", "action", "object", "from",
                                        "to",    "limit",  "cursor", NULL};
    struct list_reply *list = arena_new(ex->call.arena, struct list_reply);
    struct audit_search in = {0};
    struct audit_row *rows = NULL;
    bool more = false;

    if (!list)
        return -E_NO_MEMORY;
    int r = query_only(ex, known);
    if (r == 0)
        r = query_id(ex, "actor", &in.actor);
    if (r == 0)
        r = query_id(ex, "object", &in.object);
    if (r == 0)
        r = query_text(ex, "action", &in.action);
    if (r == 0)
        r = query_time(ex, "from", &in.from_at);
    if (r == 0)
        r = query_time(ex, "to", &in.to_at);
    if (r == 0)
        r = query_i64(ex, "limit", 1, 100, 50, &in.limit);
    if (r == 0)
        r = cursor_read_pair(ex, &in.before_at, &in.before_seq);
    if (r == 0)
        r = admin_audit(&ex->call, &in, &rows, &list->count, &more);
    if (r < 0)
        return r;
    list->items = rows;
    list->size = sizeof *rows;
    list->write = item_audit_row;
    if (more)
        list->next_cursor =
            cursor_write_pair(ex->call.arena, rows[list->count - 1].at, rows[list->count - 1].seq);
    ex->reply = list;
    return 0;
}
