/*
 * http_head.c - parses one complete request head: request line, fields, and what they say together
 * about framing. All or nothing; see http_reader.h for the policy.
 *
 *      http_head_parse -> request_line -> http_path_decode
 *                      -> field_line (each) -> fields_check -> framing -> upgrade_check
 */
#include "net/http_reader.h"

#include "base/clock.h"
#include "base/error.h"
#include "net/handshake.h"

/* What a handler may take from the request's arena beyond the request itself. */
#define REQUEST_ARENA_EXTRA ((size_t)1 << 20)

static bool is_token_char(unsigned char c)
{
    static const char marks[] = "!#$%&'*+-.^_`|~";

    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           (c != 0 && strchr(marks, c) != NULL);
}

static bool is_token(struct str s)
{
    for (size_t i = 0; i < s.n; i++)
        if (!is_token_char((unsigned char)s.p[i]))
            return false;
    return s.n > 0;
}

static enum http_method method_from(struct str s)
{
    static const struct {
        const char *name;
        enum http_method method;
    } known[] = {{"GET", HTTP_GET},        {"HEAD", HTTP_HEAD},   {"POST", HTTP_POST},
                 {"PUT", HTTP_PUT},        {"PATCH", HTTP_PATCH}, {"DELETE", HTTP_DELETE},
                 {"OPTIONS", HTTP_OPTIONS}};

    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (str_is(s, known[i].name))
            return known[i].method;
    return HTTP_OTHER;
}

/* No "." or "..", and none empty but the last: proxies fold them, so they must not reach a router.
 */
static bool segments_good(struct str path)
{
    struct str rest = {path.p + 1, path.n - 1};

    while (rest.p) {
        struct str segment = str_cut(rest, '/', &rest);
        if (str_is(segment, ".") || str_is(segment, "..") || (segment.n == 0 && rest.p))
            return false;
    }
    return true;
}

int http_path_decode(char *path, size_t n, struct str *ret)
{
    size_t out = 0;

    if (n == 0 || path[0] != '/')
        return -E_MALFORMED;
    for (size_t i = 0; i < n; i++) {
        char c = path[i];
        if (c == '%') {
            int high = n - i > 2 ? str_hex_digit(path[i + 1]) : -1;
            int low = n - i > 2 ? str_hex_digit(path[i + 2]) : -1;
            if (high < 0 || low < 0)
                return -E_MALFORMED;
            c = (char)(high * 16 + low);
            if (c == '/')
                return -E_MALFORMED;
            i += 2;
        } else if (strchr("\"#<>?^`{|}", c)) {
            return -E_MALFORMED;
        }
        if ((unsigned char)c < 0x20 || c == 0x7F || c == '\\')
            return -E_MALFORMED;
        path[out++] = c;
    }
    *ret = str_of(path, out);
    return str_utf8(*ret, NULL) && segments_good(*ret) ? 0 : -E_MALFORMED;
}

static int request_line(struct http_request *q, char *line, size_t n)
{
    struct str rest = str_of(line, n);
    struct str target;

    q->method_text = str_cut(rest, ' ', &rest);
    target = rest.p ? str_cut(rest, ' ', &rest) : STR_NONE;
    if (!rest.p || !str_is(rest, "HTTP/1.1") || !is_token(q->method_text))
        return -E_MALFORMED;
    q->method = method_from(q->method_text);
    for (size_t i = 0; i < target.n; i++)
        if (target.p[i] <= 0x20 || target.p[i] >= 0x7F || target.p[i] == '#')
            return -E_MALFORMED;
    struct str path = str_cut(target, '?', &q->query);
    return http_path_decode(line + (path.p - line), path.n, &q->path);
}

