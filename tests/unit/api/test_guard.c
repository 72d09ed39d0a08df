/* test_guard.c - where a request comes from: cookie, Origin, CSRF token, and proxies that may be
 * believed. */
#include <unistd.h>

#include "../unit.h"
#include "api/request_guard.h"

static const struct app secure = {
    .config = {.public_url = {"https://clinic.example", 22},
               .sessions = {900 * INT64_C(1000000), 43200 * INT64_C(1000000)}}};
static const struct app local = {
    .config = {.public_url = {"http://localhost:8080", 21},
               .sessions = {900 * INT64_C(1000000), 43200 * INT64_C(1000000)}}};

struct head {
    struct http_field fields[8];
    struct http_request r;
};

static const struct http_request *with(struct head *h, const char *const *pairs)
{
    size_t n = 0;

    for (; pairs[2 * n]; n++)
        h->fields[n] = (struct http_field){str_from(pairs[2 * n]), str_from(pairs[2 * n + 1])};
    h->r = (struct http_request){.fields = h->fields, .field_count = n, .address = STR("10.0.0.9")};
    return &h->r;
}
#define WITH(h, ...) with((h), (const char *const[]){__VA_ARGS__, NULL, NULL})

static void origins(void **state)
{
    static const struct {
        const char *origin, *site;
        int optional, required;
    } cases[] = {
        {"https://clinic.example", NULL, 0, 0},
        {"https://clinic.example", "same-origin", 0, 0},
        {"https://clinic.example", "cross-site", -E_CSRF, -E_CSRF},
        {"https://clinic.example", "same-site", -E_CSRF, -E_CSRF},
        {"https://clinic.example", "none", -E_CSRF, -E_CSRF},
        {NULL, NULL, 0, -E_CSRF},
        {NULL, "same-origin", 0, -E_CSRF},
        {NULL, "cross-site", -E_CSRF, -E_CSRF},
        {"null", NULL, -E_CSRF, -E_CSRF},
        {"", NULL, -E_CSRF, -E_CSRF},
        {"https://clinic.example/", NULL, -E_CSRF, -E_CSRF},
        {"https://clinic.example:443", NULL, -E_CSRF, -E_CSRF},
        {"https://clinic.example.evil.test", NULL, -E_CSRF, -E_CSRF},
        {"https://evil.test", NULL, -E_CSRF, -E_CSRF},
        {"http://clinic.example", NULL, -E_CSRF, -E_CSRF},
        {"https://CLINIC.example", NULL, -E_CSRF, -E_CSRF},
    };
    struct head h;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const char *pairs[5] = {0};
        size_t n = 0;
        if (cases[i].origin) {
            pairs[n++] = "origin";
            pairs[n++] = cases[i].origin;
        }
        if (cases[i].site) {
            pairs[n++] = "sec-fetch-site";
            pairs[n++] = cases[i].site;
        }
        assert_int_equal(guard_origin(&secure, with(&h, pairs), false), cases[i].optional);
        assert_int_equal(guard_origin(&secure, with(&h, pairs), true), cases[i].required);
    }
}

static void cookies(void **state)
{
    struct arena a;
    struct head h;
    struct str got;

    (void)state;
    arena_init(&a, 4096);
    assert_string_equal(guard_cookie_name(&secure), "__Host-acolhe");
    assert_str(guard_set_cookie(&secure, &a, STR("TOKEN")),
               "__Host-acolhe=TOKEN; Path=/; Max-Age=43200; HttpOnly; SameSite=Lax; Secure");
    assert_str(guard_set_cookie(&secure, &a, STR_NONE),
               "__Host-acolhe=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax; Secure");
    assert_str(guard_set_cookie(&local, &a, STR("TOKEN")),
               "acolhe=TOKEN; Path=/; Max-Age=43200; HttpOnly; SameSite=Lax");
    assert_int_equal(guard_cookie(&secure, WITH(&h, "cookie", "a=b; __Host-acolhe=T1; c=d"), &got),
                     0);
    assert_str(got, "T1");
    /* the plain name is no cookie of the secure site: it may have been planted over http */
    assert_int_equal(guard_cookie(&secure, WITH(&h, "cookie", "acolhe=T1"), &got), -E_NOT_FOUND);
    assert_int_equal(guard_cookie(&secure, WITH(&h, "x", "y"), &got), -E_NOT_FOUND);
    assert_int_equal(
        guard_cookie(&secure, WITH(&h, "cookie", "__Host-acolhe=T1; __Host-acolhe=T2"), &got),
        -E_MALFORMED);
    arena_done(&a);
}

