/*
 * http_reader.h - a strict HTTP/1.1 request reader with no socket inside.
 *
 * Bytes are pushed in pieces of any size; the outcome depends only on their sequence, never on how
 * they were cut. Where HTTP allows a choice, the reader refuses: what two programs in a chain
 * might read differently (RFC 9112, section 11.2) is an error here.
 *
 *      HEAD --empty line--> BODY (length or chunks) --all there--> DONE --take--> HEAD
 *        \------------------------ FAILED (for good) <-----------/
 *
 * One thread at a time. It holds no buffer between requests.
 */
#ifndef ACOLHE_NET_HTTP_READER_H
#define ACOLHE_NET_HTTP_READER_H

#include "net/net.h"

enum http_reader_state {
    HTTP_READER_HEAD = 1, /* wants (more of) a head; http_reader_started says which */
    HTTP_READER_BODY,     /* the head is complete and good, body bytes are missing */
    HTTP_READER_DONE,     /* a request waits for http_reader_take */
    HTTP_READER_FAILED,   /* see `err`; nothing more can be read from this stream */
};

enum http_chunk_state {
    HTTP_CHUNK_SIZE = 1,
    HTTP_CHUNK_SIZE_LF,
    HTTP_CHUNK_DATA,
    HTTP_CHUNK_DATA_CR,
    HTTP_CHUNK_DATA_LF,
    HTTP_CHUNK_END_CR,
    HTTP_CHUNK_END_LF,
};

struct http_reader {
    const struct net_limits *limits; /* borrowed */
    enum http_reader_state state;
    int err;                     /* FAILED: a negative error of base/error.h */
    struct buf pending;          /* HEAD: the bytes so far; BODY: the decoded body so far */
    size_t scanned;              /* HEAD: bytes of complete lines already looked at */
    size_t lines;                /* HEAD: complete lines among them */
    size_t left;                 /* BODY: bytes missing of the length or of the chunk */
    size_t digits;               /* BODY: hexadecimal digits of the chunk size seen */
    enum http_chunk_state chunk; /* BODY: 0 with a Content-Length */
    bool last;           /* this request says that no other follows: close after the answer */
    bool wants_continue; /* BODY: the client waits for 100 Continue; cleared by the caller */
    struct http_request *request; /* BODY, DONE: what is being built */
};

void http_reader_init(struct http_reader *r, const struct net_limits *limits);
void http_reader_done(struct http_reader *r); /* frees what it holds */
/* Reads at most n bytes and says how many it used; it stops behind a complete request. Returns the
 * new state. */
enum http_reader_state http_reader_push(struct http_reader *r, const char *bytes, size_t n,
                                        size_t *ret_used);
/* In state DONE: hands over the request (free it by net_request_free) and starts the next one.
 * `last` stays readable until the next push. */
struct http_request *http_reader_take(struct http_reader *r);
/* Has a byte of the next head been read? */
static inline bool http_reader_started(const struct http_reader *r)
{
    return r->state != HTTP_READER_HEAD || r->pending.len > 0;
}

/* ---- the parts, also tested on their own ---- */

/* Parses a complete head ("…\r\n\r\n", every line ended by CRLF) of `lines` lines into a new
 * request. What the framing needs is put into *ret_framing. 0 or a negative error. */
struct http_framing {
    bool chunked;
    size_t length;
    bool close;
    bool expect_continue;
};
int http_head_parse(struct str head, size_t lines, const struct net_limits *limits,
                    struct http_request **ret, struct http_framing *ret_framing);
/* Decodes the path of an origin-form target in place (the result is never longer). 0 or
 * -E_MALFORMED. */
int http_path_decode(char *path, size_t n, struct str *ret);

#endif
