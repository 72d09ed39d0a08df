/*
 * care.h - relationships, conversations and messages as the program carries them. Plain data;
 * texts borrow from the arena of the request or batch. Enum numbers are stored; they never change.
 */
#ifndef ACOLHE_DOMAIN_CARE_H
#define ACOLHE_DOMAIN_CARE_H

#include "base/id.h"
#include "domain/account.h"
#include "domain/relationship.h"

struct person {
    struct id id;
    struct str name;
};

struct relationship {
    struct id id;
    enum relationship_state state;
    struct id requested_by;
    struct person patient;
    struct person doctor;
    struct str crm;
    struct str uf;
    struct id conversation; /* ID_NONE until it was active once */
    int64_t created_at;
    int64_t updated_at;
    int64_t version;
};

enum conversation_state { CONVERSATION_OPEN = 1, CONVERSATION_CLOSED };
extern const char *const conversation_state_names[]; /* NULL-terminated; [state - 1] */

/* Per-member watermarks: only rise, never past last_seq. Indexed by side - 1. */
struct watermarks {
    int64_t delivered;
    int64_t read;
};

struct conversation {
    int64_t no; /* compact number inside this database */
    struct id id;
    struct id relationship;
    struct id member[2]; /* by side - 1: patient, doctor */
    enum conversation_state state;
    bool doctor_verified; /* an unverified doctor cannot chat */
    struct str wrapped_key;
    int64_t last_seq;
    int64_t last_at;
    struct watermarks marks[2]; /* by side - 1 */
};

enum message_kind { MESSAGE_TEXT = 1, MESSAGE_NOTICE };
extern const char *const message_kind_names[]; /* NULL-terminated; [kind - 1] */

/* The texts of notices: codes that the client words in its own language. */
#define NOTICE_OPENED "relationship.opened"
#define NOTICE_ENDED "relationship.ended"

struct message {
    struct id conversation;
    int64_t seq;
    struct id client_id;
    struct id from;
    enum message_kind kind;
    struct str text; /* empty when deleted */
    int64_t at;
    int64_t edited_at; /* 0: never */
    bool deleted;
    int64_t version;
};

#endif
