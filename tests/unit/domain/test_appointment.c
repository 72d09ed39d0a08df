/* test_appointment.c - every transition of an appointment, legal and illegal, as everyone. */
#include "../unit.h"
#include "base/clock.h"
#include "domain/appointment.h"

#define START (INT64_C(1795370400) * US_PER_S)
#define END (START + 30 * US_PER_MIN)
#define EARLY (START - 3 * US_PER_DAY) /* before every cut-off */
#define ALWAYS INT64_MAX               /* an expiry that never comes */

static const struct booking_rules *const rules = &booking_rules_default;

static struct appointment_facts facts_of(enum appointment_state state, enum service_kind kind)
{
    return (struct appointment_facts){
        .state = state, .kind = kind, .when = {START, END}, .expires_us = ALWAYS};
}

static struct appointment_order order_of(enum appointment_action action,
                                         enum appointment_actor actor, int64_t now_us)
{
    return (struct appointment_order){
        .action = action, .actor = actor, .now_us = now_us, .new_start_us = START + US_PER_DAY};
}

/* ---- every transition --------------------------------------------------------------------------
 */

/* A moment at which no rule about time stands in the way. */
static int64_t good_time(enum appointment_action action, enum appointment_actor actor)
{
    switch (action) {
    case APPOINTMENT_ARRIVE:
    case APPOINTMENT_FULFILL:
        return START;
    case APPOINTMENT_MISS:
        return actor == ACTOR_SYSTEM ? END + 15 * US_PER_MIN : START;
    case APPOINTMENT_HOLD:
    case APPOINTMENT_BOOK:
    case APPOINTMENT_APPROVE:
    case APPOINTMENT_DECLINE:
    case APPOINTMENT_CONFIRM:
    case APPOINTMENT_CANCEL:
    case APPOINTMENT_RESCHEDULE:
    case APPOINTMENT_SWITCH_IN_PERSON:
    case APPOINTMENT_EXPIRE:
        return EARLY;
    }
    return EARLY;
}

/* domain.md in words: who may ever do it, … */
static bool may_ever(enum appointment_action action, enum appointment_actor actor)
{
    bool staff = actor == ACTOR_DOCTOR || actor == ACTOR_RECEPTIONIST;
    bool patient = actor == ACTOR_PATIENT;

    switch (action) {
    case APPOINTMENT_HOLD:
    case APPOINTMENT_BOOK:
    case APPOINTMENT_CANCEL:
    case APPOINTMENT_RESCHEDULE:
    case APPOINTMENT_ARRIVE: /* a patient by joining */
        return staff || patient;
    case APPOINTMENT_APPROVE:
    case APPOINTMENT_DECLINE:
    case APPOINTMENT_FULFILL:
        return staff;
    case APPOINTMENT_CONFIRM:
    case APPOINTMENT_SWITCH_IN_PERSON:
        return patient;
    case APPOINTMENT_MISS: /* in person by hand, a teleconsultation automatically */
        return staff || actor == ACTOR_SYSTEM;
    case APPOINTMENT_EXPIRE:
        return actor == ACTOR_SYSTEM;
    }
    return false;
}

/* … from where, … */
static bool may_from(enum appointment_action action, enum appointment_actor actor,
                     enum appointment_state from)
{
    switch (action) {
    case APPOINTMENT_HOLD:
        return from == APPOINTMENT_NONE;
    case APPOINTMENT_BOOK:
        return from == APPOINTMENT_HELD;
    case APPOINTMENT_APPROVE:
    case APPOINTMENT_DECLINE:
        return from == APPOINTMENT_REQUESTED;
    case APPOINTMENT_CONFIRM:
    case APPOINTMENT_ARRIVE:
    case APPOINTMENT_MISS:
        return from == APPOINTMENT_BOOKED;
    case APPOINTMENT_CANCEL: /* any that has not ended */
        return from != APPOINTMENT_NONE && !appointment_ended(from);
    case APPOINTMENT_RESCHEDULE:
    case APPOINTMENT_SWITCH_IN_PERSON:
        return from == APPOINTMENT_REQUESTED || from == APPOINTMENT_BOOKED;
    case APPOINTMENT_FULFILL: /* from booked only a teleconsultation */
        return actor != ACTOR_PATIENT &&
               (from == APPOINTMENT_ARRIVED || from == APPOINTMENT_BOOKED);
    case APPOINTMENT_EXPIRE:
        return from == APPOINTMENT_HELD || from == APPOINTMENT_REQUESTED;
    }
    return false;
}

