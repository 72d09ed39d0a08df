/*
 * relationship.c - the care relationship's transitions as one table. See relationship.h for the
 * picture. A cell is the state after an action by the side that asked last, or by the other side;
 * NO means that the action is not possible there.
 */
#include "domain/relationship.h"

#include <stdbool.h>

#include "base/error.h"

const char *const relationship_state_names[] = {"requested", "active", "declined", "ended", NULL};

#define NO (-1)
#define REQUESTED RELATIONSHIP_REQUESTED
#define ACTIVE RELATIONSHIP_ACTIVE
#define DECLINED RELATIONSHIP_DECLINED
#define ENDED RELATIONSHIP_ENDED

/* [state][action - 1] = {by who asked last, by the other side} */
static const int transitions[5][4][2] = {
    /*                        ask                     accept        decline         end */
    [RELATIONSHIP_NONE] = {{REQUESTED, REQUESTED}, {NO, NO}, {NO, NO}, {NO, NO}},
    [REQUESTED] = {{REQUESTED, ACTIVE}, {NO, ACTIVE}, {NO, DECLINED}, {ENDED, NO}},
    [ACTIVE] = {{ACTIVE, ACTIVE}, {NO, NO}, {NO, NO}, {ENDED, ENDED}},
    [DECLINED] = {{REQUESTED, REQUESTED}, {NO, NO}, {NO, NO}, {NO, NO}},
    [ENDED] = {{REQUESTED, REQUESTED}, {NO, NO}, {NO, NO}, {NO, NO}},
};

int relationship_apply(enum relationship_state from, enum relationship_action action, enum side by,
                       enum side requested_by, enum relationship_state *ret)
{
    bool states = from >= RELATIONSHIP_NONE && from <= ENDED;
    bool actions = action >= RELATIONSHIP_ASK && action <= RELATIONSHIP_END;

    if (!states || !actions || (by != SIDE_PATIENT && by != SIDE_DOCTOR))
        return -E_BAD_STATE;
    int to = transitions[from][action - 1][by != requested_by];
    if (to == NO)
        return -E_BAD_STATE;
    *ret = (enum relationship_state)to;
    return 0;
}
