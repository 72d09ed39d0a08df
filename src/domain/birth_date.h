/*
 * birth_date.h - days of the calendar, and ages. Pure; any thread.
 *
 * "Today" is a day somewhere: date_in_zone makes it of an instant and the clinic's zone.
 */
#ifndef ACOLHE_DOMAIN_BIRTH_DATE_H
#define ACOLHE_DOMAIN_BIRTH_DATE_H

#include "base/str.h"

#define DATE_TEXT 10 /* "1988-02-29" */
#define AGE_MAX 130
#define AGE_ADULT 18

struct date {
    int year;
    int month; /* 1–12 */
    int day;   /* 1–31 */
};

/* YYYY-MM-DD exactly, a day that exists. 0 or -E_MALFORMED. */
int date_parse(struct str text, struct date *ret);
void date_format(struct date d, char out[DATE_TEXT + 1]);
int date_cmp(struct date a, struct date b);
/* The day it is at that instant in a zone (zone.h). */
struct date date_in_zone(int64_t now_us, const char *zone);

/* 0, -E_MALFORMED (no such day, or more than AGE_MAX years ago), -E_TOO_LATE (in the future). */
int birth_date_parse(struct str text, struct date today, struct date *ret);
/* Whole years. Who was born on 29 February is a year older on 1 March of other years. */
int age_on(struct date birth, struct date day);

#endif
