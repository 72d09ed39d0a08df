/*
 * fuzz_json.c - any bytes into the JSON binder. What it takes must be within the descriptor's
 * bounds, and written and read again must be the same; what it refuses must come with issues that
 * can be shown. Any bytes as a text must be written as JSON that reads back.
 */
#include <stdlib.h>

#include "base/error.h"
#include "json/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const colours[] = {"red", "green", "blue", NULL};

struct part {
    struct str name;
    int64_t rank;
    struct json_array parts;
};
static const struct json_desc part_desc;
#define FIELD(type, member, kind, flags, min, max, names, sub)                                     \
    {                                                                                              \
#member, kind, offsetof(struct type, member), flags, min, max, names, sub, JSON_NO_PRESENT \
    }
static const struct json_field part_fields[] = {
    FIELD(part, name, JSON_TEXT, JSON_REQUIRED | JSON_TRIM | JSON_LINE, 1, 8, NULL, NULL),
    FIELD(part, rank, JSON_I64, 0, -3, 1000000, NULL, NULL),
    FIELD(part, parts, JSON_ARRAY, JSON_OMIT, 0, 4, NULL, &part_desc),
};
static const struct json_desc part_desc = {"part", part_fields, 3, sizeof(struct part)};

struct thing {
    struct str t;
    int64_t i;
    bool b;
    struct id d;
    int64_t a;
    int e;
    struct part *p;
    struct json_array l;
};
static const struct json_field thing_fields[] = {
    FIELD(thing, t, JSON_TEXT, JSON_OMIT, 0, 4000, NULL, NULL),
    FIELD(thing, i, JSON_I64, 0, 0, 0, NULL, NULL),
    FIELD(thing, b, JSON_BOOL, 0, 0, 0, NULL, NULL),
    FIELD(thing, d, JSON_ID, JSON_NULLABLE, 0, 0, NULL, NULL),
    FIELD(thing, a, JSON_TIME, JSON_NULLABLE, 0, 0, NULL, NULL),
    FIELD(thing, e, JSON_ENUM, JSON_NULLABLE, 0, 0, colours, NULL),
    FIELD(thing, p, JSON_OBJECT_PTR, JSON_NULLABLE, 0, 0, NULL, &part_desc),
    FIELD(thing, l, JSON_ARRAY, 0, 0, 16, NULL, &part_desc),
};
static const struct json_desc thing_desc = {"thing", thing_fields, 8, sizeof(struct thing)};

struct text {
    struct str t;
};
static const struct json_field text_fields[] = {
    FIELD(text, t, JSON_TEXT, JSON_REQUIRED, 0, 0, NULL, NULL)};
static const struct json_desc text_desc = {"text", text_fields, 1, sizeof(struct text)};

static void must(bool holds)
{
    if (!holds)
        abort();
}

static void check_part(const struct part *p)
{
    size_t count;

    must(str_utf8(p->name, &count) && count >= 1 && count <= 8 && p->parts.count <= 4);
    must(p->rank >= -3 && p->rank <= 1000000);
    for (size_t i = 0; i < p->name.n; i++)
        must((unsigned char)p->name.p[i] >= 0x20 && p->name.p[i] != 0x7F);
    for (size_t i = 0; i < p->parts.count; i++)
        check_part((const struct part *)p->parts.items + i);
}

static void check_thing(const struct thing *t)
{
    size_t count;

    must(str_utf8(t->t, &count) && count <= 4000 && t->l.count <= 16 && t->e >= 0 && t->e <= 3);
    must(t->t.n == 0 || !memchr(t->t.p, '\0', t->t.n));
    if (t->p)
        check_part(t->p);
    for (size_t i = 0; i < t->l.count; i++)
        check_part((const struct part *)t->l.items + i);
}

static void bind_twice(struct str in, struct arena *a)
{
    struct thing thing, again;
    struct issues issues;
    struct buf first, second;

    int r = json_bind(&thing_desc, in, a, &thing, &issues);
    must(r == 0 || r == -E_MALFORMED || r == -E_VALIDATION || r == -E_NO_MEMORY);
    must((r == -E_VALIDATION) == (issues.count > 0) || r == -E_NO_MEMORY);
    for (size_t i = 0; i < issues.count; i++)
        must(issues.list[i].field.p && str_utf8(issues.list[i].field, NULL));
    if (r != 0)
        return;
    check_thing(&thing);
    buf_init(&first, 4 << 20);
    buf_init(&second, 4 << 20);
    json_write(&first, &thing_desc, &thing);
    must(first.err == 0 && !memchr(first.data, '<', first.len));
    r = json_bind(&thing_desc, buf_str(&first), a, &again, &issues);
    must(r == 0 || r == -E_NO_MEMORY);
    if (r == 0) {
        json_write(&second, &thing_desc, &again);
        must(str_eq(buf_str(&first), buf_str(&second)));
    }
    buf_done(&first);
    buf_done(&second);
}

static void write_any_text(struct str in, struct arena *a)
{
    struct text text = {in}, again;
    struct issues issues;
    struct buf b;

    buf_init(&b, 4 << 20);
    json_write(&b, &text_desc, &text);
    must(b.err == 0);
    int r = json_bind(&text_desc, buf_str(&b), a, &again, &issues);
    if (in.n > 0 && memchr(in.p, '\0', in.n))
        must(r == -E_MALFORMED); /* NUL is written, for what it is worth, but never read */
    else
        must(r == 0);
    if (r == 0 && str_utf8(in, NULL))
        must(str_eq(in, again.t));
    buf_done(&b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena;

    if (size > 64 * 1024)
        return 0;
    arena_init(&arena, 8 << 20);
    bind_twice(str_of(data, size), &arena);
    write_any_text(str_of(data ? data : (const uint8_t *)"", size), &arena);
    arena_done(&arena);
    return 0;
}
