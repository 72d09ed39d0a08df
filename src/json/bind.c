/*
 * bind.c - JSON in, by descriptor. See json.h. jansson parses; this file alone knows it.
 *
 *      json_bind -> depth_is_bounded -> json_loadb -> bind_object -> bind_member -> bind_text ...
 *
 * Problems with fields are collected, so that a person sees all of them at once; only a failing
 * allocation (-E_NO_MEMORY) stops the walk.
 */
/* jansson's type tags would collide with our kinds: they get other names here, and so its macros
 * json_is_object and json_is_array must not be used in this file. */
#define JSON_OBJECT JANSSON_OBJECT
#define JSON_ARRAY JANSSON_ARRAY
#include <jansson.h>
#undef JSON_OBJECT
#undef JSON_ARRAY

#include "base/clock.h"
#include "base/error.h"
#include "json/json.h"
#include "json/parse_memory.h"

#define DEPTH_MAX 16
#define NAME_SHOWN_MAX 64 /* bytes of a stranger's member name that an issue repeats */

/* Before anything is parsed, since what one allocator gave the other must not free. */
__attribute__((constructor)) static void setup_jansson(void)
{
    json_set_alloc_funcs(parse_malloc, parse_free);
    json_object_seed(0);
}

/* Where we are, as a chain on the stack: turned to text only when something is wrong. */
struct place {
    const struct place *parent;
    const char *name; /* NULL: an item of an array */
    size_t index;
};

struct binding {
    struct arena *arena;
    struct issues *issues;
    int err;
};

static struct str place_text(struct arena *a, const struct place *place)
{
    if (!place)
        return STR("");
    struct str before = place_text(a, place->parent);
    if (!place->name)
        return arena_printf(a, "%.*s[%zu]", STR_FMT(before), place->index);
    return arena_printf(a, "%.*s%s%s", STR_FMT(before), before.n > 0 ? "." : "", place->name);
}

static void refuse(struct binding *bind, const struct place *place, const char *code,
                   const char *detail)
{
    struct str field = place_text(bind->arena, place);

    if (!field.p)
        bind->err = -E_NO_MEMORY;
    else
        issue_add(bind->issues, bind->arena, field.p, code, detail);
}

static bool has_bounds(const struct json_field *f)
{
    return f->min != 0 || f->max != 0;
}

/* Tells too short and too long; without bounds everything is in. */
static bool check_count(struct binding *bind, const struct place *place, const struct json_field *f,
                        size_t count)
{
    if (!has_bounds(f))
        return true;
    if (count == 0 && f->min > 0 && (f->flags & JSON_REQUIRED)) {
        refuse(bind, place, "required", "This is needed.");
        return false;
    }
    if ((int64_t)count < f->min) {
        refuse(bind, place, "too_short", "This is shorter than allowed.");
        return false;
    }
    if ((int64_t)count > f->max) {
        refuse(bind, place, "too_long", "This is longer than allowed.");
        return false;
    }
    return true;
}

/* C0, DEL, C1, and the two Unicode line ends. The text is well-formed UTF-8. */
static bool has_controls(struct str s)
{
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        unsigned char next = i + 1 < s.n ? (unsigned char)s.p[i + 1] : 0;
        unsigned char third = i + 2 < s.n ? (unsigned char)s.p[i + 2] : 0;

        if (c < 0x20 || c == 0x7F || (c == 0xC2 && next < 0xA0))
            return true;
        if (c == 0xE2 && next == 0x80 && (third == 0xA8 || third == 0xA9))
            return true;
    }
    return false;
}

