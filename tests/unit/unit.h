/* unit.h - what every unit test includes: cmocka with the headers it wants, and texts. */
#ifndef ACOLHE_TESTS_UNIT_H
#define ACOLHE_TESTS_UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/error.h"
#include "base/str.h"

/* Compares a struct str with a literal and shows both when they differ. */
static inline void check_str(struct str got, const char *want, const char *file, int line)
{
    if (str_eq(got, str_from(want)) && (got.p || !want))
        return;
    print_error("got \"%.*s\", wanted \"%s\"\n", STR_FMT(got), want ? want : "(none)");
    _fail(file, line);
}
#define assert_str(got, want) check_str((got), (want), __FILE__, __LINE__)

#define COUNT_OF(array) (sizeof(array) / sizeof *(array))

#endif
