/* issue.c - collecting field errors. See issue.h. */
#include "base/issue.h"

void issue_add(struct issues *issues, struct arena *a, const char *field, const char *code,
               const char *detail)
{
    if (issues->count == ISSUES_MAX)
        return;
    struct str copy = arena_str(a, str_from(field));
    if (!copy.p)
        return;
    issues->list[issues->count++] = (struct issue){copy, code, detail};
}
