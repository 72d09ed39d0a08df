/*
 * handshake.h - the two computations of the WebSocket opening handshake (RFC 6455, section 4.2).
 */
#ifndef ACOLHE_NET_HANDSHAKE_H
#define ACOLHE_NET_HANDSHAKE_H

#include "base/str.h"

#define HANDSHAKE_ACCEPT 28 /* base64 of a SHA-1 */

/* Is it the base64 text of exactly 16 bytes? */
bool handshake_key_good(struct str key);
/* The value of Sec-WebSocket-Accept for a key. 0, or -E_INTERNAL when the library has no SHA-1. */
int handshake_accept(struct str key, char out[HANDSHAKE_ACCEPT + 1]);

#endif
