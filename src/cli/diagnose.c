/* diagnose.c - `acolhe diagnose`: is this installation well? It changes nothing.
 *
 *      configuration -> machine -> folder -> keys -> database -> do the keys open it, the trail
 */
#include "cli/diagnose.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/secret.h"
#include "cli/cli.h"
#include "cli/version.h"
#include "store/accounts.h"
#include "store/audit.h"
#include "store/sealed.h"

void found(struct diagnosis *d, enum finding finding, const char *what, const char *format, ...)
{
    static const char *const words[] = {"ok", "warn", "fail"};
    va_list args;

    d->warnings += finding == FOUND_WARN;
    d->failures += finding == FOUND_FAIL;
    (void)printf("%-5s %-10s ", words[finding - 1], what);
    va_start(args, format);
    (void)vprintf(format, args);
    va_end(args);
    (void)putchar('\n');
}

static void diagnose_address(struct diagnosis *d)
{
    const struct settings *s = d->settings;
    bool proxied = config_text(&s->config, "ACOLHE_TRUSTED_PROXIES").n > 0;

    if (settings_public(s) && !proxied)
        found(d, FOUND_WARN, "address",
              "%s, but no proxy is trusted: every client seems to come from the proxy's own "
              "address. Set ACOLHE_TRUSTED_PROXIES",
              s->public_url);
    else
        found(d, FOUND_OK, "address", "%s",
              s->public_url ? s->public_url : "http, on the port that is found");
    if (!config_bool(&s->config, "ACOLHE_RATE_LIMITS"))
        found(d, FOUND_WARN, "limits", "rate limits are off (ACOLHE_RATE_LIMITS): for tests only");
}

/* Owner and mode of something; false when it is not there. */
static bool diagnose_mode(struct diagnosis *d, const char *what, const char *path, mode_t bad,
                          enum finding how, const char *advice)
{
    struct stat st;

    if (stat(path, &st) < 0)
        return false;
    if ((st.st_mode & bad) != 0)
        found(d, how, what, "%s is open to others (mode %03o): chmod %s %s", path,
              (unsigned)(st.st_mode & 0777), advice, path);
    else if (st.st_uid != geteuid() && geteuid() != 0)
        found(d, FOUND_FAIL, what, "%s belongs to another user: chown it", path);
    else
        found(d, FOUND_OK, what, "%s", path);
    return true;
}

/* ---- keys ---- */

static struct keyring *diagnose_keys(struct diagnosis *d, bool database)
{
    const char *path = d->settings->keys_path;
    struct keyring *ring = NULL;

    int r = crypto_setup() < 0 ? -E_INTERNAL : keyring_open(path, false, clock_now_us(), &ring);
    if (r == -E_NOT_FOUND && !database)
        found(d, FOUND_OK, "keys", "none yet: the first start makes them");
    else if (r == -E_NOT_FOUND)
        found(d, FOUND_FAIL, "keys", "%s is missing: bring it back from a backup", path);
    else if (r == -E_CONFIG)
        found(d, FOUND_FAIL, "keys",
              "%s is damaged, or others may read it: chmod 600 it, or bring it back from a backup",
              path);
    else if (r < 0)
        found(d, FOUND_FAIL, "keys", "%s cannot be read: %s", path, cli_reason(r));
    else
        found(d, FOUND_OK, "keys", "%s, number %u seals", path, (unsigned)keyring_master(ring));
    return ring;
}

/* ---- the database ---- */

static void diagnose_sealed(struct diagnosis *d, struct db *db, const struct grant *system,
                            const struct keyring *ring)
{
    uint64_t checked = 0;

    int r = ring ? sealed_check(db, system, ring, &checked) : 0;
    if (r < 0)
        found(d, FOUND_FAIL, "sealed", "%s", cli_reason(r));
    else if (ring)
        found(d, FOUND_OK, "sealed", "the keys open all %llu records", (unsigned long long)checked);
}

