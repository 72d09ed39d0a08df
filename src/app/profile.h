/* profile.h - one's own account, and a doctor's own practice. Inside the caller's transaction. */
#ifndef ACOLHE_APP_PROFILE_H
#define ACOLHE_APP_PROFILE_H

#include "app/app.h"

struct profile_change {
    bool has_name, has_social_name, has_phone, has_locale; /* given, also as null */
    struct str name;
    struct str social_name;
    struct str phone;
    struct str locale;
};
/* RIGHT_ACCOUNT. */
int profile_update(struct call *call, const struct profile_change *in);

struct practice {
    struct office_interval *hours;
    size_t hour_count;
    int64_t usual_reply_minutes; /* 0: not said */
    struct str timezone;
    struct str about;
};
/* RIGHT_ACCOUNT of a doctor. */
int practice_update(struct call *call, const struct practice *in, struct doctor *ret);

#endif
