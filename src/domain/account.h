/*
 * account.h - people as the program carries them: accounts, doctors, sessions.
 *
 * Plain data, filled by store/, read by app/ and shown by api/. Texts borrow from the arena of the
 * request. Enum numbers are stored; they never change.
 */
#ifndef ACOLHE_DOMAIN_ACCOUNT_H
#define ACOLHE_DOMAIN_ACCOUNT_H

#include "base/id.h"
#include "domain/office_hours.h"
#include "domain/role.h"

enum account_state { ACCOUNT_ACTIVE = 1, ACCOUNT_DISABLED };
extern const char *const account_state_names[]; /* NULL-terminated; [state - 1] */

struct specialty {
    struct str name;
    struct str rqe; /* STR_NONE: not registered, and so not shown to the public */
};

#define SPECIALTIES_MAX 10
struct doctor {
    struct id id;
    struct str name; /* the one shown: the social name where there is one */
    struct str crm;
    struct str uf;
    bool verified;
    enum account_state state;
    struct str timezone;
    int64_t usual_reply_minutes; /* 0: not said */
    struct str about;
    struct specialty *specialties;
    size_t specialty_count;
    struct office_interval *hours;
    size_t hour_count;
    bool open_now;        /* computed for the moment of reading */
    int64_t next_open_at; /* 0: none within two weeks */
};

struct account {
    struct id id;
    enum role role;
    enum account_state state;
    struct str name;
    struct str social_name; /* STR_NONE: none */
    struct str display_name;
    struct str email;
    struct str phone;
    struct str locale;
    struct str birth_date;
    struct str cpf_masked;
    struct str terms_version;
    int64_t created_at;
    int64_t version;
    struct doctor *doctor; /* for doctors */
};

/* A signed-in session and what its owner may do now. */
struct session {
    struct id id;
    struct id user;
    enum role role;
    bool verified; /* doctors: verified by the clinic; others: true */
    int64_t created_at;
    int64_t last_seen_at;
    int64_t expires_at; /* the absolute limit */
};

struct session_row {
    struct id id;
    bool current;
    int64_t created_at;
    int64_t last_seen_at;
    int64_t expires_at;
    struct str address;
    struct str user_agent;
};

enum link_purpose { LINK_SET_PASSWORD = 1 };

enum revocation_kind {
    REVOKED_SESSION = 1, /* one session ended: its sockets close with 4401 */
    REVOKED_ACCOUNT,     /* the account was disabled: its sockets close with 4403 */
    REVOKED_RIGHTS       /* role, verification or relationship changed: sockets ask again */
};
struct revocation {
    int64_t id;
    enum revocation_kind kind;
    struct id user;
    struct id session; /* ID_NONE: all of the account */
};

#endif
