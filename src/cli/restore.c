/* restore.c - `acolhe restore FILE`: a backup becomes a clinic in an empty data folder.
 *
 *      lock -> is it empty? -> database (clinic.db.partial), digests -> keys -> clinic.db
 *
 * The database gets its name last: what was cut off before is no clinic, and is refused by the next
 * restore until it is removed. The restored clinic begins an audit chain of its own (a new node
 * id).
 */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/secret.h"
#include "cli/backup_file.h"
#include "cli/cli.h"
#include "cli/desk.h"

/* Nothing but the lock in it? */
static bool folder_is_empty(const char *path)
{
    DIR *dir = opendir(path);
    const struct dirent *e;
    bool empty = dir != NULL;

    while (dir && (e = readdir(dir)) != NULL)
        if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0 &&
            strcmp(e->d_name, "lock") != 0)
            empty = false;
    if (dir)
        (void)closedir(dir);
    return empty;
}

static int put_in_place(const struct settings *s, const char *partial, const struct backup_read *b)
{
    int r = b->keys.p ? secret_write_new(s->keys_path, b->keys) : 0;

    if (r < 0) {
        cli_say("the keys %s cannot be written: %s", s->keys_path, cli_reason(r));
        return r;
    }
    if (rename(partial, s->database_path) < 0) {
        cli_say("%s cannot be written (%s)", s->database_path, strerror(errno));
        return -E_IO;
    }
    return folder_sync_of(s->database_path);
}

static int restore(const struct settings *s, const char *path, struct str passphrase,
                   bool without_keys)
{
    struct backup_read b = {0};
    struct arena a;
    int status = CLI_FAILED;

    arena_init(&a, (size_t)1 << 20);
    struct str partial = arena_printf(&a, "%s.partial", s->database_path);
    int r = partial.p ? backup_read(path, partial.p, passphrase, &a, &b) : -E_NO_MEMORY;
    if (r == 0 && b.box.p && !b.keys.p && !without_keys) {
        cli_say("the keys are inside under a passphrase: give --passphrase-file, or --without-keys "
                "if you have the keys file");
        r = -E_CONFIG;
    }
    if (r == 0)
        r = put_in_place(s, partial.p, &b);
    if (r == 0) {
        (void)printf("%s\n", s->database_path);
        cli_say("restored; `acolhe serve` goes on from there");
        if (!b.keys.p)
            cli_say("put the clinic's keys file at %s (mode 600) before", s->keys_path);
        status = cli_end();
    } else if (partial.p) {
        (void)unlink(partial.p);
    }
    backup_read_done(&b);
    arena_done(&a);
    return status;
}

static int restore_locked(const struct settings *s, const char *path, struct str passphrase,
                          bool without_keys)
{
    int status = CLI_FAILED;
    int lock;

    if (folder_make(s->data_dir) < 0)
        return CLI_FAILED;
    if (!folder_is_empty(s->data_dir) || access(s->database_path, F_OK) == 0)
        return cli_fail("%s is not empty: a restore never writes over a clinic. Move it away, or "
                        "set ACOLHE_DATA_DIR",
                        s->data_dir);
    if (folder_lock(s->lock_path, &lock) < 0)
        return CLI_FAILED;
    if (crypto_setup() < 0)
        cli_say("the cryptographic library does not start: reinstall libsodium");
    else
        status = restore(s, path, passphrase, without_keys);
    (void)close(lock);
    return status;
}

int cli_restore(const struct cli_args *args)
{
    const char *passphrase_file = NULL;
    bool without_keys = false;
    const struct cli_option options[] = {{"passphrase-file", &passphrase_file, NULL},
                                         {"without-keys", NULL, &without_keys}};
    struct str passphrase = STR_NONE;
    const char *path = NULL;
    struct settings s;

    int status = cli_parse(args, options, 2, &path, 1, 1);
    if (status == CLI_OK)
        status = settings_for_command(args->config_file, &s);
    if (status != CLI_OK)
        return status;
    (void)umask(077);
    status = CLI_FAILED;
    if (secret_given(&s, passphrase_file, "ACOLHE_BACKUP_PASSPHRASE", &passphrase) == 0)
        status = restore_locked(&s, path, passphrase, without_keys);
    secret_free(&passphrase);
    settings_done(&s);
    return status;
}
