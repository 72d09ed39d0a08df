/* config.c - see config.h. */
#include "base/config.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/secret.h"

#define FILE_MAX ((size_t)256 * 1024)
#define SECRET_MAX ((size_t)64 * 1024)

enum layer { LAYER_NONE = 0, LAYER_FILE, LAYER_ENVIRONMENT, LAYER_DEFAULT };

struct config_value {
    struct str text; /* NUL-terminated, of secret_alloc */
    enum layer layer;
    bool is_path; /* given as NAME_FILE: text is still the path */
    char origin[64];
    int64_t number; /* of the kinds that have one */
};

__attribute__((format(printf, 3, 4))) static void report(struct config_errors *errors, bool fatal,
                                                         const char *format, ...)
{
    va_list args;

    errors->fatal = errors->fatal || fatal;
    if (errors->count == CONFIG_ERRORS_MAX) {
        errors->dropped++;
        return;
    }
    struct config_error *e = &errors->list[errors->count++];
    e->fatal = fatal;
    va_start(args, format);
    (void)vsnprintf(e->text, sizeof e->text, format, args);
    va_end(args);
}

int config_init(const struct config_key *keys, size_t count, struct config *ret)
{
    assert(count <= CONFIG_KEYS_MAX);
    *ret = (struct config){keys, count, calloc(count + 1, sizeof *ret->values)};
    return ret->values ? 0 : -E_NO_MEMORY;
}

void config_done(struct config *c)
{
    for (size_t i = 0; c->values && i < c->count; i++)
        secret_free(&c->values[i].text);
    free(c->values);
    *c = (struct config){0};
}

/* Which key a name means; *ret_is_path when it is the NAME_FILE of a secret. -1: none. */
static int find_key(const struct config *c, struct str name, bool *ret_is_path)
{
    const struct str suffix = STR("_FILE");

    for (size_t i = 0; i < c->count; i++) {
        struct str key = str_from(c->keys[i].name);
        *ret_is_path = false;
        if (str_eq(name, key))
            return (int)i;
        *ret_is_path = true;
        if (c->keys[i].secret && name.n == key.n + suffix.n && str_starts(name, key) &&
            str_eq((struct str){name.p + key.n, suffix.n}, suffix))
            return (int)i;
    }
    return -1;
}

static int set_text(struct config_value *v, struct str text)
{
    char *copy = secret_alloc(text.n);

    if (!copy)
        return -E_NO_MEMORY;
    if (text.n > 0)
        memcpy(copy, text.p, text.n);
    secret_free(&v->text);
    v->text = (struct str){copy, text.n};
    return 0;
}

/* Puts a value in its place; a later layer wins, the same layer twice is an error. */
static int set_value(struct config *c, int at, bool is_path, struct str text, enum layer layer,
                     const char *origin, struct config_errors *errors)
{
    struct config_value *v = &c->values[at];
    const char *name = c->keys[at].name;

    if (v->layer == layer) {
        if (v->is_path == is_path)
            report(errors, true, "%s: %s is given twice (also at %s)", origin, name, v->origin);
        else
            report(errors, true, "%s: give %s or %s_FILE, not both", origin, name, name);
        return 0;
    }
    if (memchr(text.p, '\0', text.n) || !str_utf8(text, NULL)) {
        report(errors, true, "%s: %s is not text", origin, name);
        return 0;
    }
    v->layer = layer;
    v->is_path = is_path;
    (void)snprintf(v->origin, sizeof v->origin, "%s", origin);
    return set_text(v, text);
}

/* Without its quotes. False when the closing one is missing. */
static bool unquote(struct str *value)
{
    if (value->n == 0 || (value->p[0] != '"' && value->p[0] != '\''))
        return true;
    if (value->n < 2 || value->p[value->n - 1] != value->p[0])
        return false;
    *value = (struct str){value->p + 1, value->n - 2};
    return true;
}

static int parse_line(struct config *c, struct str line, const char *origin, bool shared,
                      struct config_errors *errors)
{
    struct str value;
    struct str name = str_trim(str_cut(line, '=', &value));
    bool is_path;

