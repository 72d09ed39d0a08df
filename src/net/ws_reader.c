/*
 * ws_reader.c - WebSocket frames to messages. See ws_reader.h for the states.
 *
 *      next -> header_push -> header_check -> frame_begin
 *           -> control_push -> control_end -> close_event
 *           -> payload_push -> message_end
 */
#include "net/ws_reader.h"

#include "base/error.h"

void ws_reader_init(struct ws_reader *r, size_t message_max, bool allow_binary)
{
    *r = (struct ws_reader){.message_max = message_max, .allow_binary = allow_binary};
    buf_init(&r->buf, message_max > 0 ? message_max : 1);
}

void ws_reader_done(struct ws_reader *r)
{
    buf_done(&r->buf);
}

void ws_reader_trim(struct ws_reader *r)
{
    if (r->message == 0 && r->buf.cap > 0)
        buf_done(&r->buf);
}

static struct ws_result none(size_t used)
{
    return (struct ws_result){.event = WS_EVENT_NONE, .used = used};
}

static struct ws_result fail(struct ws_reader *r, int code, size_t used)
{
    r->failed = true;
    ws_reader_done(r);
    return (struct ws_result){.event = WS_EVENT_FAILED, .code = code, .used = used};
}

/* How long the header is, as far as its bytes so far tell. */
static size_t header_size(const struct ws_reader *r)
{
    if (r->header_n < 2)
        return 2;
    unsigned char length = r->header[1] & 0x7F;
    return (size_t)(length == 127 ? 14 : length == 126 ? 8 : 6);
}

/* What the first two bytes say: 0, or the code to close with. */
static int header_check(const struct ws_reader *r)
{
    unsigned char opcode = r->header[0] & 0x0F;
    bool fin = r->header[0] & 0x80;

    if (r->header[0] & 0x70 || !(r->header[1] & 0x80))
        return WS_CLOSE_PROTOCOL;
    switch (opcode) {
    case WS_OP_CONTINUATION:
        return r->message ? 0 : WS_CLOSE_PROTOCOL;
    case WS_OP_TEXT:
        return r->message ? WS_CLOSE_PROTOCOL : 0;
    case WS_OP_BINARY:
        if (r->message)
            return WS_CLOSE_PROTOCOL;
        return r->allow_binary ? 0 : WS_CLOSE_UNSUPPORTED;
    case WS_OP_CLOSE:
    case WS_OP_PING:
    case WS_OP_PONG:
        return fin && (r->header[1] & 0x7F) <= WS_CONTROL_MAX ? 0 : WS_CLOSE_PROTOCOL;
    default:
        return WS_CLOSE_PROTOCOL;
    }
}

/* The whole header is there. 0, or the code to close with. */
static int frame_begin(struct ws_reader *r)
{
    size_t size = header_size(r);
    uint64_t length = r->header[1] & 0x7F;
    uint64_t least = 0;

    if (length >= 126) {
        least = length == 126 ? 126 : 65536;
        length = 0;
        for (size_t i = 2; i < size - 4; i++)
            length = length << 8 | r->header[i];
    }
    if (length < least || length >> 63)
        return WS_CLOSE_PROTOCOL;
    memcpy(r->mask, r->header + size - 4, 4);
    r->opcode = r->header[0] & 0x0F;
    r->fin = r->header[0] & 0x80;
    r->header_n = 0;
    r->mask_at = 0;
    r->in_frame = true;
    r->left = (size_t)length;
    if (r->opcode >= WS_OP_CLOSE) {
        r->control_n = 0;
        return 0;
    }
    if (r->opcode != WS_OP_CONTINUATION) {
        r->message = r->opcode;
        r->utf8 = (struct ws_utf8){0};
        r->gathered = 0;
    }
    if (length > r->message_max - r->gathered)
        return WS_CLOSE_TOO_BIG;
    r->gathered += r->left;
    return 0;
}

/* 0 while the header is incomplete or good, else the code to close with. */
static int header_push(struct ws_reader *r, const char *bytes, size_t n, size_t *ret_used)
{
    size_t used = 0;

    while (used < n && r->header_n < header_size(r)) {
        r->header[r->header_n++] = (unsigned char)bytes[used++];
        if (r->header_n == 2) {
            int code = header_check(r);
            if (code != 0) {
                *ret_used = used;
                return code;
            }
        }
    }
    *ret_used = used;
    return r->header_n == header_size(r) ? frame_begin(r) : 0;
}

