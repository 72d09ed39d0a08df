/* version.h - which program this is. */
#ifndef ACOLHE_CLI_VERSION_H
#define ACOLHE_CLI_VERSION_H

#include <stdio.h>

extern const char version_number[]; /* "0.1.0" */
extern const char version_commit[]; /* "30cead3a1b", or "" outside a checkout */
/* One line for each library, as found at run time. */
void version_libraries(FILE *out, const char *prefix);

#endif