static void diagnose_trail(struct diagnosis *d, struct db *db, struct arena *a,
                           const struct grant *system)
{
    const struct audit_filter newest = {
        .to_at = INT64_MAX, .before_at = INT64_MAX, .before_seq = INT64_MAX, .limit = 1};
    struct audit_report report;
    struct audit_break at = {0};
    struct audit_row *rows;
    size_t count = 0;

    int r = audit_verify(db, system, &report, &at);
    if (r == -E_CORRUPT)
        found(d, FOUND_FAIL, "audit",
              "the chain is broken at row %lld (%s): see `acolhe audit "
              "verify`",
              (long long)at.seq, at.reason ? at.reason : "unreadable");
    else if (r < 0)
        found(d, FOUND_FAIL, "audit", "%s", cli_reason(r));
    else
        found(d, FOUND_OK, "audit", "%llu rows, unbroken", (unsigned long long)report.rows);
    if (r == 0)
        r = audit_list(db, system, a, &newest, &rows, &count);
    if (r == 0 && count > 0 && rows[0].at > clock_now_us() + US_PER_MIN)
        found(d, FOUND_FAIL, "clock", "it stands before the newest audit row: set it right");
}

static void diagnose_accounts(struct diagnosis *d, struct db *db, const struct grant *system)
{
    int64_t admins = 0;

    if (account_count(db, system, ROLE_ADMIN, &admins) == 0 && admins == 0)
        found(d, FOUND_WARN, "accounts", "there is no admin: acolhe user add --role admin …");
}

static void diagnose_contents(struct diagnosis *d, struct db *db, const struct keyring *ring)
{
    struct arena a;

    arena_init(&a, (size_t)1 << 20);
    const struct grant *system = authz_system(&a);
    int r = db_integrity_check(db);
    if (r < 0)
        found(d, FOUND_FAIL, "database", "%s: restore a backup", cli_reason(r));
    else
        found(d, FOUND_OK, "database", "%s is whole", d->settings->database_path);
    r = db_schema_check(db);
    if (r < 0) {
        found(d, FOUND_FAIL, "schema", "%s", cli_reason(r));
    } else {
        found(d, FOUND_OK, "schema", "is this program's");
        diagnose_sealed(d, db, system, ring);
        diagnose_trail(d, db, &a, system);
        diagnose_accounts(d, db, system);
    }
    arena_done(&a);
}

static void diagnose_clinic(struct diagnosis *d)
{
    const struct settings *s = d->settings;
    struct db *db = NULL;

    if (!diagnose_mode(d, "folder", s->data_dir, 077, FOUND_WARN, "700"))
        found(d, FOUND_WARN, "folder", "%s is not there yet: the first start makes it",
              s->data_dir);
    else
        diagnose_disk(d);
    bool there = diagnose_mode(d, "database", s->database_path, 077, FOUND_FAIL, "600");
    struct keyring *ring = diagnose_keys(d, there);
    if (there) {
        int r = db_open(&(struct db_options){.url = s->database_url, .read_only = true}, &db);
        if (r < 0)
            found(d, FOUND_FAIL, "database", "%s cannot be opened: %s", s->database_path,
                  cli_reason(r));
        else
            diagnose_contents(d, db, ring);
    }
    db_close(db);
    keyring_free(ring);
}

int cli_diagnose(const struct cli_args *args)
{
    struct diagnosis d = {0};
    struct settings s;

    int status = cli_parse(args, NULL, 0, NULL, 0, 0);
    if (status == CLI_OK)
        status = settings_for_command(args->config_file, &s);
    if (status != CLI_OK)
        return status;
    d.settings = &s;
    (void)printf("acolhe %s\n", version_number);
    version_libraries(stdout, "      ");
    diagnose_clock(&d);
    diagnose_random(&d);
    diagnose_open_files(&d);
    diagnose_address(&d);
    diagnose_port(&d);
    diagnose_clinic(&d);
    settings_done(&s);
    (void)printf("%zu warnings, %zu failures\n", d.warnings, d.failures);
    if (d.failures > 0)
        return cli_fail("this installation needs care: each line that begins with fail says what "
                        "to do");
    return cli_end();
}
