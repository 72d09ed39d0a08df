/* test_fields.c - people's fields as use cases take them: the normal form, or one field error. */
#include "app/fields.h"
#include "desk.h"

enum kind { NAME, OPTIONAL_NAME, PHONE, CPF, BIRTH_DATE, LOCALE, PASSWORD, EMAIL };

static int check(struct call *call, enum kind kind, struct str in, struct str *ret)
{
    struct str shown;

    *ret = STR_NONE;
    switch (kind) {
    case NAME:
        return field_name(call, "f", in, ret);
    case OPTIONAL_NAME:
        return field_optional_name(call, "f", in, ret);
    case PHONE:
        return field_phone(call, "f", in, ret);
    case CPF:
        return field_cpf(call, "f", in, ret);
    case BIRTH_DATE:
        return field_birth_date(call, "f", in, ret);
    case LOCALE:
        return field_locale(call, "f", in, ret);
    case PASSWORD:
        return field_password(call, "f", in, STR("ana@clinic.test"), STR("Ana Maria"));
    case EMAIL:
        return field_email(call, "f", in, ret, &shown);
    }
    return -E_INTERNAL;
}

static void good_and_bad(void **state)
{
    static const struct {
        enum kind kind;
        const char *in;
        const char *want; /* the normal form; NULL: none */
        const char *code; /* instead: the field error */
    } cases[] = {
        {NAME, " Ana Maria\t", "Ana Maria", NULL},
        {NAME, "e\xcc\x81rica", "\xc3\xa9rica", NULL}, /* NFC */
        {NAME, "", NULL, "required"},
        {NAME, "   ", NULL, "required"},
        {NAME, "a\nb", NULL, "invalid"},
        {NAME, "\xe2\x80\xae evil", NULL, "invalid"},
        {NAME, "***", NULL, "invalid"},
        {OPTIONAL_NAME, "", NULL, NULL},
        {OPTIONAL_NAME, "  ", NULL, NULL},
        {OPTIONAL_NAME, NULL, NULL, NULL},
        {OPTIONAL_NAME, "Bia", "Bia", NULL},
        {OPTIONAL_NAME, "***", NULL, "invalid"},
        {EMAIL, " Ana@X.Test ", "ana@x.test", NULL},
        {EMAIL, "ana", NULL, "invalid"},
        {EMAIL, "a b@x.test", NULL, "invalid"},
        {PHONE, "", NULL, NULL},
        {PHONE, "(11) 91234-5678", "+5511912345678", NULL},
        {PHONE, "+351 912 345 678", "+351912345678", NULL},
        {PHONE, "123", NULL, "invalid"},
        {CPF, "", NULL, NULL},
        {CPF, "529.982.247-25", "52998224725", NULL},
        {CPF, "52998224725", "52998224725", NULL},
        {CPF, "529.982.247-26", NULL, "invalid"},
        {CPF, "111.111.111-11", NULL, "invalid"},
        {BIRTH_DATE, "1980-02-29", "1980-02-29", NULL},
        {BIRTH_DATE, "1981-02-29", NULL, "invalid"},
        {BIRTH_DATE, "2008-05-04", "2008-05-04", NULL}, /* eighteen today */
        {BIRTH_DATE, "2008-05-05", NULL, "under_age"},  /* tomorrow */
        {BIRTH_DATE, "2026-05-05", NULL, "in_future"},
        {BIRTH_DATE, "04/05/2000", NULL, "invalid"},
        {LOCALE, NULL, "pt-BR", NULL},
        {LOCALE, "pt-BR", "pt-BR", NULL},
        {LOCALE, "en", "en", NULL},
        {LOCALE, "fr", NULL, "invalid"},
        {LOCALE, "EN", NULL, "invalid"},
        {PASSWORD, "correct horse battery", NULL, NULL},
        {PASSWORD, "short", NULL, "too_short"},
        {PASSWORD, "password1234", NULL, "common_password"},
        {PASSWORD, "aaaaaaaaaaaa", NULL, "common_password"},
        {PASSWORD, "ana@clinic.test", NULL, "common_password"},
    };
    struct desk d;

    desk_open(&d, *state);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct call call = desk_call(&d, NULL, ROLE_PATIENT, OBJECT_SIGN_IN, NULL, "x");
        struct str got;
        int r = check(&call, cases[i].kind, str_from(cases[i].in), &got);
        if ((r != 0) != (cases[i].code != NULL))
            print_error("case %zu, \"%s\": %s\n", i, cases[i].in, error_info(r)->symbol);
        if (cases[i].code) {
            assert_int_equal(r, -E_VALIDATION);
            desk_one_issue(&d, "f", cases[i].code);
        } else {
            assert_int_equal(r, 0);
            assert_int_equal(d.issues.count, 0);
            assert_str(got, cases[i].want);
        }
    }
}

/* "Today" is the clinic's: at 00:30 in São Paulo it is already another day in UTC, and the other
 * way round at 22:00. */
static void birthdays_are_the_clinics(void **state)
{
    struct desk d;
    struct str got;

    desk_open(&d, *state);
    d.now_us = NOON + 14 * US_PER_HOUR; /* 02:00Z on the 5th, 23:00 of the 4th in São Paulo */
    struct call call = desk_call(&d, NULL, ROLE_PATIENT, OBJECT_SIGN_IN, NULL, "x");
    assert_int_equal(field_birth_date(&call, "f", STR("2008-05-05"), &got), -E_VALIDATION);
    desk_one_issue(&d, "f", "under_age");
    d.now_us += US_PER_HOUR; /* midnight there */
    call = desk_call(&d, NULL, ROLE_PATIENT, OBJECT_SIGN_IN, NULL, "x");
    assert_int_equal(field_birth_date(&call, "f", STR("2008-05-05"), &got), 0);
}

static void a_long_name_is_said_to_be(void **state)
{
    char name[200];
    struct desk d;
    struct str got;

    desk_open(&d, *state);
    memset(name, 'a', sizeof name);
    struct call call = desk_call(&d, NULL, ROLE_PATIENT, OBJECT_SIGN_IN, NULL, "x");
    assert_int_equal(field_name(&call, "f", str_of(name, 120), &got), 0);
    assert_int_equal(field_name(&call, "f", str_of(name, 121), &got), -E_VALIDATION);
    desk_one_issue(&d, "f", "too_long");
}

int main(void)
{
    const struct CMUnitTest tests[] = {T(good_and_bad), T(birthdays_are_the_clinics),
                                       T(a_long_name_is_said_to_be)};
    return cmocka_run_group_tests_name("app/fields", tests, NULL, NULL);
}
