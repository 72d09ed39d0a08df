/*
 * mailbox.c - see mailbox.h. A mutex held for a few instructions: measured against the cost of the
 * wake-up it is nothing, and its order is easy to reason about.
 */
#include "net/mailbox.h"

#include <assert.h>
#include <errno.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/error.h"

int mailbox_init(struct mailbox *m)
{
    *m = (struct mailbox){.event_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)};
    if (m->event_fd < 0)
        return -E_IO;
    m->last = &m->first;
    int r = pthread_mutex_init(&m->lock, NULL);
    assert(r == 0);
    return 0;
}

void mailbox_done(struct mailbox *m)
{
    assert(!m->first);
    (void)pthread_mutex_destroy(&m->lock);
    (void)close(m->event_fd);
}

static void wake(struct mailbox *m)
{
    const uint64_t one = 1;

    while (write(m->event_fd, &one, sizeof one) < 0 && errno == EINTR)
        ;
}

int mailbox_post(struct mailbox *m, struct mail *mail)
{
    mail->next = NULL;
    pthread_mutex_lock(&m->lock);
    if (m->closed) {
        pthread_mutex_unlock(&m->lock);
        return -E_UNAVAILABLE;
    }
    *m->last = mail;
    m->last = &mail->next;
    bool first = !m->woken;
    m->woken = true;
    pthread_mutex_unlock(&m->lock);
    if (first)
        wake(m);
    return 0;
}

struct mail *mailbox_take(struct mailbox *m)
{
    pthread_mutex_lock(&m->lock);
    struct mail *all = m->first;
    m->first = NULL;
    m->last = &m->first;
    m->woken = false;
    pthread_mutex_unlock(&m->lock);
    return all;
}

void mailbox_close(struct mailbox *m)
{
    pthread_mutex_lock(&m->lock);
    m->closed = true;
    pthread_mutex_unlock(&m->lock);
}
