/*
 * message_rules.h - what a message may be (domain.md, "Messages"). Pure; any thread.
 */
#ifndef ACOLHE_DOMAIN_MESSAGE_RULES_H
#define ACOLHE_DOMAIN_MESSAGE_RULES_H

#include "base/clock.h"
#include "base/id.h"

#define MESSAGE_MAX_CHARS 4000 /* Unicode scalar values */
#define MESSAGE_MAX_BYTES ((size_t)4 * MESSAGE_MAX_CHARS)
#define MESSAGE_EDIT_WINDOW_US (15 * US_PER_MIN)
#define MESSAGE_CLIENT_ID_WINDOW_US (30 * US_PER_DAY)

/* Well-formed UTF-8 without NUL, 1 to MESSAGE_MAX_CHARS, not only blanks; kept as typed.
 * 0 or -E_VALIDATION. */
int message_body_check(struct str text);
/* The sender's id must be a UUIDv7 (-E_VALIDATION) made within 30 days of now, before or after
 * (-E_CLIENT_ID_EXPIRED), so that the index of ids stays near-append. */
int message_client_id_check(const struct id *id, int64_t now_us);
/* May a message of that time still be edited or deleted? 0 or -E_TOO_LATE. */
int message_edit_check(int64_t sent_us, int64_t now_us);
/* A member's delivered or read mark: it only rises, and never past the last message. */
int64_t watermark_raise(int64_t present, int64_t wanted, int64_t last_seq);

#endif
