/*
 * embed.c - finds a file of the web client by its path; the table itself is generated.
 */
#include "api/embed.h"

/* <0, 0, >0 as strcmp, but `path` is not NUL-terminated and may hold anything */
static int compare(struct str path, const char *name)
{
    size_t length = strlen(name);
    int order = memcmp(path.p, name, path.n < length ? path.n : length);
    if (order)
        return order;
    return path.n < length ? -1 : path.n > length;
}

const struct embed_file *embed_find(struct str path)
{
    size_t low = 0, high = path.n ? embed_file_count : 0;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = compare(path, embed_files[middle].path);
        if (order == 0)
            return &embed_files[middle];
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return NULL;
}
