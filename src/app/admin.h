/*
 * admin.h - administering accounts: people of the clinic are added here and set their password by
 * a one-time link; doctors are verified by hand. No message is ever within reach of these.
 * Inside the caller's write transaction. RIGHT_ACCOUNTS throughout (RIGHT_TRAIL for the trail).
 */
#ifndef ACOLHE_APP_ADMIN_H
#define ACOLHE_APP_ADMIN_H

#include "app/app.h"
#include "app/directory.h"
#include "store/audit.h"

struct staff_request {
    enum role role; /* doctor, receptionist or admin; the command line also makes patients */
    struct str name;
    struct str social_name;
    struct str email;
    struct str locale;
    struct str phone;
    struct str birth_date; /* patients, where the operator knows it */
    struct str crm;
    struct str uf;
    struct specialty *specialties;
    size_t specialty_count;
    struct str password_hash; /* STR_NONE: a link is to be made */
};
int admin_add(struct call *call, const struct staff_request *in, struct account *ret);

struct password_link {
    struct str url; /* PUBLIC_URL/set-password#TOKEN: shown once, only its hash is stored */
    int64_t expires_at;
};
int admin_make_link(struct call *call, const struct id *user, struct password_link *ret);

int admin_get(struct call *call, const struct id *user, struct account *ret);
int admin_set_state(struct call *call, const struct id *user, enum account_state state,
                    struct account *ret);
int admin_set_verified(struct call *call, const struct id *doctor, bool verified,
                       struct account *ret);

struct account_search {
    int64_t role;  /* 0: all */
    int64_t state; /* 0: all */
    int verified;  /* -1: all */
    struct str text;
    struct name_cursor after;
    int64_t limit;
};
int admin_list(struct call *call, const struct account_search *in, struct account **ret,
               size_t *ret_count, struct name_cursor *ret_next);

struct audit_search {
    struct id actor;
    struct id object;
    struct str action;
    int64_t from_at; /* 0: from the first */
    int64_t to_at;   /* 0: to the last */
    int64_t before_at;
    int64_t before_seq;
    int64_t limit;
};
/* RIGHT_TRAIL. *ret_more: the last one is where to go on. */
int admin_audit(struct call *call, const struct audit_search *in, struct audit_row **ret,
                size_t *ret_count, bool *ret_more);

#endif
