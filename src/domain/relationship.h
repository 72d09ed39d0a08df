/*
 * relationship.h - the care relationship (vínculo) between one patient and one doctor, as a state
 * machine (domain.md, "Care relationship"). The numbers are stored; they never change.
 *
 *              ask                accept                end
 *   (none) ----------> requested ----------> active ----------> ended
 *                       |     |  decline                          |
 *                       |     +----------> declined               |
 *                       | end (by who asked)  |  ask              | ask
 *                       +------> ended        +----> requested <--+
 */
#ifndef ACOLHE_DOMAIN_RELATIONSHIP_H
#define ACOLHE_DOMAIN_RELATIONSHIP_H

enum relationship_state {
    RELATIONSHIP_NONE = 0, /* there is no row yet */
    RELATIONSHIP_REQUESTED = 1,
    RELATIONSHIP_ACTIVE,
    RELATIONSHIP_DECLINED,
    RELATIONSHIP_ENDED
};
extern const char *const relationship_state_names[]; /* NULL-terminated; [state - 1] */

enum relationship_action {
    RELATIONSHIP_ASK = 1,
    RELATIONSHIP_ACCEPT,
    RELATIONSHIP_DECLINE,
    RELATIONSHIP_END
};

enum side { SIDE_PATIENT = 1, SIDE_DOCTOR };

/* The state after `action` by `by`, when `requested_by` asked last (ignored for RELATIONSHIP_NONE).
 * Only the other side accepts or declines; asking when the other side has asked accepts; asking
 * again by the same side while requested, or while active, changes nothing (0, same state).
 * 0 or -E_BAD_STATE. */
int relationship_apply(enum relationship_state from, enum relationship_action action, enum side by,
                       enum side requested_by, enum relationship_state *ret);

#endif
