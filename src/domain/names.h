/*
 * names.h - people's names: any script, one form (domain.md, "Names"). Pure; any thread.
 */
#ifndef ACOLHE_DOMAIN_NAMES_H
#define ACOLHE_DOMAIN_NAMES_H

#include "base/arena.h"

#define NAME_MAX_CHARS 120 /* Unicode scalar values, after normalising */

/* Brings a name to NFC without blanks at its ends, in the arena. Refused are control characters,
 * line separators and the marks that turn the direction of text around (they could make one name
 * look like another), and a name without a letter or digit.
 * 0, -E_MALFORMED, -E_TOO_LARGE (more than NAME_MAX_CHARS), -E_NO_MEMORY. */
int name_normalise(struct str in, struct arena *a, struct str *ret);

#endif