/* … of which kind. */
static bool may_kind(enum appointment_action action, enum appointment_actor actor,
                     enum appointment_state from, enum service_kind kind)
{
    bool tele = kind == SERVICE_TELECONSULTATION;

    if (action == APPOINTMENT_MISS)
        return tele == (actor == ACTOR_SYSTEM);
    if (action == APPOINTMENT_SWITCH_IN_PERSON ||
        (action == APPOINTMENT_ARRIVE && actor == ACTOR_PATIENT) ||
        (action == APPOINTMENT_FULFILL && from == APPOINTMENT_BOOKED))
        return tele;
    return true;
}

static enum appointment_state state_after(enum appointment_action action,
                                          enum appointment_actor actor, enum appointment_state from,
                                          bool approves)
{
    switch (action) {
    case APPOINTMENT_HOLD:
        return APPOINTMENT_HELD;
    case APPOINTMENT_BOOK:
        return approves && actor == ACTOR_PATIENT ? APPOINTMENT_REQUESTED : APPOINTMENT_BOOKED;
    case APPOINTMENT_APPROVE:
        return APPOINTMENT_BOOKED;
    case APPOINTMENT_DECLINE:
    case APPOINTMENT_CANCEL:
    case APPOINTMENT_EXPIRE:
        return APPOINTMENT_CANCELLED;
    case APPOINTMENT_CONFIRM:
    case APPOINTMENT_RESCHEDULE:
    case APPOINTMENT_SWITCH_IN_PERSON:
        return from;
    case APPOINTMENT_ARRIVE:
        return APPOINTMENT_ARRIVED;
    case APPOINTMENT_FULFILL:
        return APPOINTMENT_FULFILLED;
    case APPOINTMENT_MISS:
        return APPOINTMENT_NO_SHOW;
    }
    return APPOINTMENT_NONE;
}

struct one_case {
    enum appointment_state from;
    enum appointment_action action;
    enum appointment_actor actor;
    enum service_kind kind;
    bool approves;
};

static void try_case(const struct one_case *c)
{
    struct appointment_facts facts = facts_of(c->from, c->kind);
    struct appointment_order order = order_of(c->action, c->actor, good_time(c->action, c->actor));
    struct appointment_change change = {.state = (enum appointment_state)99};
    enum booking_rule want = RULE_NONE;

    facts.doctor_approves = c->approves;
    if (c->action == APPOINTMENT_EXPIRE)
        facts.expires_us = order.now_us;
    if (!may_ever(c->action, c->actor))
        want = RULE_ACTOR;
    else if (!may_from(c->action, c->actor, c->from))
        want = RULE_STATE;
    else if (!may_kind(c->action, c->actor, c->from, c->kind))
        want = RULE_SERVICE_KIND;
    enum booking_rule rule = appointment_apply(rules, &facts, &order, &change);
    if (rule != want)
        fail_msg("state %d, %s by %s, kind %d: rule \"%s\", not \"%s\"", (int)c->from,
                 appointment_action_names[c->action - 1], appointment_actor_names[c->actor - 1],
                 (int)c->kind, booking_rule_name(rule), booking_rule_name(want));
    enum appointment_state state =
        want ? (enum appointment_state)99 : state_after(c->action, c->actor, c->from, c->approves);
    if (change.state != state) /* and of what is refused, nothing is written */
        fail_msg("state %d, %s by %s: now %d", (int)c->from,
                 appointment_action_names[c->action - 1], appointment_actor_names[c->actor - 1],
                 (int)change.state);
}

