/* serve.c - `acolhe serve`: from nothing to a serving clinic, and back.
 *
 *      settings -> hardening -> lock -> installation (migrates) -> first admin [-> demo]
 *          -> wiring -> wait for SIGTERM or SIGINT -> stop
 *
 * Signals are blocked before the first thread starts, so that only the main thread's wait takes
 * them; once stopping, they have their default meaning again, and a second one ends at once.
 */
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "base/error.h"
#include "cli/cli.h"
#include "cli/demo.h"
#include "cli/first_admin.h"
#include "cli/hardening.h"
#include "cli/version.h"
#include "cli/wiring.h"

#define STOP_GRACE_US (5 * US_PER_S)

static sigset_t stop_signals(void)
{
    sigset_t set;

    (void)sigemptyset(&set);
    (void)sigaddset(&set, SIGTERM);
    (void)sigaddset(&set, SIGINT);
    return set;
}

static void log_problems(const struct config_errors *errors)
{
    for (size_t i = 0; i < errors->count; i++)
        log_event(LOG_WARNING, "cli", "configuration", log_text("problem", errors->list[i].text));
}

static void log_listening(const struct settings *s, int64_t began_us)
{
    log_event(LOG_INFO, "cli", "listening", log_text("url", s->public_url ? s->public_url : ""),
              log_str("listen", config_text(&s->config, "ACOLHE_LISTEN")),
              log_text("data", s->data_dir), log_text("version", version_number),
              log_i64("start_ms", (clock_mono_us() - began_us) / US_PER_MS));
    if (!config_bool(&s->config, "ACOLHE_RATE_LIMITS"))
        log_event(LOG_WARNING, "cli",
                  "RATE LIMITS ARE OFF (ACOLHE_RATE_LIMITS=off): for tests only, never for people");
}

static void log_no_account(const struct installation *i)
{
    int64_t accounts;

    if (installation_accounts(i, 0, &accounts) == 0 && accounts == 0)
        log_event(
            LOG_NOTICE, "cli",
            "there is no account yet: make the first admin with `acolhe user add --role admin "
            "--name NAME --email ADDRESS`, which prints a link to set the password");
}

static int wait_and_stop(struct wiring *w)
{
    const sigset_t set = stop_signals();
    int got = 0;

    while (sigwait(&set, &got) != 0)
        ;
    log_event(LOG_INFO, "cli", "stopping", log_text("signal", strsignal(got)));
    (void)pthread_sigmask(SIG_UNBLOCK, &set, NULL);
    wiring_stop(w, STOP_GRACE_US);
    wiring_free(w);
    log_event(LOG_INFO, "cli", "stopped");
    return CLI_OK;
}

static int serve(struct settings *s, bool demo, int64_t began_us)
{
    struct installation i;
    struct wiring *w = NULL;

    int r = installation_open(s, INSTALLATION_UPGRADE, &i);
    if (r < 0)
        return r == -E_CONFIG ? CLI_CONFIG : CLI_FAILED;
    int status = first_admin_make(&i);
    if (status == CLI_OK && demo)
        status = demo_make(&i);
    if (status == CLI_OK && wiring_new(&i, s, &w) < 0)
        status = CLI_FAILED;
    if (status == CLI_OK && wiring_start(w) < 0) {
        wiring_free(w);
        status = CLI_FAILED;
    }
    if (status == CLI_OK) {
        log_listening(s, began_us);
        log_no_account(&i);
        status = wait_and_stop(w);
    }
    installation_done(&i);
    return status;
}

int cli_serve(const struct cli_args *args)
{
    const int64_t began_us = clock_mono_us();
    const sigset_t set = stop_signals();
    bool demo = false;
    const struct cli_option options[] = {{"demo", NULL, &demo}};
    struct config_errors errors;
    struct settings s;
    int lock = -1;

    int status = cli_parse(args, options, 1, NULL, 0, 0);
    if (status != CLI_OK)
        return status;
    int r = settings_load(args->config_file, environ, &s, &errors);
    if (r < 0) {
        settings_print_errors(&errors);
        settings_done(&s);
        return r == -E_CONFIG ? CLI_CONFIG : cli_fail("%s", cli_reason(r));
    }
    log_setup(s.log_format, s.log_level);
    log_problems(&errors);
    hardening_apply();
    (void)pthread_sigmask(SIG_BLOCK, &set, NULL);
    if (folder_make(s.data_dir) < 0 || folder_lock(s.lock_path, &lock) < 0)
        status = CLI_FAILED;
    if (status == CLI_OK)
        status = serve(&s, demo, began_us);
    if (lock >= 0)
        (void)close(lock);
    settings_done(&s);
    return status;
}
