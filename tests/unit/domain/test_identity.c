/* test_identity.c - CPF, CNS, CRM and RQE, phone numbers (domain.md, "Identity"). */
#include "../unit.h"
#include "domain/cns.h"
#include "domain/cpf.h"
#include "domain/crm.h"
#include "domain/phone.h"

static void cpf_examples(void **state)
{
    (void)state;
    static const char *const good[] = {"111.444.777-35",   "529.982.247-25", "52998224725",
                                       " 529 982 247 25 ", "935.411.347-80", "00000000191"};
    static const char *const bad[] = {"",
                                      "529.982.247-24",
                                      "529.982.247-15",
                                      "529.982.247-2",
                                      "529.982.247-255",
                                      "529.982.247-2a",
                                      "529/982/247-25",
                                      "５２９.982.247-25",
                                      "-",
                                      "+52998224725"};
    char digits[CPF_DIGITS + 1];
    char masked[CPF_MASKED + 1];
    for (size_t i = 0; i < COUNT_OF(good); i++)
        assert_int_equal(cpf_parse(str_from(good[i]), digits), 0);
    for (size_t i = 0; i < COUNT_OF(bad); i++)
        assert_int_equal(cpf_parse(str_from(bad[i]), digits), -E_MALFORMED);
    assert_int_equal(cpf_parse(STR("52998224725\0"), digits), -E_MALFORMED);
    assert_int_equal(cpf_parse(STR("529.982.247-25"), digits), 0);
    assert_string_equal(digits, "52998224725");
    cpf_mask(digits, masked);
    assert_string_equal(masked, "•••.982.247-••");
    assert_int_equal(strlen(masked), CPF_MASKED);
}

static void cpf_of_equal_digits(void **state)
{
    (void)state;
    char digits[CPF_DIGITS + 1];
    char text[CPF_DIGITS];
    for (char c = '0'; c <= '9'; c++) {
        memset(text, c, sizeof text);
        assert_int_equal(cpf_parse(str_of(text, sizeof text), digits), -E_MALFORMED);
    }
}

/* Of all 100 endings exactly one is right, and it is the one of the formula as domain.md writes it.
 */
static void cpf_check_digits(void **state)
{
    (void)state;
    uint64_t seed = 1;
    for (int round = 0; round < 2000; round++) {
        int d[11];
        char text[CPF_DIGITS + 1], digits[CPF_DIGITS + 1];
        int first = 0, second = 0, accepted = 0;
        seed = seed * UINT64_C(6364136223846793005) + 12345;
        uint64_t number = (seed >> 20) % 1000000000;
        (void)snprintf(text, sizeof text, "%09u00", (unsigned)number);
        for (int i = 0; i < 9; i++)
            d[i] = text[i] - '0';
        for (int i = 0; i < 9; i++)
            first += d[i] * (10 - i);
        first %= 11;
        d[9] = first < 2 ? 0 : 11 - first;
        for (int i = 0; i < 10; i++)
            second += d[i] * (11 - i);
        second %= 11;
        d[10] = second < 2 ? 0 : 11 - second;
        for (int ending = 0; ending < 100; ending++) {
            text[9] = (char)('0' + ending / 10);
            text[10] = (char)('0' + ending % 10);
            if (cpf_parse(str_of(text, CPF_DIGITS), digits) != 0)
                continue;
            accepted++;
            assert_int_equal(ending, d[9] * 10 + d[10]);
        }
        bool all_equal = number % 111111111 == 0;
        assert_int_equal(accepted, all_equal ? 0 : 1);
    }
}

static void cns(void **state)
{
    (void)state;
    char digits[CNS_DIGITS + 1];
    assert_int_equal(cns_parse(STR("700 0000 0000 0005"), digits), 0);
    assert_string_equal(digits, "700000000000005");
    assert_int_equal(cns_parse(STR("700000000000006"), digits), -E_MALFORMED);
    assert_int_equal(cns_parse(STR("000000000000000"), digits), -E_MALFORMED);
    assert_int_equal(cns_parse(STR("70000000000000"), digits), -E_MALFORMED);
    assert_int_equal(cns_parse(STR("7000000000000050"), digits), -E_MALFORMED);
    assert_int_equal(cns_parse(STR("70000000000000X"), digits), -E_MALFORMED);
    /* at most one last digit fits the first fourteen */
    for (unsigned n = 1; n < 5000; n++) {
        char text[CNS_DIGITS + 1];
        int accepted = 0;
        for (unsigned last = 0; last < 10; last++) {
            (void)snprintf(text, sizeof text, "%014u%u", n * 197, last);
            int sum = 0;
            for (int i = 0; i < 15; i++)
                sum += (text[i] - '0') * (15 - i);
            int r = cns_parse(str_from(text), digits);
            assert_int_equal(r == 0, sum % 11 == 0);
            accepted += r == 0;
        }
        assert_true(accepted <= 1);
    }
}

