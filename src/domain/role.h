/*
 * role.h - the four roles (domain.md, "Roles"). The numbers are stored; they never change.
 */
#ifndef ACOLHE_DOMAIN_ROLE_H
#define ACOLHE_DOMAIN_ROLE_H

#include "base/str.h"

enum role { ROLE_PATIENT = 1, ROLE_DOCTOR, ROLE_RECEPTIONIST, ROLE_ADMIN };

extern const char *const role_names[];           /* NULL-terminated; role_names[role - 1] */
int role_parse(struct str text, enum role *ret); /* 0 or -E_MALFORMED */

#endif
