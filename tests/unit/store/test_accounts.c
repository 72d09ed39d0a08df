/* test_accounts.c - people and doctors: what is sealed, what is unique, what is found. */
#include "clinic.h"
#include "domain/fold.h"
#include "store/accounts.h"
#include "store/doctors.h"
#include "store/sealed.h"

static struct new_account person(const char *name, const char *email)
{
    return (struct new_account){.id = id_new(),
                                .role = ROLE_PATIENT,
                                .name = str_from(name),
                                .email = str_from(email),
                                .email_norm = str_from(email),
                                .locale = STR("pt-BR"),
                                .password_hash = STR("$hash$"),
                                .terms_version = STR("1")};
}

static int insert(struct clinic *c, const struct new_account *n)
{
    assert_int_equal(db_begin(c->db, DB_WRITE), 0);
    int r = account_insert(c->db, clinic_system(c), c->keys, n, NOON);
    if (r == 0)
        assert_int_equal(db_commit(c->db), 0);
    else
        db_rollback(c->db);
    return r;
}

static int get(struct clinic *c, const struct id *id, struct account *ret)
{
    return account_get(c->db, clinic_system(c), c->keys, &c->arena, id, NOON, ret);
}

static void a_cpf_is_sealed_masked_and_unique(void **state)
{
    struct clinic *c = *state;
    struct new_account ana = person("Ana", "ana@x.test");
    struct new_account other = person("Bruno", "bruno@x.test");
    struct account got;
    uint64_t checked;

    ana.cpf = STR("52998224725");
    assert_int_equal(insert(c, &ana), 0);
    assert_false(clinic_file_has(c, "52998224725", 11));
    assert_false(clinic_file_has(c, "982247", 6));
    assert_int_equal(get(c, &ana.id, &got), 0);
    assert_true(str_utf8(got.cpf_masked, NULL));
    assert_non_null(memmem(got.cpf_masked.p, got.cpf_masked.n, ".982.247-", 9));
    assert_null(memmem(got.cpf_masked.p, got.cpf_masked.n, "529", 3));
    other.cpf = STR("52998224725");
    assert_int_equal(insert(c, &other), -E_DUPLICATE);
    other.cpf = STR("11144477735");
    assert_int_equal(insert(c, &other), 0);
    struct new_account none = person("Carla", "carla@x.test");
    assert_int_equal(insert(c, &none), 0);
    none = person("Davi", "davi@x.test");
    assert_int_equal(insert(c, &none), 0); /* any number of people have none */
    assert_int_equal(get(c, &none.id, &got), 0);
    assert_null(got.cpf_masked.p);
    assert_int_equal(sealed_check(c->db, clinic_system(c), c->keys, &checked), 0);
    assert_int_equal(checked, 2);
    /* it opens in its own row only */
    clinic_sql(c, "UPDATE users SET cpf_key = (SELECT cpf_key FROM users WHERE name = 'Bruno'),"
                  " cpf_sealed = (SELECT cpf_sealed FROM users WHERE name = 'Bruno')"
                  " WHERE name = 'Ana'");
    assert_int_equal(get(c, &ana.id, &got), -E_CORRUPT);
    assert_int_equal(sealed_check(c->db, clinic_system(c), c->keys, &checked), -E_CORRUPT);
}

/* Another key ring opens nothing, and would not even find the same person twice. */
static void the_wrong_keys_open_nothing(void **state)
{
    struct clinic *c = *state;
    struct new_account ana = person("Ana", "ana@x.test");
    struct keyring *others;
    struct account got;
    uint64_t checked;
    char path[128];

    ana.cpf = STR("52998224725");
    assert_int_equal(insert(c, &ana), 0);
    (void)snprintf(path, sizeof path, "%s/other-keys", c->folder);
    assert_int_equal(keyring_open(path, true, NOON, &others), 0);
    assert_int_equal(account_get(c->db, clinic_system(c), others, &c->arena, &ana.id, NOON, &got),
                     -E_CORRUPT);
    assert_int_equal(sealed_check(c->db, clinic_system(c), others, &checked), -E_CORRUPT);
    keyring_free(others);
}

