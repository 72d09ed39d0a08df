/*
 * bodies.h - what requests may carry: one descriptor per body, with its bounds. The rules of the
 * fields are app's and domain's; here is only their shape.
 */
#ifndef ACOLHE_API_BODIES_H
#define ACOLHE_API_BODIES_H

#include "app/admin.h"
#include "app/care.h"
#include "app/profile.h"
#include "app/sign_in.h"
#include "json/json.h"

struct hours_body {
    int64_t weekday;
    struct str start; /* "08:00" */
    struct str end;   /* up to "24:00" */
};
struct practice_body {
    struct json_array hours; /* struct hours_body */
    int64_t usual_reply_minutes;
    struct str timezone;
    struct str about;
};
struct staff_body {
    int role; /* 1-based in staff_roles */
    struct str name;
    struct str social_name;
    struct str email;
    struct str locale;
    struct str phone;
    struct str crm;
    struct str uf;
    struct json_array specialties; /* struct specialty */
};
struct ask_body {
    struct id doctor_id;
    struct str patient_email;
};

extern const struct json_desc body_empty;           /* {} */
extern const struct json_desc body_register;        /* struct registration */
extern const struct json_desc body_sign_in;         /* struct sign_in_request */
extern const struct json_desc body_password_change; /* struct password_change */
extern const struct json_desc body_password_link;   /* struct password_by_link */
extern const struct json_desc body_profile;         /* struct profile_change */
extern const struct json_desc body_practice;        /* struct practice_body */
extern const struct json_desc body_ask;             /* struct ask_body */
extern const struct json_desc body_staff;           /* struct staff_body */

#endif
