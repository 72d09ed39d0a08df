/* backup.c - `acolhe backup FILE`, while the server serves.
 *
 *      snapshot (FILE.snapshot) -> FILE.partial: database, manifest, box -> FILE -> audit row
 */
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/secret.h"
#include "cli/backup_file.h"
#include "cli/cli.h"
#include "cli/desk.h"
#include "cli/version.h"
#include "domain/password_policy.h"

struct job {
    struct desk *d;
    const char *path;
    const char *snapshot;
    const char *partial;
    struct str passphrase; /* STR_NONE: the keys stay out */
    int out;
    struct archive_digest digest;
};

static int put_database(struct job *j)
{
    int in = open(j->snapshot, O_RDONLY | O_CLOEXEC);
    struct stat st;

    if (in < 0 || fstat(in, &st) < 0) {
        if (in >= 0)
            (void)close(in);
        return -E_IO;
    }
    uint64_t size = (uint64_t)st.st_size;
    int r = archive_put_header(j->out, BACKUP_DATABASE, size, j->d->call.now_us);
    if (r == 0)
        r = archive_copy(in, j->out, size, &j->digest);
    if (r == 0)
        r = archive_put_padding(j->out, size);
    (void)close(in);
    return r;
}

static int put_member(struct job *j, const char *name, struct str bytes)
{
    int r = archive_put_header(j->out, name, bytes.n, j->d->call.now_us);

    if (r == 0)
        r = archive_put_bytes(j->out, bytes);
    return r < 0 ? r : archive_put_padding(j->out, bytes.n);
}

static int put_manifest(struct job *j, char digest[BACKUP_DIGEST_TEXT + 1])
{
    char now[CLOCK_TEXT + 1];
    char node[ID_TEXT + 1];

    clock_format(j->d->call.now_us, now);
    id_format(&j->d->app.node, node);
    struct str head = arena_printf(&j->d->arena,
                                   BACKUP_FORMAT "program: acolhe %s %s\nmade: %s\nnode: %s\n"
                                                 "keys: %s\n",
                                   version_number, version_commit, now, node,
                                   j->passphrase.p ? "in " BACKUP_BOX : "not inside");
    if (!head.p)
        return -E_NO_MEMORY;
    archive_digest_add(&j->digest, head);
    crypto_hex(j->digest.value, sizeof j->digest.value, digest);
    struct str text = arena_printf(&j->d->arena, "%s" BACKUP_MANIFEST_LINE "%s\n", head.p, digest);
    return text.p ? put_member(j, BACKUP_MANIFEST, text) : -E_NO_MEMORY;
}

/* With a hash in front, so that damage shows without the passphrase too. */
static int put_box_member(struct job *j, struct str box)
{
    uint8_t hash[CRYPTO_SHA256];

    crypto_sha256(&box, 1, hash);
    uint8_t *whole = arena_alloc(&j->d->arena, sizeof hash + box.n);
    if (!whole)
        return -E_NO_MEMORY;
    memcpy(whole, hash, sizeof hash);
    memcpy(whole + sizeof hash, box.p, box.n);
    return put_member(j, BACKUP_BOX, str_of(whole, sizeof hash + box.n));
}

static int put_box(struct job *j, const char *digest)
{
    struct str ring = STR_NONE;
    struct buf box;

    int r = keyring_export(j->d->app.keys, &ring);
    if (r < 0)
        return r;
    const size_t label = sizeof BACKUP_BOX_LINE - 1;
    size_t n = label + BACKUP_DIGEST_TEXT + 1 + ring.n;
    char *plain = secret_alloc(n);
    struct str whole = str_of(plain, n);
    buf_init(&box, BACKUP_BOX_MAX);
    if (plain) {
        memcpy(plain, BACKUP_BOX_LINE, label);
        memcpy(plain + label, digest, BACKUP_DIGEST_TEXT);
        plain[label + BACKUP_DIGEST_TEXT] = '\n';
        memcpy(plain + n - ring.n, ring.p, ring.n);
        r = passphrase_seal(j->passphrase, whole, &box);
    }
    if (r == 0 && plain)
        r = put_box_member(j, buf_str(&box));
    secret_free(&ring);
    if (plain)
        secret_free(&whole);
    buf_done(&box);
    return plain ? r : -E_NO_MEMORY;
}