static void every_transition_as_everyone(void **state)
{
    (void)state;
    int tried = 0;
    for (int from = APPOINTMENT_NONE; from <= APPOINTMENT_CANCELLED; from++)
        for (int action = APPOINTMENT_HOLD; action <= APPOINTMENT_EXPIRE; action++)
            for (int actor = ACTOR_PATIENT; actor <= ACTOR_SYSTEM; actor++)
                for (int more = 0; more < 4; more++, tried++) {
                    struct one_case c = {
                        (enum appointment_state)from, (enum appointment_action)action,
                        (enum appointment_actor)actor,
                        more & 1 ? SERVICE_TELECONSULTATION : SERVICE_IN_PERSON, (more & 2) != 0};
                    try_case(&c);
                }
    assert_int_equal(tried, 8 * 12 * 5 * 4);
}

static void what_is_out_of_the_table(void **state)
{
    (void)state;
    struct appointment_change change;
    struct appointment_facts facts = facts_of(APPOINTMENT_BOOKED, SERVICE_IN_PERSON);
    struct appointment_order order = order_of(APPOINTMENT_CANCEL, ACTOR_PATIENT, EARLY);
    facts.state = (enum appointment_state)8;
    assert_int_equal(appointment_apply(rules, &facts, &order, &change), RULE_STATE);
    facts = facts_of(APPOINTMENT_BOOKED, (enum service_kind)0);
    assert_int_equal(appointment_apply(rules, &facts, &order, &change), RULE_STATE);
    facts = facts_of(APPOINTMENT_BOOKED, SERVICE_IN_PERSON);
    order.actor = (enum appointment_actor)0;
    assert_int_equal(appointment_apply(rules, &facts, &order, &change), RULE_STATE);
    order = order_of((enum appointment_action)0, ACTOR_PATIENT, EARLY);
    assert_int_equal(appointment_apply(rules, &facts, &order, &change), RULE_ACTOR);
    order = order_of((enum appointment_action)13, ACTOR_SYSTEM, EARLY);
    assert_int_equal(appointment_apply(rules, &facts, &order, &change), RULE_ACTOR);
}

/* ---- rules about time --------------------------------------------------------------------------
 */

static const struct {
    enum appointment_state from;
    enum appointment_action action;
    enum appointment_actor actor;
    enum service_kind kind;
    int64_t expires_us;
    int64_t good_us; /* the last or first moment at which it is possible */
    int64_t bad_us;  /* and the one beside it */
    enum booking_rule rule;
} moments[] = {
    {APPOINTMENT_NONE, APPOINTMENT_HOLD, ACTOR_RECEPTIONIST, SERVICE_IN_PERSON, 0, START - 1, START,
     RULE_STARTED},
    {APPOINTMENT_HELD, APPOINTMENT_BOOK, ACTOR_PATIENT, SERVICE_IN_PERSON, EARLY, EARLY - 1, EARLY,
     RULE_HOLD_EXPIRED},
    {APPOINTMENT_HELD, APPOINTMENT_EXPIRE, ACTOR_SYSTEM, SERVICE_IN_PERSON, EARLY, EARLY, EARLY - 1,
     RULE_NOT_YET},
    {APPOINTMENT_REQUESTED, APPOINTMENT_APPROVE, ACTOR_DOCTOR, SERVICE_IN_PERSON, EARLY, EARLY - 1,
     EARLY, RULE_REQUEST_EXPIRED},
    {APPOINTMENT_REQUESTED, APPOINTMENT_RESCHEDULE, ACTOR_PATIENT, SERVICE_IN_PERSON, EARLY,
     EARLY - 1, EARLY, RULE_REQUEST_EXPIRED},
    {APPOINTMENT_REQUESTED, APPOINTMENT_EXPIRE, ACTOR_SYSTEM, SERVICE_IN_PERSON, EARLY, EARLY,
     EARLY - 1, RULE_NOT_YET},
    {APPOINTMENT_BOOKED, APPOINTMENT_CONFIRM, ACTOR_PATIENT, SERVICE_IN_PERSON, 0, START - 1, START,
     RULE_STARTED},
    {APPOINTMENT_BOOKED, APPOINTMENT_CANCEL, ACTOR_PATIENT, SERVICE_IN_PERSON, 0,
     START - US_PER_DAY, START - US_PER_DAY + 1, RULE_CANCEL_CUTOFF},
    {APPOINTMENT_ARRIVED, APPOINTMENT_CANCEL, ACTOR_PATIENT, SERVICE_IN_PERSON, 0,
     START - US_PER_DAY, START - US_PER_DAY + 1, RULE_CANCEL_CUTOFF},
    {APPOINTMENT_BOOKED, APPOINTMENT_RESCHEDULE, ACTOR_PATIENT, SERVICE_IN_PERSON, 0,
     START - US_PER_DAY, START - US_PER_DAY + 1, RULE_RESCHEDULE_CUTOFF},
    {APPOINTMENT_BOOKED, APPOINTMENT_SWITCH_IN_PERSON, ACTOR_PATIENT, SERVICE_TELECONSULTATION, 0,
     START - 1, START, RULE_STARTED},
    {APPOINTMENT_BOOKED, APPOINTMENT_ARRIVE, ACTOR_PATIENT, SERVICE_TELECONSULTATION, 0,
     START - 10 * US_PER_MIN, START - 10 * US_PER_MIN - 1, RULE_JOIN_WINDOW},
    {APPOINTMENT_BOOKED, APPOINTMENT_ARRIVE, ACTOR_PATIENT, SERVICE_TELECONSULTATION, 0,
     END + 15 * US_PER_MIN - 1, END + 15 * US_PER_MIN, RULE_JOIN_WINDOW},
    {APPOINTMENT_BOOKED, APPOINTMENT_FULFILL, ACTOR_DOCTOR, SERVICE_TELECONSULTATION, 0, START,
     START - 1, RULE_NOT_YET},
    {APPOINTMENT_BOOKED, APPOINTMENT_MISS, ACTOR_RECEPTIONIST, SERVICE_IN_PERSON, 0, START,
     START - 1, RULE_NOT_YET},
    {APPOINTMENT_BOOKED, APPOINTMENT_MISS, ACTOR_SYSTEM, SERVICE_TELECONSULTATION, 0,
     END + 15 * US_PER_MIN, END + 15 * US_PER_MIN - 1, RULE_NOT_YET},
};

