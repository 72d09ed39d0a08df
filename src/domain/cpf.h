/*
 * cpf.h - CPF, the Brazilian tax id of a person (domain.md, "CPF"). Pure; any thread. Never logged.
 */
#ifndef ACOLHE_DOMAIN_CPF_H
#define ACOLHE_DOMAIN_CPF_H

#include "base/str.h"

#define CPF_DIGITS 11
#define CPF_MASKED 24 /* bytes of UTF-8 */

/* Takes 11 digits, with or without dots, hyphen and blanks; both check digits must be right and
 * not all digits equal. 0 or -E_MALFORMED. */
int cpf_parse(struct str text, char digits[CPF_DIGITS + 1]);
/* "•••.982.247-••", the only form that is shown. `digits` came from cpf_parse. */
void cpf_mask(const char digits[CPF_DIGITS + 1], char out[CPF_MASKED + 1]);

#endif
