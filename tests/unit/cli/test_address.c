/* test_address.c - where the server listens, what browsers see, who may speak for clients. */
#include "../unit.h"
#include "cli/address.h"

static void listening_addresses(void **state)
{
    static const struct {
        const char *text, *host;
        int port;
        bool unix_socket;
    } good[] = {
        {"localhost:8080", "localhost", 8080, false},
        {"127.0.0.1:0", "127.0.0.1", 0, false},
        {"0.0.0.0:65535", "0.0.0.0", 65535, false},
        {"[::1]:8080", "::1", 8080, false},
        {"clinic-1.example:80", "clinic-1.example", 80, false},
        {"unix:/run/acolhe.sock", "/run/acolhe.sock", 0, true},
    };
    static const char *const bad[] = {"nowhere",         "",
                                      ":8080",           "localhost:",
                                      "localhost:65536", "localhost:99999",
                                      "localhost:-1",    "localhost: 80",
                                      "::1:8080",        "[::1]",
                                      "[::1:8080",       "[::g]:80",
                                      "[127.0.0.1]:80",  "a b:80",
                                      "unix:",           "unix:relative",
                                      "1.2.3:80",        "1.2.3.256:80",
                                      "host:80:90",      "localhost:8080x",
                                      ".example:80",     "example.:80"};
    struct listen_address got;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(good); i++) {
        assert_null(listen_parse(str_from(good[i].text), &got));
        assert_str(got.host, good[i].host);
        assert_int_equal(got.port, good[i].port);
        assert_int_equal(got.unix_socket, good[i].unix_socket);
    }
    for (size_t i = 0; i < COUNT_OF(bad); i++)
        if (!listen_parse(str_from(bad[i]), &got))
            fail_msg("\"%s\" was accepted", bad[i]);
}

static void loopback(void **state)
{
    static const char *const here[] = {"localhost", "LOCALHOST", "127.0.0.1", "127.9.8.7", "::1"};
    static const char *const elsewhere[] = {
        "0.0.0.0",           "::",  "128.0.0.1", "localhost.example",
        "127.0.0.1.example", "::2", "10.0.0.1",  ""};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(here); i++)
        assert_true(host_is_loopback(str_from(here[i])));
    for (size_t i = 0; i < COUNT_OF(elsewhere); i++)
        assert_false(host_is_loopback(str_from(elsewhere[i])));
}

static void public_urls(void **state)
{
    static const char *const good[] = {"https://clinic.example", "https://clinic.example:8443",
                                       "http://localhost:8080",  "http://localhost",
                                       "http://127.0.0.1:9",     "http://[::1]:8080",
                                       "https://[2001:db8::1]",  "https://203.0.113.9"};
    static const char *const bad[] = {
        "",
        "clinic.example",
        "ftp://x",
        "http://clinica.exemplo", /* plain http for others */
        "http://10.0.0.1",
        "https://clinic.example/", /* an Origin has no path */
        "https://clinic.example/app",
        "https://clinic.example?x",
        "https://clinic.example#x",
        "https://me@clinic.example",
        "https://Clinic.example", /* browsers send lower case */
        "HTTPS://clinic.example",
        "https://clinic.example:443", /* browsers leave the usual port out */
        "http://localhost:80",
        "https://clinic.example:0",
        "https://clinic.example:65536",
        "https://clinic.example:",
        "https://",
        "https://cli nic.example",
        "https://[::1",
        "https://a:1:2",
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(good); i++) {
        const char *wrong = public_url_check(str_from(good[i]));
        if (wrong)
            fail_msg("%s: %s", good[i], wrong);
    }
    for (size_t i = 0; i < COUNT_OF(bad); i++)
        if (!public_url_check(str_from(bad[i])))
            fail_msg("\"%s\" was accepted", bad[i]);
}

/* What is derived must itself be a public URL that would be accepted. */
static void url_of_address(void **state)
{
    static const struct {
        const char *listen, *url;
        int port;
    } list[] = {
        {"localhost:8080", "http://localhost:8080", 8080},
        {"127.0.0.1:0", "http://127.0.0.1:40123", 40123},
        {"[::1]:8080", "http://[::1]:8080", 8080},
        {"localhost:80", "http://localhost", 80},
        {"0.0.0.0:8080", NULL, 8080},
        {"clinic.example:8080", NULL, 8080},
        {"unix:/run/a", NULL, 0},
    };
    struct listen_address listen;
    struct arena a;

    (void)state;
    arena_init(&a, 65536);
    for (size_t i = 0; i < COUNT_OF(list); i++) {
        const char *url;
        assert_null(listen_parse(str_from(list[i].listen), &listen));
        assert_int_equal(public_url_of(&listen, list[i].port, &a, &url), 0);
        if (!list[i].url) {
            assert_null(url);
            continue;
        }
        assert_string_equal(url, list[i].url);
        assert_null(public_url_check(str_from(url)));
    }
    arena_done(&a);
}

static void proxies(void **state)
{
    static const char *const good[] = {"",
                                       " ",
                                       "10.0.0.2",
                                       "10.0.0.0/8, fd00::/8",
                                       "::1,127.0.0.1",
                                       "0.0.0.0/0",
                                       "2001:db8::/128"};
    static const char *const bad[] = {"proxy",        "10.0.0.0/33", "::/129",      "10.0.0.0/",
                                      "10.0.0.1;::1", ",10.0.0.1",   "10.0.0.1/-1", "10.0.0"};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(good); i++)
        assert_null(proxies_check(str_from(good[i])));
    for (size_t i = 0; i < COUNT_OF(bad); i++)
        if (!proxies_check(str_from(bad[i])))
            fail_msg("\"%s\" was accepted", bad[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(listening_addresses),
        cmocka_unit_test(loopback),
        cmocka_unit_test(public_urls),
        cmocka_unit_test(url_of_address),
        cmocka_unit_test(proxies),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