static void unmask(struct ws_reader *r, char *bytes, size_t n)
{
    size_t i = 0;
    unsigned char mask[8];
    uint64_t wide;

    for (size_t k = 0; k < sizeof mask; k++)
        mask[k] = r->mask[(r->mask_at + k) % 4];
    memcpy(&wide, mask, sizeof wide);
    for (; n - i >= sizeof wide; i += sizeof wide) {
        uint64_t eight;
        memcpy(&eight, bytes + i, sizeof eight);
        eight ^= wide;
        memcpy(bytes + i, &eight, sizeof eight);
    }
    for (size_t k = 0; i < n; i++, k++)
        bytes[i] = (char)((unsigned char)bytes[i] ^ mask[k]);
    r->mask_at = (unsigned char)((r->mask_at + n) % 4);
}

/* May a peer send this close code (RFC 6455, 7.4, and the IANA registry)? */
static bool close_code_good(int code)
{
    return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) ||
           (code >= 3000 && code <= 4999);
}

static struct ws_result close_event(struct ws_reader *r, size_t used)
{
    struct ws_utf8 utf8 = {0};
    struct ws_result result = {.event = WS_EVENT_CLOSE, .code = WS_CLOSE_NONE, .used = used};

    if (r->control_n == 1)
        return fail(r, WS_CLOSE_PROTOCOL, used);
    if (r->control_n == 0)
        return result;
    result.code = r->control[0] << 8 | r->control[1];
    if (!close_code_good(result.code))
        return fail(r, WS_CLOSE_PROTOCOL, used);
    if (!ws_utf8_push(&utf8, r->control + 2, (size_t)r->control_n - 2) || utf8.missing > 0)
        return fail(r, WS_CLOSE_BAD_DATA, used);
    result.payload = str_of(r->control + 2, (size_t)r->control_n - 2);
    return result;
}

static struct ws_result control_push(struct ws_reader *r, char *bytes, size_t n)
{
    size_t take = n < r->left ? n : r->left;

    unmask(r, bytes, take);
    if (take > 0)
        memcpy(r->control + r->control_n, bytes, take);
    r->control_n = (unsigned char)(r->control_n + take);
    r->left -= take;
    if (r->left > 0)
        return none(take);
    r->in_frame = false;
    if (r->opcode == WS_OP_CLOSE)
        return close_event(r, take);
    return (struct ws_result){.event = r->opcode == WS_OP_PING ? WS_EVENT_PING : WS_EVENT_PONG,
                              .payload = str_of(r->control, r->control_n),
                              .used = take};
}

/* The last byte of the last frame is there; the message is `whole`, or in the buffer. */
static struct ws_result message_end(struct ws_reader *r, struct str whole, size_t used)
{
    bool text = r->message == WS_OP_TEXT;

    r->message = 0;
    if (text && r->utf8.missing > 0)
        return fail(r, WS_CLOSE_BAD_DATA, used);
    return (struct ws_result){
        .event = text ? WS_EVENT_TEXT : WS_EVENT_BINARY, .payload = whole, .used = used};
}

static struct ws_result payload_push(struct ws_reader *r, char *bytes, size_t n)
{
    size_t take = n < r->left ? n : r->left;

    unmask(r, bytes, take);
    if (r->message == WS_OP_TEXT && !ws_utf8_push(&r->utf8, (unsigned char *)bytes, take))
        return fail(r, WS_CLOSE_BAD_DATA, take);
    r->left -= take;
    if (r->left == 0)
        r->in_frame = false;
    bool ends = r->left == 0 && r->fin;
    if (ends && r->buf.len == 0)
        return message_end(r, str_of(bytes, take), take);
    if (buf_add(&r->buf, bytes, take) < 0)
        return fail(r, r->buf.err == -E_TOO_LARGE ? WS_CLOSE_TOO_BIG : WS_CLOSE_INTERNAL, take);
    return ends ? message_end(r, buf_str(&r->buf), take) : none(take);
}

struct ws_result ws_reader_next(struct ws_reader *r, char *bytes, size_t n)
{
    size_t used = 0;

    if (r->failed)
        return fail(r, WS_CLOSE_PROTOCOL, n);
    ws_reader_trim(r);
    /* a frame without payload is complete as soon as its header is */
    while (used < n || (r->in_frame && r->left == 0)) {
        size_t more = 0;
        if (!r->in_frame) {
            int code = header_push(r, bytes + used, n - used, &more);
            used += more;
            if (code != 0)
                return fail(r, code, used);
            continue;
        }
        struct ws_result result = r->opcode >= WS_OP_CLOSE
                                      ? control_push(r, bytes + used, n - used)
                                      : payload_push(r, bytes + used, n - used);
        used += result.used;
        result.used = used;
        if (result.event != WS_EVENT_NONE)
            return result;
    }
    return none(used);
}
