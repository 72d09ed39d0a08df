/*
 * message.c - what the generator writes into and reads from messages: ids that carry the pair and
 * number of the message, and a reader for members of the server's flat objects. The texts sent hold
 * no quotes, so a plain search is exact.
 */
#include "modes.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

static unsigned char run_mark[3];

void message_id(char out[UUID_TEXT + 1], uint16_t pair, uint32_t number)
{
    static bool marked;
    if (!marked) {
        if (getrandom(run_mark, sizeof run_mark, 0) != (ssize_t)sizeof run_mark)
            die("getrandom failed");
        marked = true;
    }
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    uint64_t ms = (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
    snprintf(out, UUID_TEXT + 1, "%08x-%04x-7%03x-8%x%02x-%04x%08x", (unsigned)(ms >> 16),
             (unsigned)(ms & 0xffff), (unsigned)(run_mark[0] << 4 | run_mark[1] >> 4),
             run_mark[1] & 15, run_mark[2], pair, number);
}

static bool hex(const char *at, size_t n, uint32_t *ret)
{
    uint32_t value = 0;
    for (size_t i = 0; i < n; i++) {
        char c = at[i];
        uint32_t digit;
        if (c >= '0' && c <= '9')
            digit = (uint32_t)(c - '0');
        else if (c >= 'a' && c <= 'f')
            digit = (uint32_t)(c - 'a' + 10);
        else
            return false;
        value = value << 4 | digit;
    }
    *ret = value;
    return true;
}

bool message_id_read(const char *text, uint16_t *ret_pair, uint32_t *ret_number)
{
    uint32_t high, mark, pair;
    if (!hex(text + 15, 3, &high) || !hex(text + 20, 3, &mark) || !hex(text + 24, 4, &pair) ||
        !hex(text + 28, 8, ret_number))
        return false;
    *ret_pair = (uint16_t)pair;
    return high == (uint32_t)(run_mark[0] << 4 | run_mark[1] >> 4) &&
           mark == (uint32_t)((run_mark[1] & 15) << 8 | run_mark[2]);
}

const char *json_member(const char *text, size_t len, const char *quoted_name, size_t *ret_len)
{
    size_t n = strlen(quoted_name);
    const char *at = memmem(text, len, quoted_name, n);
    if (at == NULL)
        return NULL;
    const char *end = text + len;
    at += n;
    while (at < end && (*at == ':' || *at == ' '))
        at++;
    if (at == end || *at != '"')
        return NULL;
    at++;
    const char *stop = memchr(at, '"', (size_t)(end - at));
    if (stop == NULL)
        return NULL;
    *ret_len = (size_t)(stop - at);
    return at;
}
