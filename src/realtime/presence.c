/*
 * presence.c - telling doctors which of their patients are connected (ux.md, 2: patients never see
 * whether somebody watches). A change goes to the doctors of the patient; a doctor who connects is
 * told about the patients who are there.
 *
 * What is told is the state at the moment of telling, and looking and telling are one step under
 * `telling`: of two jobs about a patient who went and came back, the one that tells last has looked
 * last, so that no doctor is left with the older state.
 */
#include <pthread.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/list.h"
#include "base/log.h"
#include "realtime/frames.h"
#include "realtime/realtime_internal.h"
#include "store/relationships.h"

static pthread_mutex_t telling = PTHREAD_MUTEX_INITIALIZER;

struct presence_job {
    struct pool_job job;
    struct realtime *rt;
    struct net_ref conn;
    struct id user;
    int64_t at;
};

static void submit(struct realtime *rt, const struct socket *s,
                   void (*run)(struct pool_job *, void *))
{
    struct presence_job *j = malloc(sizeof *j);

    if (!j)
        return;
    *j = (struct presence_job){{.run = run}, rt, s->conn, s->session.user, clock_now_us()};
    if (pool_submit(rt->options.pool, &j->job) < 0) {
        log_event(LOG_WARNING, "realtime", "presence not told: the pool is full");
        free(j);
    }
}

static void tell_doctors(struct pool_job *job, void *state)
{
    struct presence_job *j = container_of(job, struct presence_job, job);
    struct arena arena;
    struct id *doctors;
    size_t count;

    arena_init(&arena, (size_t)1 << 20);
    int r =
        relationship_doctors_of(state, authz_system(&arena), &arena, &j->user, &doctors, &count);
    pthread_mutex_lock(&telling);
    struct ws_frame *frame =
        r == 0 ? frame_presence(&j->user, hub_online(j->rt->hub, &j->user), j->at) : NULL;
    for (size_t i = 0; frame && i < count; i++)
        hub_post_one(j->rt->hub, &doctors[i], ws_frame_ref(frame));
    pthread_mutex_unlock(&telling);
    ws_frame_unref(frame);
    arena_done(&arena);
    free(j);
}

static void tell_about_patients(struct pool_job *job, void *state)
{
    struct presence_job *j = container_of(job, struct presence_job, job);
    struct arena arena;
    struct id *patients;
    size_t count;

    arena_init(&arena, (size_t)4 << 20);
    int r =
        relationship_patients_of(state, authz_system(&arena), &arena, &j->user, &patients, &count);
    pthread_mutex_lock(&telling);
    for (size_t i = 0; r == 0 && i < count; i++) {
        if (!hub_online(j->rt->hub, &patients[i]))
            continue;
        struct ws_frame *frame = frame_presence(&patients[i], true, j->at);
        if (frame)
            net_ws_send(j->rt->options.net, j->conn, frame);
        ws_frame_unref(frame);
    }
    pthread_mutex_unlock(&telling);
    arena_done(&arena);
    free(j);
}

void presence_changed(void *rt, const struct socket *s, bool online)
{
    (void)online; /* told as it is when the job runs */
    if (s->session.role == ROLE_PATIENT)
        submit(rt, s, tell_doctors);
}

void presence_opened(void *rt, struct socket *s)
{
    /* what ended between the decision to upgrade and this moment was told to the others only */
    session_recheck(rt, s);
    if (s->session.role == ROLE_DOCTOR && s->session.verified)
        submit(rt, s, tell_about_patients);
}
