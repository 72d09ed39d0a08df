/* grant_make.h - making grants. For authz/ alone: tools/check-layers refuses other includes. */
#ifndef ACOLHE_STORE_GRANT_MAKE_H
#define ACOLHE_STORE_GRANT_MAKE_H

#include "base/arena.h"
#include "store/grant.h"

/* In the arena; NULL out of memory. */
const struct grant *grant_make(struct arena *a, enum right right, const struct id *actor,
                               const struct id *object);

#endif
