/*
 * booking_rules.h - the clinic's rules of booking (domain.md, "Scheduling"): their defaults, their
 * bounds, and each as a pure check that answers with the name of the rule it is. Any thread.
 *
 * A check returns RULE_NONE or the rule that says no. The names are part of the API (422 `rule`)
 * and never change. Whom a rule binds is said with it; nothing else is exempt.
 */
#ifndef ACOLHE_DOMAIN_BOOKING_RULES_H
#define ACOLHE_DOMAIN_BOOKING_RULES_H

#include "domain/service.h"

/* X(symbol, stable name) */
#define BOOKING_RULE_TABLE(X)                                                                      \
    X(STATE, "state")                               /* not possible from this state */             \
    X(ACTOR, "actor")                               /* not for this role */                        \
    X(SERVICE_KIND, "service_kind")                 /* not for this kind of appointment */         \
    X(NOTICE, "notice")                             /* starts too soon */                          \
    X(HORIZON, "horizon")                           /* starts too far ahead */                     \
    X(HOLD_EXPIRED, "hold_expired")                 /* the hold is over */                         \
    X(REQUEST_EXPIRED, "request_expired")           /* the request is over */                      \
    X(CANCEL_CUTOFF, "cancel_cutoff")               /* too late for the patient to cancel */       \
    X(RESCHEDULE_CUTOFF, "reschedule_cutoff")       /* too late for the patient to move it */      \
    X(PATIENT_LIMIT, "patient_limit")               /* too many future bookings */                 \
    X(PATIENT_DOCTOR_LIMIT, "patient_doctor_limit") /* too many with this doctor */                \
    X(JOIN_WINDOW, "join_window")                   /* the teleconsultation is not open */         \
    X(STARTED, "started")                           /* only before it starts */                    \
    X(NOT_YET, "not_yet")                           /* the time for this has not come */

enum booking_rule {
    RULE_NONE = 0,
#define X(symbol, name) RULE_##symbol,
    BOOKING_RULE_TABLE(X)
#undef X
        RULE_COUNT_
};
const char *booking_rule_name(enum booking_rule rule); /* "" for RULE_NONE; static storage */

#define REMINDERS_MAX 4 /* of an appointment */
#define REMINDERS_EACH 2

/* Configuration; minutes but where the name says otherwise. */
struct booking_rules {
    struct service_time service;          /* of a new service */
    int64_t notice_min;                   /* between now and the start */
    int64_t horizon_days;                 /* elapsed days of 24 h */
    int64_t hold_min;                     /* a hold expires after */
    int64_t request_min;                  /* a request expires after, or at start - notice */
    int64_t cutoff_min;                   /* before the start; binds the patient, staff exempt */
    int64_t patient_limit;                /* active future bookings of a patient */
    int64_t patient_doctor_limit;         /* the same with one doctor */
    int64_t reminder_min[REMINDERS_EACH]; /* before the start; 0: none */
    int64_t tele_reminder_min;            /* a teleconsultation's own; 0: none */
    int64_t join_before_min;              /* a teleconsultation opens, before its start */
    int64_t join_after_min;               /* and closes, after its end */
    int64_t no_show_after_min;            /* automatic, after a teleconsultation's end */
};
extern const struct booking_rules booking_rules_default;
/* Is a configuration possible? 0 or -E_VALIDATION. */
int booking_rules_check(const struct booking_rules *r);

/* Notice: start >= now + notice. Horizon: start <= now + horizon. As slots.h offers them. */
enum booking_rule rule_notice(const struct booking_rules *r, int64_t now_us, int64_t start_us);
enum booking_rule rule_horizon(const struct booking_rules *r, int64_t now_us, int64_t start_us);

/* At this instant it is over. */
int64_t hold_expires_us(const struct booking_rules *r, int64_t held_us);
int64_t request_expires_us(const struct booking_rules *r, int64_t requested_us, int64_t start_us);

/* Is it later than the patient's cut-off? Exactly at it is in time. A late cancel (by staff: the
 * patient's is refused) is flagged. */
bool cutoff_passed(const struct booking_rules *r, int64_t now_us, int64_t start_us);

/* May the patient have one more, of so many active future ones (held, requested or booked with a
 * start after now; of a reschedule, without the one that is moved)? */
enum booking_rule rule_limits(const struct booking_rules *r, int64_t of_patient,
                              int64_t of_patient_and_doctor);

/* The instants after now at which to remind of an appointment, ascending. Their number. */
size_t reminder_times(const struct booking_rules *r, enum service_kind kind, int64_t start_us,
                      int64_t now_us, int64_t out[REMINDERS_MAX]);

/* A teleconsultation may be joined in [start - join_before, end + join_after). */
enum booking_rule rule_join(const struct booking_rules *r, struct time_span when, int64_t now_us);
/* From this instant a teleconsultation that the patient never joined is a no-show. */
int64_t no_show_us(const struct booking_rules *r, int64_t end_us);

#endif
