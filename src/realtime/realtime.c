/* realtime.c - the handle: building, starting and stopping the parts. See realtime.h. */
#include "realtime/realtime.h"

#include <stdlib.h>

#include "base/error.h"
#include "realtime/frames.h"
#include "realtime/realtime_internal.h"
#include "store/audit.h"

int realtime_new(const struct realtime_options *options, struct realtime **ret)
{
    struct realtime *rt = calloc(1, sizeof *rt);

    if (!rt)
        return -E_NO_MEMORY;
    rt->options = *options;
    int r = hub_new(options->net, &rt->hub);
    if (r == 0)
        r = writer_new(rt, &rt->writer);
    if (r == 0)
        r = watcher_new(rt, &rt->watcher);
    if (r < 0) {
        realtime_free(rt);
        return r;
    }
    hub_set_hooks(rt->hub, &(struct hub_hooks){.arg = rt,
                                               .presence = presence_changed,
                                               .opened = presence_opened,
                                               .recheck = session_recheck,
                                               .sync_on = sync_next});
    *ret = rt;
    return 0;
}

int realtime_start(struct realtime *rt)
{
    int r = writer_start(rt->writer);

    return r < 0 ? r : watcher_start(rt->watcher);
}

void realtime_stop(struct realtime *rt)
{
    watcher_stop(rt->watcher);
    writer_stop(rt->writer);
}

void realtime_free(struct realtime *rt)
{
    if (!rt)
        return;
    watcher_free(rt->watcher);
    writer_free(rt->writer);
    hub_free(rt->hub);
    free(rt);
}

struct hub *realtime_hub(struct realtime *rt)
{
    return rt->hub;
}

void realtime_note(struct realtime *rt, const struct id *actor, const char *action,
                   const struct id *conversation, struct str address, int64_t now_us)
{
    const struct audit_entry entry = {.at = now_us,
                                      .actor = *actor,
                                      .action = action,
                                      .object_type = "conversation",
                                      .object = *conversation,
                                      .outcome = error_info(0)->code,
                                      .address = address,
                                      .request_id = STR(""),
                                      .detail = STR("")};

    if (rt->options.note)
        rt->options.note(rt->options.note_arg, &entry);
}

void realtime_event(struct realtime *rt, const struct id *to, size_t count, const char *topic,
                    const struct id *id)
{
    struct ws_frame *frame = frame_event(topic, id);

    for (size_t i = 0; frame && i < count; i++)
        hub_post_one(rt->hub, &to[i], ws_frame_ref(frame));
    ws_frame_unref(frame);
}

void realtime_message(struct realtime *rt, const struct conversation *conversation,
                      const struct message *message)
{
    struct delivery_list l;
    struct delivery d = {
        .to = {conversation->member[0], conversation->member[1]},
        .to_count = 2,
        .frame = frame_message(message),
        .conversation = conversation->id,
        .seq = message->seq,
    };

    delivery_list_init(&l);
    if (delivery_add(&l, &d) == 0)
        hub_post(rt->hub, &l);
    else
        hub_lose(rt->hub);
}

void realtime_revocations_changed(struct realtime *rt)
{
    watcher_kick(rt->watcher);
}
