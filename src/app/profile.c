/* profile.c - see profile.h. */
#include "app/profile.h"

#include "app/fields.h"
#include "base/error.h"
#include "domain/zone.h"
#include "store/accounts.h"
#include "store/doctors.h"

int profile_update(struct call *call, const struct profile_change *in)
{
    struct account account;

    int r = account_get(call->db, call->grant, call->app->keys, call->arena, &call->session->user,
                        call->now_us, &account);
    if (r < 0)
        return r;
    if (in->has_name)
        r = field_name(call, "name", in->name, &account.name);
    if (in->has_social_name)
        r = first_error(
            r, field_optional_name(call, "social_name", in->social_name, &account.social_name));
    if (in->has_phone)
        r = first_error(r, field_phone(call, "phone", in->phone, &account.phone));
    if (in->has_locale)
        r = first_error(r, field_locale(call, "locale", in->locale, &account.locale));
    if (r == 0)
        r = account_update_profile(call->db, call->grant, call->arena, &account, call->now_us);
    return r < 0 ? r : call_audit(call, "account", &account.id, STR_NONE);
}

int practice_update(struct call *call, const struct practice *in, struct doctor *ret)
{
    const char *zone = arena_cstring(call->arena, in->timezone);
    struct doctor doctor = {
        .id = call->session->user,
        .timezone = in->timezone,
        .usual_reply_minutes = in->usual_reply_minutes,
        .about = in->about,
        .hours = in->hours,
        .hour_count = in->hour_count,
    };
    int r = 0;

    if (!zone)
        return -E_NO_MEMORY;
    if (!zone_exists(zone))
        r = call_invalid(call, "timezone", "invalid", "This time zone is not known.");
    if (office_hours_check(in->hours, in->hour_count) < 0)
        r = call_invalid(call, "hours", "invalid",
                         "Hours lie within a day, do not overlap, and are at most six a day.");
    if (r == 0)
        r = doctor_set_practice(call->db, call->grant, &doctor);
    if (r == 0)
        r = call_audit(call, "account", &doctor.id, STR_NONE);
    return r < 0 ? r
                 : doctor_of_account(call->db, call->grant, call->arena, &doctor.id, call->now_us,
                                     ret);
}
