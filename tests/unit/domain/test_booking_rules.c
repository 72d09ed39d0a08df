/* test_booking_rules.c - a test by name for each row of the defaults in domain.md ("Scheduling"),
 * then services and the cells that refuse a double booking. */
#include "../unit.h"
#include "base/clock.h"
#include "domain/booking_rules.h"
#include "domain/work_plan.h"

#define NOW (INT64_C(1795370400) * US_PER_S + 123456)

static const struct booking_rules *const rules = &booking_rules_default;

static void duration_and_slot_step(void **state)
{
    (void)state;
    assert_int_equal(rules->service.duration_min, 30);
    assert_int_equal(rules->service.step_min, 15);
}

static void minimum_notice(void **state)
{
    (void)state;
    int64_t first = NOW + 120 * US_PER_MIN;
    assert_int_equal(rule_notice(rules, NOW, first), RULE_NONE);
    assert_int_equal(rule_notice(rules, NOW, first - 1), RULE_NOTICE);
    assert_int_equal(rule_notice(rules, NOW, NOW - US_PER_DAY), RULE_NOTICE);
}

static void horizon(void **state)
{
    (void)state;
    int64_t last = NOW + 90 * US_PER_DAY;
    assert_int_equal(rule_horizon(rules, NOW, last), RULE_NONE);
    assert_int_equal(rule_horizon(rules, NOW, last + 1), RULE_HORIZON);
}

static void buffers(void **state)
{
    (void)state;
    struct time_span patient = service_patient_span(&rules->service, NOW);
    struct time_span doctor = service_doctor_span(&rules->service, NOW);
    assert_true(patient.start_us == NOW && patient.end_us == NOW + 30 * US_PER_MIN);
    assert_true(doctor.start_us == patient.start_us && doctor.end_us == patient.end_us);
    struct service_time buffered = {30, 5, 20, 15};
    doctor = service_doctor_span(&buffered, NOW);
    assert_true(doctor.start_us == NOW - 5 * US_PER_MIN);
    assert_true(doctor.end_us == NOW + 50 * US_PER_MIN);
    patient = service_patient_span(&buffered, NOW);
    assert_true(patient.start_us == NOW && patient.end_us == NOW + 30 * US_PER_MIN);
}

static void hold_expires_after(void **state)
{
    (void)state;
    assert_true(hold_expires_us(rules, NOW) == NOW + 10 * US_PER_MIN);
}

static void request_expires_after(void **state)
{
    (void)state;
    int64_t day = NOW + 24 * US_PER_HOUR;
    assert_true(request_expires_us(rules, NOW, NOW + 30 * US_PER_DAY) == day);
    assert_true(request_expires_us(rules, NOW, NOW + 26 * US_PER_HOUR) == day);
    assert_true(request_expires_us(rules, NOW, NOW + 26 * US_PER_HOUR - 1) == day - 1);
    assert_true(request_expires_us(rules, NOW, NOW + 3 * US_PER_HOUR) == NOW + US_PER_HOUR);
}

/* Who is bound by it: test_appointment.c. */
static void cancel_and_reschedule_cutoff(void **state)
{
    (void)state;
    int64_t start = NOW + 24 * US_PER_HOUR;
    assert_false(cutoff_passed(rules, NOW, start));
    assert_true(cutoff_passed(rules, NOW + 1, start));
    assert_true(cutoff_passed(rules, start + 1, start));
    struct booking_rules none = *rules;
    none.cutoff_min = 0;
    assert_false(cutoff_passed(&none, start, start));
}

static void active_future_bookings(void **state)
{
    (void)state;
    assert_int_equal(rule_limits(rules, 0, 0), RULE_NONE);
    assert_int_equal(rule_limits(rules, 2, 0), RULE_NONE);
    assert_int_equal(rule_limits(rules, 3, 0), RULE_PATIENT_LIMIT);
    assert_int_equal(rule_limits(rules, 1, 1), RULE_PATIENT_DOCTOR_LIMIT);
    assert_int_equal(rule_limits(rules, 3, 1), RULE_PATIENT_DOCTOR_LIMIT);
    struct booking_rules two = *rules;
    two.patient_doctor_limit = 2;
    assert_int_equal(rule_limits(&two, 1, 1), RULE_NONE);
}

