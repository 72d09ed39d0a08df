/* service.c - see service.h. */
#include "domain/service.h"

#include "base/error.h"

const char *const service_kind_names[] = {"in_person", "teleconsultation", NULL};

int service_kind_parse(struct str text, enum service_kind *ret)
{
    for (int i = 0; service_kind_names[i]; i++) {
        if (str_is(text, service_kind_names[i])) {
            *ret = (enum service_kind)(i + 1);
            return 0;
        }
    }
    return -E_MALFORMED;
}

static bool within(int64_t minutes, int64_t least, int64_t most)
{
    return minutes >= least && minutes <= most && minutes % CELL_MIN == 0;
}

int service_time_check(const struct service_time *t)
{
    bool good = within(t->duration_min, CELL_MIN, SERVICE_DURATION_MAX_MIN) &&
                within(t->before_min, 0, SERVICE_BUFFER_MAX_MIN) &&
                within(t->after_min, 0, SERVICE_BUFFER_MAX_MIN) &&
                within(t->step_min, CELL_MIN, SERVICE_STEP_MAX_MIN);

    return good ? 0 : -E_VALIDATION;
}

struct time_span service_patient_span(const struct service_time *t, int64_t start_us)
{
    return (struct time_span){start_us, start_us + t->duration_min * US_PER_MIN};
}

struct time_span service_doctor_span(const struct service_time *t, int64_t start_us)
{
    return (struct time_span){start_us - t->before_min * US_PER_MIN,
                              start_us + (t->duration_min + t->after_min) * US_PER_MIN};
}
