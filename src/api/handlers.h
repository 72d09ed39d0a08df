/* handlers.h - one thin handler per route (routes.def): query to use case to answer. */
#ifndef ACOLHE_API_HANDLERS_H
#define ACOLHE_API_HANDLERS_H

#include "api/route.h"

#define ROUTE(method, path, access, object, body, reply, status, tx, lane, rate, action, idem,     \
              handler)                                                                             \
    int handler(struct exchange *ex);
#include "api/routes.def"
#undef ROUTE

#endif
