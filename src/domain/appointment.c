/*
 * appointment.c - see appointment.h. One row of the table per way from one set of states to one
 * state; times are checked by the row's guard. An action, its actor or its state that has no row is
 * not possible: a new state is closed to everything until a row opens it.
 */
#include "domain/appointment.h"

#define COUNT_OF(array) (sizeof(array) / sizeof *(array))

const char *const appointment_state_names[] = {"held",      "requested", "booked",    "arrived",
                                               "fulfilled", "no_show",   "cancelled", NULL};
const char *const appointment_action_names[] = {
    "hold",    "book",    "approve",    "decline",
    "confirm", "cancel",  "reschedule", "switch_in_person",
    "arrive",  "fulfill", "no_show",    "expire",
    NULL};
const char *const appointment_actor_names[] = {"patient", "doctor", "receptionist",
                                               "admin",   "system", NULL};
const char *const cancel_reason_names[] = {"patient",  "doctor",  "reception",
                                           "declined", "expired", NULL};

/* What a guard looks at. */
struct asked {
    const struct booking_rules *rules;
    const struct appointment_facts *facts;
    const struct appointment_order *order;
};

static enum booking_rule hold_lasts(const struct asked *a)
{
    return a->order->now_us < a->facts->expires_us ? RULE_NONE : RULE_HOLD_EXPIRED;
}

static enum booking_rule request_lasts(const struct asked *a)
{
    return a->order->now_us < a->facts->expires_us ? RULE_NONE : RULE_REQUEST_EXPIRED;
}

static enum booking_rule has_expired(const struct asked *a)
{
    return a->order->now_us >= a->facts->expires_us ? RULE_NONE : RULE_NOT_YET;
}

static enum booking_rule before_start(const struct asked *a)
{
    return a->order->now_us < a->facts->when.start_us ? RULE_NONE : RULE_STARTED;
}

static enum booking_rule after_start(const struct asked *a)
{
    return a->order->now_us >= a->facts->when.start_us ? RULE_NONE : RULE_NOT_YET;
}

static bool is_late(const struct asked *a)
{
    return cutoff_passed(a->rules, a->order->now_us, a->facts->when.start_us);
}

static enum booking_rule in_time_to_cancel(const struct asked *a)
{
    return is_late(a) ? RULE_CANCEL_CUTOFF : RULE_NONE;
}

static enum booking_rule in_time_to_move(const struct asked *a)
{
    return is_late(a) ? RULE_RESCHEDULE_CUTOFF : RULE_NONE;
}

static enum booking_rule may_join(const struct asked *a)
{
    return rule_join(a->rules, a->facts->when, a->order->now_us);
}

static enum booking_rule never_joined(const struct asked *a)
{
    int64_t from = no_show_us(a->rules, a->facts->when.end_us);

    return a->order->now_us >= from ? RULE_NONE : RULE_NOT_YET;
}

#define BIT(n) (1u << (n))
#define HELD BIT(APPOINTMENT_HELD)
#define REQUESTED BIT(APPOINTMENT_REQUESTED)
#define BOOKED BIT(APPOINTMENT_BOOKED)
#define ARRIVED BIT(APPOINTMENT_ARRIVED)
#define PATIENT BIT(ACTOR_PATIENT)
#define STAFF (BIT(ACTOR_DOCTOR) | BIT(ACTOR_RECEPTIONIST))
#define SYSTEM BIT(ACTOR_SYSTEM)
#define IN_PERSON BIT(SERVICE_IN_PERSON)
#define TELE BIT(SERVICE_TELECONSULTATION)
#define BOTH (IN_PERSON | TELE)
#define SAME APPOINTMENT_NONE /* the state is kept */

