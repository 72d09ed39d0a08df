/* sealed.c - see sealed.h. */
#include "store/sealed.h"

#include "base/secret.h"
#include "store/rows.h"

struct check {
    const struct keyring *keys;
    uint64_t count;
};

static int open_key(struct check *check, const struct id *record, struct str wrapped)
{
    struct data_key key;
    int r = data_key_unwrap(check->keys, wrapped, str_of(record->b, sizeof record->b), &key);

    secret_wipe(&key, sizeof key);
    check->count++;
    return r;
}

static int open_conversation(void *arg, const void *row_)
{
    const struct q_sealed_conversations_row *row = row_;

    return open_key(arg, &row->id, row->wrapped_key);
}

static int open_user(void *arg, const void *row_)
{
    const struct q_sealed_users_row *row = row_;

    return open_key(arg, &row->id, row->wrapped_key);
}

int sealed_check(struct db *db, const struct grant *g, const struct keyring *keys,
                 uint64_t *ret_checked)
{
    struct q_sealed_conversations_row conversation;
    struct q_sealed_users_row user;
    struct check check = {.keys = keys};

    int r = grant_require(g, RIGHT_SYSTEM, NULL);
    if (r == 0)
        r = q_sealed_conversations_each(db, &conversation, open_conversation, &check);
    if (r == 0)
        r = q_sealed_users_each(db, &user, open_user, &check);
    *ret_checked = check.count;
    return r;
}
