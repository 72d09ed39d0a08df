/*
 * test_routes.c - the table of routes: no row without its rule, no rule that contradicts another
 * column, and finding the row for a path.
 */
#include "../unit.h"
#include "api/route.h"

static const char *name_of(const struct route *r)
{
    static char text[128];

    (void)snprintf(text, sizeof text, "%d %s", (int)r->method, r->path);
    return text;
}

#define CHECK(r, condition)                                                                        \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            print_error("route %s: not so: %s\n", name_of(r), #condition);                         \
            fail();                                                                                \
        }                                                                                          \
    } while (0)

static bool has_id(const struct route *r)
{
    return strstr(r->path, "{id}") != NULL;
}

static void every_row_is_whole(void **state)
{
    (void)state;
    assert_true(route_count > 30);
    for (size_t i = 0; i < route_count; i++) {
        const struct route *r = &routes[i];
        CHECK(r, r->method == HTTP_GET || r->method == HTTP_POST || r->method == HTTP_PUT ||
                     r->method == HTTP_PATCH || r->method == HTTP_DELETE);
        CHECK(r, r->access >= ACCESS_PUBLIC && r->access <= ACCESS_ADMIN);
        CHECK(r, r->object >= OBJECT_NOTHING && r->object <= OBJECT_TRAIL);
        CHECK(r, r->tx >= TX_NONE && r->tx <= TX_WRITE);
        CHECK(r, r->lane >= LANE_DB && r->lane <= LANE_SOCKET);
        CHECK(r, r->rate > RATE_INVALID_ && r->rate < RATE_COUNT_);
        CHECK(r, r->handle != NULL);
        CHECK(r, r->action != NULL);
        CHECK(r, r->status == 101 || (r->status >= 200 && r->status < 300));
        CHECK(r, (r->reply == NULL) == (r->status == 204 || r->status == 101));
        CHECK(r, str_starts(str_from(r->path), STR("/api/v1/")) || r->rate == RATE_NONE);
        CHECK(r, !has_id(r) || !strstr(strstr(r->path, "{id}") + 1, "{"));
        for (size_t k = 0; k < i; k++)
            CHECK(r, routes[k].method != r->method || strcmp(routes[k].path, r->path) != 0);
    }
}

static void reading_changes_nothing(void **state)
{
    (void)state;
    for (size_t i = 0; i < route_count; i++) {
        const struct route *r = &routes[i];
        if (r->method == HTTP_GET) {
            CHECK(r, r->tx != TX_WRITE);
            CHECK(r, r->body == NULL);
            CHECK(r, !r->idempotent);
            continue;
        }
        /* every change leaves a trace; keeping a session alive changes nothing of anybody */
        CHECK(r, r->action[0] != '\0' || strcmp(r->path, "/api/v1/auth/extend") == 0);
        /* hashing a password takes its time: never with the write lock held */
        CHECK(r, r->tx == (r->lane == LANE_PASSWORD ? TX_NONE : TX_WRITE));
        CHECK(r, r->rate != RATE_NONE);
        if (r->idempotent) { /* answers are kept by account, in the transaction, and have a body */
            CHECK(r, r->access != ACCESS_PUBLIC && r->tx == TX_WRITE && r->reply);
            CHECK(r, r->method == HTTP_POST);
        }
    }
}

/* The rule says who may; the object which grant they get. Together they must make sense. */
static void rules_fit_objects(void **state)
{
    (void)state;
    for (size_t i = 0; i < route_count; i++) {
        const struct route *r = &routes[i];
        switch (r->object) {
        case OBJECT_NOTHING:
            break;
        case OBJECT_SIGN_IN:
            CHECK(r, r->access == ACCESS_PUBLIC && r->lane == LANE_PASSWORD);
            break;
        case OBJECT_OWN_ACCOUNT:
        case OBJECT_DIRECTORY:
            CHECK(r, r->access == ACCESS_SIGNED_IN || r->access == ACCESS_DOCTOR);
            break;
        case OBJECT_OWN_CARE:
            CHECK(r, r->access == ACCESS_CARE && !has_id(r));
            break;
        case OBJECT_RELATIONSHIP:
        case OBJECT_CONVERSATION:
            CHECK(r, r->access == ACCESS_CARE && has_id(r));
            /* whoever opens a record is noted, also for a look */
            CHECK(r, r->action[0] != '\0');
            break;
        case OBJECT_ACCOUNTS:
        case OBJECT_TRAIL:
            CHECK(r, r->access == ACCESS_ADMIN);
            break;
        }
        CHECK(r, r->access != ACCESS_ADMIN || str_starts(str_from(r->path), STR("/api/v1/admin/")));
        CHECK(r,
              r->access == ACCESS_ADMIN || !str_starts(str_from(r->path), STR("/api/v1/admin/")));
    }
}

