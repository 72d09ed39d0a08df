/*
 * common_passwords.h - the table that gen_common_passwords.py makes at build: sorted by bytes, the
 * texts one behind the other, entry i from starts[i] to starts[i + 1].
 */
#ifndef ACOLHE_DOMAIN_COMMON_PASSWORDS_H
#define ACOLHE_DOMAIN_COMMON_PASSWORDS_H

#include <stddef.h>
#include <stdint.h>

extern const size_t common_password_count;
extern const uint32_t common_password_starts[];
extern const char common_password_bytes[];

#endif
