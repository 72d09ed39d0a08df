/*
 * grant.h - the proof, carried by hand, that somebody may do something.
 *
 * Every store call that touches a record takes a grant and checks that it covers the right and the
 * object. Only authz/ can make one (tools/check-layers lets nobody else include grant_make.h), so
 * a path from a request to a record without a decision in between does not link.
 */
#ifndef ACOLHE_STORE_GRANT_H
#define ACOLHE_STORE_GRANT_H

#include "base/id.h"

enum right {
    RIGHT_ACCOUNT = 1,        /* one's own account: object = the account */
    RIGHT_ACCOUNTS,           /* administering any account */
    RIGHT_DIRECTORY,          /* the public list of doctors */
    RIGHT_CARE,               /* asking for, and listing, one's own relationships */
    RIGHT_RELATIONSHIP,       /* object = a relationship of which the actor is a side */
    RIGHT_CONVERSATION_READ,  /* object = a conversation of which the actor is a member */
    RIGHT_CONVERSATION_WRITE, /* the same, open */
    RIGHT_TRAIL,              /* reading the audit trail */
    RIGHT_SIGN_IN,            /* what happens before there is an account: credentials, links */
    RIGHT_SYSTEM              /* the program itself: jobs, command line. No conversation content */
};

struct grant;

/* Who acts; ID_NONE for the system and for nobody signed in. */
struct id grant_actor(const struct grant *g);
/* Does it stand for that right, on whatever object? */
bool grant_holds(const struct grant *g, enum right right);
/* 0, or -E_FORBIDDEN (a programming error, logged as such) when g is NULL or does not cover the
 * right on the object (NULL: rights without an object). */
int grant_require(const struct grant *g, enum right right, const struct id *object);

#endif
