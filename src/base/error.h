/*
 * error.h - every error the program can return, in one table.
 *
 * Functions return 0 or the negative of one of these. The table is the only place that maps an
 * error to an HTTP status, to the stable `code` members of the API (RFC 9457 problem details,
 * realtime `error` frames), to the words a stranger may read, and to a log level: handlers never
 * pick a status themselves, so two handlers cannot disagree about what an error looks like.
 */
#ifndef ACOLHE_BASE_ERROR_H
#define ACOLHE_BASE_ERROR_H

/* X(symbol, HTTP status, public code, public English detail, log level) */
#define ERROR_TABLE(X)                                                                             \
    X(MALFORMED, 400, "malformed", "The request could not be understood.", LOG_INFO)               \
    X(UNAUTHENTICATED, 401, "unauthenticated", "Sign in first.", LOG_INFO)                         \
    X(INVALID_CREDENTIALS, 401, "invalid_credentials", "E-mail or password is wrong.", LOG_NOTICE) \
    X(FORBIDDEN, 403, "forbidden", "This is not open to your role.", LOG_NOTICE)                   \
    X(CSRF, 403, "csrf_failed", "The request did not come from this site's pages.", LOG_NOTICE)    \
    X(NOT_FOUND, 404, "not_found", "There is no such thing here.", LOG_INFO)                       \
    X(METHOD, 405, "method_not_allowed", "This address does not take that method.", LOG_INFO)      \
    X(TIMEOUT, 408, "timeout", "The request took too long to arrive.", LOG_INFO)                   \
    X(CONFLICT, 409, "conflict", "It was changed by someone else meanwhile.", LOG_INFO)            \
    X(ACCOUNT_EXISTS, 409, "account_exists", "There is an account with these details.", LOG_INFO)  \
    X(BAD_STATE, 409, "bad_state", "That is not possible in its present state.", LOG_INFO)         \
    X(CLOSED, 409, "conversation_closed", "The conversation is closed.", LOG_INFO)                 \
    X(LINK_USED, 410, "link_expired", "This link was used or has expired.", LOG_NOTICE)            \
    X(TOO_LARGE, 413, "too_large", "The request is larger than allowed.", LOG_INFO)                \
    X(URI_TOO_LONG, 414, "uri_too_long", "The address is longer than allowed.", LOG_INFO)          \
    X(MEDIA_TYPE, 415, "unsupported_media_type", "Send application/json.", LOG_INFO)               \
    X(VALIDATION, 422, "validation", "Some fields are not valid.", LOG_INFO)                       \
    X(IDEMPOTENCY, 422, "idempotency_mismatch",                                                    \
      "This Idempotency-Key was used with another request.", LOG_INFO)                             \
    X(CLIENT_ID_EXPIRED, 422, "client_id_expired",                                                 \
      "The client_id's time is more than 30 days off.", LOG_INFO)                                  \
    X(TOO_LATE, 422, "too_late", "The time for this has passed.", LOG_INFO)                        \
    X(RATE_LIMITED, 429, "rate_limited", "Too many requests; wait a little.", LOG_NOTICE)          \
    X(HEADERS_TOO_LARGE, 431, "headers_too_large", "The request head is too large.", LOG_INFO)     \
    X(INTERNAL, 500, "internal", "Something went wrong on our side.", LOG_ERROR)                   \
    X(NOT_IMPLEMENTED, 501, "not_implemented", "This is not supported.", LOG_INFO)                 \
    X(UNAVAILABLE, 503, "unavailable", "Try again in a moment.", LOG_WARNING)                      \
    X(NO_MEMORY, 503, "unavailable", "Try again in a moment.", LOG_ERROR)                          \
    X(OVERLOADED, 503, "unavailable", "Try again in a moment.", LOG_WARNING)                       \
    X(IO, 503, "unavailable", "Try again in a moment.", LOG_ERROR)                                 \
    X(DATABASE, 503, "unavailable", "Try again in a moment.", LOG_ERROR)                           \
    X(DUPLICATE, 409, "conflict", "There is one already.", LOG_INFO)                               \
    X(CORRUPT, 500, "internal", "Something went wrong on our side.", LOG_ERROR)                    \
    X(CONFIG, 500, "internal", "Something went wrong on our side.", LOG_ERROR)                     \
    X(VERSION, 500, "internal", "Something went wrong on our side.", LOG_ERROR)

/* log levels are declared here so that the table needs nothing else */
enum log_level { LOG_DEBUG = 1, LOG_INFO, LOG_NOTICE, LOG_WARNING, LOG_ERROR };

enum err {
    OK = 0,
#define X(symbol, status, code, detail, level) E_##symbol,
    ERROR_TABLE(X)
#undef X
        ERR_COUNT_
};

/* What the table says about one error. `err` may be given as E_X or as -E_X. Never NULL: an
 * unknown value is answered as E_INTERNAL. Static storage. Any thread. */
struct error_info {
    const char *symbol;
    int status;
    const char *code;
    const char *detail;
    enum log_level level;
};
const struct error_info *error_info(int err);

#endif
