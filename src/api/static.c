/*
 * static.c - see static.h. Files are embedded at build time (embed.h) with their type, tag and
 * compressed form, so answering is a look-up. The client keeps its own routes: a path that is no
 * file and looks like a page is answered with the shell.
 */
#include "api/static.h"

#include "api/answer.h"
#include "api/embed.h"
#include "base/error.h"

/* Does a comma-separated header name the token? Good enough for "gzip" and for entity tags. */
static bool header_has(struct str header, const char *token)
{
    while (header.p) {
        struct str parameters;
        struct str item = str_trim(str_cut(header, ',', &header));
        struct str name = str_trim(str_cut(item, ';', &parameters));
        if (str_is(name, token))
            return !parameters.p || !str_eq(str_trim(parameters), STR("q=0"));
    }
    return false;
}

static struct http_reply *answer_file(const struct http_request *r, const struct embed_file *f)
{
    bool same = header_has(http_field(r, "if-none-match"), f->etag);
    struct http_reply *reply = http_reply_new(same ? 304 : 200);

    if (!reply)
        return NULL;
    http_reply_field(reply, "ETag", str_from(f->etag));
    http_reply_field(reply, "Cache-Control",
                     f->immutable ? STR("public, max-age=31536000, immutable") : STR("no-cache"));
    http_reply_field(reply, "Vary", STR("Accept-Encoding"));
    if (same)
        return reply;
    http_reply_field(reply, "Content-Type", str_from(f->type));
    reply->body_static = f->bytes;
    if (f->gzip.p && header_has(http_field(r, "accept-encoding"), "gzip")) {
        http_reply_field(reply, "Content-Encoding", STR("gzip"));
        reply->body_static = f->gzip;
    }
    return reply;
}

/* A page of the client has no dot in its last segment; a missing file has. */
static bool looks_like_page(struct str path)
{
    for (size_t i = path.n; i > 0 && path.p[i - 1] != '/'; i--)
        if (path.p[i - 1] == '.')
            return false;
    return !str_starts(path, STR("/api/")) && !str_starts(path, STR("/assets/"));
}

struct http_reply *static_answer(const struct http_request *r)
{
    const struct embed_file *f = embed_find(r->path);

    if (!f && looks_like_page(r->path))
        f = embed_find(STR("/index.html"));
    if (!f)
        return answer_problem(-E_NOT_FOUND, NULL);
    if (r->method == HTTP_GET || r->method == HTTP_HEAD)
        return answer_file(r, f);
    struct http_reply *reply = answer_problem(-E_METHOD, NULL);
    if (reply)
        http_reply_field(reply, "Allow", STR("GET, HEAD"));
    return reply;
}