static void addresses_are_unique(void **state)
{
    struct clinic *c = *state;
    struct new_account ana = person("Ana", "ana@x.test");
    struct new_account again = person("Other", "ana@x.test");
    struct credentials known;

    assert_int_equal(insert(c, &ana), 0);
    assert_int_equal(insert(c, &again), -E_DUPLICATE);
    assert_int_equal(
        account_credentials(c->db, clinic_system(c), &c->arena, STR("ana@x.test"), &known), 0);
    assert_true(id_eq(&known.id, &ana.id));
    assert_string_equal(known.password_hash, "$hash$");
    assert_int_equal(known.role, ROLE_PATIENT);
    assert_int_equal(known.state, ACCOUNT_ACTIVE);
    assert_int_equal(
        account_credentials(c->db, clinic_system(c), &c->arena, STR("Ana@x.test"), &known),
        -E_NOT_FOUND); /* the caller normalises */
    COMMIT(c, account_set_password(c->db, clinic_system(c), &ana.id, "$new$", NOON));
    COMMIT(c, account_set_state(c->db, clinic_system(c), &ana.id, ACCOUNT_DISABLED, NOON));
    assert_int_equal(account_credentials_by_id(c->db, clinic_system(c), &c->arena, &ana.id, &known),
                     0);
    assert_string_equal(known.password_hash, "$new$");
    assert_int_equal(known.state, ACCOUNT_DISABLED);
    struct new_account invited = person("Rita", "rita@x.test");
    invited.password_hash = STR_NONE;
    assert_int_equal(insert(c, &invited), 0);
    assert_int_equal(
        account_credentials_by_id(c->db, clinic_system(c), &c->arena, &invited.id, &known), 0);
    assert_null(known.password_hash);
    const struct id nobody = id_new();
    assert_int_equal(db_begin(c->db, DB_WRITE), 0);
    assert_int_equal(account_set_state(c->db, clinic_system(c), &nobody, ACCOUNT_ACTIVE, NOON),
                     -E_NOT_FOUND);
    db_rollback(c->db);
}

static void profiles_change_by_version(void **state)
{
    struct clinic *c = *state;
    const struct id ana = clinic_patient(c, "Ana");
    struct account first;
    struct account second;

    assert_int_equal(get(c, &ana, &first), 0);
    second = first;
    first.name = STR("Ana Lúcia");
    first.social_name = STR("Lúcio");
    first.phone = STR("+5511912345678");
    COMMIT(c, account_update_profile(c->db, clinic_system(c), &c->arena, &first, NOON + 1));
    second.name = STR("Lost");
    assert_int_equal(db_begin(c->db, DB_WRITE), 0);
    assert_int_equal(account_update_profile(c->db, clinic_system(c), &c->arena, &second, NOON + 2),
                     -E_CONFLICT);
    db_rollback(c->db);
    assert_int_equal(get(c, &ana, &second), 0);
    assert_str(second.name, "Ana Lúcia");
    assert_str(second.display_name, "Lúcio"); /* the social name is the one shown */
    assert_str(second.phone, "+5511912345678");
    second.social_name = STR_NONE;
    COMMIT(c, account_update_profile(c->db, clinic_system(c), &c->arena, &second, NOON + 3));
    assert_int_equal(get(c, &ana, &second), 0);
    assert_str(second.display_name, "Ana Lúcia");
    assert_null(second.social_name.p);
}

/* ---- lists ---- */

static size_t find(struct clinic *c, struct account_filter f, const char *text,
                   struct account_key **ret)
{
    size_t n;

    if (text)
        assert_int_equal(text_fold(str_from(text), &c->arena, &f.text), 0);
    f.limit = f.limit ? f.limit : 50;
    assert_int_equal(account_list(c->db, clinic_system(c), &c->arena, &f, ret, &n), 0);
    return n;
}
#define FIND(text, ...) find(c, (struct account_filter){.verified = -1, __VA_ARGS__}, text, &keys)

