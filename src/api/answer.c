/* answer.c - see answer.h. */
#include "api/answer.h"

#include "base/error.h"
#include "json/emit.h"

struct http_reply *answer_problem(int err, const struct issues *issues)
{
    const struct error_info *info = error_info(err);
    struct http_reply *reply = http_reply_new(info->status);

    if (!reply)
        return NULL;
    http_reply_field(reply, "Content-Type", STR("application/problem+json"));
    struct buf *b = &reply->body;
    emit_open(b, NULL, '{');
    emit_literal(b, "type", "about:blank");
    emit_literal(b, "title", http_status_text(info->status));
    emit_i64(b, "status", info->status);
    emit_literal(b, "code", info->code);
    emit_text(b, "detail", str_from(info->detail));
    if (issues && issues->count > 0) {
        emit_open(b, "errors", '[');
        for (size_t i = 0; i < issues->count; i++) {
            emit_open(b, NULL, '{');
            emit_text(b, "field", issues->list[i].field);
            emit_text(b, "code", str_from(issues->list[i].code));
            emit_text(b, "detail", str_from(issues->list[i].detail));
            emit_close(b, '}');
        }
        emit_close(b, ']');
    }
    emit_close(b, '}');
    return reply;
}

/* Strict and the same for every answer: the client's pages need nothing else. */
#define CONTENT_SECURITY_POLICY                                                                    \
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "              \
    "font-src 'self'; connect-src 'self'; manifest-src 'self'; worker-src 'self'; "                \
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'; "             \
    "require-trusted-types-for 'script'; trusted-types acolhe"

static const struct {
    const char *name;
    const char *value;
} standard_fields[] = {
    {"Content-Security-Policy", CONTENT_SECURITY_POLICY},
    {"X-Content-Type-Options", "nosniff"},
    {"X-Frame-Options", "DENY"},
    {"Referrer-Policy", "no-referrer"},
    {"Cross-Origin-Opener-Policy", "same-origin"},
    {"Cross-Origin-Embedder-Policy", "require-corp"},
    {"Cross-Origin-Resource-Policy", "same-origin"},
    {"Permissions-Policy", "camera=(), microphone=(), geolocation=(), payment=(), usb=()"},
    {"X-Permitted-Cross-Domain-Policies", "none"},
};

void answer_default_fields(const struct app *app, struct http_reply *reply)
{
    for (size_t i = 0; i < sizeof standard_fields / sizeof *standard_fields; i++)
        if (!http_reply_has(reply, standard_fields[i].name))
            http_reply_field(reply, standard_fields[i].name, str_from(standard_fields[i].value));
    if (!http_reply_has(reply, "X-Request-Id")) { /* files and the engine's own errors */
        char text[ID_TEXT + 1];
        struct id id = id_new();
        id_format(&id, text);
        http_reply_field(reply, "X-Request-Id", str_from(text));
    }
    if (!http_reply_has(reply, "Cache-Control"))
        http_reply_field(reply, "Cache-Control", STR("no-store"));
    if (str_starts(app->config.public_url, STR("https://")))
        http_reply_field(reply, "Strict-Transport-Security",
                         STR("max-age=63072000; includeSubDomains"));
}
