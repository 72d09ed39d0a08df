/*
 * address.h - the rules of ACOLHE_LISTEN, ACOLHE_PUBLIC_URL and ACOLHE_TRUSTED_PROXIES. Pure.
 *
 * Each returns NULL when all is well, else a static sentence that says what is wrong.
 */
#ifndef ACOLHE_CLI_ADDRESS_H
#define ACOLHE_CLI_ADDRESS_H

#include "base/arena.h"

struct listen_address {
    struct str host; /* without brackets; a unix socket's path */
    int port;
    bool unix_socket;
};
/* "localhost:8080", "127.0.0.1:0", "[::1]:8080", "unix:/path". Borrows from the text. */
const char *listen_parse(struct str text, struct listen_address *ret);

/* Does the name or address mean this machine alone? */
bool host_is_loopback(struct str host);

/* An origin as browsers write it: "https://clinic.example", "http://localhost:8080". Plain http is
 * for loopback only. */
const char *public_url_check(struct str url);
/* What browsers on this machine type for a listening address: *ret is NULL where there is none, as
 * for a unix socket or an address that others reach too. `port` is the one really bound. */
int public_url_of(const struct listen_address *listen, int port, struct arena *a, const char **ret);

/* Comma-separated addresses or prefixes ("10.0.0.0/8"); may be empty. */
const char *proxies_check(struct str list);

#endif
