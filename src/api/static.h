/* static.h - the web client's files, from inside the program. On loop threads. */
#ifndef ACOLHE_API_STATIC_H
#define ACOLHE_API_STATIC_H

#include "net/net.h"

/* The answer for a path outside the API: a file, or the client's shell for its own pages, or a 404.
 * NULL out of memory. */
struct http_reply *static_answer(const struct http_request *r);

#endif
