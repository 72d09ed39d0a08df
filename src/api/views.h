/*
 * views.h - how things look in JSON outside (docs/openapi.yaml says the same for people). Each
 * writes one JSON value; `name` is the member it is written under, NULL for an item or the whole.
 */
#ifndef ACOLHE_API_VIEWS_H
#define ACOLHE_API_VIEWS_H

#include "app/admin.h"
#include "app/conversations.h"
#include "app/sign_in.h"
#include "json/emit.h"

void view_doctor(struct buf *b, const char *name, const struct doctor *doctor);
void view_account(struct buf *b, const char *name, const struct account *account);
void view_relationship(struct buf *b, const char *name, const struct relationship *r);
void view_message(struct buf *b, const char *name, const struct message *m);
void view_conversation(struct buf *b, const char *name, const struct conversation_view *v);
void view_session(struct buf *b, const char *name, const struct session *session,
                  int64_t idle_expires_at);
/* `hash`: with the row's place in the chain, for exports. */
void view_audit_row(struct buf *b, const char *name, const struct audit_row *row, bool hash);

/* ---- whole answers: the `reply` column of routes.def; `in` is what the handler set ---- */

struct list_reply {
    const void *items;
    size_t count;
    size_t size;
    void (*write)(struct buf *b, const char *name, const void *item);
    struct str next_cursor; /* STR_NONE: the end */
    bool has_more;          /* instead of the cursor, for messages */
    bool by_seq;
};

void reply_signed_in(struct buf *b, const void *in);    /* struct signed_in */
void reply_extended(struct buf *b, const void *in);     /* struct signed_in */
void reply_account(struct buf *b, const void *in);      /* struct account */
void reply_doctor(struct buf *b, const void *in);       /* struct doctor */
void reply_relationship(struct buf *b, const void *in); /* struct relationship */
void reply_conversation(struct buf *b, const void *in); /* struct conversation_view */
void reply_list(struct buf *b, const void *in);         /* struct list_reply */
void reply_clinic(struct buf *b, const void *in);       /* struct app_config */
struct link_reply {
    const struct account *account; /* NULL: left out */
    struct password_link link;
};
void reply_link(struct buf *b, const void *in);  /* struct link_reply */
void reply_ready(struct buf *b, const void *in); /* const char *: "ok" */

/* The items' writers for list_reply. */
void item_doctor(struct buf *b, const char *name, const void *item);
void item_account(struct buf *b, const char *name, const void *item);
void item_relationship(struct buf *b, const char *name, const void *item);
void item_message(struct buf *b, const char *name, const void *item);
void item_conversation(struct buf *b, const char *name, const void *item);
void item_session_row(struct buf *b, const char *name, const void *item);
void item_audit_row(struct buf *b, const char *name, const void *item);

#endif
