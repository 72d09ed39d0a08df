/* diagnose.h - inside `acolhe diagnose`: the report, and the checks that need no clinic. */
#ifndef ACOLHE_CLI_DIAGNOSE_H
#define ACOLHE_CLI_DIAGNOSE_H

#include "cli/settings.h"

enum finding { FOUND_OK = 1, FOUND_WARN, FOUND_FAIL };
struct diagnosis {
    const struct settings *settings;
    size_t warnings, failures;
};
/* One line: "ok    folder    …". What is not ok says what to do. */
void found(struct diagnosis *d, enum finding finding, const char *what, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* ---- diagnose_system.c ---- */
void diagnose_clock(struct diagnosis *d);
void diagnose_random(struct diagnosis *d);
void diagnose_open_files(struct diagnosis *d);
void diagnose_disk(struct diagnosis *d);
void diagnose_port(struct diagnosis *d);

#endif
