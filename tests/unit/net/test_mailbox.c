/* test_mailbox.c - many writers, one reader, one wake-up for many mails. */
#include "net/mailbox.h"

#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "base/error.h"

#define WRITERS 4
#define EACH 20000

struct writer {
    struct mailbox *box;
    struct mail *mails; /* EACH of them */
};

static void *write_all(void *arg)
{
    struct writer *w = arg;

    for (size_t i = 0; i < EACH; i++)
        assert_int_equal(mailbox_post(w->box, &w->mails[i]), 0);
    return NULL;
}

static void keeps_each_writers_order(void **state)
{
    struct mailbox box;
    struct writer writers[WRITERS];
    pthread_t threads[WRITERS];
    size_t next[WRITERS] = {0};
    size_t taken = 0;

    (void)state;
    assert_int_equal(mailbox_init(&box), 0);
    for (size_t w = 0; w < WRITERS; w++) {
        writers[w] = (struct writer){&box, calloc(EACH, sizeof(struct mail))};
        for (size_t i = 0; i < EACH; i++)
            writers[w].mails[i] = (struct mail){.kind = MAIL_POST, .conn = {(uint32_t)w, 0, i}};
        assert_int_equal(pthread_create(&threads[w], NULL, write_all, &writers[w]), 0);
    }
    while (taken < (size_t)WRITERS * EACH) {
        struct pollfd p = {.fd = box.event_fd, .events = POLLIN};
        uint64_t count;
        assert_int_equal(poll(&p, 1, 5000), 1);
        assert_int_equal(read(box.event_fd, &count, sizeof count), sizeof count);
        for (struct mail *m = mailbox_take(&box); m; m = m->next) {
            assert_int_equal(m->conn.generation, next[m->conn.loop]);
            next[m->conn.loop]++;
            taken++;
        }
    }
    for (size_t w = 0; w < WRITERS; w++) {
        (void)pthread_join(threads[w], NULL);
        assert_int_equal(next[w], EACH);
        free(writers[w].mails);
    }
    assert_null(mailbox_take(&box));
    mailbox_done(&box);
}

static void wakes_once_until_taken(void **state)
{
    struct mailbox box;
    struct mail mails[3] = {{0}};
    uint64_t count;

    (void)state;
    assert_int_equal(mailbox_init(&box), 0);
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(mailbox_post(&box, &mails[i]), 0);
    assert_int_equal(read(box.event_fd, &count, sizeof count), sizeof count);
    assert_int_equal(count, 1);
    assert_ptr_equal(mailbox_take(&box), &mails[0]);
    assert_ptr_equal(mails[0].next, &mails[1]);
    assert_ptr_equal(mails[1].next, &mails[2]);
    assert_null(mails[2].next);
    assert_int_equal(mailbox_post(&box, &mails[1]), 0);
    assert_int_equal(read(box.event_fd, &count, sizeof count), sizeof count);
    assert_ptr_equal(mailbox_take(&box), &mails[1]);
    mailbox_done(&box);
}

static void closed_takes_no_more(void **state)
{
    struct mailbox box;
    struct mail before = {0};
    struct mail after = {0};

    (void)state;
    assert_int_equal(mailbox_init(&box), 0);
    assert_int_equal(mailbox_post(&box, &before), 0);
    mailbox_close(&box);
    assert_int_equal(mailbox_post(&box, &after), -E_UNAVAILABLE);
    assert_ptr_equal(mailbox_take(&box), &before);
    assert_null(mailbox_take(&box));
    mailbox_done(&box);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keeps_each_writers_order),
        cmocka_unit_test(wakes_once_until_taken),
        cmocka_unit_test(closed_takes_no_more),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
