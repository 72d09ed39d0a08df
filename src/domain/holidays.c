/* holidays.c - see holidays.h. */
#include "domain/holidays.h"

#include "base/clock.h"

const struct holiday_info holiday_infos[HOLIDAY_COUNT_] = {
#define X(symbol, key, pt, en, optional) {key, pt, en, optional},
    HOLIDAY_TABLE(X)
#undef X
};

#define YEAR_BLACK_AWARENESS 2024

/* By a date of its own (month not 0), or by days from Easter. */
static const struct {
    int month;
    int day;
    int from_easter;
} dates[HOLIDAY_COUNT_] = {
    [HOLIDAY_NEW_YEAR] = {1, 1, 0},           [HOLIDAY_CARNIVAL_MONDAY] = {0, 0, -48},
    [HOLIDAY_CARNIVAL_TUESDAY] = {0, 0, -47}, [HOLIDAY_GOOD_FRIDAY] = {0, 0, -2},
    [HOLIDAY_TIRADENTES] = {4, 21, 0},        [HOLIDAY_LABOUR] = {5, 1, 0},
    [HOLIDAY_CORPUS_CHRISTI] = {0, 0, 60},    [HOLIDAY_INDEPENDENCE] = {9, 7, 0},
    [HOLIDAY_APARECIDA] = {10, 12, 0},        [HOLIDAY_ALL_SOULS] = {11, 2, 0},
    [HOLIDAY_REPUBLIC] = {11, 15, 0},         [HOLIDAY_BLACK_AWARENESS] = {11, 20, 0},
    [HOLIDAY_CHRISTMAS] = {12, 25, 0},
};

/* Easter Sunday in the Gregorian calendar: the anonymous algorithm of 1876 (Meeus, Astronomical
 * Algorithms, chapter 8), without the names of its intermediate values, which have none. */
static int64_t easter(int year)
{
    int a = year % 19, b = year / 100, c = year % 100;
    int f = (b + 8) / 25;
    int g = (b - f + 1) / 3;
    int h = (19 * a + b - b / 4 - g + 15) % 30;
    int l = (32 + 2 * (b % 4) + 2 * (c / 4) - h - c % 4) % 7;
    int m = (a + 11 * h + 22 * l) / 451;
    int n = h + l - 7 * m + 114;

    return clock_days_from_civil(year, n / 31, n % 31 + 1);
}

size_t holidays_of_year(int year, struct holiday_on out[HOLIDAYS_PER_YEAR])
{
    size_t count = 0;

    if (year < HOLIDAYS_FIRST_YEAR || year > HOLIDAYS_LAST_YEAR)
        return 0;
    for (int h = 0; h < HOLIDAY_COUNT_; h++) {
        if (h == HOLIDAY_BLACK_AWARENESS && year < YEAR_BLACK_AWARENESS)
            continue;
        int64_t day = dates[h].month ? clock_days_from_civil(year, dates[h].month, dates[h].day)
                                     : easter(year) + dates[h].from_easter;
        size_t place = count++;
        for (; place > 0 && out[place - 1].day > day; place--)
            out[place] = out[place - 1];
        out[place] = (struct holiday_on){(enum holiday)h, day};
    }
    return count;
}

uint32_t holidays_default(void)
{
    uint32_t kept = 0;

    for (int h = 0; h < HOLIDAY_COUNT_; h++)
        if (!holiday_infos[h].optional)
            kept |= UINT32_C(1) << h;
    return kept;
}

size_t holidays_between(int64_t first_day, int64_t last_day, uint32_t kept, int64_t *out,
                        size_t max)
{
    struct holiday_on year_list[HOLIDAYS_PER_YEAR];
    size_t count = 0;
    int first_year, last_year, month, day;

    if (first_day > last_day)
        return 0;
    clock_civil_from_days(first_day, &first_year, &month, &day);
    clock_civil_from_days(last_day, &last_year, &month, &day);
    if (first_year < HOLIDAYS_FIRST_YEAR)
        first_year = HOLIDAYS_FIRST_YEAR;
    for (int year = first_year; year <= last_year && year <= HOLIDAYS_LAST_YEAR; year++) {
        size_t n = holidays_of_year(year, year_list);
        for (size_t i = 0; i < n && count < max; i++) {
            const struct holiday_on *h = &year_list[i];
            bool wanted = (kept >> h->holiday & 1) != 0 && h->day >= first_day &&
                          h->day <= last_day && (count == 0 || out[count - 1] != h->day);
            if (wanted)
                out[count++] = h->day;
        }
    }
    return count;
}
