/* birth_date.c - see birth_date.h. */
#include "domain/birth_date.h"

#include <stdio.h>

#include "base/clock.h"
#include "base/error.h"
#include "domain/zone.h"

int date_parse(struct str text, struct date *ret)
{
    int64_t year, month, day;

    if (text.n != DATE_TEXT || text.p[4] != '-' || text.p[7] != '-' ||
        str_to_i64(str_of(text.p, 4), &year) < 0 || str_to_i64(str_of(text.p + 5, 2), &month) < 0 ||
        str_to_i64(str_of(text.p + 8, 2), &day) < 0)
        return -E_MALFORMED;
    if (month < 1 || month > 12 || day < 1 || day > clock_days_in_month((int)year, (int)month))
        return -E_MALFORMED;
    *ret = (struct date){(int)year, (int)month, (int)day};
    return 0;
}

void date_format(struct date d, char out[DATE_TEXT + 1])
{
    (void)snprintf(out, DATE_TEXT + 1, "%04u-%02u-%02u", (unsigned)d.year % 10000,
                   (unsigned)d.month % 100, (unsigned)d.day % 100);
}

int date_cmp(struct date a, struct date b)
{
    if (a.year != b.year)
        return a.year < b.year ? -1 : 1;
    if (a.month != b.month)
        return a.month < b.month ? -1 : 1;
    return (a.day > b.day) - (a.day < b.day);
}

struct date date_in_zone(int64_t now_us, const char *zone)
{
    struct date d;
    int64_t local = zone_to_local_us(zone, now_us);
    int64_t days = local / US_PER_DAY - (local % US_PER_DAY < 0);

    clock_civil_from_days(days, &d.year, &d.month, &d.day);
    return d;
}

int birth_date_parse(struct str text, struct date today, struct date *ret)
{
    if (date_parse(text, ret) < 0)
        return -E_MALFORMED;
    if (date_cmp(*ret, today) > 0)
        return -E_TOO_LATE;
    return age_on(*ret, today) > AGE_MAX ? -E_MALFORMED : 0;
}

int age_on(struct date birth, struct date day)
{
    bool before_birthday =
        day.month < birth.month || (day.month == birth.month && day.day < birth.day);

    return day.year - birth.year - (before_birthday ? 1 : 0);
}