static const struct transition {
    enum appointment_action action;
    unsigned from;   /* states */
    unsigned actors; /* who may */
    unsigned kinds;
    enum appointment_state to;
    enum booking_rule (*guard)(const struct asked *a); /* NULL: at any time */
} transitions[] = {
    {APPOINTMENT_HOLD, BIT(APPOINTMENT_NONE), PATIENT | STAFF, BOTH, APPOINTMENT_HELD,
     before_start},
    {APPOINTMENT_BOOK, HELD, PATIENT | STAFF, BOTH, APPOINTMENT_BOOKED, hold_lasts},
    {APPOINTMENT_APPROVE, REQUESTED, STAFF, BOTH, APPOINTMENT_BOOKED, request_lasts},
    {APPOINTMENT_DECLINE, REQUESTED, STAFF, BOTH, APPOINTMENT_CANCELLED, NULL},
    {APPOINTMENT_CONFIRM, BOOKED, PATIENT, BOTH, SAME, before_start},
    /* what is not yet booked is withdrawn at any time */
    {APPOINTMENT_CANCEL, HELD | REQUESTED, PATIENT, BOTH, APPOINTMENT_CANCELLED, NULL},
    {APPOINTMENT_CANCEL, BOOKED | ARRIVED, PATIENT, BOTH, APPOINTMENT_CANCELLED, in_time_to_cancel},
    {APPOINTMENT_CANCEL, HELD | REQUESTED | BOOKED | ARRIVED, STAFF, BOTH, APPOINTMENT_CANCELLED,
     NULL},
    {APPOINTMENT_RESCHEDULE, REQUESTED, PATIENT | STAFF, BOTH, SAME, request_lasts},
    {APPOINTMENT_RESCHEDULE, BOOKED, PATIENT, BOTH, SAME, in_time_to_move},
    {APPOINTMENT_RESCHEDULE, BOOKED, STAFF, BOTH, SAME, NULL},
    /* the patient's right by Lei 14.510/2022: no cut-off */
    {APPOINTMENT_SWITCH_IN_PERSON, REQUESTED | BOOKED, PATIENT, TELE, SAME, before_start},
    {APPOINTMENT_ARRIVE, BOOKED, STAFF, BOTH, APPOINTMENT_ARRIVED, NULL},
    {APPOINTMENT_ARRIVE, BOOKED, PATIENT, TELE, APPOINTMENT_ARRIVED, may_join},
    {APPOINTMENT_FULFILL, ARRIVED, STAFF, BOTH, APPOINTMENT_FULFILLED, NULL},
    {APPOINTMENT_FULFILL, BOOKED, STAFF, TELE, APPOINTMENT_FULFILLED, after_start},
    {APPOINTMENT_MISS, BOOKED, STAFF, IN_PERSON, APPOINTMENT_NO_SHOW, after_start},
    {APPOINTMENT_MISS, BOOKED, SYSTEM, TELE, APPOINTMENT_NO_SHOW, never_joined},
    {APPOINTMENT_EXPIRE, HELD | REQUESTED, SYSTEM, BOTH, APPOINTMENT_CANCELLED, has_expired},
};

/* The row, or NULL and the rule that leaves none. No two rows are for the same case. */
static const struct transition *find(const struct asked *a, enum booking_rule *ret_rule)
{
    bool actor = false, state = false;

    for (size_t i = 0; i < COUNT_OF(transitions); i++) {
        const struct transition *t = &transitions[i];
        if (t->action != a->order->action || !(t->actors & BIT(a->order->actor)))
            continue;
        actor = true;
        if (!(t->from & BIT(a->facts->state)))
            continue;
        state = true;
        if (t->kinds & BIT(a->facts->kind))
            return t;
    }
    if (!actor)
        *ret_rule = RULE_ACTOR;
    else
        *ret_rule = state ? RULE_SERVICE_KIND : RULE_STATE;
    return NULL;
}

static enum cancel_reason reason_of(const struct appointment_order *order)
{
    if (order->action == APPOINTMENT_DECLINE)
        return CANCEL_DECLINED;
    if (order->action == APPOINTMENT_EXPIRE)
        return CANCEL_EXPIRED;
    if (order->actor == ACTOR_PATIENT)
        return CANCEL_BY_PATIENT;
    return order->actor == ACTOR_DOCTOR ? CANCEL_BY_DOCTOR : CANCEL_BY_RECEPTION;
}