static void listing_accounts(void **state)
{
    struct clinic *c = *state;
    struct account_key *keys;
    int64_t n;

    (void)clinic_patient(c, "Érica Sá"); /* person1@clinic.test */
    const struct id zoe = clinic_patient(c, "zoe 100%");
    (void)clinic_patient(c, "Ana_Maria");
    (void)clinic_doctor(c, "Helena", true);
    (void)clinic_doctor(c, "Otávio", false);
    (void)clinic_staff(c, ROLE_ADMIN, "Admin!");
    clinic_disable(c, &zoe);
    assert_int_equal(FIND(NULL, .role = 0), 6);
    assert_str(keys[0].name_folded, "admin!"); /* by name, without accents and case */
    assert_str(keys[2].name_folded, "erica sa");
    assert_int_equal(FIND("ERICA", .role = 0), 1);
    assert_int_equal(FIND("sá", .role = 0), 1);
    assert_int_equal(FIND("clinic.test", .role = 0), 6);
    assert_int_equal(FIND("person1@", .role = 0), 1);
    /* what means something to the engine is only text here */
    assert_int_equal(FIND("%", .role = 0), 1);
    assert_int_equal(FIND("_", .role = 0), 1);
    assert_int_equal(FIND("!", .role = 0), 1);
    assert_int_equal(FIND("' OR 1=1 --", .role = 0), 0);
    assert_int_equal(FIND(NULL, .role = ROLE_PATIENT), 3);
    assert_int_equal(FIND(NULL, .state = ACCOUNT_DISABLED), 1);
    assert_int_equal(FIND(NULL, .role = ROLE_DOCTOR, .state = ACCOUNT_DISABLED), 0);
    assert_int_equal(find(c, (struct account_filter){.verified = 1}, NULL, &keys), 1);
    assert_str(keys[0].name_folded, "helena");
    assert_int_equal(find(c, (struct account_filter){.verified = 0}, NULL, &keys), 1);
    assert_str(keys[0].name_folded, "otavio");
    /* page by page, nobody twice and nobody lost */
    struct account_filter f = {.verified = -1, .limit = 2};
    size_t seen = 0;
    size_t got;
    while ((got = find(c, f, NULL, &keys)) > 0) {
        seen += got;
        f.after_name = keys[got - 1].name_folded;
        f.after_id = keys[got - 1].id;
    }
    assert_int_equal(seen, 6);
    assert_int_equal(account_count(c->db, clinic_system(c), ROLE_PATIENT, &n), 0);
    assert_int_equal(n, 3);
}

/* ---- doctors ---- */

static int get_public(struct clinic *c, const struct id *id, int64_t now, struct doctor *ret)
{
    const struct grant *g = clinic_grant(c, RIGHT_DIRECTORY, NULL, NULL);

    return doctor_get_public(c->db, g, &c->arena, id, now, ret);
}

static void what_the_public_sees(void **state)
{
    struct clinic *c = *state;
    const struct id helena = clinic_doctor(c, "Helena", true);
    const struct id otavio = clinic_doctor(c, "Otavio", false);
    const struct id ana = clinic_patient(c, "Ana");
    struct doctor d;
    struct account account;

    assert_int_equal(get_public(c, &helena, NOON, &d), 0);
    assert_str(d.name, "Helena");
    assert_str(d.uf, "SP");
    assert_true(d.verified);
    assert_int_equal(d.specialty_count, 1); /* only what is registered */
    assert_str(d.specialties[0].name, "Cardiologia");
    assert_str(d.specialties[0].rqe, "1234");
    assert_int_equal(d.hour_count, 2);
    assert_true(d.open_now); /* Monday, nine in the morning there */
    assert_int_equal(get_public(c, &helena, NOON + 3 * US_PER_HOUR, &d), 0);
    assert_false(d.open_now); /* noon there: a break until two */
    assert_int_equal(d.next_open_at, NOON + 5 * US_PER_HOUR);
    assert_int_equal(get_public(c, &otavio, NOON, &d), -E_NOT_FOUND);
    assert_int_equal(get_public(c, &ana, NOON, &d), -E_NOT_FOUND);
    assert_int_equal(get(c, &otavio, &account), 0); /* the account shows everything */
    assert_non_null(account.doctor);
    assert_false(account.doctor->verified);
    assert_int_equal(account.doctor->specialty_count, 2);
    clinic_verify(c, &otavio, true);
    assert_int_equal(get_public(c, &otavio, NOON, &d), 0);
    clinic_verify(c, &otavio, false);
    assert_int_equal(get_public(c, &otavio, NOON, &d), -E_NOT_FOUND);
    clinic_disable(c, &helena);
    assert_int_equal(get_public(c, &helena, NOON, &d), -E_NOT_FOUND);
}

