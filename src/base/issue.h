/*
 * issue.h - what is wrong with the fields of a request, collected for one 422 answer.
 *
 * Filled by json/ (shape) and by app/ (rules), written by api/. Field names are those of the API.
 */
#ifndef ACOLHE_BASE_ISSUE_H
#define ACOLHE_BASE_ISSUE_H

#include "base/arena.h"
#include "base/str.h"

struct issue {
    struct str field;   /* a path as "specialties[1].rqe" */
    const char *code;   /* required, unknown, too_short, too_long, invalid … */
    const char *detail; /* English, static */
};

#define ISSUES_MAX 20
struct issues {
    struct issue list[ISSUES_MAX];
    size_t count;
};

/* Past the maximum it is dropped. `field` is copied to the arena; code and detail are static. */
void issue_add(struct issues *issues, struct arena *a, const char *field, const char *code,
               const char *detail);

#endif
