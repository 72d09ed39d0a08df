/* test_sign_in.c - becoming somebody: sign-up, sign-in, sessions, passwords, one-time links. */
#include "app/admin.h"
#include "app/sign_in.h"
#include "desk.h"

#define GOOD "correct horse battery"
#define BETTER "staple by the open window"

static struct registration form(const char *email)
{
    return (struct registration){.name = STR(" Ana Souza "),
                                 .email = str_from(email),
                                 .password = STR(GOOD),
                                 .cpf = STR("529.982.247-25"),
                                 .birth_date = STR("1980-01-02"),
                                 .phone = STR("(11) 91234-5678"),
                                 .terms_version = STR("2026-01")};
}

static int sign_up_as(struct desk *d, const struct registration *in, struct signed_in *ret)
{
    struct call call = desk_call(d, NULL, ROLE_PATIENT, OBJECT_SIGN_IN, NULL, "account.register");

    return sign_up(&call, in, ret);
}

static int sign_in_as(struct desk *d, const char *email, const char *password,
                      struct signed_in *ret)
{
    const struct sign_in_request in = {str_from(email), str_from(password)};
    struct call call = desk_call(d, NULL, ROLE_PATIENT, OBJECT_SIGN_IN, NULL, "session.create");

    return sign_in(&call, &in, ret);
}

static int session_lives(struct desk *d, const char *token)
{
    uint8_t hash[TOKEN_HASH];
    struct session session;

    assert_int_equal(token_hash(str_from(token), hash), 0);
    return authz_session(d->c->db, str_of(hash, sizeof hash), &d->app.config.sessions, d->now_us,
                         &session);
}

static void a_patient_signs_up(void **state)
{
    struct desk d;
    struct signed_in s = {0};
    const struct registration in = form("Ana@X.Test");

    desk_open(&d, *state);
    assert_int_equal(sign_up_as(&d, &in, &s), 0);
    assert_str(s.account.name, "Ana Souza");
    assert_str(s.account.phone, "+5511912345678");
    assert_str(s.account.birth_date, "1980-01-02");
    assert_str(s.account.locale, "pt-BR");
    assert_str(s.account.terms_version, "2026-01");
    assert_int_equal(s.account.role, ROLE_PATIENT);
    assert_non_null(s.account.cpf_masked.p);
    assert_null(memmem(s.account.cpf_masked.p, s.account.cpf_masked.n, "529", 3));
    assert_int_equal(s.idle_expires_at, NOON + 900 * US_PER_S);
    assert_int_equal(s.session.expires_at, NOON + 43200 * US_PER_S);
    assert_int_equal(session_lives(&d, s.token), 0);
    assert_true(csrf_token_is(d.c->keys, &s.session.id, str_from(s.csrf)));
    /* nothing of it lies readable in the file */
    assert_false(clinic_file_has(d.c, GOOD, strlen(GOOD)));
    assert_false(clinic_file_has(d.c, "52998224725", 11));
    assert_false(clinic_file_has(d.c, s.token, strlen(s.token)));
    assert_true(clinic_file_has(d.c, "$argon2id$", 10));
    assert_int_equal(clinic_ask(d.c, "SELECT count(*) FROM audit WHERE action = 'account.register' "
                                     "AND outcome = 'ok' AND actor_id = object_id AND address = "
                                     "'192.0.2.7' AND request_id = 'r-1'"),
                     1);
    assert_int_equal(sign_in_as(&d, "ANA@x.test ", GOOD, &s), 0);
}

static void what_is_taken_is_refused(void **state)
{
    struct desk d;
    struct signed_in s = {0};
    struct registration in = form("ana@x.test");

    desk_open(&d, *state);
    assert_int_equal(sign_up_as(&d, &in, &s), 0);
    in.cpf = STR_NONE;
    in.email = STR("ANA@X.TEST");
    assert_int_equal(sign_up_as(&d, &in, &s), -E_ACCOUNT_EXISTS);
    in = form("other@x.test"); /* the same CPF, written otherwise */
    in.cpf = STR("52998224725");
    assert_int_equal(sign_up_as(&d, &in, &s), -E_ACCOUNT_EXISTS);
    assert_int_equal(clinic_ask(d.c, "SELECT count(*) FROM users"), 1);
    assert_int_equal(clinic_ask(d.c, "SELECT count(*) FROM sessions"), 1);
    in.cpf = STR_NONE; /* several may have none */
    assert_int_equal(sign_up_as(&d, &in, &s), 0);
    in.email = STR("third@x.test");
    assert_int_equal(sign_up_as(&d, &in, &s), 0);
}

