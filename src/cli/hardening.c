/* hardening.c - see hardening.h. */
#include "cli/hardening.h"

#include <errno.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "base/log.h"

static void refused(const char *what)
{
    log_event(LOG_WARNING, "cli", "hardening_refused", log_text("what", what),
              log_i64("errno", errno));
}

void hardening_apply(void)
{
    const struct rlimit none = {0, 0};
    const struct sigaction ignore = {.sa_handler = SIG_IGN};
    struct rlimit files;

    (void)umask(077);
    if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
        refused("no dumps");
    if (setrlimit(RLIMIT_CORE, &none) < 0)
        refused("no core files");
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
        refused("no new privileges");
    if (sigaction(SIGPIPE, &ignore, NULL) < 0)
        refused("ignoring SIGPIPE");
    if (getrlimit(RLIMIT_NOFILE, &files) == 0 && files.rlim_cur < files.rlim_max) {
        files.rlim_cur = files.rlim_max;
        if (setrlimit(RLIMIT_NOFILE, &files) < 0)
            refused("more open files");
    }
}