static void bind_text(struct binding *bind, const struct place *place, const struct json_field *f,
                      const json_t *value, struct str *ret)
{
    struct str s = {json_string_value(value), json_string_length(value)};
    size_t count;

    if (f->flags & JSON_TRIM)
        s = str_trim(s);
    if (memchr(s.p, '\0', s.n) || !str_utf8(s, &count)) {
        refuse(bind, place, "invalid", "This is not text.");
        return;
    }
    if ((f->flags & JSON_LINE) && has_controls(s)) {
        refuse(bind, place, "invalid", "This may not have line breaks or control characters.");
        return;
    }
    if (!check_count(bind, place, f, count))
        return;
    *ret = arena_str(bind->arena, s);
    if (!ret->p)
        bind->err = -E_NO_MEMORY;
}

static void bind_i64(struct binding *bind, const struct place *place, const struct json_field *f,
                     const json_t *value, int64_t *ret)
{
    int64_t v = json_integer_value(value);

    if (has_bounds(f) && (v < f->min || v > f->max))
        refuse(bind, place, "invalid", "This number is out of bounds.");
    else
        *ret = v;
}

static void bind_enum(struct binding *bind, const struct place *place, const struct json_field *f,
                      const json_t *value, int *ret)
{
    struct str s = {json_string_value(value), json_string_length(value)};

    for (int i = 0; f->names[i]; i++) {
        if (str_is(s, f->names[i])) {
            *ret = i + 1;
            return;
        }
    }
    refuse(bind, place, "invalid", "This is not one of the values known.");
}

static void bind_object(struct binding *bind, const struct place *place,
                        const struct json_desc *desc, json_t *object, void *out);

static void bind_object_ptr(struct binding *bind, const struct place *place,
                            const struct json_field *f, json_t *value, void **ret)
{
    *ret = arena_alloc(bind->arena, f->sub->size);
    if (!*ret)
        bind->err = -E_NO_MEMORY;
    else
        bind_object(bind, place, f->sub, value, *ret);
}

static void bind_array(struct binding *bind, const struct place *place, const struct json_field *f,
                       json_t *value, struct json_array *ret)
{
    size_t count = json_array_size(value);

    if (!check_count(bind, place, f, count) || count == 0)
        return;
    ret->items = arena_array(bind->arena, count, f->sub->size);
    if (!ret->items) {
        bind->err = -E_NO_MEMORY;
        return;
    }
    ret->count = count;
    for (size_t i = 0; i < count && bind->err == 0; i++) {
        struct place here = {place, NULL, i};
        json_t *item = json_array_get(value, i);

        if (json_typeof(item) == JANSSON_OBJECT)
            bind_object(bind, &here, f->sub, item, (char *)ret->items + i * f->sub->size);
        else
            refuse(bind, &here, "invalid", "An object is expected here.");
    }
}

static bool type_fits(enum json_kind kind, const json_t *value)
{
    switch (kind) {
    case JSON_TEXT:
    case JSON_ID:
    case JSON_TIME:
    case JSON_ENUM:
        return json_is_string(value);
    case JSON_I64:
        return json_is_integer(value);
    case JSON_BOOL:
        return json_is_boolean(value);
    case JSON_OBJECT:
    case JSON_OBJECT_PTR:
        return json_typeof(value) == JANSSON_OBJECT;
    case JSON_ARRAY:
        return json_typeof(value) == JANSSON_ARRAY;
    }
    return false;
}

static void bind_value(struct binding *bind, const struct place *place, const struct json_field *f,
                       json_t *value, void *p)
{
    struct str text = {json_string_value(value), json_string_length(value)};

    if (!type_fits(f->kind, value)) {
        refuse(bind, place, "invalid", "This is of the wrong type.");
        return;
    }
    switch (f->kind) {
    case JSON_TEXT:
        bind_text(bind, place, f, value, p);
        break;
    case JSON_I64:
        bind_i64(bind, place, f, value, p);
        break;
    case JSON_BOOL:
        *(bool *)p = json_is_true(value);
        break;
    case JSON_ID:
        if (id_parse(text, p) < 0)
            refuse(bind, place, "invalid", "This is not an id.");
        break;
    case JSON_TIME:
        if (clock_parse(text, p) < 0)
            refuse(bind, place, "invalid", "This is not a time.");
        break;
    case JSON_ENUM:
        bind_enum(bind, place, f, value, p);
        break;
    case JSON_OBJECT:
        bind_object(bind, place, f->sub, value, p);
        break;
    case JSON_OBJECT_PTR:
        bind_object_ptr(bind, place, f, value, p);
        break;
    case JSON_ARRAY:
        bind_array(bind, place, f, value, p);
        break;
    }
}