static void reminders(void **state)
{
    (void)state;
    int64_t out[REMINDERS_MAX], start = NOW + 3 * US_PER_DAY;
    assert_int_equal(reminder_times(rules, SERVICE_IN_PERSON, start, NOW, out), 2);
    assert_true(out[0] == start - 24 * US_PER_HOUR && out[1] == start - 2 * US_PER_HOUR);
    assert_int_equal(reminder_times(rules, SERVICE_TELECONSULTATION, start, NOW, out), 3);
    assert_true(out[0] == start - 24 * US_PER_HOUR && out[1] == start - 2 * US_PER_HOUR &&
                out[2] == start - 10 * US_PER_MIN);
    /* booked late: only those that are still to come */
    int64_t late = start - 24 * US_PER_HOUR;
    assert_int_equal(reminder_times(rules, SERVICE_IN_PERSON, start, late - 1, out), 2);
    assert_int_equal(reminder_times(rules, SERVICE_IN_PERSON, start, late, out), 1);
    assert_true(out[0] == start - 2 * US_PER_HOUR);
    assert_int_equal(reminder_times(rules, SERVICE_TELECONSULTATION, start, start, out), 0);
    /* any order of settings, two alike, and none */
    struct booking_rules odd = *rules;
    odd.reminder_min[0] = 10;
    odd.reminder_min[1] = 60;
    assert_int_equal(reminder_times(&odd, SERVICE_TELECONSULTATION, start, NOW, out), 2);
    assert_true(out[0] == start - 60 * US_PER_MIN && out[1] == start - 10 * US_PER_MIN);
    odd.tele_reminder_min = 60;
    assert_int_equal(reminder_times(&odd, SERVICE_TELECONSULTATION, start, NOW, out), 2);
    assert_true(out[0] == start - 60 * US_PER_MIN && out[1] == start - 10 * US_PER_MIN);
    odd.reminder_min[0] = odd.reminder_min[1] = 0;
    assert_int_equal(reminder_times(&odd, SERVICE_IN_PERSON, start, NOW, out), 0);
}

static void teleconsultation_join_window(void **state)
{
    (void)state;
    struct time_span when = {NOW, NOW + 30 * US_PER_MIN};
    int64_t opens = NOW - 10 * US_PER_MIN, closes = when.end_us + 15 * US_PER_MIN;
    assert_int_equal(rule_join(rules, when, opens - 1), RULE_JOIN_WINDOW);
    assert_int_equal(rule_join(rules, when, opens), RULE_NONE);
    assert_int_equal(rule_join(rules, when, closes - 1), RULE_NONE);
    assert_int_equal(rule_join(rules, when, closes), RULE_JOIN_WINDOW);
}

static void automatic_no_show(void **state)
{
    (void)state;
    struct time_span when = {NOW, NOW + 30 * US_PER_MIN};
    assert_true(no_show_us(rules, when.end_us) == when.end_us + 15 * US_PER_MIN);
    /* never while the patient could still join */
    assert_int_equal(rule_join(rules, when, no_show_us(rules, when.end_us)), RULE_JOIN_WINDOW);
}

