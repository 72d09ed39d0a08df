/* directory.h - finding a verified doctor. */
#ifndef ACOLHE_APP_DIRECTORY_H
#define ACOLHE_APP_DIRECTORY_H

#include "app/app.h"

/* Where a list sorted by name goes on. */
struct name_cursor {
    struct str name;
    struct id id;
};

struct doctor_search {
    struct str text;      /* part of the name; STR_NONE: all */
    struct str specialty; /* part of a registered specialty; STR_NONE: all */
    struct name_cursor after;
    int64_t limit;
};
/* RIGHT_DIRECTORY. *ret_next.name is STR_NONE at the end. */
int directory_list(struct call *call, const struct doctor_search *in, struct doctor **ret,
                   size_t *ret_count, struct name_cursor *ret_next);
int directory_get(struct call *call, const struct id *doctor, struct doctor *ret);

#endif