static void all_errors_at_once(void **state)
{
    static const char *const fields[] = {"name",   "social_name", "email",
                                         "phone",  "cpf",         "birth_date",
                                         "locale", "password",    "terms_version"};
    struct desk d;
    struct signed_in s = {0};
    const struct registration in = {.name = STR("**"),
                                    .social_name = STR("**"),
                                    .email = STR("x"),
                                    .password = STR("short"),
                                    .cpf = STR("1"),
                                    .birth_date = STR("2026-01-01"),
                                    .phone = STR("1"),
                                    .locale = STR("xx"),
                                    .terms_version = STR("2025-12")};

    desk_open(&d, *state);
    assert_int_equal(sign_up_as(&d, &in, &s), -E_VALIDATION);
    assert_int_equal(d.issues.count, COUNT_OF(fields));
    for (size_t i = 0; i < COUNT_OF(fields); i++)
        assert_str(d.issues.list[i].field, fields[i]);
    assert_int_equal(clinic_ask(d.c, "SELECT count(*) FROM users"), 0);
    assert_string_equal(s.token, "");
}

static void wrong_credentials_all_look_alike(void **state)
{
    struct desk d;
    struct signed_in s = {0};
    const struct registration in = form("ana@x.test");

    desk_open(&d, *state);
    assert_int_equal(sign_up_as(&d, &in, &s), 0);
    assert_int_equal(sign_in_as(&d, "ana@x.test", "wrong", &s), -E_INVALID_CREDENTIALS);
    assert_int_equal(sign_in_as(&d, "ana@x.test", "", &s), -E_INVALID_CREDENTIALS);
    assert_int_equal(sign_in_as(&d, "ana@x.test", GOOD " ", &s), -E_INVALID_CREDENTIALS);
    assert_int_equal(sign_in_as(&d, "nobody@x.test", GOOD, &s), -E_INVALID_CREDENTIALS);
    assert_int_equal(sign_in_as(&d, "not an address", GOOD, &s), -E_INVALID_CREDENTIALS);
    assert_int_equal(d.issues.count, 0); /* nor does a field error tell them apart */
    clinic_sql(d.c, "UPDATE users SET password_hash = NULL"); /* a link was made, not used yet */
    assert_int_equal(sign_in_as(&d, "ana@x.test", GOOD, &s), -E_INVALID_CREDENTIALS);
    assert_int_equal(clinic_ask(d.c, "SELECT count(*) FROM sessions"), 1);
}

static void a_disabled_account_stays_out(void **state)
{
    struct desk d;
    struct signed_in s = {0};
    const struct registration in = form("ana@x.test");

    desk_open(&d, *state);
    assert_int_equal(sign_up_as(&d, &in, &s), 0);
    clinic_disable(d.c, &s.account.id);
    assert_int_equal(session_lives(&d, s.token), -E_UNAUTHENTICATED);
    assert_int_equal(sign_in_as(&d, "ana@x.test", GOOD, &s), -E_INVALID_CREDENTIALS);
}