static void bind_member(struct binding *bind, const struct place *parent,
                        const struct json_field *f, json_t *value, void *out)
{
    struct place here = {parent, f->name, 0};

    if (value && f->present != JSON_NO_PRESENT)
        *(bool *)(void *)((char *)out + f->present) = true;
    if (value && !json_is_null(value))
        bind_value(bind, &here, f, value, (char *)out + f->offset);
    else if (f->flags & JSON_REQUIRED)
        refuse(bind, &here, "required", "This is needed.");
    else if (value && !(f->flags & JSON_NULLABLE))
        refuse(bind, &here, "invalid", "This may be left out, but not be null.");
}

static void refuse_unknown(struct binding *bind, const struct place *parent,
                           const struct json_desc *desc, json_t *object)
{
    const char *name;
    json_t *value;

    json_object_foreach(object, name, value)
    {
        bool known = false;
        for (size_t i = 0; i < desc->count && !known; i++)
            known = strcmp(name, desc->fields[i].name) == 0;
        if (known)
            continue;
        struct place here = {parent, name, 0};
        bool show = strlen(name) <= NAME_SHOWN_MAX;
        refuse(bind, show ? &here : parent, "unknown", "There is no such field.");
    }
}

static void bind_object(struct binding *bind, const struct place *place,
                        const struct json_desc *desc, json_t *object, void *out)
{
    size_t matched = 0;

    for (size_t i = 0; i < desc->count && bind->err == 0; i++) {
        json_t *value = json_object_get(object, desc->fields[i].name);
        matched += value != NULL;
        bind_member(bind, place, &desc->fields[i], value, out);
    }
    if (matched != json_object_size(object) && bind->err == 0)
        refuse_unknown(bind, place, desc, object);
}

/* jansson's own bound on depth is 2048; ours is checked before a tree is built. */
static bool depth_is_bounded(struct str text)
{
    bool in_string = false;
    int depth = 0;

    for (size_t i = 0; i < text.n; i++) {
        char c = text.p[i];
        if (in_string) {
            if (c == '\\')
                i++;
            else if (c == '"')
                in_string = false;
        } else if (c == '"') {
            in_string = true;
        } else if (c == '{' || c == '[') {
            if (++depth > DEPTH_MAX)
                return false;
        } else if (c == '}' || c == ']') {
            depth--;
        }
    }
    return true;
}

static int load(struct parse_memory *memory, struct str text, json_t **ret)
{
    json_error_t error;

    if (setjmp(memory->none_left) != 0)
        return -E_NO_MEMORY;
    *ret = json_loadb(text.p, text.n, JSON_REJECT_DUPLICATES, &error);
    return *ret ? 0 : -E_MALFORMED;
}

int json_bind(const struct json_desc *desc, struct str text, struct arena *a, void *out,
              struct issues *issues)
{
    struct binding bind = {a, issues, 0};
    struct parse_memory memory;
    json_t *root = NULL;

    memset(out, 0, desc->size);
    issues->count = 0;
    if (text.n == 0 || !depth_is_bounded(text))
        return -E_MALFORMED;
    parse_memory_begin(&memory);
    bind.err = load(&memory, text, &root);
    if (bind.err == 0 && json_typeof(root) == JANSSON_OBJECT)
        bind_object(&bind, NULL, desc, root, out);
    else if (bind.err == 0)
        bind.err = -E_MALFORMED;
    parse_memory_end(&memory); /* the tree with it */
    if (bind.err < 0)
        return bind.err;
    return issues->count > 0 ? -E_VALIDATION : 0;
}
