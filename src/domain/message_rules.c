/* message_rules.c - see message_rules.h. */
#include "domain/message_rules.h"

#include <utf8proc.h>

#include "base/error.h"

/* Blanks, separators, and characters that show nothing. */
static bool is_invisible(utf8proc_int32_t c)
{
    switch ((int)utf8proc_category(c)) {
    case UTF8PROC_CATEGORY_ZS:
    case UTF8PROC_CATEGORY_ZL:
    case UTF8PROC_CATEGORY_ZP:
    case UTF8PROC_CATEGORY_CC:
    case UTF8PROC_CATEGORY_CF:
        return true;
    }
    return c == 0x2800 || c == 0x3164 || c == 0x115F || c == 0x1160; /* blank by their looks */
}

static bool is_blank(struct str text)
{
    while (text.n > 0) {
        utf8proc_int32_t c;
        utf8proc_ssize_t n =
            utf8proc_iterate((const utf8proc_uint8_t *)text.p, (utf8proc_ssize_t)text.n, &c);
        if (n <= 0 || !is_invisible(c))
            return false;
        text = (struct str){text.p + n, text.n - (size_t)n};
    }
    return true;
}

int message_body_check(struct str text)
{
    size_t count;

    if (text.n < 1 || text.n > MESSAGE_MAX_BYTES || memchr(text.p, '\0', text.n) ||
        !str_utf8(text, &count) || count > MESSAGE_MAX_CHARS || is_blank(text))
        return -E_VALIDATION;
    return 0;
}

int message_client_id_check(const struct id *id, int64_t now_us)
{
    int64_t ms = id_time_ms(id);

    if (ms < 0)
        return -E_VALIDATION;
    int64_t distance = ms * US_PER_MS - now_us; /* 48 bits of milliseconds cannot overflow this */
    if (distance > MESSAGE_CLIENT_ID_WINDOW_US || distance < -MESSAGE_CLIENT_ID_WINDOW_US)
        return -E_CLIENT_ID_EXPIRED;
    return 0;
}

int message_edit_check(int64_t sent_us, int64_t now_us)
{
    return now_us - sent_us > MESSAGE_EDIT_WINDOW_US ? -E_TOO_LATE : 0;
}

int64_t watermark_raise(int64_t present, int64_t wanted, int64_t last_seq)
{
    if (wanted > last_seq)
        wanted = last_seq;
    return wanted > present ? wanted : present;
}
