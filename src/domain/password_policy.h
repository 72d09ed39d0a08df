/*
 * password_policy.h - which passwords are taken (ASVS 6.2: length counts, composition does not).
 * Pure; any thread.
 */
#ifndef ACOLHE_DOMAIN_PASSWORD_POLICY_H
#define ACOLHE_DOMAIN_PASSWORD_POLICY_H

#include "base/arena.h"

#define PASSWORD_MIN_CHARS 10
#define PASSWORD_MAX_CHARS 256 /* Unicode scalar values; any of them, none is cut or changed */

enum password_verdict {
    PASSWORD_GOOD = 1,
    PASSWORD_TOO_SHORT,
    PASSWORD_TOO_LONG,
    PASSWORD_NOT_TEXT, /* not UTF-8, or with NUL */
    PASSWORD_COMMON,   /* among the commonest, or one with a short ending; or a repetition */
    PASSWORD_PERSONAL, /* nothing but the account's name or e-mail, with a short ending at most */
    PASSWORD_UNKNOWN   /* no memory to tell */
};
/* The `code` of a field error, by verdict; NULL for PASSWORD_GOOD and PASSWORD_UNKNOWN. */
const char *password_verdict_code(enum password_verdict verdict);

/* Upper and lower case, accents and look-alike characters (p@ssw0rd) make no difference to what is
 * common. name and email may be STR_NONE. The arena is scratch; what was derived is wiped. */
enum password_verdict password_judge(struct str password, struct str email, struct str name,
                                     struct arena *a);

#endif
