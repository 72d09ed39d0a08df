/*
 * log.c - see log.h. A line is put together in a fixed buffer on the stack and leaves in one
 * write(2), so lines of several threads never mix and logging never allocates or locks.
 *
 *      log_write -> line_start -> put_field... -> line_end -> write
 *
 * A line that does not fit is cut at a field's end and marked as cut.
 */
#include "base/log.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "base/clock.h"

#define LINE_MAX_BYTES 4096
#define VALUE_MAX_BYTES 1024 /* of one text, before escaping */
#define TAIL_ROOM 24         /* kept free for the end of the line */

static enum log_format the_format = LOG_TEXT;
static enum log_level the_least = LOG_INFO;
static _Thread_local struct str the_request;

struct line {
    char text[LINE_MAX_BYTES];
    size_t len;
    bool full;
};

void log_setup(enum log_format format, enum log_level least)
{
    the_format = format;
    the_least = least;
}

void log_set_request(struct str request_id)
{
    the_request = request_id;
}

bool log_wants(enum log_level level)
{
    return level >= the_least;
}

static const char *level_name(enum log_level level)
{
    switch (level) {
    case LOG_DEBUG:
        return "debug";
    case LOG_INFO:
        return "info";
    case LOG_NOTICE:
        return "notice";
    case LOG_WARNING:
        return "warning";
    case LOG_ERROR:
        return "error";
    }
    return "error";
}

static void put(struct line *l, const char *bytes, size_t n)
{
    if (l->full || n > sizeof l->text - TAIL_ROOM - l->len) {
        l->full = true;
        return;
    }
    memcpy(l->text + l->len, bytes, n);
    l->len += n;
}

static void put_text(struct line *l, const char *text)
{
    put(l, text, strlen(text));
}

/* Bytes of the well-formed UTF-8 sequence at s that may be shown as they are, or 0. C1 controls,
 * line separators and the marks that turn text around are not shown: a terminal may obey them. */
static size_t plain_sequence(struct str s)
{
    static const char *const hidden[] = {"\u200e", "\u200f", "\u2028", "\u2029", "\u202a",
                                         "\u202b", "\u202c", "\u202d", "\u202e", "\u2066",
                                         "\u2067", "\u2068", "\u2069", "\ufeff"};
    unsigned char c = (unsigned char)s.p[0];
    size_t n = c < 0x80 ? 1 : c >= 0xF0 ? 4 : c >= 0xE0 ? 3 : 2;

    if (n == 1)
        return c >= 0x20 && c != 0x7F && c != '"' && c != '\\';
    if (n > s.n || !str_utf8((struct str){s.p, n}, NULL))
        return 0;
    if (c == 0xC2 && (unsigned char)s.p[1] < 0xA0)
        return 0;
    for (size_t i = 0; i < sizeof hidden / sizeof *hidden; i++)
        if (str_is((struct str){s.p, n}, hidden[i]))
            return 0;
    return n;
}

/* Both formats take JSON's escapes; a byte that is no text at all is shown as U+00XX. */
static void put_escaped(struct line *l, struct str s)
{
    bool cut = s.n > VALUE_MAX_BYTES;

    if (cut)
        s.n = VALUE_MAX_BYTES;
    while (s.n > 0 && !l->full) {
        size_t n = plain_sequence(s);
        char escape[8];

        if (n > 0) {
            put(l, s.p, n);
        } else if (s.p[0] == '"' || s.p[0] == '\\') {
            n = 1;
            put(l, (char[2]){'\\', s.p[0]}, 2);
        } else {
            n = 1;
            (void)snprintf(escape, sizeof escape, "\\u%04x", (unsigned)(unsigned char)s.p[0]);
            put(l, escape, 6);
        }
        s = (struct str){s.p + n, s.n - n};
    }
    if (cut)
        put_text(l, "...");
}

static void put_quoted(struct line *l, struct str s)
{
    put(l, "\"", 1);
    put_escaped(l, s);
    put(l, "\"", 1);
}

/* In text, a value without blanks or signs needs no quotes. */
static bool is_word(struct str s)
{
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        bool word = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                    strchr("-_./:@+", c);
        if (!word || c == '\0')
            return false;
    }
    return s.n > 0;
}

static void put_name(struct line *l, const char *name)
{
    if (the_format == LOG_JSON) {
        put_text(l, ",\"");
        put_text(l, name);
        put_text(l, "\":");
    } else {
        put_text(l, " ");
        put_text(l, name);
        put_text(l, "=");
    }
}

static void put_value(struct line *l, struct str s)
{
    if (!s.p)
        put_text(l, the_format == LOG_JSON ? "null" : "-");
    else if (the_format == LOG_TEXT && is_word(s) && s.n <= VALUE_MAX_BYTES)
        put(l, s.p, s.n);
    else
        put_quoted(l, s);
}

static void put_field(struct line *l, const struct log_field *f)
{
    char text[ID_TEXT + 1];
    size_t before = l->len;

    put_name(l, f->name);
    switch (f->kind) {
    case LOG_FIELD_STR:
        put_value(l, f->str);
        break;
    case LOG_FIELD_I64:
        (void)snprintf(text, sizeof text, "%lld", (long long)f->i64);
        put_text(l, text);
        break;
    case LOG_FIELD_ID:
        id_format(&f->id, text);
        put_value(l, str_from(id_is_none(&f->id) ? NULL : text));
        break;
    case LOG_FIELD_ERR:
        put_value(l, str_from(error_info((int)f->i64)->symbol));
        break;
    }
    if (l->full)
        l->len = before; /* a field is whole or not there */
}

static void line_start(struct line *l, enum log_level level, const char *room, const char *event)
{
    char now[CLOCK_TEXT + 1];
    bool json = the_format == LOG_JSON;

    clock_format(clock_now_us(), now);
    put_text(l, json ? "{\"at\":\"" : "");
    put_text(l, now);
    put_text(l, json ? "\",\"level\":\"" : " ");
    put_text(l, level_name(level));
    put_text(l, json ? "\",\"room\":\"" : " ");
    put_text(l, room);
    put_text(l, json ? "\",\"event\":" : ": ");
    if (json)
        put_quoted(l, str_from(event));
    else
        put_escaped(l, str_from(event));
    if (the_request.p) {
        put_name(l, "request");
        put_value(l, the_request);
    }
}

static void line_end(struct line *l)
{
    /* TAIL_ROOM was kept for this */
    const char *tail = l->full ? (the_format == LOG_JSON ? ",\"cut\":true}\n" : " cut=true\n")
                               : (the_format == LOG_JSON ? "}\n" : "\n");

    memcpy(l->text + l->len, tail, strlen(tail));
    l->len += strlen(tail);
}

void log_write(enum log_level level, const char *room, const char *event,
               const struct log_field *fields, size_t count)
{
    struct line line;
    int saved = errno;
    ssize_t n;

    line.len = 0;
    line.full = false;
    line_start(&line, level, room, event);
    for (size_t i = 0; i < count && !line.full; i++)
        put_field(&line, &fields[i]);
    line_end(&line);
    do
        n = write(STDERR_FILENO, line.text, line.len);
    while (n < 0 && errno == EINTR);
    errno = saved; /* logging a failure must not change what the caller sees of it */
}
