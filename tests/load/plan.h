/*
 * plan.h - what the load generator works on: the server's address and the people already signed
 * in, written to a JSON file by tests/load/prepare.mjs.
 *
 *   {"host":…, "port":…, "origin":…, "pairs":[{"conversation":ID, "patient":COOKIE,
 * "doctor":COOKIE}]}
 */
#ifndef ACOLHE_LOAD_PLAN_H
#define ACOLHE_LOAD_PLAN_H

#include "wire.h"

struct pair {
    const char *conversation;
    const char *patient; /* "name=value" of the session cookie */
    const char *doctor;
};

struct plan {
    struct target target;
    struct pair *pairs;
    size_t pair_count;
};

/* Reads it, or ends the program with the reason. It lives until the program ends. */
void plan_read(const char *path, struct plan *ret);

#endif
