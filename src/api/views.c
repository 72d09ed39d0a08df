/* views.c - see views.h. */
#include "api/views.h"

#include "base/clock.h"
#include "domain/message_rules.h"
#include "realtime/frames.h"

static void emit_minutes(struct buf *b, const char *name, int64_t minutes)
{
    char text[DAY_MINUTE_TEXT + 1];

    day_minute_format(minutes, text);
    emit_literal(b, name, text);
}

static void emit_practice(struct buf *b, const struct doctor *doctor)
{
    emit_open(b, "hours", '[');
    for (size_t i = 0; i < doctor->hour_count; i++) {
        emit_open(b, NULL, '{');
        emit_i64(b, "weekday", doctor->hours[i].weekday);
        emit_minutes(b, "start", doctor->hours[i].start_min);
        emit_minutes(b, "end", doctor->hours[i].end_min);
        emit_close(b, '}');
    }
    emit_close(b, ']');
    emit_text(b, "timezone", doctor->timezone);
    if (doctor->usual_reply_minutes > 0)
        emit_i64(b, "usual_reply_minutes", doctor->usual_reply_minutes);
    else
        emit_null(b, "usual_reply_minutes");
    emit_bool(b, "open_now", doctor->open_now);
    emit_time(b, "next_open_at", doctor->next_open_at);
}

void view_doctor(struct buf *b, const char *name, const struct doctor *doctor)
{
    emit_open(b, name, '{');
    emit_id(b, "id", &doctor->id);
    emit_text(b, "name", doctor->name);
    emit_text(b, "crm", doctor->crm);
    emit_text(b, "uf", doctor->uf);
    emit_bool(b, "verified", doctor->verified);
    emit_open(b, "specialties", '[');
    for (size_t i = 0; i < doctor->specialty_count; i++) {
        emit_open(b, NULL, '{');
        emit_text(b, "name", doctor->specialties[i].name);
        emit_text(b, "rqe", doctor->specialties[i].rqe);
        emit_close(b, '}');
    }
    emit_close(b, ']');
    emit_practice(b, doctor);
    emit_text(b, "about", doctor->about);
    emit_close(b, '}');
}

void view_account(struct buf *b, const char *name, const struct account *account)
{
    emit_open(b, name, '{');
    emit_id(b, "id", &account->id);
    emit_literal(b, "role", role_names[account->role - 1]);
    emit_text(b, "name", account->name);
    emit_text(b, "social_name", account->social_name);
    emit_text(b, "display_name", account->display_name);
    emit_text(b, "email", account->email);
    emit_text(b, "locale", account->locale);
    emit_text(b, "phone", account->phone);
    emit_text(b, "birth_date", account->birth_date);
    emit_text(b, "cpf_masked", account->cpf_masked);
    emit_literal(b, "state", account_state_names[account->state - 1]);
    emit_time(b, "created_at", account->created_at);
    if (account->doctor)
        view_doctor(b, "doctor", account->doctor);
    emit_close(b, '}');
}

static void emit_person(struct buf *b, const char *name, const struct person *person)
{
    emit_open(b, name, '{');
    emit_id(b, "id", &person->id);
    emit_text(b, "name", person->name);
}

void view_relationship(struct buf *b, const char *name, const struct relationship *r)
{
    emit_open(b, name, '{');
    emit_id(b, "id", &r->id);
    emit_literal(b, "state", relationship_state_names[r->state - 1]);
    emit_id(b, "requested_by", &r->requested_by);
    emit_person(b, "patient", &r->patient);
    emit_close(b, '}');
    emit_person(b, "doctor", &r->doctor);
    emit_text(b, "crm", r->crm);
    emit_text(b, "uf", r->uf);
    emit_close(b, '}');
    emit_id(b, "conversation_id", &r->conversation);
    emit_time(b, "created_at", r->created_at);
    emit_time(b, "updated_at", r->updated_at);
    emit_close(b, '}');
}

void view_message(struct buf *b, const char *name, const struct message *m)
{
    emit_open(b, name, '{');
    message_members(b, m);
    emit_close(b, '}');
}

void view_conversation(struct buf *b, const char *name, const struct conversation_view *v)
{
    emit_open(b, name, '{');
    emit_id(b, "id", &v->id);
    emit_id(b, "relationship_id", &v->relationship);
    emit_open(b, "peer", '{');
    emit_id(b, "id", &v->peer);
    emit_text(b, "name", v->peer_name);
    emit_literal(b, "role", role_names[v->peer_role - 1]);
    if (v->doctor) {
        emit_text(b, "crm", v->doctor->crm);
        emit_text(b, "uf", v->doctor->uf);
        emit_practice(b, v->doctor);
    }
    emit_close(b, '}');
    emit_literal(b, "state", conversation_state_names[v->state - 1]);
    emit_i64(b, "last_seq", v->last_seq);
    emit_i64(b, "unread", v->unread);
    emit_i64(b, "delivered_seq", v->peer_delivered);
    emit_i64(b, "read_seq", v->peer_read);
    emit_i64(b, "own_read_seq", v->own_read);
    if (v->last_message)
        view_message(b, "last_message", v->last_message);
    else
        emit_null(b, "last_message");
    if (v->viewer_is_doctor)
        emit_bool(b, "peer_online", v->peer_online);
    emit_close(b, '}');
}