static void crm_and_rqe(void **state)
{
    (void)state;
    struct crm crm;
    char uf[3], rqe[REGISTRATION_DIGITS + 1];
    assert_int_equal(crm_parse(STR("sp"), STR("123456"), &crm), 0);
    assert_string_equal(crm.uf, "SP");
    assert_string_equal(crm.number, "123456");
    assert_int_equal(crm_parse(STR("RJ"), STR("0052345"), &crm), 0);
    assert_string_equal(crm.number, "52345"); /* one registration has one form */
    assert_int_equal(crm_parse(STR("RJ"), STR("1234567890"), &crm), 0);
    static const char *const bad[] = {"", "0", "0000", "12345678901", "12a", "-1", " 12", "12/SP"};
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        assert_int_equal(crm_parse(STR("SP"), str_from(bad[i]), &crm), -E_MALFORMED);
        assert_int_equal(rqe_parse(str_from(bad[i]), rqe), -E_MALFORMED);
    }
    assert_int_equal(rqe_parse(STR("98765"), rqe), 0);
    assert_string_equal(rqe, "98765");
    int known = 0;
    for (char a = 'A'; a <= 'Z'; a++)
        for (char b = 'A'; b <= 'Z'; b++)
            known += uf_parse(str_of((char[2]){a, b}, 2), uf) == 0;
    assert_int_equal(known, 27);
    assert_int_equal(uf_parse(STR(""), uf), -E_MALFORMED);
    assert_int_equal(uf_parse(STR("SPX"), uf), -E_MALFORMED);
    assert_int_equal(uf_parse(STR("S\0"), uf), -E_MALFORMED);
}

static void phones(void **state)
{
    (void)state;
    static const struct {
        const char *in, *out;
    } good[] = {{"+55 11 98765-4321", "+5511987654321"}, {"(11) 98765-4321", "+5511987654321"},
                {"11987654321", "+5511987654321"},       {"011 98765.4321", "+5511987654321"},
                {"5511987654321", "+5511987654321"},     {"+551133334444", "+551133334444"},
                {"(21) 2345-6789", "+552123456789"},     {"55 98765-4321", "+5555987654321"},
                {"(55) 98765-4321", "+5555987654321"},   {"(55) 99876-5432", "+5555998765432"},
                {"+1 (415) 555-2671", "+14155552671"},   {"+351 912 345 678", "+351912345678"},
                {"+44 20 7946 0958", "+442079460958"},   {" +2901234 ", "+2901234"},
                {"+123456789012345", "+123456789012345"}};
    static const char *const bad[] = {"",
                                      "+",
                                      "123",
                                      "987654321",
                                      "11 8765-4321",
                                      "11 6765-4321",
                                      "11 1234-5678",
                                      "01 98765-4321",
                                      "10 98765-4321",
                                      "11 88765-4321",
                                      "+55 11 8765-432",
                                      "+55 1198765-43210",
                                      "+0 123 456 789",
                                      "+1234567890123456",
                                      "+123456",
                                      "11+987654321",
                                      "++5511987654321",
                                      "11 98765-432a",
                                      "00 1 415 555 2671",
                                      "٠١١٩٨٧٦٥٤٣"};
    char out[PHONE_TEXT + 1];
    for (size_t i = 0; i < COUNT_OF(good); i++) {
        int r = phone_normalise(str_from(good[i].in), out);
        if (r != 0)
            fail_msg("refused: %s", good[i].in);
        assert_string_equal(out, good[i].out);
        char again[PHONE_TEXT + 1];
        assert_int_equal(phone_normalise(str_from(out), again), 0);
        assert_string_equal(again, out); /* normal forms stay as they are */
    }
    for (size_t i = 0; i < COUNT_OF(bad); i++)
        if (phone_normalise(str_from(bad[i]), out) != -E_MALFORMED)
            fail_msg("taken: %s", bad[i]);
    assert_int_equal(phone_normalise(STR("11987654321\0"), out), -E_MALFORMED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cpf_examples),     cmocka_unit_test(cpf_of_equal_digits),
        cmocka_unit_test(cpf_check_digits), cmocka_unit_test(cns),
        cmocka_unit_test(crm_and_rqe),      cmocka_unit_test(phones),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
