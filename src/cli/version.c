/* version.c - `acolhe version`. */
#include "cli/version.h"

#include <gnu/libc-version.h>
#include <jansson.h>
#include <libical/ical.h>
#include <sodium.h>
#include <sqlite3.h>
#include <utf8proc.h>

#include "cli/cli.h"
#include "cli/commit.h"

const char version_number[] = ACOLHE_VERSION; /* given by the build */
const char version_commit[] = ACOLHE_COMMIT;

void version_libraries(FILE *out, const char *prefix)
{
    (void)fprintf(out, "%sSQLite %s\n", prefix, sqlite3_libversion());
    (void)fprintf(out, "%slibsodium %s\n", prefix, sodium_version_string());
    (void)fprintf(out, "%sJansson %s\n", prefix, jansson_version_str());
    (void)fprintf(out, "%slibical %s\n", prefix, ICAL_VERSION);
    (void)fprintf(out, "%sutf8proc %s\n", prefix, utf8proc_version());
    (void)fprintf(out, "%sglibc %s\n", prefix, gnu_get_libc_version());
}

int cli_version(const struct cli_args *args)
{
    int status = cli_parse(args, NULL, 0, NULL, 0, 0);

    if (status != CLI_OK)
        return status;
    (void)printf("acolhe %s%s%s%s\n", version_number, version_commit[0] ? " (" : "", version_commit,
                 version_commit[0] ? ")" : "");
    version_libraries(stdout, "  ");
    return cli_end();
}
