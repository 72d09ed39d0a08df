/* demo.h - a small clinic to look at: people, and something between them. */
#ifndef ACOLHE_CLI_DEMO_H
#define ACOLHE_CLI_DEMO_H

#include "cli/desk.h"

/* Makes it once, all or nothing, and prints who can sign in and how. Refused where the clinic is
 * served to others than this machine. CLI_OK, or what the command should end with (said). */
int demo_make(const struct installation *i);

/* ---- inside: demo_story.c ---- */
struct demo_people {
    struct id ana, bruno, helena;
};
/* In the desk's write transaction: what the demo people did yesterday. */
int demo_story(struct desk *d, const struct demo_people *people);

#endif
