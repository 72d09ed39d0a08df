/* fields.c - see fields.h. The rules themselves are domain/'s. */
#include "app/fields.h"

#include "base/error.h"
#include "domain/birth_date.h"
#include "domain/cpf.h"
#include "domain/email.h"
#include "domain/names.h"
#include "domain/password_policy.h"
#include "domain/phone.h"

static int keep(struct call *call, const char *text, struct str *ret)
{
    *ret = arena_str(call->arena, str_from(text));
    return ret->p ? 0 : -E_NO_MEMORY;
}

int field_name(struct call *call, const char *field, struct str in, struct str *ret)
{
    if (str_trim(in).n == 0)
        return call_invalid(call, field, "required", "This is needed.");
    int r = name_normalise(in, call->arena, ret);
    if (r == -E_TOO_LARGE)
        return call_invalid(call, field, "too_long", "A name has at most 120 characters.");
    if (r == -E_MALFORMED)
        return call_invalid(call, field, "invalid", "This is not a name.");
    return r;
}

int field_optional_name(struct call *call, const char *field, struct str in, struct str *ret)
{
    *ret = STR_NONE;
    return str_trim(in).n == 0 ? 0 : field_name(call, field, in, ret);
}

int field_email(struct call *call, const char *field, struct str in, struct str *ret_norm,
                struct str *ret_shown)
{
    int r = email_normalise(in, call->arena, ret_norm, ret_shown);

    return r == -E_MALFORMED
               ? call_invalid(call, field, "invalid", "This is not an e-mail address.")
               : r;
}

int field_phone(struct call *call, const char *field, struct str in, struct str *ret)
{
    char phone[PHONE_TEXT + 1];

    *ret = STR_NONE;
    if (str_trim(in).n == 0)
        return 0;
    if (phone_normalise(in, phone) < 0)
        return call_invalid(call, field, "invalid", "This is not a phone number.");
    return keep(call, phone, ret);
}

int field_cpf(struct call *call, const char *field, struct str in, struct str *ret)
{
    char digits[CPF_DIGITS + 1];

    *ret = STR_NONE;
    if (str_trim(in).n == 0)
        return 0;
    if (cpf_parse(in, digits) < 0)
        return call_invalid(call, field, "invalid", "This is not a CPF number.");
    return keep(call, digits, ret);
}

int field_birth_date(struct call *call, const char *field, struct str in, struct str *ret)
{
    char text[DATE_TEXT + 1];
    const char *zone = arena_cstring(call->arena, call->app->config.timezone);
    struct date birth;

    if (!zone)
        return -E_NO_MEMORY;
    struct date today = date_in_zone(call->now_us, zone);
    int r = birth_date_parse(in, today, &birth);
    if (r == -E_TOO_LATE)
        return call_invalid(call, field, "in_future", "This day is still to come.");
    if (r < 0)
        return call_invalid(call, field, "invalid", "This is not a date of birth.");
    if (age_on(birth, today) < AGE_ADULT)
        return call_invalid(call, field, "under_age",
                            "Somebody under 18 is registered by a responsible adult.");
    date_format(birth, text);
    return keep(call, text, ret);
}

int field_locale(struct call *call, const char *field, struct str in, struct str *ret)
{
    *ret = STR("pt-BR");
    if (!in.p || str_is(in, "pt-BR"))
        return 0;
    if (!str_is(in, "en"))
        return call_invalid(call, field, "invalid", "The languages are pt-BR and en.");
    *ret = STR("en");
    return 0;
}

int field_password(struct call *call, const char *field, struct str password, struct str email,
                   struct str name)
{
    enum password_verdict verdict = password_judge(password, email, name, call->arena);

    if (verdict == PASSWORD_GOOD)
        return 0;
    if (verdict == PASSWORD_UNKNOWN)
        return -E_NO_MEMORY;
    return call_invalid(call, field, password_verdict_code(verdict),
                        "Choose a longer or less common password.");
}
