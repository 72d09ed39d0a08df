/* test_person.c - names, e-mail addresses, birth dates, passwords, folding for search. */
#include "../unit.h"
#include "base/clock.h"
#include "domain/birth_date.h"
#include "domain/common_passwords.h"
#include "domain/email.h"
#include "domain/fold.h"
#include "domain/names.h"
#include "domain/password_policy.h"

static struct arena arena;

static int setup(void **state)
{
    (void)state;
    arena_init(&arena, 1 << 22);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    arena_done(&arena);
    return 0;
}

static void names(void **state)
{
    (void)state;
    struct str name;
    assert_int_equal(name_normalise(STR("  Ana  Conceic\u0327a\u0303o "), &arena, &name), 0);
    assert_str(name, "Ana  Conceição");
    assert_int_equal(name_normalise(STR("\u00a0\u3000李小龍\u2003"), &arena, &name), 0);
    assert_str(name, "李小龍");
    assert_int_equal(name_normalise(STR("O'Neil-José 3º"), &arena, &name), 0);
    assert_int_equal(name_normalise(STR("نرگس\u200cزاده"), &arena, &name),
                     0); /* a joiner is kept */
    static const char *const bad[] = {"",          " ",         "\u00a0",     "...",
                                      "a\nb",      "a\x07",     "a\x7f",      "\u202eana",
                                      "ana\u2066", "a\u2028b",  "a\xc2\x85z", "\xff",
                                      "ana\xc3",   "\ufeffana", "\ue000ana",  "👍"};
    for (size_t i = 0; i < COUNT_OF(bad); i++)
        if (name_normalise(str_from(bad[i]), &arena, &name) != -E_MALFORMED)
            fail_msg("row %zu was taken", i);
    assert_int_equal(name_normalise(STR("a\0b"), &arena, &name), -E_MALFORMED);
    assert_int_equal(name_normalise(STR_NONE, &arena, &name), -E_MALFORMED);
    char text[4 * NAME_MAX_CHARS + 8] = "";
    size_t n = 0;
    for (int i = 0; i < NAME_MAX_CHARS; i++) {
        memcpy(text + n, "é", 2);
        n += 2;
    }
    assert_int_equal(name_normalise(str_of(text, n), &arena, &name), 0);
    text[n++] = 'x';
    assert_int_equal(name_normalise(str_of(text, n), &arena, &name), -E_TOO_LARGE);
}

static void emails(void **state)
{
    (void)state;
    struct str key, shown;
    assert_int_equal(email_normalise(STR("  Ana.Maria+x@Demo.Local "), &arena, &key, &shown), 0);
    assert_str(key, "ana.maria+x@demo.local");
    assert_str(shown, "Ana.Maria+x@Demo.Local");
    static const char *const good[] = {"a@b.co", "o'neil@x-y.example", "a@1.2.x", "a_b@xn--80ak.br",
                                       "!#$%&'*+/=?^_`{|}~-@a.b"};
    static const char *const bad[] = {"",
                                      "a",
                                      "@",
                                      "a@",
                                      "@b.co",
                                      "a@b",
                                      "a@@b.co",
                                      "a@b@c.co",
                                      "a b@c.co",
                                      "a@b .co",
                                      "a@b..co",
                                      "a@.b.co",
                                      "a@b.co.",
                                      ".a@b.co",
                                      "a.@b.co",
                                      "a..b@c.co",
                                      "a@-b.co",
                                      "a@b-.co",
                                      "a@b_c.co",
                                      "\"a\"@b.co",
                                      "a(x)@b.co",
                                      "a,b@c.co",
                                      "a<b@c.co",
                                      "a@[127.0.0.1]",
                                      "a@127.0.0.1",
                                      "josé@b.co",
                                      "a@bé.co",
                                      "a\n@b.co",
                                      "a@b.co\nBcc: x",
                                      "a;b@c.co",
                                      "a\\b@c.co",
                                      "Ana <a@b.co>"};
    for (size_t i = 0; i < COUNT_OF(good); i++)
        if (email_normalise(str_from(good[i]), &arena, &key, &shown) != 0)
            fail_msg("refused: %s", good[i]);
    for (size_t i = 0; i < COUNT_OF(bad); i++)
        if (email_normalise(str_from(bad[i]), &arena, &key, &shown) != -E_MALFORMED)
            fail_msg("taken: %s", bad[i]);
    assert_int_equal(email_normalise(STR("a\0@b.co"), &arena, &key, &shown), -E_MALFORMED);
    assert_int_equal(email_normalise(STR("a@b.co\0"), &arena, &key, &shown), -E_MALFORMED);
}