static void work_plan_of_a_new_doctor(void **state)
{
    (void)state;
    const struct work_plan *plan = &work_plan_default;
    assert_int_equal(work_plan_check(plan), 0);
    assert_int_equal(plan->weekly_count, 5);
    assert_int_equal(plan->breaks_count, 5);
    for (size_t i = 0; i < 5; i++) {
        assert_int_equal(plan->weekly[i].weekday, i + 1); /* Monday to Friday */
        assert_int_equal(plan->weekly[i].start_min, 8 * 60);
        assert_int_equal(plan->weekly[i].end_min, 18 * 60);
        assert_int_equal(plan->breaks[i].weekday, i + 1);
        assert_int_equal(plan->breaks[i].start_min, 12 * 60);
        assert_int_equal(plan->breaks[i].end_min, 14 * 60);
    }
    assert_int_equal(plan->exceptions_count + plan->extras_count + plan->holidays_count, 0);
    assert_int_equal(plan_weekday(0), 4); /* 1970-01-01 was a Thursday */
    assert_int_equal(plan_weekday(-4), 7);
    assert_int_equal(plan_weekday(clock_days_from_civil(2026, 11, 22)), 7);
    assert_int_equal(plan_weekday(clock_days_from_civil(2026, 11, 23)), 1);
}

static void rule_names(void **state)
{
    (void)state;
    assert_string_equal(booking_rule_name(RULE_NONE), "");
    assert_string_equal(booking_rule_name((enum booking_rule)(RULE_COUNT_)), "");
    assert_string_equal(booking_rule_name(RULE_NOTICE), "notice");
    assert_string_equal(booking_rule_name(RULE_CANCEL_CUTOFF), "cancel_cutoff");
    assert_string_equal(booking_rule_name(RULE_NOT_YET), "not_yet");
    for (int a = RULE_NONE + 1; a < RULE_COUNT_; a++)
        for (int b = RULE_NONE; b < a; b++)
            assert_string_not_equal(booking_rule_name((enum booking_rule)a),
                                    booking_rule_name((enum booking_rule)b));
}

static void possible_configurations(void **state)
{
    (void)state;
    assert_int_equal(booking_rules_check(rules), 0);
    static const struct {
        size_t offset;
        int64_t value;
    } bad[] = {
        {offsetof(struct booking_rules, service.duration_min), 31},
        {offsetof(struct booking_rules, notice_min), -1},
        {offsetof(struct booking_rules, horizon_days), 0},
        {offsetof(struct booking_rules, horizon_days), 367},
        {offsetof(struct booking_rules, hold_min), 0},
        {offsetof(struct booking_rules, hold_min), 61},
        {offsetof(struct booking_rules, request_min), 0},
        {offsetof(struct booking_rules, cutoff_min), -1},
        {offsetof(struct booking_rules, patient_limit), 0},
        {offsetof(struct booking_rules, patient_doctor_limit), 101},
        {offsetof(struct booking_rules, reminder_min[1]), -1},
        {offsetof(struct booking_rules, tele_reminder_min), 20000},
        {offsetof(struct booking_rules, join_before_min), 61},
        {offsetof(struct booking_rules, join_after_min), 16}, /* past the no-show */
        {offsetof(struct booking_rules, no_show_after_min), 14},
    };
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        struct booking_rules r = *rules;
        memcpy((char *)&r + bad[i].offset, &bad[i].value, sizeof bad[i].value);
        if (booking_rules_check(&r) != -E_VALIDATION)
            fail_msg("row %zu was taken", i);
    }
}

static void services(void **state)
{
    (void)state;
    enum service_kind kind;
    assert_int_equal(service_kind_parse(STR("in_person"), &kind), 0);
    assert_int_equal(kind, SERVICE_IN_PERSON);
    assert_int_equal(service_kind_parse(STR("teleconsultation"), &kind), 0);
    assert_int_equal(kind, SERVICE_TELECONSULTATION);
    assert_int_equal(service_kind_parse(STR("In_person"), &kind), -E_MALFORMED);
    assert_int_equal(service_kind_parse(STR(""), &kind), -E_MALFORMED);
    static const struct service_time good[] = {{5, 0, 0, 5}, {480, 120, 120, 480}, {50, 0, 10, 60}};
    static const struct service_time bad[] = {{0, 0, 0, 15},   {485, 0, 0, 15},  {32, 0, 0, 15},
                                              {30, -5, 0, 15}, {30, 3, 0, 15},   {30, 125, 0, 15},
                                              {30, 0, -5, 15}, {30, 0, 125, 15}, {30, 0, 0, 0},
                                              {30, 0, 0, 485}, {30, 0, 0, 7},    {-30, 0, 0, 15}};
    for (size_t i = 0; i < COUNT_OF(good); i++)
        assert_int_equal(service_time_check(&good[i]), 0);
    for (size_t i = 0; i < COUNT_OF(bad); i++)
        if (service_time_check(&bad[i]) != -E_VALIDATION)
            fail_msg("row %zu was taken", i);
}

