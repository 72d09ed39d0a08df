/*
 * plan.c - see plan.h.
 */
#include "plan.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

static const char *member(json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));
    if (text == NULL)
        die("the plan has no \"%s\"", name);
    char *copy = strdup(text);
    if (copy == NULL)
        die("out of memory");
    return copy;
}

void plan_read(const char *path, struct plan *ret)
{
    json_error_t error;
    json_t *root = json_load_file(path, 0, &error);
    if (root == NULL)
        die("%s: %s", path, error.text);
    *ret = (struct plan){0};
    ret->target.host = member(root, "host");
    ret->target.port = member(root, "port");
    ret->target.origin = member(root, "origin");
    json_t *pairs = json_object_get(root, "pairs");
    ret->pair_count = json_array_size(pairs);
    if (ret->pair_count == 0)
        die("the plan has no pairs");
    ret->pairs = calloc(ret->pair_count, sizeof(struct pair));
    if (ret->pairs == NULL)
        die("out of memory");
    for (size_t i = 0; i < ret->pair_count; i++) {
        json_t *pair = json_array_get(pairs, i);
        ret->pairs[i].conversation = member(pair, "conversation");
        ret->pairs[i].patient = member(pair, "patient");
        ret->pairs[i].doctor = member(pair, "doctor");
    }
    json_decref(root);
}
