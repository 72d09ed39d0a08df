/*
 * test_views.c - what leaves the program is always JSON and says what was meant, whatever people
 * call themselves; and the parts that all answers share.
 */
/* two of jansson's names are ours too */
#define JSON_OBJECT JANSSON_OBJECT
#define JSON_ARRAY JANSSON_ARRAY
#include <jansson.h>
#undef JSON_OBJECT
#undef JSON_ARRAY

#include "../unit.h"
#include "api/answer.h"
#include "api/views.h"
#include "base/clock.h"

/* Quotes, a tag, U+2028 and U+2029, a bidi override, controls, an emoji, the end of a script. */
#define NASTY                                                                                      \
    "a\"b\\c</script><img src=x>\xe2\x80\xa8\xe2\x80\xa9\xe2\x80\xae"                              \
    "\x01\x1f\x7f\xf0\x9f\xa9\xba{\"x\":1}&'"

static struct str nasty(void)
{
    return STR(NASTY);
}

static const char *const forbidden[] = {"\xe2\x80\xa8", "\xe2\x80\xa9", "<", ">", "\x01", "\n"};

/* Parses strictly; nothing that a page could trip over stands there unescaped. */
static json_t *parse(struct buf *b)
{
    json_error_t error;

    assert_int_equal(b->err, 0);
    for (size_t i = 0; i < COUNT_OF(forbidden); i++)
        assert_null(memmem(b->data, b->len, forbidden[i], strlen(forbidden[i])));
    json_t *json = json_loadb(b->data, b->len, JSON_REJECT_DUPLICATES, &error);
    if (!json)
        print_error("%s in %.*s\n", error.text, (int)b->len, b->data);
    assert_non_null(json);
    buf_done(b);
    return json;
}

static json_t *written(void (*reply)(struct buf *, const void *), const void *in)
{
    struct buf b;

    buf_init(&b, 1 << 20);
    reply(&b, in);
    return parse(&b);
}

/* The members in their order, as one text "a b c". */
static void check_members(const json_t *object, const char *want)
{
    char got[512] = "";
    size_t n = 0;
    const char *key;
    json_t *value;

    assert_true(json_object_size(object) > 0);
    json_object_foreach((json_t *)(uintptr_t)object, key, value) n +=
        (size_t)snprintf(got + n, sizeof got - n, "%s%s", n ? " " : "", key);
    assert_string_equal(got, want);
}

static json_t *member(const json_t *object, const char *name)
{
    json_t *v = json_object_get(object, name);

    if (!v)
        print_error("there is no %s\n", name);
    assert_non_null(v);
    return v;
}

static void check_text(const json_t *object, const char *name, const char *want)
{
    const json_t *v = member(object, name);

    if (!want)
        assert_true(json_is_null(v));
    else
        assert_string_equal(json_string_value(v), want);
}

static struct doctor doctor(void)
{
    static struct specialty specialties[] = {{{NASTY, sizeof NASTY - 1}, {"12", 2}},
                                             {{"x", 1}, {NULL, 0}}};
    static struct office_interval hours[] = {{1, 0, 485}, {7, 1080, 1440}};

    return (struct doctor){.id = id_new(),
                           .name = nasty(),
                           .crm = STR("123456"),
                           .uf = STR("SP"),
                           .verified = true,
                           .state = ACCOUNT_ACTIVE,
                           .timezone = STR("America/Sao_Paulo"),
                           .about = nasty(),
                           .specialties = specialties,
                           .specialty_count = 2,
                           .hours = hours,
                           .hour_count = 2,
                           .next_open_at = INT64_C(1777896000000000)};
}

#define DOCTOR_MEMBERS                                                                             \
    "id name crm uf verified specialties hours timezone usual_reply_minutes open_now next_open_at" \
    " about"

static void doctors(void **state)
{
    struct doctor d = doctor();
    json_t *json = written(reply_doctor, &d);

    (void)state;
    check_members(json, DOCTOR_MEMBERS);
    check_text(json, "name", NASTY);
    check_text(json, "about", NASTY);
    check_text(json, "usual_reply_minutes", NULL);
    check_text(json, "next_open_at", "2026-05-04T12:00:00.000Z");
    const json_t *specialties = member(json, "specialties");
    assert_int_equal(json_array_size(specialties), 2);
    check_text(json_array_get(specialties, 0), "name", NASTY);
    check_text(json_array_get(specialties, 1), "rqe", NULL);
    const json_t *hours = member(json, "hours");
    check_members(json_array_get(hours, 0), "weekday start end");
    check_text(json_array_get(hours, 0), "start", "00:00");
    check_text(json_array_get(hours, 0), "end", "08:05");
    check_text(json_array_get(hours, 1), "start", "18:00");
    check_text(json_array_get(hours, 1), "end", "24:00");
    json_decref(json);
    d.next_open_at = 0;
    d.usual_reply_minutes = 90;
    d.specialty_count = d.hour_count = 0;
    json = written(reply_doctor, &d);
    check_text(json, "next_open_at", NULL);
    assert_int_equal(json_integer_value(member(json, "usual_reply_minutes")), 90);
    assert_int_equal(json_array_size(member(json, "hours")), 0);
    json_decref(json);
}

