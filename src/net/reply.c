/* reply.c - HTTP answers under construction. See net.h. */
#include <stdio.h>
#include <stdlib.h>

#include "base/error.h"
#include "net/reply.h"

#define REPLY_HEAD_MAX ((size_t)16384)
#define REPLY_BODY_MAX ((size_t)64 << 20)

struct http_reply *http_reply_new(int status)
{
    struct reply_box *box = calloc(1, sizeof *box);

    if (!box)
        return NULL;
    box->reply.status = status;
    buf_init(&box->reply.head, REPLY_HEAD_MAX);
    buf_init(&box->reply.body, REPLY_BODY_MAX);
    return &box->reply;
}

void http_reply_free(struct http_reply *reply)
{
    if (!reply)
        return;
    buf_done(&reply->head);
    buf_done(&reply->body);
    free(container_of(reply, struct reply_box, reply));
}

static bool text_safe(struct str s)
{
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] == '\r' || s.p[i] == '\n' || s.p[i] == '\0')
            return false;
    return true;
}

void http_reply_field(struct http_reply *reply, const char *name, struct str value)
{
    struct buf *head = &reply->head;

    if (!text_safe(str_from(name)) || !text_safe(value)) {
        if (!head->err)
            head->err = -E_MALFORMED;
        return;
    }
    /* all or nothing: the reservation fails first */
    if (buf_reserve(head, strlen(name) + value.n + 4) < 0)
        return;
    (void)buf_add_text(head, name);
    (void)buf_add(head, ": ", 2);
    (void)buf_add_str(head, value);
    (void)buf_add(head, "\r\n", 2);
}

bool http_reply_has(const struct http_reply *reply, const char *name)
{
    struct str rest = buf_str(&reply->head);

    while (rest.p && rest.n > 0) {
        struct str line = str_cut(rest, '\n', &rest);
        struct str value;
        if (str_ieq(str_cut(line, ':', &value), str_from(name)))
            return true;
    }
    return false;
}

struct http_reply *http_reply_problem(int err)
{
    const struct error_info *info = error_info(err);
    struct http_reply *reply = http_reply_new(info->status);

    if (!reply)
        return NULL;
    http_reply_field(reply, "Content-Type", STR("application/problem+json"));
    http_reply_field(reply, "Cache-Control", STR("no-store"));
    /* the table's words need no escaping */
    (void)buf_addf(&reply->body,
                   "{\"type\":\"about:blank\",\"title\":\"%s\",\"status\":%d,\"code\":\"%s\","
                   "\"detail\":\"%s\"}",
                   http_status_text(info->status), info->status, info->code, info->detail);
    if (reply->head.err || reply->body.err) {
        http_reply_free(reply);
        return NULL;
    }
    return reply;
}

const char *http_status_text(int status)
{
    static const struct {
        int status;
        const char *text;
    } known[] = {
        {101, "Switching Protocols"},
        {200, "OK"},
        {201, "Created"},
        {202, "Accepted"},
        {204, "No Content"},
        {206, "Partial Content"},
        {301, "Moved Permanently"},
        {302, "Found"},
        {303, "See Other"},
        {304, "Not Modified"},
        {307, "Temporary Redirect"},
        {308, "Permanent Redirect"},
        {400, "Bad Request"},
        {401, "Unauthorized"},
        {403, "Forbidden"},
        {404, "Not Found"},
        {405, "Method Not Allowed"},
        {406, "Not Acceptable"},
        {408, "Request Timeout"},
        {409, "Conflict"},
        {410, "Gone"},
        {412, "Precondition Failed"},
        {413, "Content Too Large"},
        {414, "URI Too Long"},
        {415, "Unsupported Media Type"},
        {416, "Range Not Satisfiable"},
        {421, "Misdirected Request"},
        {422, "Unprocessable Content"},
        {426, "Upgrade Required"},
        {429, "Too Many Requests"},
        {431, "Request Header Fields Too Large"},
        {500, "Internal Server Error"},
        {501, "Not Implemented"},
        {502, "Bad Gateway"},
        {503, "Service Unavailable"},
        {504, "Gateway Timeout"},
    };

    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (known[i].status == status)
            return known[i].text;
    return "Unknown";
}
