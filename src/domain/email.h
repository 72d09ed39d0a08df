/*
 * email.h - e-mail addresses as logins (domain.md, "E-mail"). Pure; any thread.
 */
#ifndef ACOLHE_DOMAIN_EMAIL_H
#define ACOLHE_DOMAIN_EMAIL_H

#include "base/arena.h"

#define EMAIL_MAX 254
#define EMAIL_LOCAL_MAX 64

/* Checks an address (blanks at both ends are dropped): ASCII, one '@', no quoted local part, a
 * domain of two or more labels. Both results are in the arena: *ret_key is lower-case, for
 * uniqueness and look-up; *ret_shown keeps the capitals as typed. 0, -E_MALFORMED, -E_NO_MEMORY. */
int email_normalise(struct str in, struct arena *a, struct str *ret_key, struct str *ret_shown);

#endif
