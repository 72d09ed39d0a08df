/* test_pool.c - the thread pool: bounded, ordered, stopped in order, each thread with its state. */
#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>

#include "../unit.h"
#include "base/pool.h"

struct work {
    struct pool_job job;
    int number;
};

static sem_t gate;
static sem_t entered;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int order[256];
static int done;
static atomic_int opened, closed;

static int setup(void **state)
{
    (void)state;
    (void)sem_init(&gate, 0, 0);
    (void)sem_init(&entered, 0, 0);
    done = 0;
    atomic_store(&opened, 0);
    atomic_store(&closed, 0);
    return 0;
}

static void note(struct pool_job *job, void *state)
{
    (void)state;
    (void)pthread_mutex_lock(&lock);
    order[done++] = ((struct work *)job)->number;
    (void)pthread_mutex_unlock(&lock);
}

static void wait_at_gate(struct pool_job *job, void *state)
{
    (void)sem_post(&entered);
    (void)sem_wait(&gate);
    note(job, state);
}

static int open_counting(void *arg, void **ret_state)
{
    int limit = *(int *)arg;
    int n = atomic_fetch_add(&opened, 1);
    if (n >= limit)
        return -E_DATABASE;
    *ret_state = malloc(1);
    return *ret_state ? 0 : -E_NO_MEMORY;
}

static void close_counting(void *state)
{
    free(state);
    (void)atomic_fetch_add(&closed, 1);
}

static void bounded_and_in_order(void **state)
{
    (void)state;
    struct pool_options options = {.name = "test", .threads = 1, .queue_max = 3};
    struct work work[6];
    struct pool *p;
    assert_int_equal(pool_new(&options, &p), 0);
    for (int i = 0; i < 6; i++)
        work[i] = (struct work){{i == 0 ? wait_at_gate : note, NULL}, i};
    assert_int_equal(pool_submit(p, &work[0].job), 0);
    (void)sem_wait(&entered); /* the thread is busy now, the queue empty */
    for (int i = 1; i <= 3; i++)
        assert_int_equal(pool_submit(p, &work[i].job), 0);
    assert_int_equal(pool_queued(p), 3);
    assert_int_equal(pool_submit(p, &work[4].job), -E_OVERLOADED);
    (void)sem_post(&gate);
    pool_free(p); /* runs what was queued */
    assert_int_equal(done, 4);
    for (int i = 0; i < 4; i++)
        assert_int_equal(order[i], i);
}

static void *stop_it(void *arg)
{
    pool_free(arg);
    return NULL;
}

static void stopping_refuses(void **state)
{
    (void)state;
    struct pool_options options = {.name = "test", .threads = 1, .queue_max = 100000};
    struct work first = {{wait_at_gate, NULL}, 0};
    static struct work more[256];
    struct pool *p;
    pthread_t thread;
    int r = 0;
    int taken = 0;
    assert_int_equal(pool_new(&options, &p), 0);
    assert_int_equal(pool_submit(p, &first.job), 0);
    (void)sem_wait(&entered);
    assert_int_equal(pthread_create(&thread, NULL, stop_it, p), 0);
    while (taken < 255 && r == 0) { /* the other thread is stopping it at some moment from now on */
        more[taken] = (struct work){{note, NULL}, taken};
        r = pool_submit(p, &more[taken].job);
        taken += r == 0;
        struct timespec pause = {0, 1000000};
        (void)nanosleep(&pause, NULL);
    }
    assert_int_equal(r, -E_UNAVAILABLE);
    (void)sem_post(&gate);
    (void)pthread_join(thread, NULL);
    assert_int_equal(done, taken + 1); /* each job that was taken was run, no other */
}

static void states_are_opened_and_closed(void **state)
{
    (void)state;
    int limit = 4;
    struct pool_options options = {.name = "state",
                                   .threads = 4,
                                   .queue_max = 8,
                                   .open = open_counting,
                                   .close = close_counting,
                                   .arg = &limit};
    struct pool *p;
    assert_int_equal(pool_new(&options, &p), 0);
    assert_int_equal(atomic_load(&opened), 4);
    pool_free(p);
    assert_int_equal(atomic_load(&closed), 4);
}

static void first_failure_ends_it(void **state)
{
    (void)state;
    int limit = 2;
    struct pool_options options = {.name = "state",
                                   .threads = 4,
                                   .queue_max = 8,
                                   .open = open_counting,
                                   .close = close_counting,
                                   .arg = &limit};
    struct pool *p;
    assert_int_equal(pool_new(&options, &p), -E_DATABASE);
    assert_null(p);
    assert_int_equal(atomic_load(&closed), 2);
    pool_free(NULL);
}

static void count_one(struct pool_job *job, void *state)
{
    (void)state;
    (void)atomic_fetch_add(&opened, ((struct work *)job)->number);
}

static void many_threads_run_all(void **state)
{
    (void)state;
    enum { JOBS = 20000 };
    static struct work work[JOBS];
    struct pool_options options = {.name = "many", .threads = 4, .queue_max = 64};
    struct pool *p;
    assert_int_equal(pool_new(&options, &p), 0);
    for (int i = 0; i < JOBS; i++) {
        work[i] = (struct work){{count_one, NULL}, 1};
        while (pool_submit(p, &work[i].job) == -E_OVERLOADED)
            (void)sched_yield();
    }
    pool_free(p);
    assert_int_equal(atomic_load(&opened), JOBS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(bounded_and_in_order, setup),
        cmocka_unit_test_setup(stopping_refuses, setup),
        cmocka_unit_test_setup(states_are_opened_and_closed, setup),
        cmocka_unit_test_setup(first_failure_ends_it, setup),
        cmocka_unit_test_setup(many_threads_run_all, setup),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
