/*
 * modes.h - the kinds of load. Each runs to its end and prints one line of JSON with its figures.
 */
#ifndef ACOLHE_LOAD_MODES_H
#define ACOLHE_LOAD_MODES_H

#include "plan.h"

struct settings {
    size_t pairs;
    size_t window;      /* messages in flight of each pair */
    size_t sockets;     /* idle mode */
    size_t connections; /* http mode */
    double warmup_s;
    double seconds;
    double rate;      /* openloop: messages per second in all */
    long pid;         /* idle: the server */
    const char *path; /* http: overrides the history of each pair */
};

void mode_relay(const struct plan *plan, const struct settings *s);
void mode_openloop(const struct plan *plan, const struct settings *s);
void mode_echo(const struct plan *plan, const struct settings *s);
void mode_idle(const struct plan *plan, const struct settings *s);
void mode_http(const struct plan *plan, const struct settings *s);

/* Formats a version 7 UUID whose last six bytes are the pair and the number. */
#define UUID_TEXT 36
void message_id(char out[UUID_TEXT + 1], uint16_t pair, uint32_t number);
/* The same backwards, from 36 characters; false if it is not one of this run's. */
bool message_id_read(const char *text, uint16_t *ret_pair, uint32_t *ret_number);
/* The value of a string member of a flat JSON object, without unescaping; NULL if absent. */
const char *json_member(const char *text, size_t len, const char *quoted_name, size_t *ret_len);

#endif
