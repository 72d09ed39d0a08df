/*
 * pool.h - a fixed set of threads behind one bounded queue of jobs.
 *
 * Used for database work and, with few threads, for password hashing: nothing that blocks runs on
 * a loop thread. Each thread has a state of its own (its database connection), made by `open`
 * when the thread starts and given up by `close`.
 *
 *      loop thread --pool_submit--> [bounded queue] --> worker: job->run(job, state) --> mailbox
 *
 * Jobs are run in the order of submission by whichever thread is free. A job is owned by the pool
 * from a successful pool_submit until `run` is called, which takes it.
 */
#ifndef ACOLHE_BASE_POOL_H
#define ACOLHE_BASE_POOL_H

#include <stddef.h>

struct pool_job {
    void (*run)(struct pool_job *job, void *state); /* takes the job */
    struct pool_job *next;                          /* the pool's */
};

struct pool_options {
    const char *name; /* thread name, at most 11 characters */
    size_t threads;
    size_t queue_max; /* jobs waiting; one more is refused with -E_OVERLOADED */
    int (*open)(void *arg, void **ret_state); /* in the new thread; 0 or a negative error */
    void (*close)(void *state);               /* in the ending thread */
    void *arg;
};

struct pool;
/* Starts the threads and waits until every `open` has answered; the first failure ends the others
 * and is returned. */
int pool_new(const struct pool_options *options, struct pool **ret);
/* Any thread. 0, or -E_OVERLOADED / -E_UNAVAILABLE (stopping), and then the job stays the caller's.
 */
int pool_submit(struct pool *p, struct pool_job *job);
size_t pool_queued(struct pool *p);
/* Refuses new jobs, runs those queued, joins the threads. NULL is accepted. */
void pool_free(struct pool *p);

#endif
