/*
 * fields.h - the fields of people, checked once for every use case that takes them. Each returns 0
 * with the normal form in the arena, or adds a field error and returns -E_VALIDATION.
 */
#ifndef ACOLHE_APP_FIELDS_H
#define ACOLHE_APP_FIELDS_H

#include "app/app.h"

int field_name(struct call *call, const char *field, struct str in, struct str *ret);
/* STR_NONE and the empty text are "none". */
int field_optional_name(struct call *call, const char *field, struct str in, struct str *ret);
int field_email(struct call *call, const char *field, struct str in, struct str *ret_norm,
                struct str *ret_shown);
int field_phone(struct call *call, const char *field, struct str in, struct str *ret);
int field_cpf(struct call *call, const char *field, struct str in, struct str *ret);
/* An adult's (the guardian registers a minor, domain.md). */
int field_birth_date(struct call *call, const char *field, struct str in, struct str *ret);
/* "pt-BR" or "en"; none becomes "pt-BR". */
int field_locale(struct call *call, const char *field, struct str in, struct str *ret);
int field_password(struct call *call, const char *field, struct str password, struct str email,
                   struct str name);

/* The first error of several checks that all ran, so that a form shows all at once. */
static inline int first_error(int a, int b)
{
    return a < 0 ? a : b;
}

#endif