static int64_t count_common(struct time_span a, struct time_span b)
{
    int64_t of_a, of_b, common = 0;

    for (struct cells i = cells_of(a); cells_next(&i, &of_a);)
        for (struct cells j = cells_of(b); cells_next(&j, &of_b);)
            common += of_a == of_b;
    return common;
}

static void cells_of_a_span(void **state)
{
    (void)state;
    int64_t cell, base = 1000 * CELL_US;
    struct cells c = cells_of((struct time_span){base, base + 30 * US_PER_MIN});
    assert_int_equal(cells_left(&c), 6);
    for (int64_t i = 0; i < 6; i++) {
        assert_true(cells_next(&c, &cell));
        assert_int_equal(cell, 1000 + i);
    }
    assert_false(cells_next(&c, &cell));
    c = cells_of((struct time_span){base + 1, base + CELL_US + 1}); /* in part counts */
    assert_int_equal(cells_left(&c), 2);
    c = cells_of((struct time_span){base, base});
    assert_false(cells_next(&c, &cell));
    c = cells_of((struct time_span){-1, 1}); /* around 1970 */
    assert_true(cells_next(&c, &cell) && cell == -1);
    assert_true(cells_next(&c, &cell) && cell == 0);
    struct service_time longest = {SERVICE_DURATION_MAX_MIN, SERVICE_BUFFER_MAX_MIN,
                                   SERVICE_BUFFER_MAX_MIN, 15};
    c = cells_of(service_doctor_span(&longest, base));
    assert_int_equal(cells_left(&c), SERVICE_CELLS_MAX);
}

/* The unique row: spans on borders share a cell exactly when they overlap; others never overlap
 * without one. */
static void cells_are_shared_by_what_overlaps(void **state)
{
    (void)state;
    for (int64_t start = 0; start < 60; start++)
        for (int64_t length = 1; length <= 40; length++) {
            struct time_span fixed = {20 * US_PER_MIN, 40 * US_PER_MIN};
            struct time_span other = {start * US_PER_MIN, (start + length) * US_PER_MIN};
            bool borders = start % CELL_MIN == 0 && length % CELL_MIN == 0;
            bool overlap = start < 40 && start + length > 20;
            bool common = count_common(fixed, other) > 0;
            assert_int_equal(time_span_overlaps(fixed, other), overlap);
            assert_int_equal(time_span_overlaps(other, fixed), overlap);
            assert_true(common || !overlap);
            assert_true(!borders || common == overlap);
        }
    assert_false(time_span_overlaps((struct time_span){5, 5}, (struct time_span){0, 10}));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(duration_and_slot_step),
        cmocka_unit_test(minimum_notice),
        cmocka_unit_test(horizon),
        cmocka_unit_test(buffers),
        cmocka_unit_test(hold_expires_after),
        cmocka_unit_test(request_expires_after),
        cmocka_unit_test(cancel_and_reschedule_cutoff),
        cmocka_unit_test(active_future_bookings),
        cmocka_unit_test(reminders),
        cmocka_unit_test(teleconsultation_join_window),
        cmocka_unit_test(automatic_no_show),
        cmocka_unit_test(work_plan_of_a_new_doctor),
        cmocka_unit_test(rule_names),
        cmocka_unit_test(possible_configurations),
        cmocka_unit_test(services),
        cmocka_unit_test(cells_of_a_span),
        cmocka_unit_test(cells_are_shared_by_what_overlaps),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