    if (!value.p || name.n == 0) {
        report(errors, true, "%s: expected KEY=VALUE", origin);
        return 0;
    }
    value = str_trim(value);
    int at = find_key(c, name, &is_path);
    if (at < 0) {
        /* a name may be anything: only what looks like one is repeated */
        bool plain = name.n <= 64;
        for (size_t i = 0; i < name.n; i++)
            plain = plain && name.p[i] > ' ' && name.p[i] < 0x7F;
        report(errors, true, "%s: unknown key %.*s", origin, plain ? (int)name.n : 0, name.p);
        return 0;
    }
    if (!unquote(&value)) {
        report(errors, true, "%s: %s: the closing quote is missing", origin, c->keys[at].name);
        return 0;
    }
    if (c->keys[at].secret && !is_path && shared)
        report(errors, true,
               "%s: %s is a secret in a file that others can read; chmod 600 it, or use %s_FILE",
               origin, c->keys[at].name, c->keys[at].name);
    return set_value(c, at, is_path, value, LAYER_FILE, origin, errors);
}

int config_parse(struct config *c, struct str text, const char *origin, bool shared,
                 struct config_errors *errors)
{
    struct str rest = text;
    int r = 0;

    for (unsigned number = 1; rest.n > 0 && r == 0; number++) {
        char place[64];
        struct str line = str_cut(rest, '\n', &rest);
        bool too_long = line.n > CONFIG_LINE_MAX;

        (void)snprintf(place, sizeof place, "%.48s:%u", origin, number);
        line = str_trim(line);
        if (too_long)
            report(errors, true, "%s: longer than %d bytes", place, CONFIG_LINE_MAX);
        else if (line.n > 0 && line.p[0] != '#')
            r = parse_line(c, line, place, shared, errors);
    }
    return r;
}

static int load_file(struct config *c, const char *path, struct config_errors *errors)
{
    struct str text;
    const char *slash = strrchr(path, '/');
    bool shared = false;

    int r = secret_read_file(path, FILE_MAX, true, &text);
    if (r == -E_CONFIG) {
        shared = true;
        r = secret_read_file(path, FILE_MAX, false, &text);
    }
    if (r == -E_NO_MEMORY)
        return r;
    if (r < 0) {
        report(errors, true, "%s: cannot be read (%s)", path, error_info(r)->symbol);
        return 0;
    }
    r = config_parse(c, text, slash ? slash + 1 : path, shared, errors);
    secret_free(&text);
    return r;
}

static int load_environment(struct config *c, char *const *env, struct config_errors *errors)
{
    for (; env && *env; env++) {
        struct str value;
        struct str name = str_cut(str_from(*env), '=', &value);
        bool is_path;

        if (value.n == 0) /* empty is as not set: compose files pass such */
            continue;
        int at = find_key(c, name, &is_path);
        if (at < 0) {
            if (str_starts(name, STR(CONFIG_PREFIX)) && name.n <= 64)
                report(errors, false, "environment: unknown variable %.*s", STR_FMT(name));
            continue;
        }
        int r = set_value(c, at, is_path, value, LAYER_ENVIRONMENT, "environment", errors);
        if (r < 0)
            return r;
    }
    return 0;
}

/* Replaces the path of a NAME_FILE by what the file holds. */
static int read_secret(const struct config_key *key, struct config_value *v,
                       struct config_errors *errors)
{
    struct str contents;

    int r = secret_read_file(v->text.p, SECRET_MAX, false, &contents);
    if (r == -E_NO_MEMORY)
        return r;
    if (r < 0) {
        report(errors, true, "%s: %s_FILE: %.100s cannot be read (%s)", v->origin, key->name,
               v->text.p, error_info(r)->symbol);
        return 0;
    }
    struct str text = contents;
    if (text.n > 0 && text.p[text.n - 1] == '\n')
        text.n--;
    if (text.n > 0 && text.p[text.n - 1] == '\r')
        text.n--;
    if (memchr(text.p, '\0', text.n) || !str_utf8(text, NULL))
        report(errors, true, "%s: %s_FILE: the file does not hold text", v->origin, key->name);
    else
        r = set_text(v, text);
    v->is_path = false;
    secret_free(&contents);
    return r;
}

static int parse_bool(struct str text, int64_t *ret)
{
    static const char *const words[] = {"off", "on", "false", "true", "no", "yes", "0", "1"};

    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (str_ieq(text, str_from(words[i]))) {
            *ret = (int64_t)(i % 2);
            return 0;
        }
    }
    return -E_MALFORMED;
}