static void email_lengths(void **state)
{
    (void)state;
    struct str key, shown;
    char text[400];
    for (size_t local = 60; local <= 68; local++) {
        memset(text, 'a', local);
        memcpy(text + local, "@b.co", 5);
        assert_int_equal(email_normalise(str_of(text, local + 5), &arena, &key, &shown),
                         local <= EMAIL_LOCAL_MAX ? 0 : -E_MALFORMED);
    }
    for (size_t label = 60; label <= 66; label++) {
        memcpy(text, "a@", 2);
        memset(text + 2, 'b', label);
        memcpy(text + 2 + label, ".co", 3);
        assert_int_equal(email_normalise(str_of(text, label + 5), &arena, &key, &shown),
                         label <= 63 ? 0 : -E_MALFORMED);
    }
    for (size_t n = 250; n <= 258; n++) {
        memset(text, 'b', n);
        text[1] = '@';
        for (size_t i = 10; i < n - 3; i += 50)
            text[i] = '.';
        assert_int_equal(email_normalise(str_of(text, n), &arena, &key, &shown),
                         n <= EMAIL_MAX ? 0 : -E_MALFORMED);
    }
}

static void birth_dates(void **state)
{
    (void)state;
    struct date today = {2026, 11, 22}, d;
    char text[DATE_TEXT + 1];
    assert_int_equal(birth_date_parse(STR("1988-02-29"), today, &d), 0);
    date_format(d, text);
    assert_string_equal(text, "1988-02-29");
    assert_int_equal(birth_date_parse(STR("2026-11-22"), today, &d), 0); /* born today */
    assert_int_equal(birth_date_parse(STR("2026-11-23"), today, &d), -E_TOO_LATE);
    assert_int_equal(birth_date_parse(STR("1896-11-22"), today, &d), 0); /* 130 years */
    assert_int_equal(birth_date_parse(STR("1895-11-23"), today, &d), 0); /* 131 tomorrow */
    assert_int_equal(birth_date_parse(STR("1895-11-22"), today, &d), -E_MALFORMED);
    static const char *const bad[] = {
        "",           "1988-2-29",   "1987-02-29",           "1900-02-29",
        "1988-13-01", "1988-00-10",  "1988-01-00",           "1988-04-31",
        "29/02/1988", "1988-02-29 ", "1988-02-29T00:00:00Z", "-988-02-29",
        "19880229",   "1988-02-2x"};
    for (size_t i = 0; i < COUNT_OF(bad); i++)
        assert_int_equal(birth_date_parse(str_from(bad[i]), today, &d), -E_MALFORMED);
}

static void ages(void **state)
{
    (void)state;
    struct date birth = {2008, 11, 22};
    assert_int_equal(age_on(birth, (struct date){2026, 11, 21}), 17);
    assert_int_equal(age_on(birth, (struct date){2026, 11, 22}), AGE_ADULT);
    assert_int_equal(age_on(birth, (struct date){2026, 12, 1}), 18);
    assert_int_equal(age_on(birth, birth), 0);
    struct date leap = {2008, 2, 29};
    assert_int_equal(age_on(leap, (struct date){2026, 2, 28}), 17);
    assert_int_equal(age_on(leap, (struct date){2026, 3, 1}), 18);
    assert_int_equal(age_on(leap, (struct date){2024, 2, 29}), 16);
}

/* Midnight in UTC is another day in São Paulo: who turns 18 tomorrow does so there. */
static void today_is_of_a_place(void **state)
{
    (void)state;
    int64_t us;
    assert_int_equal(clock_parse(STR("2026-11-22T02:59:59Z"), &us), 0);
    assert_int_equal(date_in_zone(us, "America/Sao_Paulo").day, 21);
    assert_int_equal(date_in_zone(us, "UTC").day, 22);
    assert_int_equal(date_in_zone(us + US_PER_S, "America/Sao_Paulo").day, 22);
    assert_int_equal(date_cmp(date_in_zone(-1, "UTC"), (struct date){1969, 12, 31}), 0);
}

