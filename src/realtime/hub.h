/*
 * hub.h - who is connected, and getting frames to them.
 *
 *   any thread -> hub_post(deliveries) -> one mail to each loop -> that loop's sockets of the user
 *
 * Each loop has a table of its own sockets by user, touched by its thread alone, so delivering
 * needs no lock. A delivery names people, not sockets: rights are those of the moment of the
 * commit (members as read inside the transaction), and a socket whose session ended has left the
 * table. Deliveries posted in commit order arrive in that order on every socket.
 *
 * While a socket syncs a conversation, that conversation's frames wait in a bounded queue and
 * follow the synced ones: so a socket sees sequence numbers in order.
 */
#ifndef ACOLHE_REALTIME_HUB_H
#define ACOLHE_REALTIME_HUB_H

#include "authz/authz.h"
#include "net/net.h"

#define HUB_HELD_MAX 1024 /* frames waiting for one sync; past it the socket is closed (1013) */
#define HUB_HELD_BYTES ((size_t)1 << 20) /* and bytes of them */
#define HUB_SYNCS_MAX 64                 /* syncs one socket may have under way */
#define HUB_SYNC_QUEUED ((size_t)262144) /* a sync goes on when less than this waits to be sent */
#define HUB_SOCKETS_MAX 64               /* sockets of one user; the next is closed (1013) */

/* WebSocket close codes of the protocol (docs/protocol.md). */
#define CLOSE_SESSION_ENDED 4401
#define CLOSE_ACCOUNT_LOST 4403
#define CLOSE_POLICY 1008
#define CLOSE_OVERFLOW 1013

struct sync_hold;
/* One signed-in WebSocket. Made by a worker, then owned by the loop of its connection. */
struct socket {
    struct socket *next; /* in its bucket */
    struct sync_hold *holds;
    struct net_ref conn;
    struct session session;
    struct str address;   /* the client's, for audit rows; behind the struct, or STR_NONE */
    int64_t checked_at;   /* wall: the last time that the session was seen to live, or used */
    int64_t touched_at;   /* wall: the last time that activity was stored */
    int64_t window_start; /* monotonic: the minute in which errors are counted */
    int64_t tokens_at;    /* monotonic: when `tokens` was right */
    uint32_t errors;
    uint32_t tokens; /* thousandths of an operation left */
    bool checking;   /* a check of the session is under way */
    bool recheck;    /* a check is due that found no room in the pool */
    bool syncing;    /* a job reads for one of the holds; the others wait their turn */
};

/* One frame on its way to people. */
struct delivery {
    struct id to[2];
    unsigned to_count;
    bool has_origin;
    struct net_ref origin;         /* this socket gets origin_frame (or nothing) instead */
    struct id origin_user;         /* of a refusal: to find the socket */
    struct ws_frame *frame;        /* may be NULL */
    struct ws_frame *origin_frame; /* may be NULL */
    struct id conversation;        /* ID_NONE: not subject to a sync's hold */
    int64_t seq;                   /* a message: its number; 0 for other frames */
    bool refusal;                  /* origin_frame tells of something wrong that the origin sent */
};

/* Deliveries being collected; one thread at a time. */
struct delivery_list {
    struct delivery *items;
    size_t count;
    size_t cap;
};
void delivery_list_init(struct delivery_list *l);
void delivery_list_done(struct delivery_list *l); /* drops the frames that were not posted */
/* Takes the frames, also on failure. A delivery with no frame at all (encoding failed) is refused
 * with -E_NO_MEMORY. */
int delivery_add(struct delivery_list *l, const struct delivery *d);

struct hub;
int hub_new(struct net *net, struct hub **ret);
void hub_free(struct hub *h); /* after net_free */

/* Any thread. Takes the deliveries and leaves the list empty. */
void hub_post(struct hub *h, struct delivery_list *l);
/* One frame to one person, whatever their sockets; takes the frame (NULL is accepted). */
void hub_post_one(struct hub *h, const struct id *to, struct ws_frame *frame);
/* What ended: closes that session's sockets (4401), or all of the account's (4403), or asks the
 * sockets of the account to have their session checked again. */
void hub_post_revocation(struct hub *h, const struct revocation *revocation);
/* The answer of a session check. `session` NULL: it is over. */
void hub_post_checked(struct hub *h, struct net_ref conn, const struct id *user,
                      const struct session *session, bool disabled);
/* A part of a sync: frames in order; `more`: another part follows; else the hold ends with
 * `synced` up to last_seq. Takes the frames. */
void hub_post_synced(struct hub *h, struct net_ref conn, const struct id *user,
                     const struct id *conversation, struct delivery_list *frames, int64_t last_seq,
                     bool more);
/* The same for a part that another job is to follow, from `after` on: hooks.sync_on is asked for it
 * once the socket has taken enough of what is queued. */
void hub_post_sync_part(struct hub *h, struct net_ref conn, const struct id *user,
                        const struct id *conversation, struct delivery_list *frames, int64_t after);
/* Something could not be told, for want of memory: within a second all sockets are closed (1013),
 * so that everybody comes back, syncs and sends again, and nobody waits for what will never come.
 * The calls above do so themselves. */
void hub_lose(struct hub *h);
/* Is anybody connected as this user, on any loop? */
bool hub_online(struct hub *h, const struct id *user);

/* ---- on the loop that owns the socket ---- */

/* Counts something wrong that the socket sent; true when there were too many in a minute. */
#define SOCKET_ERRORS_PER_MINUTE 20
bool socket_count_error(struct socket *s, int64_t mono_us);
void hub_add(struct hub *h, struct socket *s);    /* the socket is open */
void hub_remove(struct hub *h, struct socket *s); /* it is closed; frees it */
/* Begins to hold a conversation's frames. -E_RATE_LIMITED when too many are under way;
 * -E_CONFLICT when this conversation is being synced already. */
int hub_hold(struct hub *h, struct socket *s, const struct id *conversation);
/* The held conversation is to be read from `after` on: at once, or when the sync before it is over
 * and the socket takes what is queued. 0, or the error of hooks.sync_on. */
int hub_sync(struct hub *h, struct socket *s, const struct id *conversation, int64_t after);
/* Goes on with a sync that waits, if one may. From time to time, for slow sockets. */
int hub_sync_on(struct hub *h, struct socket *s);
/* Takes a hold back that no sync will end: sends what waited. */
void hub_release(struct hub *h, struct socket *s, const struct id *conversation);
/* From net's tick: closes the loop's sockets after a loss. */
void hub_tick(struct hub *h, unsigned loop);
/* Handler of net's mail; takes it. */
void hub_mail(struct hub *h, unsigned loop, void *message);
/* Calls `each` for every socket of the loop, which must not add or remove any. */
void hub_each(struct hub *h, unsigned loop, void (*each)(void *arg, struct socket *s), void *arg);

/* What the hub asks of the rest of realtime; set before the loops start. */
struct hub_hooks {
    void *arg;
    /* a user's first socket opened or the last one closed, over all loops; on a loop thread */
    void (*presence)(void *arg, const struct socket *s, bool online);
    /* a socket opened; on its loop */
    void (*opened)(void *arg, struct socket *s);
    /* the rights of a socket's account changed: check it; on its loop */
    void (*recheck)(void *arg, struct socket *s);
    /* read the next part of a sync and post it; on the socket's loop. 0, or why it cannot now */
    int (*sync_on)(void *arg, struct socket *s, const struct id *conversation, int64_t after);
};
void hub_set_hooks(struct hub *h, const struct hub_hooks *hooks);

#endif
