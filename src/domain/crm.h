/*
 * crm.h - a doctor's registrations (domain.md, "CRM", "RQE"). Pure; any thread.
 */
#ifndef ACOLHE_DOMAIN_CRM_H
#define ACOLHE_DOMAIN_CRM_H

#include "base/str.h"

#define REGISTRATION_DIGITS 10

/* The registration at the medical council of one state: (UF, number) is its key. */
struct crm {
    char uf[3];                           /* upper case */
    char number[REGISTRATION_DIGITS + 1]; /* without zeros in front, so that one has one form */
};

int uf_parse(struct str text, char out[3]); /* one of the 27, in any case; 0 or -E_MALFORMED */
int crm_parse(struct str uf, struct str number, struct crm *ret); /* 0 or -E_MALFORMED */
/* The registration of a specialty: 1–10 digits, the same form. 0 or -E_MALFORMED. */
int rqe_parse(struct str text, char out[REGISTRATION_DIGITS + 1]);

#endif
