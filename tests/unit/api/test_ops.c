/*
 * test_ops.c - the operations of a socket: bound strictly, each with its members and its rule,
 * limited in rate and in errors; and one of each done for real.
 */
#include "../net/engine.h"
#include "../realtime/live.h"
#include "api/ops.h"

struct desk {
    struct live *l;
    struct app app;
    struct limits *limits;
    struct id ana, helena;
    struct relationship r;
    struct live_client *patient, *doctor;
};

static void on_json(struct live *l, struct socket *s, struct str text)
{
    struct desk *d = l->arg;

    ops_handle(&d->app, l->net, s, d->limits, text);
}

static void open_desk(struct desk *d, struct live *l)
{
    *d = (struct desk){.l = l, .app = {.realtime = l->rt, .keys = l->c->keys, .node = l->c->node}};
    l->arg = d;
    l->on_json = on_json;
    d->ana = clinic_patient(l->c, "Ana");
    d->helena = clinic_doctor(l->c, "Helena", true);
    d->r = clinic_care(l->c, &d->ana, &d->helena);
    live_start(l);
    d->patient = live_connect(l, &d->ana, ROLE_PATIENT);
    d->doctor = live_connect(l, &d->helena, ROLE_DOCTOR);
}

static void say(struct live_client *k, const char *text)
{
    client_frame(k->fd, 0x81, text, strlen(text));
}

/* "$C" is the conversation's id, "$N" a new client id, "$O" one of forty days ago. */
static void say_with(struct desk *d, struct live_client *k, const char *pattern, struct id *ret_new)
{
    char out[8192];
    char id[ID_TEXT + 1];
    size_t n = 0;
    struct id fresh = id_new();
    struct id old = fresh;
    int64_t ms = id_time_ms(&fresh) - INT64_C(40) * 86400000;

    for (int i = 0; i < 6; i++)
        old.b[i] = (uint8_t)(ms >> (40 - 8 * i));
    for (const char *p = pattern; *p; p++) {
        const struct id *which = *p != '$'     ? NULL
                                 : p[1] == 'C' ? &d->r.conversation
                                 : p[1] == 'N' ? &fresh
                                               : &old;
        if (!which) {
            out[n++] = *p;
            continue;
        }
        id_format(which, id);
        memcpy(out + n, id, ID_TEXT);
        n += ID_TEXT;
        p++;
    }
    out[n] = '\0';
    if (ret_new)
        *ret_new = fresh;
    say(k, out);
}

static struct frame answer(struct live_client *k)
{
    struct frame f;

    do
        live_read(k, &f);
    while (strcmp(f.op, "presence") == 0);
    return f;
}

static void one_of_each(void **state)
{
    struct desk d;
    struct frame f;
    struct id sent;

    open_desk(&d, *state);
    say_with(
        &d, d.patient,
        "{\"op\":\"send\",\"conversation\":\"$C\",\"client_id\":\"$N\",\"text\":\"oi \\u00e9\"}",
        &sent);
    f = answer(d.patient);
    assert_string_equal(f.op, "ack");
    assert_true(id_eq(&f.client_id, &sent));
    assert_int_equal(f.seq, 1);
    f = answer(d.doctor);
    assert_string_equal(f.op, "message");
    assert_string_equal(f.text, "oi \xc3\xa9");
    say_with(&d, d.doctor, "{\"op\":\"received\",\"conversation\":\"$C\",\"seq\":1}", NULL);
    assert_string_equal(answer(d.patient).op, "delivered");
    assert_string_equal(answer(d.doctor).op, "delivered");
    say_with(&d, d.doctor, "{\"seq\":1,\"conversation\":\"$C\",\"op\":\"read\"}", NULL);
    assert_string_equal(answer(d.patient).op, "read");
    assert_string_equal(answer(d.doctor).op, "read");
    say_with(&d, d.doctor, "{\"op\":\"typing\",\"conversation\":\"$C\"}", NULL);
    f = answer(d.patient);
    assert_string_equal(f.op, "typing");
    assert_true(id_eq(&f.by, &d.helena));
    say_with(&d, d.patient, "{\"op\":\"edit\",\"conversation\":\"$C\",\"seq\":1,\"text\":\"ola\"}",
             NULL);
    f = answer(d.patient);
    assert_string_equal(f.op, "edited");
    assert_string_equal(f.text, "ola");
    assert_string_equal(answer(d.doctor).op, "edited");
    say_with(&d, d.patient, "{\"op\":\"sync\",\"conversation\":\"$C\",\"after\":0}", NULL);
    f = answer(d.patient);
    assert_string_equal(f.op, "message");
    assert_string_equal(f.text, "ola");
    assert_string_equal(answer(d.patient).op, "synced");
    say_with(&d, d.patient, "{\"op\":\"delete\",\"conversation\":\"$C\",\"seq\":1}", NULL);
    assert_string_equal(answer(d.patient).op, "deleted");
    assert_string_equal(answer(d.doctor).op, "deleted");
}

