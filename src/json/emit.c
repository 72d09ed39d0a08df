/* emit.c - see emit.h. */
#include "json/emit.h"

void emit_name(struct buf *b, const char *name)
{
    if (b->len > 0) {
        char last = b->data[b->len - 1];
        if (last != '{' && last != '[' && last != ':')
            (void)buf_add_char(b, ',');
    }
    if (!name)
        return;
    (void)buf_add_char(b, '"');
    (void)buf_add_text(b, name);
    (void)buf_add(b, "\":", 2);
}

void emit_open(struct buf *b, const char *name, char bracket)
{
    emit_name(b, name);
    (void)buf_add_char(b, bracket);
}

void emit_text(struct buf *b, const char *name, struct str v)
{
    emit_name(b, name);
    json_write_text(b, v);
}

void emit_literal(struct buf *b, const char *name, const char *v)
{
    emit_name(b, name);
    (void)buf_add_char(b, '"');
    (void)buf_add_text(b, v);
    (void)buf_add_char(b, '"');
}

void emit_null(struct buf *b, const char *name)
{
    emit_name(b, name);
    (void)buf_add(b, "null", 4);
}

void emit_id(struct buf *b, const char *name, const struct id *v)
{
    if (id_is_none(v)) {
        emit_null(b, name);
        return;
    }
    emit_name(b, name);
    json_write_id(b, v);
}

void emit_i64(struct buf *b, const char *name, int64_t v)
{
    emit_name(b, name);
    (void)buf_add_i64(b, v);
}

void emit_bool(struct buf *b, const char *name, bool v)
{
    emit_name(b, name);
    (void)buf_add_text(b, v ? "true" : "false");
}

void emit_time(struct buf *b, const char *name, int64_t us)
{
    if (us == 0) {
        emit_null(b, name);
        return;
    }
    emit_name(b, name);
    json_write_time(b, us);
}
