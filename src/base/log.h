/*
 * log.h - one line per event, as text for people or JSON for machines, on standard error.
 *
 *      log_event(LOG_INFO, "http", "answered", log_i64("status", 200), log_str("route", r));
 *
 * Values are escaped (control characters, quotes, bad UTF-8), so that nothing a stranger sends can
 * forge a line or an escape sequence (ASVS 16.4.1). Secrets and clinical text are never handed in:
 * json/ marks such fields and refuses to print them. Any thread; one write(2) per line.
 */
#ifndef ACOLHE_BASE_LOG_H
#define ACOLHE_BASE_LOG_H

#include "base/error.h"
#include "base/id.h"
#include "base/str.h"

struct log_field {
    const char *name; /* snake_case literal */
    enum { LOG_FIELD_STR = 1, LOG_FIELD_I64, LOG_FIELD_ID, LOG_FIELD_ERR } kind;
    union {
        struct str str;
        int64_t i64;
        struct id id;
    };
};

enum log_format { LOG_TEXT = 1, LOG_JSON };

/* Before any thread starts. Default: text, LOG_INFO. */
void log_setup(enum log_format format, enum log_level least);
/* The request id that lines of this thread carry from now on; STR_NONE for none. Borrowed. */
void log_set_request(struct str request_id);
bool log_wants(enum log_level level);
void log_write(enum log_level level, const char *room, const char *event,
               const struct log_field *fields, size_t count);

#define log_event(level, room, event, ...)                                                         \
    do {                                                                                           \
        if (log_wants(level)) {                                                                    \
            const struct log_field log_fields_[] = {{0}, ##__VA_ARGS__};                           \
            log_write((level), (room), (event), log_fields_ + 1,                                   \
                      sizeof log_fields_ / sizeof *log_fields_ - 1);                               \
        }                                                                                          \
    } while (0)

#define log_str(n, v) ((struct log_field){.name = (n), .kind = LOG_FIELD_STR, .str = (v)})
#define log_text(n, v) ((struct log_field){.name = (n), .kind = LOG_FIELD_STR, .str = str_from(v)})
#define log_i64(n, v) ((struct log_field){.name = (n), .kind = LOG_FIELD_I64, .i64 = (int64_t)(v)})
#define log_id(n, v) ((struct log_field){.name = (n), .kind = LOG_FIELD_ID, .id = (v)})
/* an error of error.h (negative or positive) by its symbol */
#define log_err(n, v) ((struct log_field){.name = (n), .kind = LOG_FIELD_ERR, .i64 = (int64_t)(v)})

#endif
