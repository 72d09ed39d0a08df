/* hardening.h - what the serving process gives up or takes before it touches anything. */
#ifndef ACOLHE_CLI_HARDENING_H
#define ACOLHE_CLI_HARDENING_H

/* No core dumps (they would hold keys and clinical text) and no debugger of another process, no
 * new privileges by exec, files private by default, SIGPIPE ignored, as many open files as
 * allowed. What the system refuses is logged and not fatal. Before any thread. */
void hardening_apply(void);

#endif
