/* internal.h - what the files of this room share, and no other room sees. */
#ifndef ACOLHE_CRYPTO_INTERNAL_H
#define ACOLHE_CRYPTO_INTERNAL_H

#include "crypto/crypto.h"

#define KEY_BYTES 32

/* The 32 bytes of a master key by number; NULL if the ring has no such key. Borrowed. */
const uint8_t *keyring_master_key(const struct keyring *k, uint32_t number);
const uint8_t *keyring_index_key(const struct keyring *k);
const uint8_t *keyring_session_key(const struct keyring *k);

#endif