/* "name: value" without its CRLF; a folded line has no name and fails here. */
static int field_line(struct http_field *f, char *line, size_t n)
{
    struct str value;
    struct str name = str_cut(str_of(line, n), ':', &value);

    if (!value.p || !is_token(name))
        return -E_MALFORMED;
    for (size_t i = 0; i < name.n; i++)
        if (line[i] >= 'A' && line[i] <= 'Z')
            line[i] = (char)(line[i] + ('a' - 'A'));
    for (size_t i = 0; i < value.n; i++) {
        unsigned char c = (unsigned char)value.p[i];
        if ((c < 0x20 && c != '\t') || c == 0x7F)
            return -E_MALFORMED;
    }
    f->name = name;
    f->value = str_trim(value);
    return str_utf8(f->value, NULL) ? 0 : -E_MALFORMED;
}

/* Fields of which a second one would be read differently by someone in the chain. */
static bool is_single(struct str name)
{
    static const char *const single[] = {
        "authorization",
        "content-encoding",
        "content-length",
        "content-type",
        "expect",
        "forwarded",
        "host",
        "idempotency-key",
        "if-match",
        "if-modified-since",
        "if-none-match",
        "if-unmodified-since",
        "max-forwards",
        "origin",
        "range",
        "referer",
        "sec-fetch-dest",
        "sec-fetch-mode",
        "sec-fetch-site",
        "sec-websocket-key",
        "sec-websocket-version",
        "transfer-encoding",
        "user-agent",
        "x-csrf-token",
        "x-forwarded-for",
        "x-forwarded-host",
        "x-forwarded-proto",
        "x-real-ip",
        "x-request-id",
    };

    for (size_t i = 0; i < sizeof single / sizeof *single; i++)
        if (str_is(name, single[i]))
            return true;
    return false;
}

/* A second Cookie field is appended to the first (RFC 9113, 8.2.3 does so too). */
static int cookie_join(struct arena *a, struct http_field *first, struct str more)
{
    size_t n = first->value.n + 2 + more.n;
    char *joined = arena_alloc(a, n + 1);

    if (!joined)
        return -E_NO_MEMORY;
    memcpy(joined, first->value.p, first->value.n);
    memcpy(joined + first->value.n, "; ", 2);
    memcpy(joined + first->value.n + 2, more.p, more.n);
    first->value = str_of(joined, n);
    return 0;
}

/* Adds fields[count], which is parsed already, to those before it. Returns the new count. */
static int field_admit(struct http_request *q, struct http_field *fields, size_t count)
{
    struct str name = fields[count].name;

    for (size_t i = 0; i < count; i++) {
        if (!str_eq(fields[i].name, name))
            continue;
        if (is_single(name))
            return -E_MALFORMED;
        if (str_is(name, "cookie")) {
            int err = cookie_join(&q->arena, &fields[i], fields[count].value);
            return err < 0 ? err : (int)count;
        }
    }
    return (int)count + 1;
}

/* Does a comma-separated list of tokens hold this one (any case)? */
static bool list_has(struct str list, const char *token)
{
    while (list.p) {
        struct str item = str_trim(str_cut(list, ',', &list));
        if (str_ieq(item, str_from(token)))
            return true;
    }
    return false;
}

/* In any of the fields of that name, together one list. */
static bool fields_have(const struct http_request *q, const char *name, const char *token)
{
    for (size_t i = 0; i < q->field_count; i++)
        if (str_is(q->fields[i].name, name) && list_has(q->fields[i].value, token))
            return true;
    return false;
}

static bool host_good(struct str host)
{
    for (size_t i = 0; i < host.n; i++) {
        char c = host.p[i];
        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
              (c != 0 && strchr("-._~:[]", c))))
            return false;
    }
    return host.n > 0 && host.n <= 255;
}

static int content_length(struct str s, size_t max, size_t *ret)
{
    size_t v = 0;

    if (s.n == 0)
        return -E_MALFORMED;
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] < '0' || s.p[i] > '9')
            return -E_MALFORMED;
    for (size_t i = 0; i < s.n; i++) {
        if (v > (SIZE_MAX - 9) / 10)
            return -E_TOO_LARGE;
        v = v * 10 + (size_t)(s.p[i] - '0');
    }
    *ret = v;
    return v > max ? -E_TOO_LARGE : 0;
}

