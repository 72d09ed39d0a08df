/*
 * cookie.h - one cookie out of a Cookie header (RFC 6265, section 4.2.1). Any thread.
 */
#ifndef ACOLHE_BASE_COOKIE_H
#define ACOLHE_BASE_COOKIE_H

#include "base/str.h"

/* Finds the cookie of that exact name (case matters); *ret is its value without quotes and borrows
 * from header. Cookies of other names are other people's and may look as they like. The wanted one
 * must be well-formed and stand there only once: of two, one was planted.
 * 0, -E_NOT_FOUND, -E_MALFORMED. */
int cookie_get(struct str header, const char *name, struct str *ret);

#endif