static void to_the_microsecond(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(moments); i++) {
        struct appointment_change change;
        struct appointment_facts facts = facts_of(moments[i].from, moments[i].kind);
        struct appointment_order order =
            order_of(moments[i].action, moments[i].actor, moments[i].good_us);
        facts.expires_us = moments[i].expires_us;
        if (appointment_apply(rules, &facts, &order, &change) != RULE_NONE)
            fail_msg("row %zu is refused", i);
        order.now_us = moments[i].bad_us;
        enum booking_rule rule = appointment_apply(rules, &facts, &order, &change);
        if (rule != moments[i].rule)
            fail_msg("row %zu: \"%s\"", i, booking_rule_name(rule));
    }
}

/* ---- what else becomes of it -------------------------------------------------------------------
 */

static struct appointment_change change_of(const struct appointment_facts *facts,
                                           enum appointment_action action,
                                           enum appointment_actor actor, int64_t now_us)
{
    struct appointment_change change;
    struct appointment_order order = order_of(action, actor, now_us);

    assert_int_equal(appointment_apply(rules, facts, &order, &change), RULE_NONE);
    return change;
}

static void staff_are_exempt_and_late_is_flagged(void **state)
{
    (void)state;
    struct appointment_facts facts = facts_of(APPOINTMENT_BOOKED, SERVICE_IN_PERSON);
    for (int i = 0; i < 2; i++) {
        enum appointment_actor staff = i ? ACTOR_DOCTOR : ACTOR_RECEPTIONIST;
        int64_t cutoff = START - US_PER_DAY;
        assert_false(change_of(&facts, APPOINTMENT_CANCEL, staff, cutoff).late);
        assert_true(change_of(&facts, APPOINTMENT_CANCEL, staff, cutoff + 1).late);
        assert_true(change_of(&facts, APPOINTMENT_CANCEL, staff, END + 1).late);
        assert_false(change_of(&facts, APPOINTMENT_RESCHEDULE, staff, cutoff).late);
        assert_true(change_of(&facts, APPOINTMENT_RESCHEDULE, staff, cutoff + 1).late);
    }
    /* what is not yet booked is never late, and its patient may withdraw it */
    facts.state = APPOINTMENT_HELD;
    assert_false(change_of(&facts, APPOINTMENT_CANCEL, ACTOR_PATIENT, START - 1).late);
    facts.state = APPOINTMENT_REQUESTED;
    assert_false(change_of(&facts, APPOINTMENT_CANCEL, ACTOR_PATIENT, START - 1).late);
    assert_false(change_of(&facts, APPOINTMENT_DECLINE, ACTOR_DOCTOR, START - 1).late);
    assert_false(change_of(&facts, APPOINTMENT_RESCHEDULE, ACTOR_PATIENT, START - 1).late);
}