/* Is it on anybody's calendar? */
static bool is_published(enum appointment_state state)
{
    return appointment_blocks_time(state) && state != APPOINTMENT_HELD;
}

static void set_expiry(const struct asked *a, struct appointment_change *change)
{
    if (change->state == APPOINTMENT_HELD)
        change->expires_us = hold_expires_us(a->rules, a->order->now_us);
    else if (change->state != APPOINTMENT_REQUESTED)
        change->expires_us = 0;
    else if (a->facts->state == APPOINTMENT_HELD)
        change->expires_us = request_expires_us(a->rules, a->order->now_us, change->when.start_us);
    else if (a->order->action == APPOINTMENT_RESCHEDULE) {
        /* another time does not give the request another day, but may bring its end nearer */
        int64_t near = change->when.start_us - a->rules->notice_min * US_PER_MIN;
        if (near < change->expires_us)
            change->expires_us = near;
    }
}

static void set_effects(const struct asked *a, struct appointment_change *change)
{
    bool published = is_published(a->facts->state);
    bool firm = published && a->facts->state != APPOINTMENT_REQUESTED;

    switch (a->order->action) {
    case APPOINTMENT_BOOK:
        if (a->facts->doctor_approves && a->order->actor == ACTOR_PATIENT)
            change->state = APPOINTMENT_REQUESTED;
        break;
    case APPOINTMENT_CONFIRM:
        change->confirmed = true;
        break;
    case APPOINTMENT_RESCHEDULE:
        change->when.end_us += a->order->new_start_us - change->when.start_us;
        change->when.start_us = a->order->new_start_us;
        change->confirmed = false; /* it was said of another time */
        change->late = firm && is_late(a);
        change->sequence = true;
        break;
    case APPOINTMENT_SWITCH_IN_PERSON:
        change->kind = SERVICE_IN_PERSON;
        change->sequence = true;
        break;
    case APPOINTMENT_CANCEL:
    case APPOINTMENT_DECLINE:
    case APPOINTMENT_EXPIRE:
        change->reason = reason_of(a->order);
        change->late = firm && is_late(a);
        change->sequence = published;
        break;
    case APPOINTMENT_HOLD:
    case APPOINTMENT_APPROVE:
    case APPOINTMENT_ARRIVE:
    case APPOINTMENT_FULFILL:
    case APPOINTMENT_MISS:
        break;
    }
}

static bool is_known(const struct asked *a)
{
    return a->facts->state >= APPOINTMENT_NONE && a->facts->state <= APPOINTMENT_CANCELLED &&
           a->facts->kind >= SERVICE_IN_PERSON && a->facts->kind <= SERVICE_TELECONSULTATION &&
           a->order->actor >= ACTOR_PATIENT && a->order->actor <= ACTOR_SYSTEM;
}

enum booking_rule appointment_apply(const struct booking_rules *rules,
                                    const struct appointment_facts *facts,
                                    const struct appointment_order *order,
                                    struct appointment_change *ret)
{
    const struct asked a = {rules, facts, order};
    enum booking_rule rule = RULE_NONE;

    if (!is_known(&a))
        return RULE_STATE;
    const struct transition *t = find(&a, &rule);
    if (!t || (t->guard && (rule = t->guard(&a))))
        return rule;
    *ret = (struct appointment_change){
        .state = t->to == SAME ? facts->state : t->to,
        .kind = facts->kind,
        .when = facts->when,
        .expires_us = facts->expires_us,
        .confirmed = facts->confirmed,
    };
    set_effects(&a, ret);
    set_expiry(&a, ret);
    return RULE_NONE;
}

bool appointment_blocks_time(enum appointment_state state)
{
    return state >= APPOINTMENT_HELD && state <= APPOINTMENT_ARRIVED;
}

bool appointment_ended(enum appointment_state state)
{
    return state >= APPOINTMENT_FULFILLED;
}
