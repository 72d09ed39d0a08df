/* grant.c - see grant.h. */
#include "store/grant.h"

#include "base/error.h"
#include "base/log.h"
#include "store/grant_make.h"

struct grant {
    enum right right;
    struct id actor;
    struct id object;
};

const struct grant *grant_make(struct arena *a, enum right right, const struct id *actor,
                               const struct id *object)
{
    struct grant *g = arena_new(a, struct grant);

    if (!g)
        return NULL;
    g->right = right;
    g->actor = actor ? *actor : ID_NONE;
    g->object = object ? *object : ID_NONE;
    return g;
}

struct id grant_actor(const struct grant *g)
{
    return g ? g->actor : ID_NONE;
}

/* Which other rights a right stands for: the administrator's and the system's over accounts, and
 * writing over reading. Nothing stands for a conversation but membership. */
static bool right_includes(enum right held, enum right wanted)
{
    if (held == wanted)
        return true;
    switch (held) {
    case RIGHT_ACCOUNTS:
        return wanted == RIGHT_ACCOUNT || wanted == RIGHT_DIRECTORY;
    case RIGHT_SYSTEM:
        return wanted == RIGHT_ACCOUNT || wanted == RIGHT_ACCOUNTS || wanted == RIGHT_DIRECTORY ||
               wanted == RIGHT_TRAIL || wanted == RIGHT_SIGN_IN;
    case RIGHT_CONVERSATION_WRITE:
        return wanted == RIGHT_CONVERSATION_READ;
    case RIGHT_ACCOUNT:
    case RIGHT_DIRECTORY:
    case RIGHT_CARE:
    case RIGHT_RELATIONSHIP:
    case RIGHT_CONVERSATION_READ:
    case RIGHT_TRAIL:
    case RIGHT_SIGN_IN:
        return false;
    }
    return false;
}

bool grant_holds(const struct grant *g, enum right right)
{
    return g && right_includes(g->right, right);
}

static bool right_has_object(enum right held)
{
    return held == RIGHT_ACCOUNT || held == RIGHT_RELATIONSHIP || held == RIGHT_CONVERSATION_READ ||
           held == RIGHT_CONVERSATION_WRITE;
}

int grant_require(const struct grant *g, enum right right, const struct id *object)
{
    if (grant_holds(g, right) &&
        (!right_has_object(g->right) || (object && id_eq(object, &g->object))))
        return 0;
    log_event(LOG_ERROR, "store", "a call came without the grant it needs",
              log_i64("right", (int64_t)right), log_i64("held", g ? (int64_t)g->right : 0));
    return -E_FORBIDDEN;
}