#define SEND "\"op\":\"send\",\"conversation\":\"$C\",\"client_id\":\"$N\""

static const struct {
    const char *text, *code;
} refused[] = {
    /* no operation at all */
    {"", "malformed"},
    {"x", "malformed"},
    {"[]", "malformed"},
    {"null", "malformed"},
    {"{}", "malformed"},
    {"{\"op\":1}", "malformed"},
    {"{\"op\":\"nonsense\"}", "malformed"},
    {"{\"op\":\"Send\"}", "malformed"},
    {"{\"op\":\"typing\",\"conversation\":\"$C\"}{}", "malformed"},
    {"{\"op\":\"typing\",\"op\":\"typing\",\"conversation\":\"$C\"}", "malformed"},
    {"{\"op\":\"typing\",\"conversation\":\"$C\",\"conversation\":\"$C\"}", "malformed"},
    {"{" SEND ",\"text\":\"\\ud800\"}", "malformed"},
    /* members: unknown, missing, one too many, of another kind */
    {"{\"op\":\"typing\",\"conversation\":\"$C\",\"x\":1}", "validation"},
    {"{\"op\":\"typing\"}", "validation"},
    {"{\"op\":\"typing\",\"conversation\":\"$C\",\"seq\":1}", "validation"},
    {"{\"op\":\"typing\",\"conversation\":\"x\"}", "validation"},
    {"{\"op\":\"typing\",\"conversation\":null}", "validation"},
    {"{" SEND "}", "validation"},
    {"{" SEND ",\"text\":\"a\",\"seq\":1}", "validation"},
    {"{" SEND ",\"text\":1}", "validation"},
    {"{" SEND ",\"text\":\"\"}", "validation"},
    {"{" SEND ",\"text\":\" \\n \"}", "validation"},
    {"{" SEND ",\"text\":\"\\u200b\"}", "validation"},
    {"{" SEND ",\"text\":\"a\",\"from\":\"$N\"}", "validation"},
    {"{\"op\":\"send\",\"conversation\":\"$C\",\"text\":\"a\"}", "validation"},
    {"{\"op\":\"send\",\"client_id\":\"$N\",\"text\":\"a\"}", "validation"},
    {"{\"op\":\"send\",\"conversation\":\"$C\",\"client_id\":"
     "\"01890a5d-ac96-474b-bcce-b302099a8057\",\"text\":\"a\"}",
     "validation"}, /* a UUID, but of version 4 */
    {"{\"op\":\"send\",\"conversation\":\"$C\",\"client_id\":\"$O\",\"text\":\"a\"}",
     "client_id_expired"},
    {"{\"op\":\"read\",\"conversation\":\"$C\",\"seq\":0}", "validation"},
    {"{\"op\":\"read\",\"conversation\":\"$C\",\"seq\":-1}", "validation"},
    {"{\"op\":\"read\",\"conversation\":\"$C\",\"seq\":1.5}", "validation"},
    {"{\"op\":\"read\",\"conversation\":\"$C\",\"seq\":\"1\"}", "validation"},
    {"{\"op\":\"sync\",\"conversation\":\"$C\",\"after\":-1}", "validation"},
    {"{\"op\":\"sync\",\"conversation\":\"$C\"}", "validation"},
    {"{\"op\":\"sync\",\"conversation\":\"$C\",\"seq\":1}", "validation"},
    {"{\"op\":\"edit\",\"conversation\":\"$C\",\"seq\":1}", "validation"},
    {"{\"op\":\"edit\",\"conversation\":\"$C\",\"seq\":1,\"text\":\"\\t\"}", "validation"},
    {"{\"op\":\"delete\",\"conversation\":\"$C\",\"seq\":1,\"text\":\"a\"}", "validation"},
    /* good frames about what is not there */
    {"{\"op\":\"edit\",\"conversation\":\"$C\",\"seq\":7,\"text\":\"a\"}", "not_found"},
    {"{\"op\":\"delete\",\"conversation\":\"$C\",\"seq\":7}", "not_found"},
    {"{\"op\":\"read\",\"conversation\":\"$N\",\"seq\":1}", "not_found"},
    {"{\"op\":\"sync\",\"conversation\":\"$N\",\"after\":0}", "not_found"},
    {"{\"op\":\"typing\",\"conversation\":\"$N\"}", "not_found"},
};

