/*
 * fold.h - text as search sees it: without case, accents and compatibility forms, so that "SÃO"
 * finds "são" and "Sao". Pure; any thread.
 */
#ifndef ACOLHE_DOMAIN_FOLD_H
#define ACOLHE_DOMAIN_FOLD_H

#include "base/arena.h"

/* The folded form in the arena, well-formed UTF-8. 0, -E_MALFORMED (not UTF-8), -E_NO_MEMORY. */
int text_fold(struct str in, struct arena *a, struct str *ret);
/* Both already folded. An empty needle is found nowhere. */
bool fold_contains(struct str folded, struct str folded_needle);

#endif
