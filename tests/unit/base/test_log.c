/* test_log.c - log lines: their two forms, and that nothing a stranger sends can forge one. */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "../unit.h"
#include "base/clock.h"
#include "base/log.h"

static int real_stderr = -1;
static int captured = -1;

static void capture(void)
{
    char path[] = "/tmp/acolhe-log-XXXXXX";
    (void)fflush(stderr);
    real_stderr = dup(STDERR_FILENO);
    captured = mkstemp(path);
    assert_true(captured >= 0);
    (void)unlink(path);
    assert_int_equal(dup2(captured, STDERR_FILENO), STDERR_FILENO);
}

/* What was logged since capture(). */
static const char *release(void)
{
    static char text[16384];
    assert_int_equal(dup2(real_stderr, STDERR_FILENO), STDERR_FILENO);
    (void)close(real_stderr);
    ssize_t n = pread(captured, text, sizeof text - 1, 0);
    assert_true(n >= 0);
    text[n] = '\0';
    (void)close(captured);
    return text;
}

static size_t lines_of(const char *text)
{
    size_t n = 0;
    for (; *text; text++)
        n += *text == '\n';
    return n;
}

static void text_line(void **state)
{
    (void)state;
    struct id id;
    assert_int_equal(id_parse(STR("017f22e2-79b0-7cc3-98c4-dc0c0c07398f"), &id), 0);
    log_setup(LOG_TEXT, LOG_INFO);
    log_set_request(STR("r-1"));
    capture();
    log_event(LOG_NOTICE, "http", "answered", log_i64("status", 200), log_text("route", "/a b"),
              log_str("who", STR_NONE), log_id("user", id), log_err("why", -E_NOT_FOUND));
    const char *line = release();
    log_set_request(STR_NONE);
    assert_string_equal(line + CLOCK_TEXT,
                        " notice http: answered request=r-1 status=200 route=\"/a b\" who=- "
                        "user=017f22e2-79b0-7cc3-98c4-dc0c0c07398f why=NOT_FOUND\n");
}

static void json_line(void **state)
{
    (void)state;
    log_setup(LOG_JSON, LOG_INFO);
    capture();
    log_event(LOG_ERROR, "db", "lost", log_i64("after_us", -5), log_text("detail", "a\"\\b\n"));
    log_event(LOG_DEBUG, "db", "not wanted");
    const char *line = release();
    assert_string_equal(line + 7 + CLOCK_TEXT,
                        "\",\"level\":\"error\",\"room\":\"db\",\"event\":\"lost\","
                        "\"after_us\":-5,\"detail\":\"a\\\"\\\\b\\u000a\"}\n");
    assert_memory_equal(line, "{\"at\":\"2", 8);
}

/* ASVS 16.4.1: line ends, terminal escapes, marks that turn text around, broken UTF-8. */
static void nothing_forges_a_line(void **state)
{
    (void)state;
    static const char *const hostile[] = {"a\nerror: forged",
                                          "a\r\nforged",
                                          "\x1b[2J\x1b[31mred",
                                          "\x9b"
                                          "2J",
                                          "\xc2\x9b"
                                          "2J",
                                          "\u2028forged",
                                          "\u202egnp.exe",
                                          "\xff\xfe",
                                          "\xc3",
                                          "\x7f",
                                          "\b\b\bx",
                                          "\" status=500 x=\"",
                                          "%n%s%x",
                                          "\ufeff",
                                          "\u2066x\u2069"};
    const enum log_format formats[] = {LOG_TEXT, LOG_JSON};
    for (size_t f = 0; f < COUNT_OF(formats); f++) {
        for (size_t i = 0; i < COUNT_OF(hostile); i++) {
            log_setup(formats[f], LOG_INFO);
            capture();
            log_event(LOG_INFO, "http", "seen", log_text("v", hostile[i]), log_i64("after", 1));
            const char *line = release();
            assert_int_equal(lines_of(line), 1);
            assert_true(str_utf8(str_from(line), NULL));
            for (const char *p = line; p[1]; p++)
                if ((unsigned char)*p < 0x20 || *p == 0x7F)
                    fail_msg("row %zu lets 0x%02x through", i, (unsigned)*p);
            assert_null(strstr(line, "\xc2\x9b"));
            assert_null(strstr(line, "\u2028"));
            assert_null(strstr(line, "\u202e"));
            /* an inner quote is always escaped, so the value ends where we ended it */
            const char *end = formats[f] == LOG_JSON ? "\",\"after\":1}\n" : " after=1\n";
            assert_string_equal(line + strlen(line) - strlen(end), end);
        }
    }
    log_setup(LOG_TEXT, LOG_INFO);
    capture();
    log_event(LOG_INFO, "http", "seen", log_text("v", "\" status=500 x=\""));
    assert_non_null(strstr(release(), " v=\"\\\" status=500 x=\\\"\"\n"));
}

static void null_byte_is_shown(void **state)
{
    (void)state;
    log_setup(LOG_TEXT, LOG_INFO);
    capture();
    log_event(LOG_INFO, "http", "seen", log_str("v", STR("a\0b")));
    assert_non_null(strstr(release(), "v=\"a\\u0000b\"\n"));
}

static void long_lines_are_cut_whole(void **state)
{
    (void)state;
    char big[3000];
    memset(big, 'x', sizeof big);
    struct str s = str_of(big, sizeof big);
    const enum log_format formats[] = {LOG_TEXT, LOG_JSON};
    for (size_t f = 0; f < COUNT_OF(formats); f++) {
        log_setup(formats[f], LOG_INFO);
        capture();
        log_event(LOG_INFO, "http", "big", log_str("a", s), log_str("b", s), log_str("c", s),
                  log_str("d", s), log_str("e", s));
        const char *line = release();
        size_t n = strlen(line);
        assert_int_equal(lines_of(line), 1);
        assert_true(n <= 4096);
        const char *end = formats[f] == LOG_JSON ? ",\"cut\":true}\n" : " cut=true\n";
        assert_string_equal(line + n - strlen(end), end);
        assert_non_null(strstr(line, "xxx...\""));
        assert_null(strstr(line, "e="));
    }
    log_setup(LOG_TEXT, LOG_INFO);
}

static void errno_is_kept(void **state)
{
    (void)state;
    capture();
    errno = EPIPE;
    log_event(LOG_INFO, "x", "y");
    int after = errno;
    (void)release();
    assert_int_equal(after, EPIPE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_line),
        cmocka_unit_test(json_line),
        cmocka_unit_test(nothing_forges_a_line),
        cmocka_unit_test(null_byte_is_shown),
        cmocka_unit_test(long_lines_are_cut_whole),
        cmocka_unit_test(errno_is_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