static int framing(const struct http_request *q, const struct net_limits *limits,
                   struct http_framing *ret)
{
    struct str length = http_field(q, "content-length");
    struct str coding = http_field(q, "transfer-encoding");
    struct str expect = http_field(q, "expect");

    *ret = (struct http_framing){.close = fields_have(q, "connection", "close")};
    if (length.p && coding.p)
        return -E_MALFORMED;
    if (coding.p) {
        if (!str_ieq(coding, STR("chunked")))
            return -E_NOT_IMPLEMENTED;
        ret->chunked = true;
    }
    if (expect.p) {
        if (!str_ieq(expect, STR("100-continue")))
            return -E_MALFORMED;
        ret->expect_continue = true;
    }
    return length.p ? content_length(length, limits->body_max, &ret->length) : 0;
}

static void upgrade_check(struct http_request *q, const struct http_framing *f)
{
    struct str key = http_field(q, "sec-websocket-key");

    if (q->method == HTTP_GET && !f->chunked && f->length == 0 &&
        fields_have(q, "connection", "upgrade") && fields_have(q, "upgrade", "websocket") &&
        str_is(http_field(q, "sec-websocket-version"), "13") && handshake_key_good(key)) {
        q->upgrade_websocket = true;
        q->ws_key = key;
    }
}

/* fields has room for every line of the head. */
static int head_parse(struct http_request *q, char *head, size_t n, struct http_field *fields)
{
    char *end = head + n;
    char *lf = memchr(head, '\n', n);
    size_t count = 0;
    int err = request_line(q, head, (size_t)(lf - head) - 1);

    if (err < 0)
        return err;
    for (char *line = lf + 1; line < end - 2; line = lf + 1) {
        lf = memchr(line, '\n', (size_t)(end - line));
        err = field_line(&fields[count], line, (size_t)(lf - line) - 1);
        if (err >= 0)
            err = field_admit(q, fields, count);
        if (err < 0)
            return err;
        count = (size_t)err;
    }
    q->fields = fields;
    q->field_count = count;
    q->host = http_field(q, "host");
    return host_good(q->host) ? 0 : -E_MALFORMED;
}

int http_head_parse(struct str head, size_t lines, const struct net_limits *limits,
                    struct http_request **ret, struct http_framing *ret_framing)
{
    struct arena arena;

    *ret = NULL;
    if (lines < 2)
        return -E_MALFORMED;
    if (lines - 2 > limits->fields_max)
        return -E_HEADERS_TOO_LARGE;
    arena_init(&arena, REQUEST_ARENA_EXTRA + 4 * limits->body_max + 4 * limits->head_max);
    struct http_request *q = arena_new(&arena, struct http_request);
    struct http_field *fields = q ? arena_array(&arena, lines - 1, sizeof *fields) : NULL;
    char *copy = fields ? arena_cstring(&arena, head) : NULL;
    if (!copy) {
        arena_done(&arena);
        return -E_NO_MEMORY;
    }
    q->arena = arena;
    q->body = STR("");
    q->received_us = clock_mono_us();
    int err = head_parse(q, copy, head.n, fields);
    if (err >= 0)
        err = framing(q, limits, ret_framing);
    if (err < 0) {
        net_request_free(q);
        return err;
    }
    upgrade_check(q, ret_framing);
    *ret = q;
    return 0;
}

struct str http_field(const struct http_request *r, const char *name)
{
    struct str wanted = str_from(name);

    for (size_t i = 0; i < r->field_count; i++)
        if (str_eq(r->fields[i].name, wanted))
            return r->fields[i].value;
    return STR_NONE;
}

void net_request_free(struct http_request *r)
{
    if (!r)
        return;
    struct arena arena = r->arena; /* r lives in it */
    arena_done(&arena);
}