static void fold(void **state)
{
    (void)state;
    static const struct {
        const char *in, *out;
    } rows[] = {{"São PAULO", "sao paulo"},
                {"a\u0301", "a"},
                {"STRASSE Straße", "strasse strasse"},
                {"ﬁm", "fim"},
                {"①２", "12"},
                {"ΣΊΣΥΦΟΣ", "σισυφοσ"},
                {"İ", "i"},
                {"co\u00adop", "coop"},
                {"", ""},
                {"Ação, coração!", "acao, coracao!"}};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct str folded, again;
        assert_int_equal(text_fold(str_from(rows[i].in), &arena, &folded), 0);
        assert_str(folded, rows[i].out);
        assert_int_equal(text_fold(folded, &arena, &again), 0);
        assert_true(str_eq(folded, again));
    }
    struct str folded;
    assert_int_equal(text_fold(STR("\xff"), &arena, &folded), -E_MALFORMED);
    assert_true(fold_contains(STR("dor no peito"), STR("no p")));
    assert_false(fold_contains(STR("dor"), STR("dore")));
    assert_false(fold_contains(STR("dor"), STR("")));
    assert_false(fold_contains(STR(""), STR("")));
}

static enum password_verdict judge(const char *password)
{
    return password_judge(str_from(password), STR("joao.silva@demo.local"), STR("João da Silva"),
                          &arena);
}

static void password_lengths(void **state)
{
    (void)state;
    char text[4 * PASSWORD_MAX_CHARS + 8];
    size_t n = 0;
    assert_int_equal(judge("xkq7vmz2p"), PASSWORD_TOO_SHORT);
    assert_int_equal(judge("xkq7vmz2pw"), PASSWORD_GOOD);
    assert_int_equal(judge("éçãõüxkq7v"), PASSWORD_GOOD); /* characters, not bytes */
    assert_int_equal(judge("éçãõü"), PASSWORD_TOO_SHORT);
    for (int i = 0; i < PASSWORD_MAX_CHARS; i++, n += 4) {
        char c[4] = {'\xf0', '\x9f', (char)(0x90 + i % 7), (char)(0x80 + i * 7 % 61)};
        memcpy(text + n, c, 4);
    }
    assert_int_equal(password_judge(str_of(text, n), STR_NONE, STR_NONE, &arena), PASSWORD_GOOD);
    text[n++] = 'x';
    assert_int_equal(password_judge(str_of(text, n), STR_NONE, STR_NONE, &arena),
                     PASSWORD_TOO_LONG);
    assert_int_equal(judge("\xff\xfe\xff\xfe\xff\xfe\xff\xfe\xff\xfe\xff\xfe"), PASSWORD_NOT_TEXT);
    assert_int_equal(password_judge(STR("xkq7vmz2pw\0x"), STR_NONE, STR_NONE, &arena),
                     PASSWORD_NOT_TEXT);
}

static void common_passwords(void **state)
{
    (void)state;
    static const char *const common[] = {
        "1234567890",
        "0987654321",
        "12345678910",
        "qwertyuiop",
        "QwertyUiop",
        "password123",
        "Password2026",
        "P@ssw0rd1234",
        "p@ssw0rd!!!!",
        "senha123456",
        "Senha@2026",
        "brasil2026!",
        "flamengo2019",
        "corinthians",
        "iloveyou123",
        "princesa2020",
        "aaaaaaaaaaaa",
        "abababababab",
        "123412341234",
        "abcdabcdabcd",
        "senhasenha",
        "mariamaria",
        "maria123456",
        "gabriel12345",
        "deusefiel777",
        "1q2w3e4r5t6y",
        "asdfghjkl123",
        "zxcvbnm1234",
        "administrador",
        "Adm1n1str@t0r",
        "7894561230",
        "abcdefghij",
        "hospital2026",
        "ACOLHIMENTO",
        "\u0301\u0301\u0301\u0301\u0301\u0301\u0301\u0301\u0301\u0301"};
    for (size_t i = 0; i < COUNT_OF(common); i++) {
        enum password_verdict verdict = judge(common[i]);
        if (verdict != PASSWORD_COMMON)
            fail_msg("%s: %d", common[i], (int)verdict);
    }
}

