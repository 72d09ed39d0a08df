/*
 * ops.h - the realtime operations: ops.def is the only list, with its access rule and members.
 */
#ifndef ACOLHE_API_OPS_H
#define ACOLHE_API_OPS_H

#include <stdio.h>

#include "api/limits.h"
#include "app/messages.h"

/* One text frame from a signed-in socket, on its loop. Answers by frames; closes what misbehaves.
 * `limits` NULL: no rates. */
void ops_handle(const struct app *app, struct net *net, struct socket *s, struct limits *limits,
                struct str text);
void ops_print(FILE *out);

#endif
