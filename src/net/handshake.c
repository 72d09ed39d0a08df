/*
 * handshake.c - Sec-WebSocket-Accept. SHA-1 is no protection here, only what RFC 6455 asks for; it
 * comes from libcrypto, since libsodium has none.
 */
#include "net/handshake.h"

#include <openssl/evp.h>

#include "base/error.h"

bool handshake_key_good(struct str key)
{
    if (key.n != 24 || key.p[22] != '=' || key.p[23] != '=')
        return false;
    for (size_t i = 0; i < 22; i++) {
        char c = key.p[i];
        if (!((c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
              c == '+' || c == '/'))
            return false;
    }
    /* 22 digits carry 132 bits; the 4 beyond 16 bytes are zero */
    return strchr("AQgw", key.p[21]) != NULL;
}

int handshake_accept(struct str key, char out[HANDSHAKE_ACCEPT + 1])
{
    static const char guid[] = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned int digest_n = 0;
    char text[24 + sizeof guid];

    if (key.n != 24)
        return -E_INTERNAL;
    memcpy(text, key.p, 24);
    memcpy(text + 24, guid, sizeof guid);
    if (EVP_Digest(text, sizeof text - 1, digest, &digest_n, EVP_sha1(), NULL) != 1 ||
        digest_n != 20)
        return -E_INTERNAL;
    if (EVP_EncodeBlock((unsigned char *)out, digest, (int)digest_n) != HANDSHAKE_ACCEPT)
        return -E_INTERNAL;
    return 0;
}