void view_session(struct buf *b, const char *name, const struct session *session,
                  int64_t idle_expires_at)
{
    emit_open(b, name, '{');
    emit_id(b, "id", &session->id);
    emit_time(b, "idle_expires_at", idle_expires_at);
    emit_time(b, "expires_at", session->expires_at);
    emit_close(b, '}');
}

void view_audit_row(struct buf *b, const char *name, const struct audit_row *row, bool hash)
{
    char hex[2 * CRYPTO_SHA256 + 1];

    emit_open(b, name, '{');
    emit_id(b, "node", &row->node);
    emit_i64(b, "seq", row->seq);
    emit_time(b, "at", row->at);
    emit_id(b, "actor", &row->actor);
    emit_text(b, "action", row->action);
    emit_text(b, "object_type", row->object_type);
    emit_id(b, "object_id", &row->object);
    emit_text(b, "outcome", row->outcome);
    emit_text(b, "address", row->address);
    emit_text(b, "request_id", row->request_id);
    emit_text(b, "detail", row->detail);
    if (hash) {
        crypto_hex(row->hash, sizeof row->hash, hex);
        emit_literal(b, "hash", hex);
    }
    emit_close(b, '}');
}

void reply_signed_in(struct buf *b, const void *in)
{
    const struct signed_in *s = in;

    emit_open(b, NULL, '{');
    view_account(b, "user", &s->account);
    emit_literal(b, "csrf_token", s->csrf);
    view_session(b, "session", &s->session, s->idle_expires_at);
    emit_close(b, '}');
}

void reply_extended(struct buf *b, const void *in)
{
    const struct signed_in *s = in;

    emit_open(b, NULL, '{');
    view_session(b, "session", &s->session, s->idle_expires_at);
    emit_close(b, '}');
}

void reply_account(struct buf *b, const void *in)
{
    view_account(b, NULL, in);
}

void reply_doctor(struct buf *b, const void *in)
{
    view_doctor(b, NULL, in);
}

void reply_relationship(struct buf *b, const void *in)
{
    view_relationship(b, NULL, in);
}

void reply_conversation(struct buf *b, const void *in)
{
    view_conversation(b, NULL, in);
}

void reply_list(struct buf *b, const void *in)
{
    const struct list_reply *l = in;

    emit_open(b, NULL, '{');
    emit_open(b, "items", '[');
    for (size_t i = 0; i < l->count; i++)
        l->write(b, NULL, (const char *)l->items + i * l->size);
    emit_close(b, ']');
    if (l->by_seq)
        emit_bool(b, "has_more", l->has_more);
    else
        emit_text(b, "next_cursor", l->next_cursor);
    emit_close(b, '}');
}

void reply_clinic(struct buf *b, const void *in)
{
    const struct app_config *c = in;

    emit_open(b, NULL, '{');
    emit_text(b, "name", c->clinic_name);
    emit_text(b, "technical_director", c->technical_director);
    emit_text(b, "terms_version", c->terms_version);
    emit_bool(b, "email_verification", false);
    emit_text(b, "timezone", c->timezone);
    emit_literal(b, "emergency_number", "192");
    emit_open(b, "limits", '{');
    emit_i64(b, "message_chars", MESSAGE_MAX_CHARS);
    emit_i64(b, "edit_window_s", MESSAGE_EDIT_WINDOW_US / US_PER_S);
    emit_close(b, '}');
    emit_open(b, "session", '{');
    emit_i64(b, "idle_s", c->sessions.idle_us / US_PER_S);
    emit_i64(b, "absolute_s", c->sessions.absolute_us / US_PER_S);
    emit_i64(b, "warn_s", 60);
    emit_close(b, '}');
    emit_close(b, '}');
}

void reply_link(struct buf *b, const void *in)
{
    const struct link_reply *l = in;

    emit_open(b, NULL, '{');
    if (l->account)
        view_account(b, "user", l->account);
    emit_text(b, "set_password_url", l->link.url);
    emit_time(b, "expires_at", l->link.expires_at);
    emit_close(b, '}');
}

void reply_ready(struct buf *b, const void *in)
{
    emit_open(b, NULL, '{');
    emit_literal(b, "status", in);
    emit_close(b, '}');
}

void item_doctor(struct buf *b, const char *name, const void *item)
{
    view_doctor(b, name, item);
}

void item_account(struct buf *b, const char *name, const void *item)
{
    view_account(b, name, item);
}

void item_relationship(struct buf *b, const char *name, const void *item)
{
    view_relationship(b, name, item);
}

void item_message(struct buf *b, const char *name, const void *item)
{
    view_message(b, name, item);
}

void item_conversation(struct buf *b, const char *name, const void *item)
{
    view_conversation(b, name, item);
}

void item_session_row(struct buf *b, const char *name, const void *item)
{
    const struct session_row *row = item;

    emit_open(b, name, '{');
    emit_id(b, "id", &row->id);
    emit_bool(b, "current", row->current);
    emit_time(b, "created_at", row->created_at);
    emit_time(b, "last_seen_at", row->last_seen_at);
    emit_time(b, "expires_at", row->expires_at);
    emit_text(b, "address", row->address);
    emit_text(b, "user_agent", row->user_agent);
    emit_close(b, '}');
}

void item_audit_row(struct buf *b, const char *name, const void *item)
{
    view_audit_row(b, name, item, false);
}