/* ASVS 6.2.4: none of the table passes, as it is or in capitals, and of those that are long enough
 * to come into question there are more than the 3,000 asked for. */
static void the_whole_table_is_refused(void **state)
{
    (void)state;
    size_t long_enough = 0;
    for (size_t i = 0; i < common_password_count; i++) {
        struct str word = {common_password_bytes + common_password_starts[i],
                           common_password_starts[i + 1] - common_password_starts[i]};
        char capitals[64];
        assert_true(word.n < sizeof capitals);
        for (size_t k = 0; k < word.n; k++)
            capitals[k] = word.p[k] >= 'a' && word.p[k] <= 'z' ? (char)(word.p[k] - 32) : word.p[k];
        enum password_verdict want =
            word.n < PASSWORD_MIN_CHARS ? PASSWORD_TOO_SHORT : PASSWORD_COMMON;
        arena_reset(&arena);
        if (password_judge(word, STR_NONE, STR_NONE, &arena) != want ||
            password_judge(str_of(capitals, word.n), STR_NONE, STR_NONE, &arena) != want)
            fail_msg("%.*s passes", STR_FMT(word));
        long_enough += want == PASSWORD_COMMON;
    }
    assert_true(long_enough > 3000);
}

static void good_passwords(void **state)
{
    (void)state;
    static const char *const good[] = {"correct horse battery",
                                       "o rato roeu a roupa",
                                       "tr0ub4dor&3xyz",
                                       "maria foi a feira ontem",
                                       "senha do meu cofre azul",
                                       "kX9#mQ2$vL",
                                       "brasil tem 27 unidades",
                                       "flamengo83920174",
                                       "          x",
                                       "一二三四五六七八九十百",
                                       "🐢🐇🐢🐇🐢🐢🐇🐇🐢🐢🐢🐇"};
    for (size_t i = 0; i < COUNT_OF(good); i++) {
        enum password_verdict verdict = judge(good[i]);
        if (verdict != PASSWORD_GOOD)
            fail_msg("%s: %d", good[i], (int)verdict);
    }
}

static void personal_passwords(void **state)
{
    (void)state;
    static const char *const personal[] = {
        "joao.silva@demo.local", "JOAO.SILVA@DEMO.LOCAL", "joaodasilva",
        "João da Silva",         "silvajoao1988",         "joao_silva_12",
        "Silva.Silva.Silva",     "demolocal2026",         "joaosilva!!"};
    for (size_t i = 0; i < COUNT_OF(personal); i++) {
        enum password_verdict verdict = judge(personal[i]);
        if (verdict != PASSWORD_PERSONAL && verdict != PASSWORD_COMMON)
            fail_msg("%s: %d", personal[i], (int)verdict);
    }
    assert_int_equal(judge("joaodasilva"), PASSWORD_PERSONAL);
    assert_int_equal(judge("joao da silva gosta de pao"), PASSWORD_GOOD);
    /* without an account to compare with, the same text is fine */
    assert_int_equal(password_judge(STR("joaodasilva"), STR_NONE, STR_NONE, &arena), PASSWORD_GOOD);
    assert_string_equal(password_verdict_code(PASSWORD_PERSONAL), "common_password");
    assert_string_equal(password_verdict_code(PASSWORD_TOO_SHORT), "too_short");
    assert_null(password_verdict_code(PASSWORD_GOOD));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names),
        cmocka_unit_test(emails),
        cmocka_unit_test(email_lengths),
        cmocka_unit_test(birth_dates),
        cmocka_unit_test(ages),
        cmocka_unit_test(today_is_of_a_place),
        cmocka_unit_test(fold),
        cmocka_unit_test(password_lengths),
        cmocka_unit_test(common_passwords),
        cmocka_unit_test(the_whole_table_is_refused),
        cmocka_unit_test(good_passwords),
        cmocka_unit_test(personal_passwords),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
