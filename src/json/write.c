/*
 * write.c - JSON out, straight into the buffer. See json.h. No tree is built: answers are written
 * in one walk over the descriptor, and texts are copied in runs.
 *
 *      json_write -> write_member -> write_value -> json_write_text ...
 */
#include "base/clock.h"
#include "json/json.h"

/* What an ASCII byte needs: 0 nothing, 'u' a \u escape, else the letter of its short escape. '<',
 * '>' and '&' are escaped so that no answer can ever be read as HTML or end a script. */
static const char escapes[128] = {
    [0x00] = 'u', [0x01] = 'u', [0x02] = 'u', [0x03] = 'u',  [0x04] = 'u', [0x05] = 'u',
    [0x06] = 'u', [0x07] = 'u', [0x08] = 'b', [0x09] = 't',  [0x0A] = 'n', [0x0B] = 'u',
    [0x0C] = 'f', [0x0D] = 'r', [0x0E] = 'u', [0x0F] = 'u',  [0x10] = 'u', [0x11] = 'u',
    [0x12] = 'u', [0x13] = 'u', [0x14] = 'u', [0x15] = 'u',  [0x16] = 'u', [0x17] = 'u',
    [0x18] = 'u', [0x19] = 'u', [0x1A] = 'u', [0x1B] = 'u',  [0x1C] = 'u', [0x1D] = 'u',
    [0x1E] = 'u', [0x1F] = 'u', ['"'] = '"',  ['\\'] = '\\', ['<'] = 'u',  ['>'] = 'u',
    ['&'] = 'u',  [0x7F] = 'u'};

/* Bytes of the well-formed sequence that starts with the non-ASCII byte s.p[0], or 0. */
static size_t sequence(struct str s)
{
    unsigned char c = (unsigned char)s.p[0];
    size_t n = c >= 0xF0 ? 4 : c >= 0xE0 ? 3 : 2;

    return n <= s.n && str_utf8((struct str){s.p, n}, NULL) ? n : 0;
}

/* U+2028 and U+2029 end a line in old JavaScript. */
static bool is_line_separator(struct str s)
{
    return s.n >= 3 && (unsigned char)s.p[0] == 0xE2 && (unsigned char)s.p[1] == 0x80 &&
           ((unsigned char)s.p[2] == 0xA8 || (unsigned char)s.p[2] == 0xA9);
}

/* How many bytes at the start may be copied as they are. */
static size_t plain_run(struct str s)
{
    size_t i = 0;

    while (i < s.n) {
        unsigned char c = (unsigned char)s.p[i];
        struct str rest = {s.p + i, s.n - i};
        size_t n = 1;

        if (c < 0x80 ? escapes[c] : (is_line_separator(rest) || (n = sequence(rest)) == 0))
            break;
        i += n;
    }
    return i;
}

/* Writes the escape for what plain_run stopped at; how many bytes of s it stands for. */
static size_t write_escape(struct buf *b, struct str s)
{
    static const char hex[] = "0123456789abcdef";
    unsigned char c = (unsigned char)s.p[0];

    if (c >= 0x80 && is_line_separator(s)) {
        (void)buf_add_text(b, (unsigned char)s.p[2] == 0xA8 ? "\\u2028" : "\\u2029");
        return 3;
    }
    if (c >= 0x80) {
        /* never from a request (those are checked); whatever it was, the answer stays valid */
        (void)buf_add_text(b, "\\ufffd");
    } else if (escapes[c] == 'u') {
        (void)buf_add(b, (char[6]){'\\', 'u', '0', '0', hex[c >> 4], hex[c & 15]}, 6);
    } else {
        (void)buf_add(b, (char[2]){'\\', escapes[c]}, 2);
    }
    return 1;
}

void json_write_text(struct buf *b, struct str s)
{
    if (!s.p) {
        (void)buf_add(b, "null", 4);
        return;
    }
    (void)buf_add_char(b, '"');
    while (s.n > 0 && b->err == 0) {
        size_t n = plain_run(s);
        (void)buf_add(b, s.p, n);
        s = (struct str){s.p + n, s.n - n};
        if (s.n > 0) {
            n = write_escape(b, s);
            s = (struct str){s.p + n, s.n - n};
        }
    }
    (void)buf_add_char(b, '"');
}