static size_t directory(struct clinic *c, const char *text, const char *specialty)
{
    const struct grant *g = clinic_grant(c, RIGHT_DIRECTORY, NULL, NULL);
    struct doctor_filter f = {.limit = 50};
    struct doctor_key *keys;
    size_t n;

    if (text)
        assert_int_equal(text_fold(str_from(text), &c->arena, &f.text), 0);
    if (specialty)
        assert_int_equal(text_fold(str_from(specialty), &c->arena, &f.specialty), 0);
    assert_int_equal(doctor_list(c->db, g, &c->arena, &f, &keys, &n), 0);
    return n;
}

static void finding_doctors(void **state)
{
    struct clinic *c = *state;

    (void)clinic_doctor(c, "Helena", true);
    (void)clinic_doctor(c, "Héctor", true);
    (void)clinic_doctor(c, "Otavio", false);
    const struct id gone = clinic_doctor(c, "Gone", true);
    clinic_disable(c, &gone);
    assert_int_equal(directory(c, NULL, NULL), 2);
    assert_int_equal(directory(c, "he", NULL), 2);
    assert_int_equal(directory(c, "hec", NULL), 1);
    assert_int_equal(directory(c, "otavio", NULL), 0);
    assert_int_equal(directory(c, NULL, "CARDIO"), 2);
    assert_int_equal(directory(c, NULL, "acupuntura"), 0); /* nobody is registered for it */
    assert_int_equal(directory(c, "helena", "cardiologia"), 1);
    assert_int_equal(directory(c, "%", NULL), 0);
}

static void a_practice_is_replaced(void **state)
{
    struct clinic *c = *state;
    const struct id helena = clinic_doctor(c, "Helena", true);
    struct office_interval hours[] = {{7, 0, 1440}};
    struct doctor d = {.id = helena,
                       .timezone = STR("America/Manaus"),
                       .about = STR("Olá"),
                       .usual_reply_minutes = 90,
                       .hours = hours,
                       .hour_count = 1};
    struct doctor got;

    COMMIT(c, doctor_set_practice(c->db, clinic_system(c), &d));
    assert_int_equal(get_public(c, &helena, NOON, &got), 0);
    assert_int_equal(got.hour_count, 1);
    assert_int_equal(got.hours[0].weekday, 7);
    assert_int_equal(got.usual_reply_minutes, 90);
    assert_str(got.timezone, "America/Manaus");
    assert_str(got.about, "Olá");
    assert_false(got.open_now);
    assert_int_equal(got.specialty_count, 1); /* untouched */
    d.usual_reply_minutes = 0;
    d.hour_count = 0;
    COMMIT(c, doctor_set_practice(c->db, clinic_system(c), &d));
    assert_int_equal(get_public(c, &helena, NOON, &got), 0);
    assert_int_equal(got.hour_count, 0);
    assert_int_equal(got.next_open_at, 0);
    assert_int_equal(got.usual_reply_minutes, 0);
}

static void a_registration_is_unique(void **state)
{
    struct clinic *c = *state;
    const struct id a = clinic_staff(c, ROLE_DOCTOR, "A");
    const struct id b = clinic_staff(c, ROLE_DOCTOR, "B");
    struct new_doctor d = {
        .id = a, .crm = STR("1"), .uf = STR("SP"), .timezone = STR("America/Sao_Paulo")};

    COMMIT(c, doctor_insert(c->db, clinic_system(c), &c->arena, &d));
    d.id = b;
    assert_int_equal(db_begin(c->db, DB_WRITE), 0);
    assert_int_equal(doctor_insert(c->db, clinic_system(c), &c->arena, &d), -E_DUPLICATE);
    db_rollback(c->db);
    d.uf = STR("RJ"); /* the same number in another state is another doctor */
    COMMIT(c, doctor_insert(c->db, clinic_system(c), &c->arena, &d));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(a_cpf_is_sealed_masked_and_unique),
        T(the_wrong_keys_open_nothing),
        T(addresses_are_unique),
        T(profiles_change_by_version),
        T(listing_accounts),
        T(what_the_public_sees),
        T(finding_doctors),
        T(a_practice_is_replaced),
        T(a_registration_is_unique),
    };
    return cmocka_run_group_tests_name("store/accounts", tests, NULL, NULL);
}
