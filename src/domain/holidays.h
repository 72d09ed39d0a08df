/*
 * holidays.h - Brazil's national holidays, computed. Pure; any thread.
 *
 * National by law: 662/1949 with 10.607/2002 (the fixed dates), 6.802/1980 (12 October),
 * 14.759/2023 (20 November, from 2024); Good Friday by 9.093/1995. "Ponto facultativo" days
 * (Carnaval, Corpus Christi) are no holidays by national law: a clinic may close on them, so they
 * are known but switched off at first. State and city holidays are entered by the clinic.
 */
#ifndef ACOLHE_DOMAIN_HOLIDAYS_H
#define ACOLHE_DOMAIN_HOLIDAYS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HOLIDAYS_FIRST_YEAR 1996 /* earlier ones had other laws */
#define HOLIDAYS_LAST_YEAR 2199
#define HOLIDAYS_PER_YEAR 13

/* X(symbol, stable key, name in Portuguese, in English, optional) */
#define HOLIDAY_TABLE(X)                                                                           \
    X(NEW_YEAR, "new_year", "Confraternização Universal", "New Year's Day", false)                 \
    X(CARNIVAL_MONDAY, "carnival_monday", "Segunda-feira de Carnaval", "Carnival Monday", true)    \
    X(CARNIVAL_TUESDAY, "carnival_tuesday", "Terça-feira de Carnaval", "Carnival Tuesday", true)   \
    X(GOOD_FRIDAY, "good_friday", "Sexta-feira Santa", "Good Friday", false)                       \
    X(TIRADENTES, "tiradentes", "Tiradentes", "Tiradentes Day", false)                             \
    X(LABOUR, "labour", "Dia do Trabalho", "Labour Day", false)                                    \
    X(CORPUS_CHRISTI, "corpus_christi", "Corpus Christi", "Corpus Christi", true)                  \
    X(INDEPENDENCE, "independence", "Independência do Brasil", "Independence Day", false)          \
    X(APARECIDA, "aparecida", "Nossa Senhora Aparecida", "Our Lady of Aparecida", false)           \
    X(ALL_SOULS, "all_souls", "Finados", "All Souls' Day", false)                                  \
    X(REPUBLIC, "republic", "Proclamação da República", "Republic Day", false)                     \
    X(BLACK_AWARENESS, "black_awareness", "Dia Nacional de Zumbi e da Consciência Negra",          \
      "Black Awareness Day", false)                                                                \
    X(CHRISTMAS, "christmas", "Natal", "Christmas Day", false)

enum holiday {
#define X(symbol, key, pt, en, optional) HOLIDAY_##symbol,
    HOLIDAY_TABLE(X)
#undef X
        HOLIDAY_COUNT_
};

struct holiday_info {
    const char *key;
    const char *name_pt;
    const char *name_en;
    bool optional;
};
extern const struct holiday_info holiday_infos[HOLIDAY_COUNT_]; /* [enum holiday] */

struct holiday_on {
    enum holiday holiday;
    int64_t day; /* counted from 1970-01-01 (clock_days_from_civil) */
};

/* Those of a year, ascending by day (two may share one). Their number; 0 outside of the years. */
size_t holidays_of_year(int year, struct holiday_on out[HOLIDAYS_PER_YEAR]);

/* Which ones a clinic keeps: bit `1 << HOLIDAY_X`. At first all but the optional ones. */
uint32_t holidays_default(void);
/* The days in [first_day, last_day] on which a clinic that keeps `kept` is closed, ascending, each
 * once, at most max: what work_plan.h wants. Their number. */
size_t holidays_between(int64_t first_day, int64_t last_day, uint32_t kept, int64_t *out,
                        size_t max);

#endif
