/* ws_utf8.c - UTF-8 checked while it arrives. See ws_reader.h. */
#include "net/ws_reader.h"

/* The first byte of a sequence that is not ASCII: what must follow (Unicode, table 3-7). */
static bool lead_byte(struct ws_utf8 *u, unsigned char c)
{
    u->low = 0x80;
    u->high = 0xBF;
    if (c >= 0xC2 && c <= 0xDF) {
        u->missing = 1;
    } else if (c >= 0xE0 && c <= 0xEF) {
        u->missing = 2;
        if (c == 0xE0)
            u->low = 0xA0;
        if (c == 0xED)
            u->high = 0x9F;
    } else if (c >= 0xF0 && c <= 0xF4) {
        u->missing = 3;
        if (c == 0xF0)
            u->low = 0x90;
        if (c == 0xF4)
            u->high = 0x8F;
    } else {
        return false;
    }
    return true;
}

bool ws_utf8_push(struct ws_utf8 *u, const unsigned char *bytes, size_t n)
{
    size_t i = 0;

    while (i < n) {
        if (u->missing > 0) {
            if (bytes[i] < u->low || bytes[i] > u->high)
                return false;
            u->missing--;
            u->low = 0x80;
            u->high = 0xBF;
            i++;
            continue;
        }
        uint64_t eight;
        while (n - i >= sizeof eight) { /* most text is ASCII */
            memcpy(&eight, bytes + i, sizeof eight);
            if (eight & UINT64_C(0x8080808080808080))
                break;
            i += sizeof eight;
        }
        if (i < n && bytes[i] >= 0x80 && !lead_byte(u, bytes[i]))
            return false;
        if (i < n)
            i++;
    }
    return true;
}