static struct account account(void)
{
    return (struct account){.id = id_new(),
                            .role = ROLE_PATIENT,
                            .state = ACCOUNT_ACTIVE,
                            .name = nasty(),
                            .social_name = nasty(),
                            .display_name = nasty(),
                            .email = STR("a@x.test"),
                            .locale = STR("pt-BR"),
                            .created_at = 1,
                            .version = 3};
}

#define ACCOUNT_MEMBERS                                                                            \
    "id role name social_name display_name email locale phone birth_date cpf_masked state"         \
    " created_at"

static void accounts(void **state)
{
    struct account a = account();
    struct doctor d = doctor();
    json_t *json = written(reply_account, &a);

    (void)state;
    check_members(json, ACCOUNT_MEMBERS);
    check_text(json, "name", NASTY);
    check_text(json, "social_name", NASTY);
    check_text(json, "display_name", NASTY);
    check_text(json, "phone", NULL);
    check_text(json, "cpf_masked", NULL);
    check_text(json, "role", "patient");
    check_text(json, "state", "active");
    json_decref(json);
    a.role = ROLE_DOCTOR;
    a.state = ACCOUNT_DISABLED;
    a.social_name = STR_NONE;
    a.doctor = &d;
    json = written(reply_account, &a);
    check_members(json, ACCOUNT_MEMBERS " doctor");
    check_members(member(json, "doctor"), DOCTOR_MEMBERS);
    check_text(json, "social_name", NULL);
    check_text(json, "role", "doctor");
    check_text(json, "state", "disabled");
    json_decref(json);
}

static void signed_in(void **state)
{
    struct signed_in s = {.account = account(), .csrf = "C", .token = "SESSION-TOKEN"};

    (void)state;
    s.session.id = id_new();
    s.session.expires_at = s.idle_expires_at = INT64_C(1777896000000000);
    json_t *json = written(reply_signed_in, &s);
    check_members(json, "user csrf_token session");
    check_members(member(json, "session"), "id idle_expires_at expires_at");
    char *text = json_dumps(json, 0);
    assert_null(strstr(text, "SESSION-TOKEN")); /* only ever in the cookie */
    free(text);
    json_decref(json);
    json = written(reply_extended, &s);
    check_members(json, "session");
    json_decref(json);
}

static void relationships(void **state)
{
    struct relationship r = {.id = id_new(),
                             .state = RELATIONSHIP_REQUESTED,
                             .requested_by = id_new(),
                             .patient = {id_new(), nasty()},
                             .doctor = {id_new(), nasty()},
                             .crm = STR("1"),
                             .uf = STR("RJ"),
                             .created_at = 1,
                             .updated_at = 2};
    json_t *json = written(reply_relationship, &r);

    (void)state;
    check_members(json, "id state requested_by patient doctor conversation_id created_at "
                        "updated_at");
    check_members(member(json, "patient"), "id name");
    check_members(member(json, "doctor"), "id name crm uf");
    check_text(member(json, "patient"), "name", NASTY);
    check_text(json, "conversation_id", NULL);
    check_text(json, "state", "requested");
    json_decref(json);
}

static struct message message(void)
{
    return (struct message){.conversation = id_new(),
                            .seq = 3,
                            .client_id = id_new(),
                            .from = id_new(),
                            .kind = MESSAGE_TEXT,
                            .text = nasty(),
                            .at = 5,
                            .version = 1};
}

static void messages(void **state)
{
    struct message m[] = {message(), message()};
    const struct list_reply list = {.items = m,
                                    .count = 2,
                                    .size = sizeof *m,
                                    .write = item_message,
                                    .has_more = true,
                                    .by_seq = true};

    (void)state;
    m[1].deleted = true;
    m[0].edited_at = 9;
    json_t *json = written(reply_list, &list);
    check_members(json, "items has_more");
    const json_t *first = json_array_get(member(json, "items"), 0);
    const json_t *second = json_array_get(member(json, "items"), 1);
    check_members(first, "conversation seq client_id from kind text at edited_at");
    check_text(first, "text", NASTY);
    check_members(second, "conversation seq client_id from kind text at deleted");
    check_text(second, "text", "");
    json_decref(json);
}

