/*
 * phone.h - telephone numbers in E.164 (domain.md, "Phone"). Pure; any thread.
 */
#ifndef ACOLHE_DOMAIN_PHONE_H
#define ACOLHE_DOMAIN_PHONE_H

#include "base/str.h"

#define PHONE_TEXT 16 /* '+' and up to 15 digits */

/* Takes a number with '+' and country code, or a Brazilian one: area code and number, with or
 * without the 0 or the 55 in front. Blanks, dots, hyphens, slashes and parentheses are dropped.
 * Brazilian numbers: area code 11–99 without zeros, then 9 digits from 9 or 8 digits from 2–5.
 * Others: 7–15 digits. 0 or -E_MALFORMED. */
int phone_normalise(struct str in, char out[PHONE_TEXT + 1]);

#endif