static void csrf_tokens(void **state)
{
    char folder[] = "/tmp/acolhe-test-guard-XXXXXX";
    char path[64];
    char token[TOKEN_TEXT + 1];
    char other[TOKEN_TEXT + 1];
    struct app app = secure;
    const struct session session = {.id = id_new(), .user = id_new()};
    const struct session another = {.id = id_new(), .user = session.user};
    struct head h;

    (void)state;
    assert_int_equal(crypto_setup(), 0);
    assert_non_null(mkdtemp(folder));
    (void)snprintf(path, sizeof path, "%s/keys", folder);
    assert_int_equal(keyring_open(path, true, 0, &app.keys), 0);
    csrf_token(app.keys, &session.id, token);
    csrf_token(app.keys, &another.id, other);
    assert_int_equal(guard_csrf(&app, WITH(&h, "x-csrf-token", token), &session), 0);
    assert_int_equal(guard_csrf(&app, WITH(&h, "x-csrf-token", token), &another), -E_CSRF);
    assert_int_equal(guard_csrf(&app, WITH(&h, "x-csrf-token", other), &session), -E_CSRF);
    assert_int_equal(guard_csrf(&app, WITH(&h, "x-csrf-token", ""), &session), -E_CSRF);
    assert_int_equal(guard_csrf(&app, WITH(&h, "cookie", token), &session), -E_CSRF);
    token[TOKEN_TEXT - 1] = '\0'; /* all but the last letter */
    assert_int_equal(guard_csrf(&app, WITH(&h, "x-csrf-token", token), &session), -E_CSRF);
    keyring_free(app.keys);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(rmdir(folder), 0);
}

static void check_client(const char *trusted, const char *peer, const char *const *chains,
                         const char *want)
{
    struct proxies *p;
    struct head h;
    const char *pairs[9] = {0};
    size_t n = 0;

    for (; chains[n]; n++) {
        pairs[2 * n] = "x-forwarded-for";
        pairs[2 * n + 1] = chains[n];
    }
    assert_int_equal(proxies_new(str_from(trusted), &p), 0);
    (void)with(&h, pairs);
    h.r.address = str_from(peer);
    assert_str(proxies_client(p, &h.r), want);
    proxies_free(p);
}
#define CHECK_CLIENT(trusted, peer, want, ...)                                                     \
    check_client((trusted), (peer), (const char *const[]){__VA_ARGS__, NULL}, (want))