static void conversations(void **state)
{
    struct doctor d = doctor();
    struct message m = message();
    struct conversation_view v = {.id = id_new(),
                                  .relationship = id_new(),
                                  .state = CONVERSATION_OPEN,
                                  .peer = id_new(),
                                  .peer_name = nasty(),
                                  .peer_role = ROLE_DOCTOR,
                                  .doctor = &d,
                                  .last_seq = 9,
                                  .unread = 1,
                                  .peer_delivered = 8,
                                  .peer_read = 7,
                                  .own_read = 6,
                                  .last_message = &m};
    json_t *json = written(reply_conversation, &v);

    (void)state;
    check_members(json, "id relationship_id peer state last_seq unread delivered_seq read_seq "
                        "own_read_seq last_message");
    check_members(member(json, "peer"), "id name role crm uf hours timezone usual_reply_minutes "
                                        "open_now next_open_at");
    assert_int_equal(json_integer_value(member(json, "delivered_seq")), 8);
    assert_int_equal(json_integer_value(member(json, "read_seq")), 7);
    assert_int_equal(json_integer_value(member(json, "own_read_seq")), 6);
    check_text(member(json, "last_message"), "text", NASTY);
    json_decref(json);
    /* the doctor's view: whether the patient is there, and no practice */
    v.viewer_is_doctor = true;
    v.doctor = NULL;
    v.peer_role = ROLE_PATIENT;
    v.last_message = NULL;
    json = written(reply_conversation, &v);
    check_members(member(json, "peer"), "id name role");
    check_text(json, "last_message", NULL);
    assert_true(json_is_false(member(json, "peer_online")));
    json_decref(json);
}

static void lists(void **state)
{
    struct session_row row = {.id = id_new(), .address = STR("::1"), .user_agent = nasty()};
    struct audit_row audit = {.node = id_new(),
                              .seq = 1,
                              .at = 1,
                              .action = STR("session.create"),
                              .object_type = STR(""),
                              .outcome = STR("ok"),
                              .address = nasty(),
                              .request_id = STR(""),
                              .detail = nasty()};
    struct list_reply list = {
        .items = &row, .count = 1, .size = sizeof row, .write = item_session_row};
    json_t *json = written(reply_list, &list);

    (void)state;
    check_members(json, "items next_cursor");
    check_text(json, "next_cursor", NULL);
    const json_t *item = json_array_get(member(json, "items"), 0);
    check_members(item, "id current created_at last_seen_at expires_at address user_agent");
    check_text(item, "user_agent", NASTY);
    json_decref(json);
    list = (struct list_reply){.items = &audit,
                               .count = 1,
                               .size = sizeof audit,
                               .write = item_audit_row,
                               .next_cursor = STR("abc")};
    json = written(reply_list, &list);
    check_text(json, "next_cursor", "abc");
    item = json_array_get(member(json, "items"), 0);
    check_members(item, "node seq at actor action object_type object_id outcome address "
                        "request_id detail");
    check_text(item, "actor", NULL);
    check_text(item, "detail", NASTY);
    json_decref(json);
    list.count = 0;
    json = written(reply_list, &list);
    assert_int_equal(json_array_size(member(json, "items")), 0);
    json_decref(json);
}

static void the_clinic_and_links(void **state)
{
    const struct app_config config = {.clinic_name = nasty(),
                                      .technical_director = STR(""),
                                      .terms_version = STR("1"),
                                      .timezone = STR("America/Sao_Paulo"),
                                      .sessions = {900 * US_PER_S, 43200 * US_PER_S}};
    struct account a = account();
    struct link_reply link = {.account = &a, .link = {STR("https://x/set-password#T"), 5}};
    json_t *json = written(reply_clinic, &config);

    (void)state;
    check_members(json, "name technical_director terms_version email_verification timezone "
                        "emergency_number limits session");
    check_text(json, "name", NASTY);
    assert_int_equal(json_integer_value(member(member(json, "limits"), "message_chars")), 4000);
    assert_int_equal(json_integer_value(member(member(json, "limits"), "edit_window_s")), 900);
    assert_int_equal(json_integer_value(member(member(json, "session"), "idle_s")), 900);
    assert_int_equal(json_integer_value(member(member(json, "session"), "absolute_s")), 43200);
    json_decref(json);
    json = written(reply_link, &link);
    check_members(json, "user set_password_url expires_at");
    json_decref(json);
    link.account = NULL;
    json = written(reply_link, &link);
    check_members(json, "set_password_url expires_at");
    json_decref(json);
    json = written(reply_ready, "ok");
    check_members(json, "status");
    json_decref(json);
}

