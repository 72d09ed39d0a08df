/* verify.c - `acolhe verify FILE`: is this backup whole, and would it be a clinic again? The
 * database is taken out into a private folder (TMPDIR, else /var/tmp), looked at and removed; keys
 * never touch the disk. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/secret.h"
#include "cli/backup_file.h"
#include "cli/cli.h"
#include "cli/desk.h"
#include "store/audit.h"
#include "store/sealed.h"

struct look {
    struct db *db;
    struct arena *arena;
    const struct grant *system;
    bool failed;
};

static void tell(struct look *l, int r, const char *what, const char *detail)
{
    (void)printf("%-5s %s%s%s\n", r < 0 ? "fail" : "ok", what, detail[0] ? ": " : "", detail);
    l->failed = l->failed || r < 0;
}

/* The ring from memory: its reader wants a file, and gets one that no disk has. */
static int ring_of(struct str text, struct keyring **ret)
{
    char path[64];
    int fd = memfd_create("keys", MFD_CLOEXEC);

    if (fd < 0)
        return -E_IO;
    (void)snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    int r = fchmod(fd, 0600) < 0 ? -E_IO : archive_put_bytes(fd, text);
    if (r == 0)
        r = keyring_open(path, false, clock_now_us(), ret);
    (void)close(fd);
    return r;
}

static void look_at_audit(struct look *l)
{
    struct audit_break found = {0};
    struct audit_report report;
    int r = audit_verify(l->db, l->system, &report, &found);
    struct str text = r == 0 ? arena_printf(l->arena, "%llu rows", (unsigned long long)report.rows)
                             : arena_printf(l->arena, "broken at row %lld", (long long)found.seq);

    tell(l, r, "audit trail", text.p ? text.p : "");
}

static void look_at_keys(struct look *l, const struct backup_read *b)
{
    struct keyring *ring = NULL;
    uint64_t checked = 0;

    if (!b->box.p) {
        (void)puts("note  keys: not inside; restoring needs the clinic's keys file beside it");
        return;
    }
    if (!b->keys.p) {
        (void)puts("note  keys: inside, not tried (give --passphrase-file)");
        return;
    }
    int r = ring_of(b->keys, &ring);
    if (r == 0)
        r = sealed_check(l->db, l->system, ring, &checked);
    keyring_free(ring);
    struct str text = arena_printf(l->arena, "%llu records %s", (unsigned long long)checked,
                                   r < 0 ? "tried, the last does not open" : "open");
    tell(l, r, "keys", text.p ? text.p : "");
}

static int look_inside(const struct backup_read *b, const char *database, struct arena *a)
{
    struct look l = {.arena = a, .system = authz_system(a)};
    struct str url = arena_printf(a, "sqlite:%s", database);

    if (!l.system || !url.p)
        return cli_fail("%s", cli_reason(-E_NO_MEMORY));
    tell(&l, 0, "whole", "the digest is right");
    int r = db_open(&(struct db_options){.url = url.p, .read_only = true}, &l.db);
    if (r == 0)
        r = db_integrity_check(l.db);
    tell(&l, r, "database", r < 0 ? cli_reason(r) : "");
    if (r == 0) {
        r = db_schema_check(l.db);
        tell(&l, r, "schema", r < 0 ? "of another version of this program" : "");
    }
    if (r == 0) {
        look_at_audit(&l);
        look_at_keys(&l, b);
    }
    db_close(l.db);
    (void)printf("%.*s", STR_FMT(b->manifest));
    if (l.failed)
        return cli_fail("this backup cannot be relied on: use another copy");
    return cli_end();
}

static int verify(const char *path, struct str passphrase, const char *folder)
{
    struct backup_read b = {0};
    struct arena a;
    int status = CLI_FAILED;

    arena_init(&a, (size_t)1 << 20);
    struct str database = arena_printf(&a, "%s/" BACKUP_DATABASE, folder);
    if (!database.p)
        cli_say("%s", cli_reason(-E_NO_MEMORY));
    else if (backup_read(path, database.p, passphrase, &a, &b) == 0)
        status = look_inside(&b, database.p, &a);
    if (database.p)
        (void)unlink(database.p);
    backup_read_done(&b);
    arena_done(&a);
    return status;
}

static int verify_in_scratch(const char *path, struct str passphrase)
{
    const char *tmp = getenv("TMPDIR");
    char folder[512];

    int n = snprintf(folder, sizeof folder, "%s/acolhe-verify-XXXXXX",
                     tmp && tmp[0] == '/' ? tmp : "/var/tmp");
    if (n < 0 || (size_t)n >= sizeof folder || !mkdtemp(folder))
        return cli_fail("no folder to take the database out to (%s): set TMPDIR", strerror(errno));
    int status = verify(path, passphrase, folder);
    (void)rmdir(folder);
    return status;
}

int cli_verify(const struct cli_args *args)
{
    const char *passphrase_file = NULL;
    const struct cli_option options[] = {{"passphrase-file", &passphrase_file, NULL}};
    struct str passphrase = STR_NONE;
    const char *path = NULL;
    struct settings s;

    int status = cli_parse(args, options, 1, &path, 1, 1);
    if (status == CLI_OK)
        status = settings_for_command(args->config_file, &s);
    if (status != CLI_OK)
        return status;
    (void)umask(077);
    status = CLI_FAILED;
    if (crypto_setup() < 0)
        cli_say("the cryptographic library does not start: reinstall libsodium");
    else if (secret_given(&s, passphrase_file, "ACOLHE_BACKUP_PASSPHRASE", &passphrase) == 0)
        status = verify_in_scratch(path, passphrase);
    secret_free(&passphrase);
    settings_done(&s);
    return status;
}
