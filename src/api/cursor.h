/*
 * cursor.h - where a list goes on, as an opaque text for clients: the last item's sort key and id,
 * base64url of "<key>\n<id>". A cursor carries no right: it only says where to start.
 */
#ifndef ACOLHE_API_CURSOR_H
#define ACOLHE_API_CURSOR_H

#include "api/route.h"
#include "app/care.h"
#include "app/directory.h"

int cursor_read_name(struct exchange *ex, struct name_cursor *ret);
struct str cursor_write_name(struct arena *a,
                             const struct name_cursor *c); /* STR_NONE at the end */
int cursor_read_time(struct exchange *ex, struct time_cursor *ret);
struct str cursor_write_time(struct arena *a, const struct time_cursor *c);
/* A time and a number, for the audit trail. */
int cursor_read_pair(struct exchange *ex, int64_t *ret_at, int64_t *ret_seq);
struct str cursor_write_pair(struct arena *a, int64_t at, int64_t seq);

#endif