void json_write_id(struct buf *b, const struct id *id)
{
    char text[ID_TEXT + 3];

    text[0] = '"';
    id_format(id, text + 1);
    text[ID_TEXT + 1] = '"';
    (void)buf_add(b, text, ID_TEXT + 2);
}

void json_write_time(struct buf *b, int64_t us)
{
    char text[CLOCK_TEXT + 3];

    text[0] = '"';
    clock_format(us, text + 1);
    text[CLOCK_TEXT + 1] = '"';
    (void)buf_add(b, text, CLOCK_TEXT + 2);
}

static const void *at(const void *in, const struct json_field *f)
{
    return (const char *)in + f->offset;
}

static bool is_absent(const struct json_field *f, const void *in)
{
    const void *p = at(in, f);

    switch (f->kind) {
    case JSON_TEXT:
        return !((const struct str *)p)->p;
    case JSON_I64:
        return (f->flags & (JSON_OMIT | JSON_NULLABLE)) && *(const int64_t *)p == 0;
    case JSON_BOOL:
        return (f->flags & JSON_OMIT) && !*(const bool *)p;
    case JSON_ID:
        return id_is_none(p);
    case JSON_TIME:
        return *(const int64_t *)p == 0;
    case JSON_ENUM:
        return *(const int *)p == 0;
    case JSON_OBJECT:
        return false;
    case JSON_OBJECT_PTR:
        return !*(void *const *)p;
    case JSON_ARRAY:
        return (f->flags & JSON_OMIT) && ((const struct json_array *)p)->count == 0;
    }
    return true;
}

/* The name of a 1-based value; a value past the table's end is written as null, never read. */
static struct str enum_name(const struct json_field *f, int value)
{
    for (int i = 1; f->names[i - 1]; i++)
        if (i == value)
            return str_from(f->names[i - 1]);
    return STR_NONE;
}

static void write_array(struct buf *b, const struct json_field *f, const struct json_array *a)
{
    (void)buf_add_char(b, '[');
    for (size_t i = 0; i < a->count && b->err == 0; i++) {
        if (i > 0)
            (void)buf_add_char(b, ',');
        json_write(b, f->sub, (const char *)a->items + i * f->sub->size);
    }
    (void)buf_add_char(b, ']');
}

static void write_value(struct buf *b, const struct json_field *f, const void *p)
{
    switch (f->kind) {
    case JSON_TEXT:
        json_write_text(b, *(const struct str *)p);
        break;
    case JSON_I64:
        (void)buf_add_i64(b, *(const int64_t *)p);
        break;
    case JSON_BOOL:
        (void)buf_add_text(b, *(const bool *)p ? "true" : "false");
        break;
    case JSON_ID:
        json_write_id(b, p);
        break;
    case JSON_TIME:
        json_write_time(b, *(const int64_t *)p);
        break;
    case JSON_ENUM:
        json_write_text(b, enum_name(f, *(const int *)p));
        break;
    case JSON_OBJECT:
        json_write(b, f->sub, p);
        break;
    case JSON_OBJECT_PTR:
        json_write(b, f->sub, *(void *const *)p);
        break;
    case JSON_ARRAY:
        write_array(b, f, p);
        break;
    }
}

void json_write(struct buf *b, const struct json_desc *desc, const void *in)
{
    bool first = true;

    (void)buf_add_char(b, '{');
    for (size_t i = 0; i < desc->count && b->err == 0; i++) {
        const struct json_field *f = &desc->fields[i];
        bool absent = is_absent(f, in);

        if (absent && (f->flags & JSON_OMIT))
            continue;
        (void)buf_add_text(b, first ? "\"" : ",\"");
        (void)buf_add_text(b, f->name);
        (void)buf_add_text(b, "\":");
        if (absent)
            (void)buf_add_text(b, "null");
        else
            write_value(b, f, at(in, f));
        first = false;
    }
    (void)buf_add_char(b, '}');
}