static int write_file(struct job *j)
{
    char digest[BACKUP_DIGEST_TEXT + 1];

    (void)unlink(j->partial); /* of a backup that was cut off */
    j->out = open(j->partial, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (j->out < 0)
        return -E_IO;
    int r = put_database(j);
    if (r == 0)
        r = put_manifest(j, digest);
    if (r == 0 && j->passphrase.p)
        r = put_box(j, digest);
    if (r == 0)
        r = archive_put_end(j->out);
    if (r == 0 && fsync(j->out) < 0)
        r = -E_IO;
    if (close(j->out) < 0 && r == 0)
        r = -E_IO;
    if (r == 0 && rename(j->partial, j->path) < 0)
        r = -E_IO;
    if (r < 0)
        (void)unlink(j->partial);
    return r < 0 ? r : folder_sync_of(j->path);
}

static int audit_it(struct desk *d, bool keys)
{
    int r = call_begin(&d->call, DB_WRITE);

    if (r == 0)
        r = desk_end(d, call_audit(&d->call, "", NULL,
                                   keys ? STR("keys under a passphrase") : STR("without keys")));
    return r;
}

static int back_up(struct desk *d, const char *path, struct str passphrase)
{
    struct job j = {
        .d = d,
        .path = path,
        .snapshot = arena_printf(&d->arena, "%s.snapshot", path).p,
        .partial = arena_printf(&d->arena, "%s.partial", path).p,
        .passphrase = passphrase,
    };

    if (!j.snapshot || !j.partial)
        return -E_NO_MEMORY;
    if (access(path, F_OK) == 0)
        return -E_DUPLICATE;
    (void)unlink(j.snapshot);                  /* of a backup that was cut off */
    int r = audit_it(d, passphrase.p != NULL); /* so that the copy tells of itself */
    if (r == 0)
        r = db_backup_file(d->call.db, j.snapshot);
    if (r == 0)
        r = write_file(&j);
    (void)unlink(j.snapshot);
    return r;
}

static int run(struct installation *i, const char *path, struct str passphrase)
{
    struct desk d;

    int r = desk_init(&d, i, "cli.backup");
    if (r == 0 && passphrase.p &&
        password_judge(passphrase, STR_NONE, STR_NONE, &d.arena) != PASSWORD_GOOD) {
        desk_done(&d);
        return cli_fail("the passphrase is too short or too common: it protects every message for "
                        "as long as the backup exists");
    }
    if (r == 0)
        r = back_up(&d, path, passphrase);
    desk_done(&d);
    if (r == -E_DUPLICATE)
        return cli_fail("%s is there already: backups are never written over", path);
    if (r < 0)
        return cli_fail("the backup could not be made: %s", cli_reason(r));
    (void)printf("%s\n", path);
    cli_say("backed up to %s; `acolhe verify %s` proves it", path, path);
    if (!passphrase.p)
        cli_say("the keys are NOT inside: without %s nothing sealed in it can ever be read. Keep a "
                "copy of that file elsewhere, or give --passphrase-file",
                i->settings->keys_path);
    return cli_end();
}

int cli_backup(const struct cli_args *args)
{
    const char *passphrase_file = NULL;
    const struct cli_option options[] = {{"passphrase-file", &passphrase_file, NULL}};
    struct str passphrase = STR_NONE;
    const char *path = NULL;
    struct installation i;
    struct settings s;

    int status = cli_parse(args, options, 1, &path, 1, 1);
    if (status == CLI_OK)
        status = settings_for_command(args->config_file, &s);
    if (status != CLI_OK)
        return status;
    status = CLI_FAILED;
    if (secret_given(&s, passphrase_file, "ACOLHE_BACKUP_PASSPHRASE", &passphrase) == 0 &&
        installation_open(&s, INSTALLATION_EXISTING, &i) == 0) {
        status = run(&i, path, passphrase);
        installation_done(&i);
    }
    secret_free(&passphrase);
    settings_done(&s);
    return status;
}