static void reasons_of_a_cancel(void **state)
{
    (void)state;
    struct appointment_facts facts = facts_of(APPOINTMENT_REQUESTED, SERVICE_IN_PERSON);
    facts.expires_us = EARLY;
    assert_int_equal(change_of(&facts, APPOINTMENT_CANCEL, ACTOR_PATIENT, EARLY).reason,
                     CANCEL_BY_PATIENT);
    assert_int_equal(change_of(&facts, APPOINTMENT_CANCEL, ACTOR_DOCTOR, EARLY).reason,
                     CANCEL_BY_DOCTOR);
    assert_int_equal(change_of(&facts, APPOINTMENT_CANCEL, ACTOR_RECEPTIONIST, EARLY).reason,
                     CANCEL_BY_RECEPTION);
    assert_int_equal(change_of(&facts, APPOINTMENT_DECLINE, ACTOR_DOCTOR, EARLY).reason,
                     CANCEL_DECLINED);
    assert_int_equal(change_of(&facts, APPOINTMENT_EXPIRE, ACTOR_SYSTEM, EARLY).reason,
                     CANCEL_EXPIRED);
    assert_int_equal(change_of(&facts, APPOINTMENT_RESCHEDULE, ACTOR_DOCTOR, EARLY - 1).reason,
                     CANCEL_NONE);
}

static void expiries(void **state)
{
    (void)state;
    struct appointment_facts facts = facts_of(APPOINTMENT_NONE, SERVICE_IN_PERSON);
    assert_true(change_of(&facts, APPOINTMENT_HOLD, ACTOR_PATIENT, EARLY).expires_us ==
                EARLY + 10 * US_PER_MIN);
    facts.state = APPOINTMENT_HELD;
    assert_true(change_of(&facts, APPOINTMENT_BOOK, ACTOR_PATIENT, EARLY).expires_us == 0);
    facts.doctor_approves = true;
    assert_true(change_of(&facts, APPOINTMENT_BOOK, ACTOR_PATIENT, EARLY).expires_us ==
                EARLY + US_PER_DAY);
    assert_true(
        change_of(&facts, APPOINTMENT_BOOK, ACTOR_PATIENT, START - 3 * US_PER_HOUR).expires_us ==
        START - 2 * US_PER_HOUR);
    /* moving a request does not make it last longer, but may make it shorter */
    facts.state = APPOINTMENT_REQUESTED;
    facts.expires_us = EARLY + US_PER_HOUR;
    assert_true(change_of(&facts, APPOINTMENT_RESCHEDULE, ACTOR_PATIENT, EARLY).expires_us ==
                EARLY + US_PER_HOUR);
    struct appointment_order nearer = order_of(APPOINTMENT_RESCHEDULE, ACTOR_PATIENT, EARLY);
    struct appointment_change change;
    nearer.new_start_us = EARLY + 150 * US_PER_MIN;
    assert_int_equal(appointment_apply(rules, &facts, &nearer, &change), RULE_NONE);
    assert_true(change.expires_us == EARLY + 30 * US_PER_MIN);
    assert_true(change_of(&facts, APPOINTMENT_APPROVE, ACTOR_DOCTOR, EARLY).expires_us == 0);
    assert_true(change_of(&facts, APPOINTMENT_CANCEL, ACTOR_DOCTOR, EARLY).expires_us == 0);
}

