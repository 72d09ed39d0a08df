/*
 * care.h - the care relationship: asked by one side, accepted by the other, ended by either,
 * reopened. Accepting opens the one conversation; ending closes it and keeps its record.
 * Inside the caller's write transaction.
 */
#ifndef ACOLHE_APP_CARE_H
#define ACOLHE_APP_CARE_H

#include "app/app.h"
#include "domain/care.h"

/* Where a list sorted by time, newest first, goes on; at INT64_MAX: from the start. */
struct time_cursor {
    int64_t at;
    struct id id;
};

struct care_request {
    struct id doctor;         /* by a patient */
    struct str patient_email; /* by a doctor */
};
/* RIGHT_CARE. *ret_new: there was none between the two. -E_NOT_FOUND, -E_VALIDATION. */
int care_ask(struct call *call, const struct care_request *in, struct relationship *ret,
             bool *ret_new);
/* RIGHT_RELATIONSHIP: accept, decline or end. -E_BAD_STATE, -E_FORBIDDEN never: who may not is
 * told that the state does not allow it. */
int care_move(struct call *call, const struct id *id, enum relationship_action action,
              struct relationship *ret);
/* RIGHT_CARE. *ret_next.at is 0 at the end. */
int care_list(struct call *call, const struct time_cursor *before, int64_t limit,
              struct relationship **ret, size_t *ret_count, struct time_cursor *ret_next);

#endif