static void each_sign_in_is_a_new_session(void **state)
{
    struct desk d;
    struct signed_in a = {0};
    struct signed_in b = {0};
    const struct registration in = form("ana@x.test");

    desk_open(&d, *state);
    assert_int_equal(sign_up_as(&d, &in, &a), 0);
    assert_int_equal(sign_in_as(&d, "ana@x.test", GOOD, &b), 0);
    assert_string_not_equal(a.token, b.token);
    assert_false(id_eq(&a.session.id, &b.session.id));
    assert_int_equal(session_lives(&d, a.token), 0);
    assert_int_equal(session_lives(&d, b.token), 0);
    /* a very long or broken browser name is no obstacle */
    const struct sign_in_request again = {STR("ana@x.test"), STR(GOOD)};
    struct call call = desk_call(&d, NULL, ROLE_PATIENT, OBJECT_SIGN_IN, NULL, "session.create");
    char agent[1000];
    memset(agent, 'x', sizeof agent);
    memcpy(agent + 299, "\xc3\xa9", 2); /* a letter across the bound */
    call.user_agent = str_of(agent, sizeof agent);
    assert_int_equal(sign_in(&call, &again, &b), 0);
}

/* ---- passwords ---- */

static void changing_the_password(void **state)
{
    struct desk d;
    struct signed_in here = {0};
    struct signed_in there = {0};
    const struct registration in = form("ana@x.test");

    desk_open(&d, *state);
    assert_int_equal(sign_up_as(&d, &in, &here), 0);
    assert_int_equal(sign_in_as(&d, "ana@x.test", GOOD, &there), 0);
    struct call call =
        desk_call(&d, &here.account.id, ROLE_PATIENT, OBJECT_OWN_ACCOUNT, NULL, "password.change");
    call.session = &here.session;
    const struct password_change wrong = {STR("not it"), STR(BETTER)};
    const struct password_change weak = {STR(GOOD), STR("password1234")};
    const struct password_change good = {STR(GOOD), STR(BETTER)};
    assert_int_equal(password_change(&call, &wrong), -E_VALIDATION);
    desk_one_issue(&d, "current_password", "mismatch");
    d.issues.count = 0;
    assert_int_equal(password_change(&call, &weak), -E_VALIDATION);
    desk_one_issue(&d, "new_password", "common_password");
    assert_int_equal(session_lives(&d, there.token), 0);
    assert_int_equal(password_change(&call, &good), 0);
    assert_int_equal(session_lives(&d, here.token), 0); /* this one stays, the others end */
    assert_int_equal(session_lives(&d, there.token), -E_UNAUTHENTICATED);
    assert_true(clinic_ask(d.c, "SELECT count(*) FROM revocations") >= 1);
    assert_int_equal(sign_in_as(&d, "ana@x.test", GOOD, &there), -E_INVALID_CREDENTIALS);
    assert_int_equal(sign_in_as(&d, "ana@x.test", BETTER, &there), 0);
}

static struct password_link make_link(struct desk *d, const struct id *admin, const struct id *user)
{
    struct password_link link;
    struct call call = desk_call(d, admin, ROLE_ADMIN, OBJECT_ACCOUNTS, NULL, "password.link");

    assert_int_equal(IN_TX(&call, admin_make_link(&call, user, &link)), 0);
    return link;
}

static int use_link(struct desk *d, struct password_link link, const char *password)
{
    struct str token;
    struct call call = desk_call(d, NULL, ROLE_PATIENT, OBJECT_SIGN_IN, NULL, "password.set");

    (void)str_cut(link.url, '#', &token);
    const struct password_by_link in = {token, str_from(password)};
    return password_set_by_link(&call, &in);
}

static void a_link_sets_the_password_once(void **state)
{
    struct desk d;
    struct signed_in s = {0};

    desk_open(&d, *state);
    const struct id admin = clinic_staff(d.c, ROLE_ADMIN, "Admin");
    const struct registration in = form("ana@x.test");
    assert_int_equal(sign_up_as(&d, &in, &s), 0);
    struct password_link link = make_link(&d, &admin, &s.account.id);
    assert_true(str_starts(link.url, STR("https://clinic.example/set-password#")));
    assert_int_equal(link.expires_at, NOON + 30 * US_PER_MIN);
    struct str token;
    (void)str_cut(link.url, '#', &token);
    assert_false(clinic_file_has(d.c, token.p, token.n));

    assert_int_equal(use_link(&d, link, "weak"), -E_VALIDATION); /* does not use it up */
    desk_one_issue(&d, "password", "too_short");
    assert_int_equal(session_lives(&d, s.token), 0);
    assert_int_equal(use_link(&d, link, BETTER), 0);
    assert_int_equal(session_lives(&d, s.token), -E_UNAUTHENTICATED); /* all sessions end */
    assert_int_equal(use_link(&d, link, "another one entirely"), -E_LINK_USED);
    assert_int_equal(sign_in_as(&d, "ana@x.test", BETTER, &s), 0);
    link.url = STR("https://clinic.example/set-password#short");
    assert_int_equal(use_link(&d, link, BETTER), -E_LINK_USED);
}

