/*
 * ws_frame.h - outgoing bytes that are encoded once and shared: WebSocket frames, and the blocks
 * that HTTP answers are written into.
 */
#ifndef ACOLHE_NET_WS_FRAME_H
#define ACOLHE_NET_WS_FRAME_H

#include <stdatomic.h>

#include "net/net.h"
#include "net/ws_reader.h"

struct ws_frame {
    atomic_uint refs;
    bool pong;   /* counted, so that a flood of pings cannot fill the queue */
    size_t size; /* of bytes */
    char bytes[];
};

/* `size` bytes to be filled in; reference count 1. NULL out of memory. */
struct ws_frame *ws_frame_raw(size_t size);
/* A server's frame (unmasked, final) of that opcode. */
struct ws_frame *ws_frame_new(enum ws_opcode opcode, struct str payload);
/* A close frame; WS_CLOSE_NONE gives one without a code. The reason is cut to fit. */
struct ws_frame *ws_frame_close(int code, struct str reason);

#endif