static void wrong_frames(void **state)
{
    struct desk d;
    struct frame f;
    struct live_client *k = NULL;

    open_desk(&d, *state);
    for (size_t i = 0; i < COUNT_OF(refused); i++) {
        if (i % 15 == 0) /* twenty of them would close it */
            k = live_connect(d.l, &d.ana, ROLE_PATIENT);
        say_with(&d, k, refused[i].text, NULL);
        f = answer(k);
        if (strcmp(f.code, refused[i].code) != 0)
            print_error("%s: %s\n", refused[i].text, f.raw);
        assert_string_equal(f.op, "error");
        assert_string_equal(f.code, refused[i].code);
        assert_false(f.has_retry);
    }
    live_expect_nothing(d.l, d.doctor); /* none of it reached anybody */
    assert_int_equal(clinic_ask(d.l->c, "SELECT count(*) FROM messages"), 0);
}

static void the_longest_text(void **state)
{
    static const char head[] = "{" SEND ",\"text\":\"";
    struct desk d;
    char text[sizeof head + 4003];
    struct frame f;
    struct id sent;

    open_desk(&d, *state);
    for (size_t letters = 4000; letters <= 4001; letters++) {
        size_t n = sizeof head - 1;
        memcpy(text, head, n);
        memset(text + n, 'x', letters);
        memcpy(text + n + letters, "\"}", 3);
        say_with(&d, d.patient, text, &sent);
        f = answer(d.patient);
        assert_string_equal(letters == 4000 ? f.op : f.code,
                            letters == 4000 ? "ack" : "validation");
        assert_true(id_eq(&f.client_id, &sent)); /* so that the page knows which it was */
    }
}

static void who_may(void **state)
{
    struct desk d;
    struct frame f;

    open_desk(&d, *state);
    const struct id rita = clinic_staff(d.l->c, ROLE_RECEPTIONIST, "Rita");
    const struct id root = clinic_staff(d.l->c, ROLE_ADMIN, "Admin");
    const struct id bruno = clinic_patient(d.l->c, "Bruno");
    struct live_client *others[] = {live_connect(d.l, &rita, ROLE_RECEPTIONIST),
                                    live_connect(d.l, &root, ROLE_ADMIN),
                                    live_connect(d.l, &bruno, ROLE_PATIENT)};
    static const char *const ops[] = {
        "{" SEND ",\"text\":\"a\"}",
        "{\"op\":\"edit\",\"conversation\":\"$C\",\"seq\":1,\"text\":\"a\"}",
        "{\"op\":\"delete\",\"conversation\":\"$C\",\"seq\":1}",
        "{\"op\":\"received\",\"conversation\":\"$C\",\"seq\":1}",
        "{\"op\":\"read\",\"conversation\":\"$C\",\"seq\":1}",
        "{\"op\":\"typing\",\"conversation\":\"$C\"}",
        "{\"op\":\"sync\",\"conversation\":\"$C\",\"after\":0}",
    };
    for (size_t k = 0; k < COUNT_OF(others); k++)
        for (size_t i = 0; i < COUNT_OF(ops); i++) {
            say_with(&d, others[k], ops[i], NULL);
            f = answer(others[k]);
            assert_string_equal(f.code, "not_found");
        }
    live_expect_nothing(d.l, d.patient);
    live_expect_nothing(d.l, d.doctor);
}