static void a_reschedule(void **state)
{
    (void)state;
    struct appointment_facts facts = facts_of(APPOINTMENT_BOOKED, SERVICE_TELECONSULTATION);
    facts.confirmed = true;
    struct appointment_change change =
        change_of(&facts, APPOINTMENT_RESCHEDULE, ACTOR_PATIENT, EARLY);
    assert_int_equal(change.state, APPOINTMENT_BOOKED);
    assert_int_equal(change.kind, SERVICE_TELECONSULTATION);
    assert_true(change.when.start_us == START + US_PER_DAY);
    assert_true(change.when.end_us == END + US_PER_DAY);
    assert_false(change.confirmed); /* that was of the former time */
    assert_true(change.sequence);
}

static void confirm_and_switch(void **state)
{
    (void)state;
    struct appointment_facts facts = facts_of(APPOINTMENT_BOOKED, SERVICE_TELECONSULTATION);
    struct appointment_change change = change_of(&facts, APPOINTMENT_CONFIRM, ACTOR_PATIENT, EARLY);
    assert_true(change.confirmed && !change.sequence);
    assert_int_equal(change.kind, SERVICE_TELECONSULTATION);
    facts.confirmed = true;
    change = change_of(&facts, APPOINTMENT_SWITCH_IN_PERSON, ACTOR_PATIENT, START - 1);
    assert_int_equal(change.kind, SERVICE_IN_PERSON);
    assert_int_equal(change.state, APPOINTMENT_BOOKED);
    assert_true(change.confirmed && change.sequence && !change.late);
    assert_true(change.when.start_us == START && change.when.end_us == END);
}

static void whom_calendars_must_be_told(void **state)
{
    (void)state;
    struct appointment_facts facts = facts_of(APPOINTMENT_HELD, SERVICE_IN_PERSON);
    assert_false(change_of(&facts, APPOINTMENT_BOOK, ACTOR_PATIENT, EARLY).sequence);
    assert_false(change_of(&facts, APPOINTMENT_CANCEL, ACTOR_PATIENT, EARLY).sequence);
    facts.state = APPOINTMENT_BOOKED;
    assert_true(change_of(&facts, APPOINTMENT_CANCEL, ACTOR_PATIENT, EARLY).sequence);
    assert_false(change_of(&facts, APPOINTMENT_ARRIVE, ACTOR_DOCTOR, START).sequence);
}

static void which_states_block_time(void **state)
{
    (void)state;
    static const bool blocks[] = {false, true, true, true, true, false, false, false};
    static const bool ended[] = {false, false, false, false, false, true, true, true};
    for (int s = APPOINTMENT_NONE; s <= APPOINTMENT_CANCELLED; s++) {
        assert_int_equal(appointment_blocks_time((enum appointment_state)s), blocks[s]);
        assert_int_equal(appointment_ended((enum appointment_state)s), ended[s]);
    }
}

static void words(void **state)
{
    (void)state;
    assert_string_equal(appointment_state_names[APPOINTMENT_NO_SHOW - 1], "no_show");
    assert_string_equal(appointment_state_names[APPOINTMENT_CANCELLED - 1], "cancelled");
    assert_null(appointment_state_names[APPOINTMENT_CANCELLED]);
    assert_string_equal(appointment_action_names[APPOINTMENT_EXPIRE - 1], "expire");
    assert_string_equal(appointment_action_names[APPOINTMENT_SWITCH_IN_PERSON - 1],
                        "switch_in_person");
    assert_null(appointment_action_names[APPOINTMENT_EXPIRE]);
    assert_string_equal(appointment_actor_names[ACTOR_SYSTEM - 1], "system");
    assert_null(appointment_actor_names[ACTOR_SYSTEM]);
    assert_string_equal(cancel_reason_names[CANCEL_EXPIRED - 1], "expired");
    assert_null(cancel_reason_names[CANCEL_EXPIRED]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_transition_as_everyone),
        cmocka_unit_test(what_is_out_of_the_table),
        cmocka_unit_test(to_the_microsecond),
        cmocka_unit_test(staff_are_exempt_and_late_is_flagged),
        cmocka_unit_test(reasons_of_a_cancel),
        cmocka_unit_test(expiries),
        cmocka_unit_test(a_reschedule),
        cmocka_unit_test(confirm_and_switch),
        cmocka_unit_test(whom_calendars_must_be_told),
        cmocka_unit_test(which_states_block_time),
        cmocka_unit_test(words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
