/*
 * answer.h - the parts that answers have in common: problem details, security headers, cookies.
 */
#ifndef ACOLHE_API_ANSWER_H
#define ACOLHE_API_ANSWER_H

#include "app/app.h"
#include "net/net.h"

/* RFC 9457 problem details with the field errors, if any; NULL out of memory. */
struct http_reply *answer_problem(int err, const struct issues *issues);
/* For net's default_fields: what every answer carries (security.md, "Web"). */
void answer_default_fields(const struct app *app, struct http_reply *reply);

#endif
