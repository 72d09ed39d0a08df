/* clock.c - clocks and RFC 3339. Calendar arithmetic is the days-from-civil algorithm of
 * H. Hinnant ("chrono-compatible low-level date algorithms"): exact, no tables, no libc state. */
#include "base/clock.h"

#include <stdio.h>
#include <time.h>

#include "base/error.h"

static int64_t read_clock(clockid_t which)
{
    struct timespec ts;

    (void)clock_gettime(which, &ts); /* cannot fail for these two clocks */
    return (int64_t)ts.tv_sec * US_PER_S + ts.tv_nsec / 1000;
}

int64_t clock_now_us(void)
{
    return read_clock(CLOCK_REALTIME);
}

int64_t clock_mono_us(void)
{
    return read_clock(CLOCK_MONOTONIC);
}

int64_t clock_days_from_civil(int year, int month, int day)
{
    int64_t y = year - (month <= 2);
    int64_t era = (y >= 0 ? y : y - 399) / 400;
    int64_t yoe = y - era * 400;
    int64_t doy = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    int64_t doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;

    return era * 146097 + doe - 719468;
}

void clock_civil_from_days(int64_t days, int *ret_year, int *ret_month, int *ret_day)
{
    int64_t z = days + 719468;
    int64_t era = (z >= 0 ? z : z - 146096) / 146097;
    int64_t doe = z - era * 146097;
    int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    int64_t mp = (5 * doy + 2) / 153;

    *ret_day = (int)(doy - (153 * mp + 2) / 5 + 1);
    *ret_month = (int)(mp < 10 ? mp + 3 : mp - 9);
    *ret_year = (int)(yoe + era * 400 + (*ret_month <= 2));
}

int clock_days_in_month(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

    return month == 2 && leap ? 29 : days[month - 1];
}

static void two_digits(char *out, int v)
{
    out[0] = (char)('0' + v / 10 % 10);
    out[1] = (char)('0' + v % 10);
}

void clock_format(int64_t us, char out[CLOCK_TEXT + 1])
{
    const int64_t first = INT64_C(-62167219200) * US_PER_S;    /* 0000-01-01 */
    const int64_t last = INT64_C(253402300800) * US_PER_S - 1; /* 9999 */
    int year, month, day;

    us = us < first ? first : us > last ? last : us;
    int64_t days = us / US_PER_DAY - (us % US_PER_DAY < 0);
    int64_t rest = us - days * US_PER_DAY;
    clock_civil_from_days(days, &year, &month, &day);
    two_digits(out, year / 100);
    two_digits(out + 2, year % 100);
    out[4] = '-';
    two_digits(out + 5, month);
    out[7] = '-';
    two_digits(out + 8, day);
    out[10] = 'T';
    two_digits(out + 11, (int)(rest / US_PER_HOUR));
    out[13] = ':';
    two_digits(out + 14, (int)(rest / US_PER_MIN % 60));
    out[16] = ':';
    two_digits(out + 17, (int)(rest / US_PER_S % 60));
    out[19] = '.';
    int ms = (int)(rest / US_PER_MS % 1000);
    out[20] = (char)('0' + ms / 100);
    two_digits(out + 21, ms % 100);
    out[23] = 'Z';
    out[24] = '\0';
}

/* Reads `count` digits at *p; -1 if one is not a digit. */
static int read_digits(const char *p, int count)
{
    int v = 0;

    for (int i = 0; i < count; i++) {
        if (p[i] < '0' || p[i] > '9')
            return -1;
        v = v * 10 + (p[i] - '0');
    }
    return v;
}

/* The part after the seconds: [.fraction](Z|+hh:mm|-hh:mm). */
static int parse_tail(struct str s, int64_t *ret_fraction_us, int64_t *ret_offset_us)
{
    int64_t fraction = 0;
    int64_t scale = 100000;

    *ret_offset_us = 0;
    if (s.n > 0 && s.p[0] == '.') {
        size_t i = 1;
        for (; i < s.n && i <= 9 && s.p[i] >= '0' && s.p[i] <= '9'; i++) {
            fraction += (s.p[i] - '0') * scale;
            scale /= 10;
        }
        if (i == 1)
            return -E_MALFORMED;
        s = (struct str){s.p + i, s.n - i};
    }
    *ret_fraction_us = fraction;
    if (s.n == 1 && (s.p[0] == 'Z' || s.p[0] == 'z'))
        return 0;
    if (s.n != 6 || (s.p[0] != '+' && s.p[0] != '-') || s.p[3] != ':')
        return -E_MALFORMED;
    int hours = read_digits(s.p + 1, 2);
    int minutes = read_digits(s.p + 4, 2);
    if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59)
        return -E_MALFORMED;
    *ret_offset_us = (hours * US_PER_HOUR + minutes * US_PER_MIN) * (s.p[0] == '-' ? -1 : 1);
    return 0;
}

int clock_parse(struct str text, int64_t *ret_us)
{
    int64_t fraction, offset;
    const char *p = text.p;

    if (text.n < 20 || p[4] != '-' || p[7] != '-' || (p[10] != 'T' && p[10] != 't') ||
        p[13] != ':' || p[16] != ':')
        return -E_MALFORMED;
    int year = read_digits(p, 4), month = read_digits(p + 5, 2), day = read_digits(p + 8, 2);
    int hour = read_digits(p + 11, 2), minute = read_digits(p + 14, 2);
    int second = read_digits(p + 17, 2);
    if (year < 0 || month < 1 || month > 12 || day < 1 || day > clock_days_in_month(year, month) ||
        hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59)
        return -E_MALFORMED;
    int r = parse_tail((struct str){p + 19, text.n - 19}, &fraction, &offset);
    if (r < 0)
        return r;
    *ret_us = clock_days_from_civil(year, month, day) * US_PER_DAY + hour * US_PER_HOUR +
              minute * US_PER_MIN + second * US_PER_S + fraction - offset;
    return 0;
}
