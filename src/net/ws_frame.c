/* ws_frame.c - encodes the server's WebSocket frames. See ws_frame.h. */
#include "net/ws_frame.h"

#include <assert.h>
#include <stdlib.h>

struct ws_frame *ws_frame_raw(size_t size)
{
    if (size > SIZE_MAX - sizeof(struct ws_frame))
        return NULL;
    struct ws_frame *f = malloc(sizeof *f + size);
    if (!f)
        return NULL;
    atomic_init(&f->refs, 1);
    f->pong = false;
    f->size = size;
    return f;
}

struct ws_frame *ws_frame_new(enum ws_opcode opcode, struct str payload)
{
    size_t extended = payload.n > 65535 ? 8 : payload.n > 125 ? 2 : 0;

    if (payload.n > SIZE_MAX - 10)
        return NULL;
    struct ws_frame *f = ws_frame_raw(2 + extended + payload.n);
    if (!f)
        return NULL;
    f->pong = opcode == WS_OP_PONG;
    f->bytes[0] = (char)(0x80 | opcode);
    f->bytes[1] = (char)(extended == 8 ? 127 : extended == 2 ? 126 : payload.n);
    for (size_t i = 0; i < extended; i++)
        f->bytes[2 + i] = (char)(payload.n >> 8 * (extended - 1 - i) & 0xFF);
    if (payload.n > 0)
        memcpy(f->bytes + 2 + extended, payload.p, payload.n);
    return f;
}

struct ws_frame *ws_frame_text(struct str text)
{
    return ws_frame_new(WS_OP_TEXT, text);
}

struct ws_frame *ws_frame_binary(struct str bytes)
{
    return ws_frame_new(WS_OP_BINARY, bytes);
}

struct ws_frame *ws_frame_close(int code, struct str reason)
{
    char payload[WS_CONTROL_MAX];
    size_t n = reason.n < sizeof payload - 2 ? reason.n : sizeof payload - 2;

    if (code == WS_CLOSE_NONE)
        return ws_frame_new(WS_OP_CLOSE, STR_NONE);
    /* never cut inside a character */
    while (n < reason.n && n > 0 && ((unsigned char)reason.p[n] & 0xC0) == 0x80)
        n--;
    payload[0] = (char)(code >> 8 & 0xFF);
    payload[1] = (char)(code & 0xFF);
    if (n > 0)
        memcpy(payload + 2, reason.p, n);
    return ws_frame_new(WS_OP_CLOSE, str_of(payload, n + 2));
}

size_t ws_frame_size(const struct ws_frame *f)
{
    return f->size;
}

struct ws_frame *ws_frame_ref(struct ws_frame *f)
{
    if (f)
        (void)atomic_fetch_add_explicit(&f->refs, 1, memory_order_relaxed);
    return f;
}

void ws_frame_unref(struct ws_frame *f)
{
    if (!f)
        return;
    unsigned before = atomic_fetch_sub_explicit(&f->refs, 1, memory_order_acq_rel);
    assert(before > 0);
    if (before == 1)
        free(f);
}
