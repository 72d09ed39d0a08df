/*
 * fuzz_websocket.c - any bytes into the WebSocket reader, whole and in pieces. It must neither
 * crash nor see a difference between the two, and what it hands out must be what ws_reader.h
 * promises.
 *
 * The first byte of the input chooses the limits, the second the size of the pieces.
 */
#include <stdlib.h>

#include "net/ws_reader.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
    if (!holds)
        abort();
}

static void check(const struct ws_result *r, size_t message_max, bool allow_binary)
{
    switch (r->event) {
    case WS_EVENT_NONE:
        break;
    case WS_EVENT_TEXT:
        must(r->payload.n <= message_max && str_utf8(r->payload, NULL));
        break;
    case WS_EVENT_BINARY:
        must(allow_binary && r->payload.n <= message_max);
        break;
    case WS_EVENT_PING:
    case WS_EVENT_PONG:
        must(r->payload.n <= WS_CONTROL_MAX);
        break;
    case WS_EVENT_CLOSE:
        must(r->code >= 1000 && r->code <= 4999 && str_utf8(r->payload, NULL));
        break;
    case WS_EVENT_FAILED:
        must(r->code == WS_CLOSE_PROTOCOL || r->code == WS_CLOSE_UNSUPPORTED ||
             r->code == WS_CLOSE_BAD_DATA || r->code == WS_CLOSE_TOO_BIG);
        break;
    }
}

static void read_all(struct buf *out, const uint8_t *data, size_t size, size_t step,
                     size_t message_max, bool allow_binary)
{
    struct ws_reader r;
    bool over = false;

    ws_reader_init(&r, message_max, allow_binary);
    for (size_t at = 0; at < size && !over;) {
        size_t n = size - at < step ? size - at : step;
        char *piece = malloc(n); /* of its own size, so that touching beyond it is seen */
        must(piece != NULL);
        memcpy(piece, data + at, n);
        for (size_t used = 0; used < n && !over;) {
            struct ws_result result = ws_reader_next(&r, piece + used, n - used);
            must(result.used > 0 && result.used <= n - used);
            used += result.used;
            check(&result, message_max, allow_binary);
            must(r.buf.len <= message_max);
            if (result.event != WS_EVENT_NONE) {
                (void)buf_add_i64(out, result.event);
                (void)buf_add_i64(out, result.code);
                (void)buf_add_str(out, result.payload);
            }
            over = result.event == WS_EVENT_FAILED;
        }
        free(piece);
        at += n;
    }
    ws_reader_done(&r);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct buf whole;
    struct buf pieces;

    if (size < 3)
        return 0;
    size_t message_max = data[0] & 1 ? 20 : 65536;
    bool allow_binary = data[0] & 2;
    buf_init(&whole, (size_t)16 << 20);
    buf_init(&pieces, (size_t)16 << 20);
    read_all(&whole, data + 2, size - 2, size, message_max, allow_binary);
    read_all(&pieces, data + 2, size - 2, (size_t)data[1] % 32 + 1, message_max, allow_binary);
    must(str_eq(buf_str(&whole), buf_str(&pieces)));
    buf_done(&whole);
    buf_done(&pieces);
    return 0;
}