static void links_run_out_and_are_replaced(void **state)
{
    struct desk d;

    desk_open(&d, *state);
    const struct id admin = clinic_staff(d.c, ROLE_ADMIN, "Admin");
    const struct id ana = clinic_patient(d.c, "Ana");
    struct password_link first = make_link(&d, &admin, &ana);
    struct password_link second = make_link(&d, &admin, &ana);
    assert_int_equal(use_link(&d, first, BETTER), -E_LINK_USED); /* the newer one voids it */
    d.now_us = second.expires_at;
    assert_int_equal(use_link(&d, second, BETTER), -E_LINK_USED);
    d.now_us = second.expires_at - 1;
    assert_int_equal(use_link(&d, second, BETTER), 0);
}

/* ---- one's own sessions ---- */

static void own_sessions(void **state)
{
    struct desk d;
    struct signed_in s = {0};
    struct session_row *rows;
    size_t n;

    desk_open(&d, *state);
    const struct id ana = clinic_patient(d.c, "Ana");
    const struct id bruno = clinic_patient(d.c, "Bruno");
    const struct session other = clinic_session(d.c, &ana, ROLE_PATIENT, NOON - 10, NULL);
    const struct session foreign = clinic_session(d.c, &bruno, ROLE_PATIENT, NOON, NULL);
    struct call call = desk_call(&d, &ana, ROLE_PATIENT, OBJECT_OWN_ACCOUNT, NULL, "session.end");
    assert_int_equal(sessions_of_account(&call, &rows, &n), 0);
    assert_int_equal(n, 2);
    assert_true(rows[0].current);
    assert_false(rows[1].current);
    assert_true(id_eq(&rows[1].id, &other.id));
    assert_int_equal(IN_TX(&call, session_revoke(&call, &foreign.id)), -E_NOT_FOUND);
    assert_int_equal(IN_TX(&call, session_revoke(&call, &other.id)), 0);
    assert_int_equal(IN_TX(&call, session_revoke(&call, &other.id)), -E_NOT_FOUND);
    call.now_us += 60 * US_PER_S;
    assert_int_equal(IN_TX(&call, session_extend(&call, &s)), 0);
    assert_int_equal(s.idle_expires_at, NOON + 960 * US_PER_S);
    assert_int_equal(who_am_i(&call, &s), 0);
    assert_str(s.account.name, "Ana");
    assert_string_equal(s.token, ""); /* told once, when it was made */
    assert_int_equal(IN_TX(&call, sign_out(&call)), 0);
    assert_int_equal(clinic_ask(d.c, "SELECT count(*) FROM sessions WHERE ended_at IS NULL"), 1);
    /* near the absolute limit, idle time ends with it */
    d.now_us = NOON;
    call = desk_call(&d, &ana, ROLE_PATIENT, OBJECT_OWN_ACCOUNT, NULL, "");
    call.now_us = d.session.expires_at - 5;
    assert_int_equal(IN_TX(&call, session_extend(&call, &s)), 0);
    assert_int_equal(s.idle_expires_at, s.session.expires_at);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(a_patient_signs_up),
        T(what_is_taken_is_refused),
        T(all_errors_at_once),
        T(wrong_credentials_all_look_alike),
        T(a_disabled_account_stays_out),
        T(each_sign_in_is_a_new_session),
        T(changing_the_password),
        T(a_link_sets_the_password_once),
        T(links_run_out_and_are_replaced),
        T(own_sessions),
    };
    return cmocka_run_group_tests_name("app/sign_in", tests, NULL, NULL);
}
