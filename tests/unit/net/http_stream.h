/*
 * http_stream.h - for the tests of the HTTP reader: every stream of bytes is read whole, byte by
 * byte and in pieces of 7, and must come out the same each time.
 */
#ifndef ACOLHE_TESTS_HTTP_STREAM_H
#define ACOLHE_TESTS_HTTP_STREAM_H

#include "base/error.h"
#include "net/http_reader.h"

#define H "Host: clinic.example\r\n"

extern struct net_limits limits; /* of the readers; a test may lower one */
int stream_setup(void **state);  /* sets the defaults again */
/* The stream is read without error, and what came of it, as text, has this in it. */
void expect_text(const char *stream, const char *wanted);
/* The stream ends with this error (0: none); `name` is for the failure's message. */
void expect_error_n(const char *name, const char *stream, size_t n, int wanted);

#endif
