/* installation.c - see installation.h.
 *
 *      installation_open -> folder_make -> open_database (migrates) -> open_keys -> open_node
 */
#include "cli/installation.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/secret.h"
#include "cli/cli.h"
#include "store/accounts.h"

/* ---- the folder ---- */

int folder_make(const char *path)
{
    char part[PATH_MAX];
    size_t n = strlen(path);

    if (n == 0 || n >= sizeof part) {
        cli_say("the data folder's name is too long: set ACOLHE_DATA_DIR");
        return -E_IO;
    }
    for (size_t i = 1; i <= n; i++) {
        if (path[i] != '/' && path[i] != 0)
            continue;
        memcpy(part, path, i);
        part[i] = 0;
        if (mkdir(part, 0700) < 0 && errno != EEXIST) {
            cli_say("cannot make the folder %s (%s): make it, or set ACOLHE_DATA_DIR", part,
                    strerror(errno));
            return -E_IO;
        }
    }
    return 0;
}

static int check_folder(const char *path)
{
    struct stat st;

    if (stat(path, &st) < 0 || !S_ISDIR(st.st_mode)) {
        cli_say("%s is not a folder: set ACOLHE_DATA_DIR", path);
        return -E_CONFIG;
    }
    if ((st.st_mode & 022) != 0) {
        cli_say("%s can be written by others than its owner: chmod 700 %s", path, path);
        return -E_CONFIG;
    }
    if (access(path, W_OK | X_OK) < 0) {
        cli_say("%s cannot be written by this user (%s)", path, strerror(errno));
        return -E_IO;
    }
    return 0;
}

int folder_sync_of(const char *path)
{
    char folder[PATH_MAX];
    const char *slash = strrchr(path, '/');
    size_t n = slash ? (size_t)(slash - path) + 1 : 0;

    if (n >= sizeof folder)
        return -E_IO;
    memcpy(folder, path, n);
    folder[n] = 0;
    int fd = open(n > 0 ? folder : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return -E_IO;
    int r = fsync(fd) < 0 ? -E_IO : 0;
    (void)close(fd);
    return r;
}

int folder_lock(const char *lock_path, int *ret_fd)
{
    int fd = open(lock_path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);

    if (fd < 0) {
        cli_say("cannot open %s (%s)", lock_path, strerror(errno));
        return -E_IO;
    }
    if (flock(fd, LOCK_EX | LOCK_NB) < 0) {
        bool taken = errno == EWOULDBLOCK;
        if (taken)
            cli_say("another acolhe serves from this folder already (%s is locked): stop it first, "
                    "or set ACOLHE_DATA_DIR",
                    lock_path);
        else
            cli_say("cannot lock %s (%s)", lock_path, strerror(errno));
        (void)close(fd);
        return taken ? -E_BAD_STATE : -E_IO;
    }
    *ret_fd = fd;
    return 0;
}

/* ---- the database ---- */

static bool has_contents(const char *path)
{
    struct stat st;

    return stat(path, &st) == 0 && st.st_size > 0;
}

static int open_database(struct installation *i, enum installation_need need)
{
    const struct settings *s = i->settings;
    const struct db_options options = {.url = s->database_url};
    bool found = has_contents(s->database_path);

    if (!found && need == INSTALLATION_EXISTING) {
        cli_say("there is no clinic at %s yet: `acolhe serve` makes it, or set ACOLHE_DATA_DIR",
                s->database_path);
        return -E_NOT_FOUND;
    }
    int r = db_open(&options, &i->db);
    if (r < 0) {
        cli_say("the database %s cannot be opened: %s", s->database_path, cli_reason(r));
        return r;
    }
    if (!found || need == INSTALLATION_UPGRADE)
        r = db_migrate(i->db, clock_now_us(), &i->migrated);
    else
        r = db_schema_check(i->db);
    if (r < 0)
        cli_say("the database %s cannot be used: %s", s->database_path, cli_reason(r));
    return r;
}

int installation_accounts(const struct installation *i, int role, int64_t *ret)
{
    struct arena a;
    int r = 0;

    *ret = 0;
    arena_init(&a, 65536);
    const struct grant *system = authz_system(&a);
    for (int one = ROLE_PATIENT; r == 0 && one <= ROLE_ADMIN; one++) {
        int64_t n = 0;
        if (role == 0 || role == one)
            r = account_count(i->db, system, (enum role)one, &n);
        *ret += n;
    }
    arena_done(&a);
    return r;
}

/* ---- keys ---- */

static int open_keys(struct installation *i)
{
    const char *path = i->settings->keys_path;
    int64_t accounts;

    if (crypto_setup() < 0) {
        cli_say("the cryptographic library does not start: reinstall libsodium");
        return -E_INTERNAL;
    }
    int r = installation_accounts(i, 0, &accounts);
    if (r == 0)
        r = keyring_open(path, accounts == 0, clock_now_us(), &i->keys);
    if (r == -E_NOT_FOUND)
        cli_say("the keys of this clinic are missing: %s is not there, but the database has "
                "accounts. New keys could not read what is stored: bring the file back (a backup "
                "with a passphrase has it)",
                path);
    else if (r == -E_CONFIG)
        cli_say("the keys %s cannot be used: the file is damaged, or others may read it (chmod 600 "
                "%s)",
                path, path);
    else if (r < 0)
        cli_say("the keys %s cannot be opened: %s", path, cli_reason(r));
    return r;
}

/* ---- which node this is: one audit chain each ---- */

static int read_node(const char *path, struct id *ret)
{
    struct str text;
    int r = secret_read_file(path, 256, false, &text);

    if (r < 0)
        return r;
    r = id_parse(str_trim(text), ret) < 0 ? -E_CORRUPT : 0;
    secret_free(&text);
    return r;
}

static int make_node(const char *path)
{
    char text[ID_TEXT + 2];
    struct id node = id_new();

    id_format(&node, text);
    text[ID_TEXT] = '\n';
    int r = secret_write_new(path, str_of(text, ID_TEXT + 1));
    return r == -E_DUPLICATE ? 0 : r; /* another process was first */
}

static int open_node(struct installation *i)
{
    const char *path = i->settings->node_path;
    int r = read_node(path, &i->node);

    if (r == -E_NOT_FOUND) {
        r = make_node(path);
        if (r == 0)
            r = read_node(path, &i->node);
    }
    if (r == -E_CORRUPT)
        cli_say("%s does not hold an id: remove it, and a new chain of the audit trail begins",
                path);
    else if (r < 0)
        cli_say("%s cannot be used: %s", path, cli_reason(r));
    return r;
}

int installation_open(const struct settings *settings, enum installation_need need,
                      struct installation *ret)
{
    *ret = (struct installation){.settings = settings};
    (void)umask(077);
    int r = need == INSTALLATION_EXISTING ? 0 : folder_make(settings->data_dir);
    if (r == 0 && (need != INSTALLATION_EXISTING || access(settings->data_dir, F_OK) == 0))
        r = check_folder(settings->data_dir);
    if (r == 0)
        r = open_database(ret, need);
    if (r == 0)
        r = open_keys(ret);
    if (r == 0)
        r = open_node(ret);
    if (r < 0)
        installation_done(ret);
    return r;
}

void installation_done(struct installation *i)
{
    db_close(i->db);
    keyring_free(i->keys);
    i->db = NULL;
    i->keys = NULL;
}
