/*
 * cns.h - CNS, the number of the Brazilian national health card (domain.md, "CNS"). Pure; any
 * thread. Never logged.
 */
#ifndef ACOLHE_DOMAIN_CNS_H
#define ACOLHE_DOMAIN_CNS_H

#include "base/str.h"

#define CNS_DIGITS 15

/* Takes 15 digits, with or without blanks; weighed 15 down to 1 they sum to a multiple of 11, and
 * are not all zero. 0 or -E_MALFORMED. */
int cns_parse(struct str text, char digits[CNS_DIGITS + 1]);

#endif
