/*
 * test_memory.c - what could not be told for want of memory: nobody is left waiting for it.
 *
 * The linker sends calloc of the program through here (--wrap).
 */
#include <stdlib.h>

#include "live.h"
#include "realtime/frames.h"

void *__real_calloc(size_t n, size_t size);
void *__wrap_calloc(size_t n, size_t size);

static atomic_bool fail_next;

void *__wrap_calloc(size_t n, size_t size)
{
    return atomic_exchange(&fail_next, false) ? NULL : __real_calloc(n, size);
}

static void a_lost_mail_closes_the_sockets(void **state)
{
    struct live *l = *state;
    const struct id ana = clinic_patient(l->c, "Ana");
    const struct id bruno = clinic_patient(l->c, "Bruno");
    struct live_client *one = live_connect(l, &ana, ROLE_PATIENT);
    struct live_client *two = live_connect(l, &bruno, ROLE_PATIENT);
    struct ws_frame *frame = frame_event("relationship", &ana);

    atomic_store(&fail_next, true);
    hub_post_one(realtime_hub(l->rt), &ana, frame);
    assert_false(atomic_load(&fail_next));
    live_expect_close(l, one, CLOSE_OVERFLOW);
    live_expect_close(l, two, CLOSE_OVERFLOW);
    /* who comes back is served */
    struct live_client *again = live_connect(l, &ana, ROLE_PATIENT);
    hub_post_one(realtime_hub(l->rt), &ana, frame_event("relationship", &bruno));
    struct frame f = live_expect(l, again, "event");
    assert_true(id_eq(&f.id, &bruno));
}

int main(void)
{
    const struct CMUnitTest tests[] = {L(a_lost_mail_closes_the_sockets)};

    return cmocka_run_group_tests_name("realtime/memory", tests, NULL, NULL);
}
