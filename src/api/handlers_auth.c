/* handlers_auth.c - sign-up, sign-in, sessions, passwords, one's own account. */
#include "api/bodies.h"
#include "api/handlers.h"
#include "api/views.h"
#include "base/clock.h"
#include "base/error.h"

static struct signed_in *new_signed_in(struct exchange *ex)
{
    struct signed_in *s = arena_new(ex->call.arena, struct signed_in);

    ex->reply = s;
    return s;
}

/* Wrong passwords count against the pair of account and address, and against the account: a guesser
 * is slowed down early, and the owner elsewhere is not locked out by a few strangers. */
struct attempt {
    uint64_t pair;
    uint64_t account;
};

/* `kind`: a sign-in names its account by a text of the guesser's choice, which must not reach the
 * tokens of who changes a password. */
static int attempt_begin(struct exchange *ex, const char *kind, struct str account,
                         struct attempt *ret)
{
    const uint64_t from = limits_key_address(ex->call.address);
    int64_t now = clock_mono_us();

    ret->pair = limits_key_text(kind, account, str_of(&from, sizeof from));
    ret->account = limits_key_text(kind, account, STR_NONE);
    if (limits_take(ex->limits, RATE_SIGN_IN_PAIR, ret->pair, now, &ex->retry_after_s) &&
        limits_take(ex->limits, RATE_SIGN_IN_ACCOUNT, ret->account, now, &ex->retry_after_s))
        return 0;
    return -E_RATE_LIMITED;
}

/* Only a wrong answer counts: not a right one, nor one that we could not look at. */
static void attempt_end(struct exchange *ex, const struct attempt *a, int r)
{
    if (r < 0 && error_info(r)->status != 503)
        return;
    limits_return(ex->limits, RATE_SIGN_IN_PAIR, a->pair);
    limits_return(ex->limits, RATE_SIGN_IN_ACCOUNT, a->account);
}

static struct str lower(struct exchange *ex, struct str s)
{
    char *copy = arena_cstring(ex->call.arena, s);

    for (size_t i = 0; copy && i < s.n; i++)
        if (copy[i] >= 'A' && copy[i] <= 'Z')
            copy[i] = (char)(copy[i] | 0x20);
    return str_of(copy, copy ? s.n : 0);
}

int handle_register(struct exchange *ex)
{
    struct signed_in *s = new_signed_in(ex);

    if (!s)
        return -E_NO_MEMORY;
    int r = sign_up(&ex->call, ex->body, s);
    if (r == 0)
        ex->set_token = str_from(s->token);
    return r;
}

int handle_login(struct exchange *ex)
{
    const struct sign_in_request *in = ex->body;
    struct signed_in *s = new_signed_in(ex);
    struct attempt attempt;

    if (!s)
        return -E_NO_MEMORY;
    int r = attempt_begin(ex, "sign_in", lower(ex, in->email), &attempt);
    if (r < 0)
        return r;
    r = sign_in(&ex->call, in, s);
    attempt_end(ex, &attempt, r);
    if (r == 0)
        ex->set_token = str_from(s->token);
    return r;
}

int handle_set_password(struct exchange *ex)
{
    return password_set_by_link(&ex->call, ex->body);
}

int handle_change_password(struct exchange *ex)
{
    char id[ID_TEXT + 1];
    struct attempt attempt;

    id_format(&ex->call.session->user, id);
    int r = attempt_begin(ex, "password", str_from(id), &attempt);
    if (r < 0)
        return r;
    r = password_change(&ex->call, ex->body);
    attempt_end(ex, &attempt, r);
    return r;
}

int handle_logout(struct exchange *ex)
{
    ex->clear_cookie = true;
    return sign_out(&ex->call);
}

int handle_extend(struct exchange *ex)
{
    struct signed_in *s = new_signed_in(ex);

    return s ? session_extend(&ex->call, s) : -E_NO_MEMORY;
}

int handle_sessions(struct exchange *ex)
{
    struct list_reply *list = arena_new(ex->call.arena, struct list_reply);
    struct session_row *rows;

    if (!list)
        return -E_NO_MEMORY;
    int r = sessions_of_account(&ex->call, &rows, &list->count);
    list->items = rows;
    list->size = sizeof *rows;
    list->write = item_session_row;
    ex->reply = list;
    return r;
}

int handle_session_revoke(struct exchange *ex)
{
    ex->clear_cookie = id_eq(&ex->id, &ex->call.session->id);
    return session_revoke(&ex->call, &ex->id);
}

int handle_me(struct exchange *ex)
{
    struct signed_in *s = new_signed_in(ex);

    return s ? who_am_i(&ex->call, s) : -E_NO_MEMORY;
}

int handle_me_update(struct exchange *ex)
{
    int r = profile_update(&ex->call, ex->body);

    return r < 0 ? r : handle_me(ex);
}

int handle_practice(struct exchange *ex)
{
    const struct practice_body *in = ex->body;
    const struct hours_body *hours = in->hours.items;
    struct doctor *doctor = arena_new(ex->call.arena, struct doctor);
    struct practice practice = {
        .hours = arena_array(ex->call.arena, in->hours.count, sizeof(struct office_interval)),
        .hour_count = in->hours.count,
        .usual_reply_minutes = in->usual_reply_minutes,
        .timezone = in->timezone,
        .about = in->about.p ? in->about : STR(""),
    };

    if (!doctor || !practice.hours)
        return -E_NO_MEMORY;
    for (size_t i = 0; i < in->hours.count; i++) {
        struct office_interval *to = &practice.hours[i];
        to->weekday = hours[i].weekday;
        if (day_minute_parse(hours[i].start, &to->start_min) < 0 ||
            day_minute_parse(hours[i].end, &to->end_min) < 0)
            return call_invalid(&ex->call, "hours", "invalid", "Give times as HH:MM.");
    }
    ex->reply = doctor;
    return practice_update(&ex->call, &practice, doctor);
}