#define ID "01890a5d-ac96-774b-bcce-b302099a8057"

static void every_row_is_found(void **state)
{
    char path[128];
    char allowed[64];
    struct id id;
    struct id want;
    bool bad;

    (void)state;
    assert_int_equal(id_parse(STR(ID), &want), 0);
    for (size_t i = 0; i < route_count; i++) {
        const struct route *r = &routes[i];
        const char *hole = strstr(r->path, "{id}");
        if (hole)
            (void)snprintf(path, sizeof path, "%.*s" ID "%s", (int)(hole - r->path), r->path,
                           hole + 4);
        else
            (void)snprintf(path, sizeof path, "%s", r->path);
        CHECK(r, route_find(str_from(path), r->method, &id, &bad, allowed) == r);
        CHECK(r, !bad && id_eq(&id, hole ? &want : &ID_NONE));
        if (r->method == HTTP_GET)
            CHECK(r, route_find(str_from(path), HTTP_HEAD, &id, &bad, allowed) == r);
        /* never with something before or behind it */
        size_t n = strlen(path);
        path[n] = (char)(n + 1 < sizeof path ? 47 : 0);
        path[n + 1] = 0;
        CHECK(r, route_find(str_from(path), r->method, &id, &bad, allowed) == NULL);
        CHECK(r, route_find(str_of(path + 1, strlen(path) - 2), r->method, &id, &bad, allowed) ==
                     NULL);
        CHECK(r, route_find(str_of(path, strlen(path) - 2), r->method, &id, &bad, allowed) != r ||
                     bad);
    }
}

static void bad_ids(void **state)
{
    static const char *const ids[] = {"1",
                                      "..",
                                      "me",
                                      "00000000-0000-0000-0000-000000000000",
                                      "{id}",
                                      ID "0",
                                      "01890a5dac96774bbcceb302099a8057",
                                      "01890a5d-ac96-774b-bcce-b302099a805g"};
    char path[128];
    char allowed[64];
    struct id id;
    bool bad;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(ids); i++) {
        (void)snprintf(path, sizeof path, "/api/v1/conversations/%s/messages", ids[i]);
        const struct route *r = route_find(str_from(path), HTTP_GET, &id, &bad, allowed);
        assert_non_null(r); /* so that the same rule is asked first, and the same 404 answered */
        assert_string_equal(r->path, "/api/v1/conversations/{id}/messages");
        assert_true(bad);
    }
    static const char *const none[] = {"/api/v1/conversations/" ID "/" ID "/messages",
                                       "/api/v1/conversations//messages",
                                       "/api/v1/conversations/messages/x",
                                       "/api/v1/doctors/",
                                       "/api/v2/clinic",
                                       "/API/v1/clinic",
                                       "/api/v1/clinic ",
                                       "/",
                                       ""};
    for (size_t i = 0; i < COUNT_OF(none); i++) {
        assert_null(route_find(str_from(none[i]), HTTP_GET, &id, &bad, allowed));
        assert_string_equal(allowed, "");
    }
    assert_null(route_find(STR("/api/v1/clinic\0x"), HTTP_GET, &id, &bad, allowed));
}

static void what_a_path_takes(void **state)
{
    static const struct {
        const char *path;
        enum http_method method;
        const char *allowed;
    } cases[] = {
        {"/api/v1/clinic", HTTP_POST, "GET, HEAD"},
        {"/api/v1/clinic", HTTP_OTHER, "GET, HEAD"},
        {"/api/v1/clinic", HTTP_OPTIONS, "GET, HEAD"},
        {"/api/v1/me", HTTP_DELETE, "GET, HEAD, PATCH"},
        {"/api/v1/me/practice", HTTP_GET, "PUT"},
        {"/api/v1/auth/sessions/" ID, HTTP_GET, "DELETE"},
        {"/api/v1/relationships", HTTP_PATCH, "POST, GET, HEAD"},
        {"/api/v1/auth/login", HTTP_HEAD, "POST"},
        {"/api/v1/admin/users/not-an-id", HTTP_POST, "GET, HEAD"},
    };
    char allowed[64];
    struct id id;
    bool bad;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_null(route_find(str_from(cases[i].path), cases[i].method, &id, &bad, allowed));
        assert_string_equal(allowed, cases[i].allowed);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_row_is_whole),
        cmocka_unit_test(reading_changes_nothing),
        cmocka_unit_test(rules_fit_objects),
        cmocka_unit_test(every_row_is_found),
        cmocka_unit_test(bad_ids),
        cmocka_unit_test(what_a_path_takes),
    };
    return cmocka_run_group_tests_name("api/routes", tests, NULL, NULL);
}
