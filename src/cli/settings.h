/*
 * settings.h - the configuration as the program uses it: the table of keys, and what follows from
 * their values.
 *
 *      settings_load -> config_load (file, environment, defaults, kinds) -> what belongs together
 *
 * Loaded once, before any thread; afterwards only read. All paths and texts live in it.
 */
#ifndef ACOLHE_CLI_SETTINGS_H
#define ACOLHE_CLI_SETTINGS_H

#include "app/app.h"
#include "base/clock.h"
#include "base/config.h"
#include "base/log.h"
#include "cli/address.h"

struct settings {
    struct config config;
    struct arena arena;

    struct listen_address listen;
    const char *public_url; /* NULL: known once the port is (settings_bound) */

    const char *data_dir;
    const char *database_url;
    const char *database_path; /* the SQLite file */
    const char *keys_path;
    const char *node_path;
    const char *lock_path;
    const char *demo_password_path;

    enum log_format log_format;
    enum log_level log_level;
};

/* `file` NULL: what ACOLHE_CONFIG names, if anything. 0, -E_CONFIG with the reasons in `errors`, or
 * -E_NO_MEMORY. Warnings may be there with 0. settings_done is due in any case. */
int settings_load(const char *file, char *const *env, struct settings *ret,
                  struct config_errors *errors);
void settings_done(struct settings *s);
/* The port that was really bound: completes the public URL. */
int settings_bound(struct settings *s, int port);
/* The part that use cases see; texts borrow. */
struct app_config settings_app(const struct settings *s);
/* Is it served to others than this machine? */
bool settings_public(const struct settings *s);

/* For commands: loads and tells the problems on standard error. CLI_OK or CLI_CONFIG/CLI_FAILED;
 * otherwise *ret is done with. Sets up the log for a person at a terminal. */
int settings_for_command(const char *file, struct settings *ret);
void settings_print_errors(const struct config_errors *errors);

#endif
