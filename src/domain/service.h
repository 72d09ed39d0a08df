/*
 * service.h - what a doctor offers: in person or by teleconsultation, how long it takes, and how
 * it is laid on the agenda. Pure; any thread. Numbers of enums are stored; they never change.
 */
#ifndef ACOLHE_DOMAIN_SERVICE_H
#define ACOLHE_DOMAIN_SERVICE_H

#include "base/str.h"
#include "domain/time_span.h"

enum service_kind { SERVICE_IN_PERSON = 1, SERVICE_TELECONSULTATION };
extern const char *const service_kind_names[];                   /* NULL-terminated; [kind - 1] */
int service_kind_parse(struct str text, enum service_kind *ret); /* 0 or -E_MALFORMED */

/* Minutes, each a multiple of CELL_MIN. Durations are elapsed time: half an hour stays half an
 * hour on the night the clock is changed. */
#define SERVICE_DURATION_MAX_MIN 480
#define SERVICE_BUFFER_MAX_MIN 120
#define SERVICE_STEP_MAX_MIN 480

struct service_time {
    int64_t duration_min; /* CELL_MIN to SERVICE_DURATION_MAX_MIN */
    int64_t before_min;   /* the doctor's, 0 to SERVICE_BUFFER_MAX_MIN */
    int64_t after_min;    /* the same */
    int64_t step_min;     /* between one start offered and the next, CELL_MIN to … MAX_MIN */
};
int service_time_check(const struct service_time *t); /* 0 or -E_VALIDATION */

/* The span that an appointment starting then takes of the patient's time … */
struct time_span service_patient_span(const struct service_time *t, int64_t start_us);
/* … and of the doctor's, buffers included. Both write cells. */
struct time_span service_doctor_span(const struct service_time *t, int64_t start_us);
#define SERVICE_CELLS_MAX ((SERVICE_DURATION_MAX_MIN + 2 * SERVICE_BUFFER_MAX_MIN) / CELL_MIN)

#endif
