/* cursor.c - see cursor.h. */
#include "api/cursor.h"

#include "base/error.h"

static struct str encode(struct arena *a, struct str plain)
{
    char *out = plain.p ? arena_alloc(a, (plain.n * 4 + 2) / 3 + 1) : NULL;

    if (!out)
        return STR_NONE;
    crypto_base64url(plain.p, plain.n, out);
    return str_from(out);
}

static int value_of(char c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    return c == '-' ? 62 : c == '_' ? 63 : -1;
}

/* The two halves of the cursor parameter; STR_NONE both when there is none. */
static int read(struct exchange *ex, struct str *ret_key, struct str *ret_id)
{
    struct str text;
    uint32_t bits = 0;
    int have = 0;
    size_t n = 0;

    *ret_key = *ret_id = STR_NONE;
    int r = query_text(ex, "cursor", &text);
    if (r < 0 || !text.p)
        return r;
    char *out = arena_alloc(ex->call.arena, text.n + 1);
    if (!out)
        return -E_NO_MEMORY;
    for (size_t i = 0; i < text.n; i++) {
        int v = value_of(text.p[i]);
        if (v < 0)
            return call_invalid(&ex->call, "cursor", "invalid", "Use the cursor as it was given.");
        bits = bits << 6 | (uint32_t)v;
        have += 6;
        if (have >= 8) {
            have -= 8;
            out[n++] = (char)(bits >> have & 0xFF);
        }
    }
    *ret_key = str_cut(str_of(out, n), '\n', ret_id);
    if (!ret_id->p || !str_utf8(*ret_key, NULL))
        return call_invalid(&ex->call, "cursor", "invalid", "Use the cursor as it was given.");
    return 0;
}

int cursor_read_name(struct exchange *ex, struct name_cursor *ret)
{
    struct str key;
    struct str id;

    *ret = (struct name_cursor){0};
    int r = read(ex, &key, &id);
    if (r < 0 || !key.p)
        return r;
    ret->name = key;
    return id_parse(id, &ret->id) < 0
               ? call_invalid(&ex->call, "cursor", "invalid", "Use the cursor as it was given.")
               : 0;
}

struct str cursor_write_name(struct arena *a, const struct name_cursor *c)
{
    char id[ID_TEXT + 1];

    if (!c->name.p)
        return STR_NONE;
    id_format(&c->id, id);
    return encode(a, arena_printf(a, "%.*s\n%s", STR_FMT(c->name), id));
}

int cursor_read_time(struct exchange *ex, struct time_cursor *ret)
{
    struct str key;
    struct str id;

    *ret = (struct time_cursor){.at = INT64_MAX};
    int r = read(ex, &key, &id);
    if (r < 0 || !key.p)
        return r;
    return str_to_i64(key, &ret->at) < 0 || id_parse(id, &ret->id) < 0
               ? call_invalid(&ex->call, "cursor", "invalid", "Use the cursor as it was given.")
               : 0;
}

struct str cursor_write_time(struct arena *a, const struct time_cursor *c)
{
    char id[ID_TEXT + 1];

    if (c->at == 0)
        return STR_NONE;
    id_format(&c->id, id);
    return encode(a, arena_printf(a, "%lld\n%s", (long long)c->at, id));
}

int cursor_read_pair(struct exchange *ex, int64_t *ret_at, int64_t *ret_seq)
{
    struct str at;
    struct str seq;

    *ret_at = *ret_seq = 0;
    int r = read(ex, &at, &seq);
    if (r < 0 || !at.p)
        return r;
    return str_to_i64(at, ret_at) < 0 || str_to_i64(seq, ret_seq) < 0
               ? call_invalid(&ex->call, "cursor", "invalid", "Use the cursor as it was given.")
               : 0;
}

struct str cursor_write_pair(struct arena *a, int64_t at, int64_t seq)
{
    return encode(a, arena_printf(a, "%lld\n%lld", (long long)at, (long long)seq));
}