/* ---- answers ---- */

static void problems(void **state)
{
    struct arena arena;
    struct issues issues = {0};

    (void)state;
    arena_init(&arena, 65536);
    issue_add(&issues, &arena, "specialties[1].rqe", "invalid", "An RQE is 1 to 10 digits.");
    issue_add(&issues, &arena, NASTY, "unknown", "x");
    struct http_reply *reply = answer_problem(-E_VALIDATION, &issues);
    assert_int_equal(reply->status, 422);
    assert_non_null(strstr(reply->head.data, "Content-Type: application/problem+json\r\n"));
    json_t *json = parse(&reply->body);
    check_members(json, "type title status code detail errors");
    check_text(json, "code", "validation");
    assert_int_equal(json_integer_value(member(json, "status")), 422);
    const json_t *errors = member(json, "errors");
    assert_int_equal(json_array_size(errors), 2);
    check_members(json_array_get(errors, 0), "field code detail");
    check_text(json_array_get(errors, 1), "field", NASTY);
    json_decref(json);
    http_reply_free(reply);
    for (int err = 1; err < ERR_COUNT_; err++) { /* every error there is */
        reply = answer_problem(-err, NULL);
        assert_in_range(reply->status, 400, 599);
        json = parse(&reply->body);
        check_members(json, "type title status code detail");
        check_text(json, "code", error_info(err)->code);
        json_decref(json);
        http_reply_free(reply);
    }
    arena_done(&arena);
}

static struct http_reply *dressed(const struct app *app, const char *name, const char *value)
{
    struct http_reply *reply = http_reply_new(200);

    if (name)
        http_reply_field(reply, name, str_from(value));
    answer_default_fields(app, reply);
    assert_int_equal(reply->head.err, 0);
    (void)buf_add_char(&reply->head, '\0');
    return reply;
}

static void every_answer_is_dressed(void **state)
{
    static const char *const always[] = {"X-Content-Type-Options: nosniff\r\n",
                                         "Referrer-Policy: no-referrer\r\n",
                                         "Cross-Origin-Opener-Policy: same-origin\r\n",
                                         "Cross-Origin-Embedder-Policy: require-corp\r\n",
                                         "Cross-Origin-Resource-Policy: same-origin\r\n",
                                         "Permissions-Policy: ",
                                         "Content-Security-Policy: default-src 'none'; ",
                                         "X-Request-Id: ",
                                         "frame-ancestors 'none'",
                                         "base-uri 'none'",
                                         "object-src 'none'"};
    struct app app = {.config = {.public_url = STR("https://clinic.example")}};

    (void)state;
    struct http_reply *r = dressed(&app, NULL, NULL);
    for (size_t i = 0; i < COUNT_OF(always); i++)
        assert_non_null(strstr(r->head.data, always[i]));
    assert_null(strstr(r->head.data, "unsafe-"));
    assert_non_null(strstr(r->head.data, "Cache-Control: no-store\r\n"));
    const char *hsts = strstr(r->head.data, "Strict-Transport-Security: max-age=");
    assert_non_null(hsts);
    assert_true(strtol(hsts + 35, NULL, 10) >= 31536000);
    assert_non_null(strstr(hsts, "; includeSubDomains"));
    http_reply_free(r);
    /* what is there already stays, and is not said twice */
    r = dressed(&app, "Cache-Control", "public, max-age=31536000, immutable");
    assert_null(strstr(r->head.data, "no-store"));
    http_reply_free(r);
    r = dressed(&app, "X-Request-Id", "mine");
    const char *at = strstr(r->head.data, "X-Request-Id: ");
    assert_non_null(strstr(r->head.data, "X-Request-Id: mine\r\n"));
    assert_null(strstr(at + 1, "X-Request-Id: "));
    http_reply_free(r);
    /* over plain http a browser must not be told to insist on more */
    app.config.public_url = STR("http://localhost:8080");
    r = dressed(&app, NULL, NULL);
    assert_null(strstr(r->head.data, "Strict-Transport-Security"));
    http_reply_free(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(doctors),   cmocka_unit_test(accounts),
        cmocka_unit_test(signed_in), cmocka_unit_test(relationships),
        cmocka_unit_test(messages),  cmocka_unit_test(conversations),
        cmocka_unit_test(lists),     cmocka_unit_test(the_clinic_and_links),
        cmocka_unit_test(problems),  cmocka_unit_test(every_answer_is_dressed),
    };
    return cmocka_run_group_tests_name("api/views", tests, NULL, NULL);
}
