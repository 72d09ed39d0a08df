/* id.c - UUIDv7. See id.h. The random bits come from getrandom(2), buffered per thread. */
#include "base/id.h"

#include <assert.h>
#include <stdlib.h>
#include <sys/random.h>

#include "base/clock.h"
#include "base/error.h"

/* One getrandom call per 16 ids: the kernel's generator, without a system call for each. */
static void random_ten(uint8_t out[10])
{
    static _Thread_local uint8_t pool[160];
    static _Thread_local size_t left;

    if (left < 10) {
        ssize_t n;
        do
            n = getrandom(pool, sizeof pool, 0);
        while (n < 0);
        assert(n == (ssize_t)sizeof pool); /* up to 256 bytes are never cut short: getrandom(2) */
        left = sizeof pool;
    }
    left -= 10;
    memcpy(out, pool + left, 10);
    explicit_bzero(pool + left, 10);
}

/* The time and the 12 bits after the version, which count upward within a millisecond (RFC 9562,
 * 6.2 method 1). When they are used up, or the clock steps back a little, the time runs ahead. */
static void next_tick(uint64_t now_ms, unsigned fresh, uint64_t *ret_ms, unsigned *ret_counter)
{
    static _Thread_local uint64_t last_ms;
    static _Thread_local unsigned counter;
    bool going_on = now_ms <= last_ms && last_ms - now_ms < 10000;

    if (going_on && counter < 0xFFF) {
        counter++;
    } else {
        last_ms = going_on ? last_ms + 1 : now_ms;
        counter = fresh & 0x7FF; /* leaves room to count upward */
    }
    *ret_ms = last_ms;
    *ret_counter = counter;
}

struct id id_new(void)
{
    struct id id = ID_NONE;
    uint64_t ms;
    unsigned counter;

    random_ten(id.b + 6);
    next_tick((uint64_t)(clock_now_us() / 1000), (unsigned)id.b[6] << 8 | id.b[7], &ms, &counter);
    for (int i = 0; i < 6; i++)
        id.b[i] = (uint8_t)(ms >> (40 - 8 * i));
    id.b[6] = (uint8_t)(0x70 | counter >> 8);
    id.b[7] = (uint8_t)counter;
    id.b[8] = (uint8_t)(0x80 | (id.b[8] & 0x3F));
    return id;
}

int id_parse(struct str text, struct id *ret)
{
    size_t at = 0;

    if (text.n != ID_TEXT)
        return -E_MALFORMED;
    for (size_t i = 0; i < ID_TEXT;) {
        if (i == 8 || i == 13 || i == 18 || i == 23) {
            if (text.p[i++] != '-')
                return -E_MALFORMED;
            continue;
        }
        int hi = str_hex_digit(text.p[i]);
        int lo = str_hex_digit(text.p[i + 1]);
        if (hi < 0 || lo < 0)
            return -E_MALFORMED;
        ret->b[at++] = (uint8_t)(hi << 4 | lo);
        i += 2;
    }
    return 0;
}

void id_format(const struct id *id, char out[ID_TEXT + 1])
{
    static const char hex[] = "0123456789abcdef";
    size_t at = 0;

    for (size_t i = 0; i < 16; i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10)
            out[at++] = '-';
        out[at++] = hex[id->b[i] >> 4];
        out[at++] = hex[id->b[i] & 0x0F];
    }
    out[at] = '\0';
}

int64_t id_time_ms(const struct id *id)
{
    int64_t ms = 0;

    if (id->b[6] >> 4 != 7 || id->b[8] >> 6 != 2)
        return -1;
    for (int i = 0; i < 6; i++)
        ms = ms << 8 | id->b[i];
    return ms;
}

int id_cmp(const struct id *a, const struct id *b)
{
    return memcmp(a->b, b->b, sizeof a->b);
}
