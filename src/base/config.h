/*
 * config.h - configuration: a KEY=VALUE file with the environment laid over it, by a table of keys.
 *
 * The file: one KEY=VALUE a line, blanks around both dropped. Empty lines and lines that start with
 * '#' are skipped; a '#' further on belongs to the value. A value in single or double quotes loses
 * them and keeps its blanks. Nothing is expanded or escaped. Lines have at most CONFIG_LINE_MAX
 * bytes of UTF-8. In the environment an empty value is as none.
 *
 * Every secret key NAME may be given as NAME_FILE instead: the path of a file whose contents, less
 * one line end, are the value. A secret itself stands only in a file that no one else can read.
 *
 *      config_load -> config_parse (file) -> environment -> NAME_FILEs -> defaults -> kinds
 *
 * All problems are collected, so that one start tells all of them. Called before threads start;
 * afterwards a config is only read, from any thread.
 */
#ifndef ACOLHE_BASE_CONFIG_H
#define ACOLHE_BASE_CONFIG_H

#include "base/str.h"

#define CONFIG_LINE_MAX 4096
#define CONFIG_KEYS_MAX 128
#define CONFIG_PREFIX "ACOLHE_" /* unknown variables with it are warned about */

enum config_kind {
    CONFIG_TEXT = 1, /* min, max: bytes, where max > 0 */
    CONFIG_INT,      /* digits; min, max: the value, where they differ */
    CONFIG_BOOL,     /* on, off, true, false, yes, no, 1, 0 */
    CONFIG_DURATION  /* seconds, or with a unit: 90, 90s, 15m, 12h, 30d; min, max in seconds */
};

struct config_key {
    const char *name; /* whole, as ACOLHE_LISTEN */
    enum config_kind kind;
    bool secret;
    const char *standard; /* the default, in the form of the file; NULL: none */
    int64_t min, max;
    const char *doc; /* one line, for `config check` and the manual */
};

struct config_value;
struct config {
    const struct config_key *keys; /* borrowed from the caller of config_load */
    size_t count;
    struct config_value *values; /* by the same index */
};

struct config_error {
    bool fatal;     /* else a warning */
    char text[240]; /* "acolhe.conf:12: ACOLHE_LISTEN: …"; never the value of a secret */
};
#define CONFIG_ERRORS_MAX 32
struct config_errors {
    struct config_error list[CONFIG_ERRORS_MAX];
    size_t count;   /* in the list */
    size_t dropped; /* did not fit */
    bool fatal;     /* is one of them, dropped or not? */
};

/* path NULL: no file. env is as environ, NULL for none. 0; -E_CONFIG with the reasons in errors;
 * -E_NO_MEMORY. Warnings may be there with 0. config_done is due in any case. */
int config_load(const struct config_key *keys, size_t count, const char *path, char *const *env,
                struct config *ret, struct config_errors *errors);
void config_done(struct config *c); /* wipes and frees; {0} is accepted */

/* The value by its whole name, which must be in the table with that kind (asserted). */
struct str config_text(const struct config *c, const char *name); /* NUL-terminated; STR_NONE */
int64_t config_int(const struct config *c, const char *name);     /* CONFIG_INT, CONFIG_DURATION */
bool config_bool(const struct config *c, const char *name);
/* Where it is from: "acolhe.conf:12", "environment", "default", or "unset". */
const char *config_origin(const struct config *c, const char *name);

/* The file's part alone, without reading any other file; for config_load and for fuzzing. `origin`
 * names the file in messages; `shared`: others can read it. */
int config_init(const struct config_key *keys, size_t count, struct config *ret);
int config_parse(struct config *c, struct str text, const char *origin, bool shared,
                 struct config_errors *errors);

#endif
