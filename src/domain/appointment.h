/*
 * appointment.h - an appointment as a state machine (domain.md, "Scheduling"). Pure; any thread.
 * Numbers of enums are stored; they never change.
 *
 *           hold        book                       arrive             fulfill
 *   (none) ------> held ------------------> booked --------> arrived --------> fulfilled
 *                   |    book, where the     ^  |  |  fulfill (teleconsultation)  ^
 *                   |    doctor approves     |  |  +------------------------------+
 *                   +-----> requested -------+  |  no_show
 *                                    approve    +---------> no_show
 *
 *   held, requested, booked, arrived -- cancel --> cancelled
 *   held, requested -- expire --> cancelled (expired);  requested -- decline --> cancelled
 * (declined) confirm, reschedule and switch_in_person keep the state
 *
 * appointment_apply owns every transition: nothing else decides a state. What it says is written by
 * a compare-and-swap on (state, version) with the history row beside it.
 */
#ifndef ACOLHE_DOMAIN_APPOINTMENT_H
#define ACOLHE_DOMAIN_APPOINTMENT_H

#include "domain/booking_rules.h"

enum appointment_state {
    APPOINTMENT_NONE = 0, /* there is no row yet */
    APPOINTMENT_HELD = 1,
    APPOINTMENT_REQUESTED,
    APPOINTMENT_BOOKED,
    APPOINTMENT_ARRIVED,
    APPOINTMENT_FULFILLED,
    APPOINTMENT_NO_SHOW,
    APPOINTMENT_CANCELLED
};
extern const char *const appointment_state_names[]; /* NULL-terminated; [state - 1] */

enum appointment_action {
    APPOINTMENT_HOLD = 1,
    APPOINTMENT_BOOK,
    APPOINTMENT_APPROVE,
    APPOINTMENT_DECLINE,
    APPOINTMENT_CONFIRM,
    APPOINTMENT_CANCEL,
    APPOINTMENT_RESCHEDULE,
    APPOINTMENT_SWITCH_IN_PERSON,
    APPOINTMENT_ARRIVE,
    APPOINTMENT_FULFILL,
    APPOINTMENT_MISS, /* a no-show */
    APPOINTMENT_EXPIRE
};
extern const char *const appointment_action_names[]; /* NULL-terminated; [action - 1] */

/* Who acts: the patient and the doctor OF the appointment, a receptionist assigned to that doctor,
 * an admin (who may only look), or the program itself. Who they are is for authz to prove. */
enum appointment_actor {
    ACTOR_PATIENT = 1,
    ACTOR_DOCTOR,
    ACTOR_RECEPTIONIST,
    ACTOR_ADMIN,
    ACTOR_SYSTEM
};
extern const char *const appointment_actor_names[]; /* NULL-terminated; [actor - 1] */

/* Why an appointment is cancelled; free words of a person stand beside it in the history. */
enum cancel_reason {
    CANCEL_NONE = 0,
    CANCEL_BY_PATIENT = 1,
    CANCEL_BY_DOCTOR,
    CANCEL_BY_RECEPTION,
    CANCEL_DECLINED,
    CANCEL_EXPIRED
};
extern const char *const cancel_reason_names[]; /* NULL-terminated; [reason - 1] */

/* What is stored of it now; for APPOINTMENT_HOLD the state is NONE and the rest what is wanted. */
struct appointment_facts {
    enum appointment_state state;
    enum service_kind kind;
    struct time_span when; /* without buffers */
    int64_t expires_us;    /* of a hold or a request */
    bool confirmed;        /* the patient has said that they will come */
    bool doctor_approves;  /* bookings by patients need the doctor's consent */
};

struct appointment_order {
    enum appointment_action action;
    enum appointment_actor actor;
    int64_t now_us;
    int64_t new_start_us; /* of a reschedule */
};

/* What becomes of it. */
struct appointment_change {
    enum appointment_state state;
    enum service_kind kind;
    struct time_span when; /* a reschedule keeps the duration */
    int64_t expires_us;    /* 0: does not expire */
    bool confirmed;
    enum cancel_reason reason;
    bool late;     /* cancelled or moved after the patient's cut-off */
    bool sequence; /* calendars that have it must be told: raise SEQUENCE */
};

/* Whether the new time is free, within notice and horizon, and within the patient's limits is
 * asked apart: by slots, booking_rules and the database. RULE_NONE, and *ret; or the first rule in
 * this order that says no: actor, state, service_kind, then the one about time. */
enum booking_rule appointment_apply(const struct booking_rules *rules,
                                    const struct appointment_facts *facts,
                                    const struct appointment_order *order,
                                    struct appointment_change *ret);

/* Does it take the doctor's and the patient's time (its cells are kept)? */
bool appointment_blocks_time(enum appointment_state state);
bool appointment_ended(enum appointment_state state); /* fulfilled, no_show, cancelled */

#endif
