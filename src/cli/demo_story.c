/* demo_story.c - what the demo people did yesterday: a practice with hours, one relationship with a
 * conversation, one open request. By the use cases that they would have used themselves. */
#include "app/care.h"
#include "app/profile.h"
#include "base/error.h"
#include "base/secret.h"
#include "cli/demo.h"
#include "store/conversations.h"
#include "store/messages.h"

static const struct line {
    enum side side;
    int64_t after_s; /* since the line before */
    const char *text;
} lines[] = {
    {SIDE_PATIENT, 300,
     "Bom dia, Dra. Helena! Comecei o remédio na segunda e queria contar como estou."},
    {SIDE_DOCTOR, 840, "Bom dia, Ana! Que bom que escreveu. Como tem dormido desde então?"},
    {SIDE_PATIENT, 95, "Bem melhor. Só sinto a boca um pouco seca de manhã."},
    {SIDE_DOCTOR, 130,
     "Isso é comum na primeira semana e costuma passar. Beba água ao longo do dia e, se "
     "incomodar, me avise."},
    {SIDE_PATIENT, 60, "Combinado. Posso tomar junto com o café da manhã?"},
    {SIDE_DOCTOR, 75, "Pode, sim: sempre no mesmo horário. Nos falamos de novo na sexta?"},
    {SIDE_PATIENT, 40, "Perfeito, obrigada! 😊"},
    {SIDE_DOCTOR, 3600, "Deixei anotado aqui. Um bom dia para você, Ana."},
};
#define LINES (sizeof lines / sizeof *lines)

static const struct office_interval helena_hours[] = {
    {1, 480, 720}, {1, 840, 1080}, {2, 480, 720}, {2, 840, 1080}, {3, 480, 720},
    {4, 480, 720}, {4, 840, 1080}, {5, 480, 720}, {5, 840, 1020},
};

/* From here on the call speaks for one of the demo people. */
static int act_as(struct desk *d, struct session *session, enum object object)
{
    d->call.session = session;
    return authz_object(d->call.db, &d->arena, session, object, NULL, &d->call.grant);
}

static int set_practice(struct desk *d, struct session *helena)
{
    struct office_interval hours[sizeof helena_hours / sizeof *helena_hours];
    struct doctor doctor;
    const struct practice practice = {
        .hours = hours,
        .hour_count = sizeof hours / sizeof *hours,
        .usual_reply_minutes = 120,
        .timezone = d->app.config.timezone,
        .about = STR("Clínica geral, com tempo para ouvir."),
    };

    memcpy(hours, helena_hours, sizeof hours);
    int r = act_as(d, helena, OBJECT_OWN_ACCOUNT);
    return r < 0 ? r : practice_update(&d->call, &practice, &doctor);
}

static int ask(struct desk *d, struct session *patient, const struct id *doctor,
               struct relationship *ret)
{
    const struct care_request request = {.doctor = *doctor};
    bool is_new;

    int r = act_as(d, patient, OBJECT_OWN_CARE);
    return r < 0 ? r : care_ask(&d->call, &request, ret, &is_new);
}

static int accept_request(struct desk *d, struct session *doctor, const struct id *relationship,
                          struct relationship *ret)
{
    int r = act_as(d, doctor, OBJECT_OWN_CARE);

    return r < 0 ? r : care_move(&d->call, relationship, RELATIONSHIP_ACCEPT, ret);
}

/* The lines as drafts, each by the grant of the one who says it. */
static int draft_lines(struct desk *d, struct session *by_side[2], struct conversation *c,
                       const struct data_key *key, struct message_draft drafts[LINES])
{
    int64_t at = d->call.now_us;
    int r = 0;

    for (size_t i = 0; r == 0 && i < LINES; i++) {
        at += lines[i].after_s * US_PER_S;
        drafts[i] = (struct message_draft){
            .conversation = c,
            .key = key,
            .side = lines[i].side,
            .kind = MESSAGE_TEXT,
            .client_id = id_new(),
            .text = str_from(lines[i].text),
            .at = at,
        };
        r = authz_conversation_of(&d->arena, by_side[lines[i].side - 1], c,
                                  RIGHT_CONVERSATION_WRITE, &drafts[i].grant);
    }
    return r;
}

static int talk(struct desk *d, struct session *by_side[2], const struct id *id)
{
    struct message_draft drafts[LINES];
    struct conversation c;
    const struct grant *g;
    struct data_key key;

    int r =
        authz_conversation(d->call.db, &d->arena, by_side[0], id, RIGHT_CONVERSATION_WRITE, &c, &g);
    if (r == 0)
        r = conversation_key(g, d->app.keys, &c, &key);
    if (r < 0)
        return r;
    r = draft_lines(d, by_side, &c, &key, drafts);
    if (r == 0)
        r = message_append(d->call.db, &d->arena, drafts, LINES);
    secret_wipe(&key, sizeof key);
    /* Ana has not seen the last line yet */
    c.marks[SIDE_PATIENT - 1] = (struct watermarks){c.last_seq - 1, c.last_seq - 1};
    c.marks[SIDE_DOCTOR - 1] = (struct watermarks){c.last_seq, c.last_seq};
    return r < 0 ? r : conversation_store(d->call.db, g, &c);
}

int demo_story(struct desk *d, const struct demo_people *people)
{
    struct session ana = {.user = people->ana, .role = ROLE_PATIENT, .verified = true};
    struct session bruno = {.user = people->bruno, .role = ROLE_PATIENT, .verified = true};
    struct session helena = {.user = people->helena, .role = ROLE_DOCTOR, .verified = true};
    struct relationship care = {0};

    int r = set_practice(d, &helena);
    if (r == 0)
        r = ask(d, &ana, &people->helena, &care);
    if (r == 0)
        r = accept_request(d, &helena, &care.id, &care);
    if (r == 0)
        r = talk(d, (struct session *[]){&ana, &helena}, &care.conversation);
    if (r == 0)
        r = ask(d, &bruno, &people->helena, &care);
    return r;
}
