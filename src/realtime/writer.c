/*
 * writer.c - the message writer: one thread that commits what all sockets send, in batches.
 *
 *   realtime_write (any thread) -> queue -> writer thread: all that waits, up to a bound
 *        -> batch_commit: one transaction, one sync of the disk -> acks and fan-out
 *
 * While a batch is being synced the next one gathers: alone, a message waits for one commit; under
 * load, hundreds share it. An op is answered exactly once, whatever happens.
 */
#include <pthread.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/log.h"
#include "realtime/frames.h"
#include "realtime/realtime_internal.h"

struct writer {
    struct realtime *rt;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    pthread_t thread;
    struct write_op *head; /* under lock */
    struct write_op **tail;
    size_t count;
    size_t bytes;
    bool started;
    bool stopping;
    uint64_t taken;
    uint64_t batches;
};

int writer_new(struct realtime *rt, struct writer **ret)
{
    struct writer *w = calloc(1, sizeof *w);

    if (!w)
        return -E_NO_MEMORY;
    w->rt = rt;
    w->tail = &w->head;
    pthread_mutex_init(&w->lock, NULL);
    pthread_cond_init(&w->wake, NULL);
    *ret = w;
    return 0;
}

static struct write_op *op_new(const struct write_request *request)
{
    size_t size = sizeof(struct write_op) + request->text.n + request->address.n;
    struct write_op *op = malloc(size);

    if (!op)
        return NULL;
    op->next = NULL;
    op->size = size;
    op->request = *request;
    if (request->text.n > 0)
        memcpy(op->bytes, request->text.p, request->text.n);
    if (request->address.n > 0)
        memcpy(op->bytes + request->text.n, request->address.p, request->address.n);
    op->request.text = request->text.p ? str_of(op->bytes, request->text.n) : STR_NONE;
    op->request.address = str_of(op->bytes + request->text.n, request->address.n);
    return op;
}

int realtime_write(struct realtime *rt, const struct write_request *request)
{
    struct writer *w = rt->writer;
    struct write_op *op = op_new(request);
    int r = 0;

    if (!op)
        return -E_NO_MEMORY;
    pthread_mutex_lock(&w->lock);
    if (w->stopping)
        r = -E_UNAVAILABLE;
    else if (w->count >= WRITE_QUEUE_MAX || w->bytes + op->size > WRITE_QUEUE_BYTES)
        r = -E_OVERLOADED;
    if (r == 0) {
        *w->tail = op;
        w->tail = &op->next;
        w->bytes += op->size;
        if (w->count++ == 0)
            pthread_cond_signal(&w->wake);
    }
    pthread_mutex_unlock(&w->lock);
    if (r < 0)
        free(op);
    return r;
}

/* Waits for work; 0 when the writer is to end and nothing is left. */
static size_t take_batch(struct writer *w, struct write_op *ops[WRITE_BATCH_MAX])
{
    size_t n = 0;

    pthread_mutex_lock(&w->lock);
    while (w->count == 0 && !w->stopping)
        pthread_cond_wait(&w->wake, &w->lock);
    while (n < WRITE_BATCH_MAX && w->head) {
        ops[n] = w->head;
        w->head = w->head->next;
        w->bytes -= ops[n]->size;
        w->count--;
        n++;
    }
    if (!w->head)
        w->tail = &w->head;
    w->taken += n;
    w->batches += n > 0;
    pthread_mutex_unlock(&w->lock);
    return n;
}

static void *writer_main(void *arg)
{
    struct writer *w = arg;
    struct write_op *ops[WRITE_BATCH_MAX];
    size_t n;

    while ((n = take_batch(w, ops)) > 0) {
        batch_commit(w->rt, ops, n);
        for (size_t i = 0; i < n; i++)
            free(ops[i]);
    }
    return NULL;
}

int writer_start(struct writer *w)
{
    if (pthread_create(&w->thread, NULL, writer_main, w) != 0)
        return -E_NO_MEMORY;
    w->started = true;
    (void)pthread_setname_np(w->thread, "writer");
    return 0;
}

void writer_stop(struct writer *w)
{
    pthread_mutex_lock(&w->lock);
    w->stopping = true;
    pthread_cond_signal(&w->wake);
    pthread_mutex_unlock(&w->lock);
    if (w->started)
        pthread_join(w->thread, NULL);
    w->started = false;
}

void writer_free(struct writer *w)
{
    if (!w)
        return;
    while (w->head) {
        struct write_op *op = w->head;
        w->head = op->next;
        free(op);
    }
    pthread_cond_destroy(&w->wake);
    pthread_mutex_destroy(&w->lock);
    free(w);
}

void realtime_stats(struct realtime *rt, struct realtime_stats *ret)
{
    struct writer *w = rt->writer;

    pthread_mutex_lock(&w->lock);
    *ret = (struct realtime_stats){.taken = w->taken, .batches = w->batches, .queued = w->count};
    pthread_mutex_unlock(&w->lock);
}
