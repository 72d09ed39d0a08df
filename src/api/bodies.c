/* bodies.c - see bodies.h. */
#include "api/bodies.h"

#define TEXT_AT(type, member, json_name, more_flags, lo, hi)                                       \
    {                                                                                              \
        .name = (json_name), .kind = JSON_TEXT, .offset = offsetof(type, member),                  \
        .flags = (more_flags), .min = (lo), .max = (hi), .present = JSON_NO_PRESENT                \
    }
#define TEXT(type, member, more_flags, lo, hi) TEXT_AT(type, member, #member, more_flags, lo, hi)
#define DESC(desc_name, type)                                                                      \
    const struct json_desc body_##desc_name = {.name = #desc_name,                                 \
                                               .fields = desc_name##_fields,                       \
                                               .count = sizeof desc_name##_fields /                \
                                                        sizeof *desc_name##_fields,                \
                                               .size = sizeof(type)}

#define LINE_REQUIRED (JSON_REQUIRED | JSON_TRIM | JSON_LINE)
#define LINE_OPTIONAL (JSON_NULLABLE | JSON_TRIM | JSON_LINE)

const struct json_desc body_empty = {.name = "empty", .size = 1};

static const struct json_field register_fields[] = {
    TEXT(struct registration, name, LINE_REQUIRED, 1, 120),
    TEXT(struct registration, social_name, LINE_OPTIONAL, 0, 120),
    TEXT(struct registration, email, LINE_REQUIRED, 1, 254),
    TEXT(struct registration, password, JSON_REQUIRED | JSON_SECRET, 1, 256),
    TEXT(struct registration, cpf, LINE_OPTIONAL | JSON_SECRET, 0, 20),
    TEXT(struct registration, birth_date, LINE_REQUIRED, 1, 40),
    TEXT(struct registration, phone, LINE_OPTIONAL, 0, 30),
    TEXT(struct registration, locale, LINE_OPTIONAL, 0, 10),
    TEXT(struct registration, terms_version, LINE_REQUIRED, 1, 40),
};
DESC(register, struct registration);

static const struct json_field sign_in_fields[] = {
    TEXT(struct sign_in_request, email, LINE_REQUIRED, 1, 254),
    TEXT(struct sign_in_request, password, JSON_REQUIRED | JSON_SECRET, 1, 256),
};
DESC(sign_in, struct sign_in_request);

static const struct json_field password_change_fields[] = {
    TEXT(struct password_change, current_password, JSON_REQUIRED | JSON_SECRET, 1, 256),
    TEXT(struct password_change, new_password, JSON_REQUIRED | JSON_SECRET, 1, 256),
};
DESC(password_change, struct password_change);

static const struct json_field password_link_fields[] = {
    TEXT(struct password_by_link, token, JSON_REQUIRED | JSON_SECRET, 1, 100),
    TEXT(struct password_by_link, password, JSON_REQUIRED | JSON_SECRET, 1, 256),
};
DESC(password_link, struct password_by_link);

#define PROFILE_TEXT(member, bound)                                                                \
    {                                                                                              \
        .name = #member, .kind = JSON_TEXT, .offset = offsetof(struct profile_change, member),     \
        .flags = LINE_OPTIONAL, .max = (bound),                                                    \
        .present = offsetof(struct profile_change, has_##member)                                   \
    }
static const struct json_field profile_fields[] = {
    PROFILE_TEXT(name, 120),
    PROFILE_TEXT(social_name, 120),
    PROFILE_TEXT(phone, 30),
    PROFILE_TEXT(locale, 10),
};
DESC(profile, struct profile_change);

static const struct json_field hours_fields[] = {
    {.name = "weekday",
     .kind = JSON_I64,
     .offset = offsetof(struct hours_body, weekday),
     .flags = JSON_REQUIRED,
     .min = 1,
     .max = 7,
     .present = JSON_NO_PRESENT},
    TEXT(struct hours_body, start, LINE_REQUIRED, 5, 5),
    TEXT(struct hours_body, end, LINE_REQUIRED, 5, 5),
};
static const struct json_desc hours_desc = {
    .name = "hours", .fields = hours_fields, .count = 3, .size = sizeof(struct hours_body)};

static const struct json_field practice_fields[] = {
    {.name = "hours",
     .kind = JSON_ARRAY,
     .offset = offsetof(struct practice_body, hours),
     .flags = JSON_REQUIRED,
     .max = OFFICE_HOURS_MAX,
     .sub = &hours_desc,
     .present = JSON_NO_PRESENT},
    {.name = "usual_reply_minutes",
     .kind = JSON_I64,
     .offset = offsetof(struct practice_body, usual_reply_minutes),
     .flags = JSON_NULLABLE,
     .min = 1,
     .max = 10080,
     .present = JSON_NO_PRESENT},
    TEXT(struct practice_body, timezone, LINE_REQUIRED, 1, 64),
    TEXT(struct practice_body, about, JSON_NULLABLE | JSON_TRIM, 0, 2000),
};
DESC(practice, struct practice_body);

static const struct json_field ask_fields[] = {
    {.name = "doctor_id",
     .kind = JSON_ID,
     .offset = offsetof(struct ask_body, doctor_id),
     .flags = JSON_NULLABLE,
     .present = JSON_NO_PRESENT},
    TEXT(struct ask_body, patient_email, LINE_OPTIONAL, 1, 254),
};
DESC(ask, struct ask_body);

static const struct json_field specialty_fields[] = {
    TEXT(struct specialty, name, LINE_REQUIRED, 1, 120),
    TEXT(struct specialty, rqe, LINE_OPTIONAL, 0, 20),
};
static const struct json_desc specialty_desc = {
    .name = "specialty", .fields = specialty_fields, .count = 2, .size = sizeof(struct specialty)};

/* Patients sign up for themselves: an administrator adds the others (api.md). The order is that of
 * enum role without its first. */
static const char *const staff_roles[] = {"doctor", "receptionist", "admin", NULL};
static const struct json_field staff_fields[] = {
    {.name = "role",
     .kind = JSON_ENUM,
     .offset = offsetof(struct staff_body, role),
     .flags = JSON_REQUIRED,
     .names = staff_roles,
     .present = JSON_NO_PRESENT},
    TEXT(struct staff_body, name, LINE_REQUIRED, 1, 120),
    TEXT(struct staff_body, social_name, LINE_OPTIONAL, 0, 120),
    TEXT(struct staff_body, email, LINE_REQUIRED, 1, 254),
    TEXT(struct staff_body, locale, LINE_OPTIONAL, 0, 10),
    TEXT(struct staff_body, phone, LINE_OPTIONAL, 0, 30),
    TEXT(struct staff_body, crm, LINE_OPTIONAL, 0, 20),
    TEXT(struct staff_body, uf, LINE_OPTIONAL, 0, 4),
    {.name = "specialties",
     .kind = JSON_ARRAY,
     .offset = offsetof(struct staff_body, specialties),
     .flags = JSON_NULLABLE,
     .max = SPECIALTIES_MAX,
     .sub = &specialty_desc,
     .present = JSON_NO_PRESENT},
};
DESC(staff, struct staff_body);