static int parse_duration(struct str text, int64_t *ret)
{
    static const char units[] = "smhd";
    static const int64_t seconds[] = {1, 60, 3600, 86400};
    const char *unit = text.n > 0 && text.p[text.n - 1] ? strchr(units, text.p[text.n - 1]) : NULL;
    int64_t factor = unit ? seconds[unit - units] : 1;

    if (unit)
        text.n--;
    if (str_to_i64(text, ret) < 0 || *ret > INT64_MAX / factor)
        return -E_MALFORMED;
    *ret *= factor;
    return 0;
}

/* The number a value is, or its length for texts: what min and max are about. */
static const char *interpret(const struct config_key *key, struct str text, int64_t *ret)
{
    switch (key->kind) {
    case CONFIG_TEXT:
        for (size_t i = 0; i < text.n; i++)
            if ((unsigned char)text.p[i] < 0x20 || text.p[i] == 0x7F)
                return "has control characters";
        *ret = (int64_t)text.n;
        return NULL;
    case CONFIG_INT:
        return str_to_i64(text, ret) < 0 ? "is not a whole number" : NULL;
    case CONFIG_BOOL:
        return parse_bool(text, ret) < 0 ? "is neither on nor off" : NULL;
    case CONFIG_DURATION:
        return parse_duration(text, ret) < 0 ? "is not a duration as 90s, 15m, 12h, 30d" : NULL;
    }
    return "is of no known kind";
}

static int finish_value(const struct config_key *key, struct config_value *v,
                        struct config_errors *errors)
{
    int r = 0;

    if (v->is_path && v->layer != LAYER_NONE)
        r = read_secret(key, v, errors);
    if (r == 0 && v->layer == LAYER_NONE && key->standard) {
        v->layer = LAYER_DEFAULT;
        (void)snprintf(v->origin, sizeof v->origin, "default");
        r = set_text(v, str_from(key->standard));
    }
    if (r < 0 || v->layer == LAYER_NONE || !v->text.p)
        return r;
    const char *wrong = interpret(key, v->text, &v->number);
    if (wrong)
        report(errors, true, "%s: %s %s", v->origin, key->name, wrong);
    else if (key->min < key->max && (v->number < key->min || v->number > key->max))
        report(errors, true, "%s: %s is not within %lld and %lld%s", v->origin, key->name,
               (long long)key->min, (long long)key->max, key->kind == CONFIG_TEXT ? " bytes" : "");
    return 0;
}

int config_load(const struct config_key *keys, size_t count, const char *path, char *const *env,
                struct config *ret, struct config_errors *errors)
{
    *errors = (struct config_errors){.count = 0};
    int r = config_init(keys, count, ret);
    if (r == 0 && path)
        r = load_file(ret, path, errors);
    if (r == 0)
        r = load_environment(ret, env, errors);
    for (size_t i = 0; i < count && r == 0; i++)
        r = finish_value(&keys[i], &ret->values[i], errors);
    if (r < 0)
        return r;
    return errors->fatal ? -E_CONFIG : 0;
}

static const struct config_value *value_of(const struct config *c, const char *name,
                                           const struct config_key **ret_key)
{
    for (size_t i = 0; i < c->count; i++) {
        if (strcmp(c->keys[i].name, name) == 0) {
            *ret_key = &c->keys[i];
            return &c->values[i];
        }
    }
    abort(); /* not a key of the table: a mistake in the program */
}

struct str config_text(const struct config *c, const char *name)
{
    const struct config_key *key;
    const struct config_value *v = value_of(c, name, &key);

    assert(key->kind == CONFIG_TEXT);
    return v->text;
}

int64_t config_int(const struct config *c, const char *name)
{
    const struct config_key *key;
    const struct config_value *v = value_of(c, name, &key);

    assert(key->kind == CONFIG_INT || key->kind == CONFIG_DURATION);
    return v->number;
}

bool config_bool(const struct config *c, const char *name)
{
    const struct config_key *key;
    const struct config_value *v = value_of(c, name, &key);

    assert(key->kind == CONFIG_BOOL);
    return v->number != 0;
}

const char *config_origin(const struct config *c, const char *name)
{
    const struct config_key *key;
    const struct config_value *v = value_of(c, name, &key);

    return v->layer == LAYER_NONE ? "unset" : v->origin;
}
