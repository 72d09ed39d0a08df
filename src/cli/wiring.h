/*
 * wiring.h - the serving program, put together and taken apart.
 *
 *      wiring_new: pools, trail, api, net (binds), realtime      wiring_start: writer, then loops
 *      wiring_stop: writer, loops (1001 to sockets), pools, trail
 *
 * Main thread only.
 */
#ifndef ACOLHE_CLI_WIRING_H
#define ACOLHE_CLI_WIRING_H

#include "cli/installation.h"

struct wiring;
/* Binds the address, completes the settings' public URL; nothing is served yet. 0 or a negative
 * error (said). Borrows both. */
int wiring_new(const struct installation *i, struct settings *settings, struct wiring **ret);
int wiring_start(struct wiring *w);
/* Lets what is in flight finish, at most grace_us for the network's part. */
void wiring_stop(struct wiring *w, int64_t grace_us);
void wiring_free(struct wiring *w); /* after wiring_stop where it was started; NULL is accepted */

#endif