static void clients_behind_proxies(void **state)
{
    (void)state;
    /* nobody is trusted, or the peer is not: the field is anybody's to write */
    CHECK_CLIENT("", "10.0.0.9", "10.0.0.9", "203.0.113.5");
    CHECK_CLIENT("10.0.0.1", "10.0.0.9", "10.0.0.9", "203.0.113.5");
    CHECK_CLIENT("10.0.0.9", "10.0.0.9", "10.0.0.9", NULL);
    CHECK_CLIENT("10.0.0.9", "10.0.0.9", "203.0.113.5", "203.0.113.5");
    /* from the right: what the client wrote itself is further left */
    CHECK_CLIENT("10.0.0.9", "10.0.0.9", "203.0.113.5", "1.2.3.4, 203.0.113.5");
    CHECK_CLIENT("10.0.0.9", "10.0.0.9", "203.0.113.5", "10.0.0.9,203.0.113.5");
    CHECK_CLIENT("10.0.0.0/8", "10.0.0.9", "203.0.113.5", "6.6.6.6, 203.0.113.5, 10.1.2.3");
    /* a proxy that adds a field of its own instead of extending the first one */
    CHECK_CLIENT("10.0.0.9", "10.0.0.9", "203.0.113.5", "1.2.3.4", "203.0.113.5");
    CHECK_CLIENT("10.0.0.0/8", "10.0.0.9", "203.0.113.5", "1.2.3.4", "203.0.113.5", "10.7.7.7");
    CHECK_CLIENT("10.0.0.9", "10.0.0.9", "203.0.113.5", "1.2.3.4, 5.6.7.8", "9.9.9.9, 203.0.113.5");
    /* nonsense stops the walk at the last thing that is known */
    CHECK_CLIENT("10.0.0.9", "10.0.0.9", "10.0.0.9", "unknown");
    CHECK_CLIENT("10.0.0.9", "10.0.0.9", "10.0.0.9", "");
    CHECK_CLIENT("10.0.0.9", "10.0.0.9", "10.0.0.9", "203.0.113.5,");
    CHECK_CLIENT("10.0.0.0/8", "10.0.0.9", "10.1.1.1", "evil, 10.1.1.1");
    CHECK_CLIENT("10.0.0.9", "10.0.0.9", "10.0.0.9", "203.0.113.5:1234");
    CHECK_CLIENT("10.0.0.9", "10.0.0.9", "10.0.0.9", "1.2.3.4", "unknown");
    /* everybody in the chain is trusted: the furthest of them */
    CHECK_CLIENT("10.0.0.0/8", "10.0.0.9", "10.1.1.1", "10.1.1.1");
    CHECK_CLIENT("::1, 2001:db8::/33", "::1", "2001:db8:8000::5", "9.9.9.9, 2001:db8:8000::5");
    CHECK_CLIENT("::1, 2001:db8::/33", "::1", "9.9.9.9", "9.9.9.9, 2001:db8:7fff::5");
    CHECK_CLIENT("192.168.4.0/22", "192.168.7.255", "9.9.9.9", "9.9.9.9");
    CHECK_CLIENT("192.168.4.0/22", "192.168.8.0", "192.168.8.0", "9.9.9.9");
    CHECK_CLIENT("0.0.0.0/0", "1.1.1.1", "::5", "::5, 9.9.9.9");
}

static void lists_of_proxies(void **state)
{
    static const char *const good[] = {"",           " ",     ",", "10.0.0.1", "10.0.0.1 , ::1",
                                       "10.0.0.0/0", "::/128"};
    static const char *const bad[] = {"localhost",    "10.0.0.1/33", "::1/129",
                                      "10.0.0.1/",    "10.0.0.1/x",  "10.0.0",
                                      "10.0.0.1 ::1", "10.0.0.1/-1", "10.0.0.256"};
    char many[33 * 10] = "";
    struct proxies *p;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(good); i++) {
        assert_int_equal(proxies_new(str_from(good[i]), &p), 0);
        proxies_free(p);
    }
    for (size_t i = 0; i < COUNT_OF(bad); i++)
        assert_int_equal(proxies_new(str_from(bad[i]), &p), -E_CONFIG);
    for (size_t i = 0, n = 0; i < 33; i++)
        n += (size_t)snprintf(many + n, sizeof many - n, "10.0.0.%zu,", i);
    assert_int_equal(proxies_new(str_from(many), &p), -E_CONFIG);
    proxies_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(origins),          cmocka_unit_test(cookies),
        cmocka_unit_test(csrf_tokens),      cmocka_unit_test(clients_behind_proxies),
        cmocka_unit_test(lists_of_proxies),
    };
    return cmocka_run_group_tests_name("api/guard", tests, NULL, NULL);
}