static void too_many_errors_close(void **state)
{
    struct desk d;

    open_desk(&d, *state);
    for (int i = 0; i < SOCKET_ERRORS_PER_MINUTE; i++) {
        say(d.patient, i % 2 ? "{}" : "{\"op\":\"typing\"}");
        assert_string_equal(answer(d.patient).op, "error");
    }
    say(d.patient, "{}");
    live_expect_close(d.l, d.patient, CLOSE_POLICY);
    live_expect_nothing(d.l, d.doctor);
}

static void a_socket_has_its_rate(void **state)
{
    struct desk d;
    struct frame f;
    int limited = 0;

    open_desk(&d, *state);
    d.limits = limits_new(true);
    assert_non_null(d.limits);
    for (int i = 0; i < 400; i++)
        say_with(&d, d.patient, "{\"op\":\"read\",\"conversation\":\"$C\",\"seq\":1}", NULL);
    live_expect_nothing(d.l, d.patient); /* a fifth each: eighty of two hundred */
    for (int i = 0; i < 300; i++)
        say_with(&d, d.patient, "{\"op\":\"sync\",\"conversation\":\"$C\",\"after\":0}", NULL);
    for (int i = 0; i < 300; i++) {
        f = answer(d.patient);
        if (strcmp(f.code, "rate_limited") == 0) {
            assert_true(f.has_retry);
            limited++;
        } else {
            assert_string_equal(f.op, "synced");
        }
    }
    /* more than the burst was refused, and being told to wait is no error that closes */
    assert_in_range(limited, 40, 300);
    live_expect_nothing(d.l, d.patient);
    limits_free(d.limits);
}

/* Another socket brings its owner no more than the first one has. */
static void a_person_has_one_rate_for_all_sockets(void **state)
{
    enum { SOCKETS = 3, EACH = 900 }; /* each by itself may */
    struct frame *frames = calloc(EACH, sizeof *frames);
    struct desk d;
    size_t limited = 0;

    assert_non_null(frames);
    open_desk(&d, *state);
    d.limits = limits_new(true);
    assert_non_null(d.limits);
    for (int k = 0; k < SOCKETS; k++) {
        struct live_client *socket = k ? live_connect(d.l, &d.ana, ROLE_PATIENT) : d.patient;
        for (int i = 0; i < EACH; i++)
            say_with(&d, socket, "{\"op\":\"read\",\"conversation\":\"$C\",\"seq\":1}", NULL);
        size_t n = live_drain(d.l, socket, frames, EACH);
        for (size_t i = 0; i < n; i++)
            limited += strcmp(frames[i].code, "rate_limited") == 0;
        if (k == 0)
            assert_int_equal(n, 0);
    }
    assert_true(limited > 0);
    live_expect_nothing(d.l, d.doctor);
    limits_free(d.limits);
    free(frames);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        L(one_of_each),
        L(wrong_frames),
        L(the_longest_text),
        L(who_may),
        L(too_many_errors_close),
        L(a_socket_has_its_rate),
        L(a_person_has_one_rate_for_all_sockets),
    };
    return cmocka_run_group_tests_name("api/ops", tests, NULL, NULL);
}
