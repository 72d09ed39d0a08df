/*
 * ws_reader.h - reads WebSocket frames of a client (RFC 6455) with no socket inside.
 *
 * Bytes come in pieces of any size; they are unmasked in place. A message that lies in one piece
 * is handed out as a slice of it, anything else is gathered. No extension is spoken: a reserved
 * bit is an error. Text is checked as it arrives, so a bad byte fails before the message ends.
 *
 *      HEADER --control--> CONTROL --all there--> event, HEADER
 *         \-----data-----> PAYLOAD --all there, last frame--> event, HEADER
 *
 * One thread at a time. It holds no buffer between messages.
 */
#ifndef ACOLHE_NET_WS_READER_H
#define ACOLHE_NET_WS_READER_H

#include "base/buf.h"

enum ws_event {
    WS_EVENT_NONE = 1, /* all bytes used, nothing complete */
    WS_EVENT_TEXT,     /* payload: a whole message, valid UTF-8 */
    WS_EVENT_BINARY,   /* payload: a whole message */
    WS_EVENT_PING,     /* payload: what the pong must repeat */
    WS_EVENT_PONG,
    WS_EVENT_CLOSE,  /* code: the peer's, or WS_CLOSE_NONE; payload: the reason */
    WS_EVENT_FAILED, /* code: what to close with; nothing more can be read */
};

enum ws_close_code {
    WS_CLOSE_NORMAL = 1000,
    WS_CLOSE_GOING_AWAY = 1001,
    WS_CLOSE_PROTOCOL = 1002,
    WS_CLOSE_UNSUPPORTED = 1003,
    WS_CLOSE_NONE = 1005, /* never on the wire */
    WS_CLOSE_BAD_DATA = 1007,
    WS_CLOSE_POLICY = 1008,
    WS_CLOSE_TOO_BIG = 1009,
    WS_CLOSE_INTERNAL = 1011,
    WS_CLOSE_TRY_LATER = 1013,
};

enum ws_opcode {
    WS_OP_CONTINUATION = 0,
    WS_OP_TEXT = 1,
    WS_OP_BINARY = 2,
    WS_OP_CLOSE = 8,
    WS_OP_PING = 9,
    WS_OP_PONG = 10,
};

#define WS_CONTROL_MAX 125
#define WS_HEADER_MAX 14 /* of a client's frame: 2, length 8, mask 4 */

/* Where a UTF-8 text that arrives in pieces stands: 0 bytes missing, or how many and the range of
 * the next one. */
struct ws_utf8 {
    unsigned char missing;
    unsigned char low;
    unsigned char high;
};
/* Takes n more bytes; false when they cannot be part of well-formed UTF-8 (RFC 3629). */
bool ws_utf8_push(struct ws_utf8 *u, const unsigned char *bytes, size_t n);

struct ws_reader {
    size_t message_max;
    bool allow_binary;
    bool failed;
    bool in_frame;         /* the header is complete, `left` payload bytes are missing */
    bool fin;              /* of the frame being read */
    unsigned char opcode;  /* of the frame being read */
    unsigned char message; /* opcode of the message being gathered; 0 = none has begun */
    unsigned char header_n;
    unsigned char control_n;
    unsigned char mask_at;               /* which byte of the mask is next */
    unsigned char header[WS_HEADER_MAX]; /* its last 4 bytes are the mask while in_frame */
    unsigned char mask[4];
    struct ws_utf8 utf8;
    size_t left;
    size_t gathered; /* payload bytes of the message so far, its present frame's included */
    struct buf buf;  /* payload of an incomplete message */
    unsigned char control[WS_CONTROL_MAX];
};

void ws_reader_init(struct ws_reader *r, size_t message_max, bool allow_binary);
void ws_reader_done(struct ws_reader *r);

/* Reads until something is complete or all n bytes are used. `bytes` are changed (unmasked). The
 * payload is borrowed from `bytes` or from the reader, until the next call. */
struct ws_result {
    enum ws_event event;
    int code;
    struct str payload;
    size_t used;
};
struct ws_result ws_reader_next(struct ws_reader *r, char *bytes, size_t n);
/* Gives back the memory of a message that was handed out; its payload is gone with it. */
void ws_reader_trim(struct ws_reader *r);

#endif
