/* pool.c - see pool.h. One mutex guards the queue; the condition `work` wakes workers, and the
 * condition `ready` tells pool_new that a thread's `open` has answered. */
#include "base/pool.h"

#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/error.h"

struct pool {
    struct pool_options options;
    pthread_mutex_t lock;
    pthread_cond_t work;
    pthread_cond_t ready;
    struct pool_job *first, *last; /* the queue */
    size_t queued;
    bool stopping;
    size_t opened;  /* threads whose `open` has answered */
    int open_err;   /* the first failure among them */
    size_t started; /* of threads[] */
    pthread_t threads[];
};

/* Blocks until there is a job; NULL once the pool is stopping and the queue is empty. */
static struct pool_job *take_job(struct pool *p)
{
    (void)pthread_mutex_lock(&p->lock);
    while (!p->first && !p->stopping)
        (void)pthread_cond_wait(&p->work, &p->lock);
    struct pool_job *job = p->first;
    if (job) {
        p->first = job->next;
        if (!p->first)
            p->last = NULL;
        p->queued--;
        job->next = NULL;
    }
    (void)pthread_mutex_unlock(&p->lock);
    return job;
}

static void report_open(struct pool *p, int r)
{
    (void)pthread_mutex_lock(&p->lock);
    p->opened++;
    if (r < 0 && p->open_err == 0)
        p->open_err = r;
    (void)pthread_cond_signal(&p->ready);
    (void)pthread_mutex_unlock(&p->lock);
}

static void *worker(void *arg)
{
    struct pool *p = arg;
    void *state = NULL;
    struct pool_job *job;

    int r = p->options.open ? p->options.open(p->options.arg, &state) : 0;
    report_open(p, r);
    if (r < 0)
        return NULL;
    while ((job = take_job(p)))
        job->run(job, state);
    if (p->options.close)
        p->options.close(state);
    return NULL;
}

static int start_thread(struct pool *p, size_t i)
{
    char name[16];

    if (pthread_create(&p->threads[i], NULL, worker, p) != 0)
        return -E_NO_MEMORY;
    (void)snprintf(name, sizeof name, "%.11s-%u", p->options.name, (unsigned)(i % 1000));
    (void)pthread_setname_np(p->threads[i], name);
    return 0;
}

/* Starts the threads with signals blocked: the main thread alone receives them. */
static int start_threads(struct pool *p)
{
    sigset_t all, before;
    int r = 0;

    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, &before);
    while (r == 0 && p->started < p->options.threads) {
        r = start_thread(p, p->started);
        if (r == 0)
            p->started++;
    }
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    (void)pthread_mutex_lock(&p->lock);
    while (p->opened < p->started)
        (void)pthread_cond_wait(&p->ready, &p->lock);
    if (r == 0)
        r = p->open_err;
    (void)pthread_mutex_unlock(&p->lock);
    return r;
}

int pool_new(const struct pool_options *options, struct pool **ret)
{
    struct pool *p = NULL;

    *ret = NULL;
    if (options->threads > 0 && options->threads <= 1024)
        p = calloc(1, sizeof *p + options->threads * sizeof *p->threads);
    if (!p)
        return -E_NO_MEMORY;
    p->options = *options;
    (void)pthread_mutex_init(&p->lock, NULL);
    (void)pthread_cond_init(&p->work, NULL);
    (void)pthread_cond_init(&p->ready, NULL);
    int r = start_threads(p);
    if (r < 0) {
        pool_free(p);
        return r;
    }
    *ret = p;
    return 0;
}

int pool_submit(struct pool *p, struct pool_job *job)
{
    int r = 0;

    (void)pthread_mutex_lock(&p->lock);
    if (p->stopping) {
        r = -E_UNAVAILABLE;
    } else if (p->queued >= p->options.queue_max) {
        r = -E_OVERLOADED;
    } else {
        job->next = NULL;
        if (p->last)
            p->last->next = job;
        else
            p->first = job;
        p->last = job;
        p->queued++;
        (void)pthread_cond_signal(&p->work);
    }
    (void)pthread_mutex_unlock(&p->lock);
    return r;
}

size_t pool_queued(struct pool *p)
{
    (void)pthread_mutex_lock(&p->lock);
    size_t n = p->queued;
    (void)pthread_mutex_unlock(&p->lock);
    return n;
}

void pool_free(struct pool *p)
{
    if (!p)
        return;
    (void)pthread_mutex_lock(&p->lock);
    p->stopping = true;
    (void)pthread_cond_broadcast(&p->work);
    (void)pthread_mutex_unlock(&p->lock);
    for (size_t i = 0; i < p->started; i++)
        (void)pthread_join(p->threads[i], NULL);
    (void)pthread_cond_destroy(&p->ready);
    (void)pthread_cond_destroy(&p->work);
    (void)pthread_mutex_destroy(&p->lock);
    free(p);
}
