/* desk.c - see desk.h. */
#include "cli/desk.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "base/error.h"
#include "base/secret.h"
#include "cli/cli.h"
#include "domain/email.h"
#include "store/accounts.h"

#define ARENA_MAX ((size_t)16 << 20)
#define SECRET_LINE_MAX 4096

int desk_init(struct desk *d, const struct installation *i, const char *action)
{
    *d = (struct desk){0};
    arena_init(&d->arena, ARENA_MAX);
    d->app = (struct app){.config = settings_app(i->settings), .keys = i->keys, .node = i->node};
    d->call = (struct call){
        .app = &d->app,
        .db = i->db,
        .arena = &d->arena,
        .now_us = clock_now_us(),
        .grant = authz_system(&d->arena),
        .action = action,
        .address = STR(""),
        .user_agent = STR(""),
        .request_id = STR(""),
        .issues = &d->issues,
    };
    return d->call.grant ? 0 : -E_NO_MEMORY;
}

void desk_done(struct desk *d)
{
    arena_done(&d->arena);
}

int desk_end(struct desk *d, int r)
{
    if (r == 0)
        return call_commit(&d->call);
    call_rollback(&d->call);
    return r;
}

int desk_explain(const struct desk *d, const char *what, int r)
{
    if (r == 0)
        return CLI_OK;
    if (r != -E_VALIDATION)
        return cli_fail("%s: %s", what, cli_reason(r));
    for (size_t i = 0; i < d->issues.count; i++)
        cli_say("%s: %.*s: %s (%s)", what, STR_FMT(d->issues.list[i].field),
                d->issues.list[i].detail, d->issues.list[i].code);
    return CLI_FAILED;
}

int desk_find(struct desk *d, const char *email, struct id *ret)
{
    struct credentials found;
    struct str shown;
    struct str key;

    int r = email_normalise(str_from(email), &d->arena, &key, &shown);
    if (r == 0)
        r = account_credentials(d->call.db, d->call.grant, &d->arena, key, &found);
    if (r == -E_MALFORMED)
        r = -E_NOT_FOUND;
    if (r == 0)
        *ret = found.id;
    if (r == -E_NOT_FOUND)
        cli_say("there is no account with the address %s: `acolhe user list` shows them", email);
    return r;
}

static int read_input(struct str *ret)
{
    char *p = secret_alloc(SECRET_LINE_MAX);
    size_t n = 0;

    if (!p)
        return -E_NO_MEMORY;
    *ret = str_of(p, SECRET_LINE_MAX);
    for (;;) {
        ssize_t got = read(STDIN_FILENO, p + n, SECRET_LINE_MAX - n);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return -E_IO;
        if (got == 0)
            break;
        n += (size_t)got;
        if (n == SECRET_LINE_MAX)
            return -E_TOO_LARGE;
    }
    return 0;
}

/* The length of the first line, if nothing but one line end follows it; else -1. */
static ssize_t only_line(struct str text)
{
    size_t n = text.n;

    if (n > 0 && text.p[n - 1] == '\n')
        n--;
    if (n > 0 && n < text.n && text.p[n - 1] == '\r')
        n--;
    return memchr(text.p, '\n', n) ? -1 : (ssize_t)n;
}

int secret_line(const char *path, struct str *ret)
{
    bool input = strcmp(path, "-") == 0;
    struct str text = STR_NONE;

    *ret = STR_NONE;
    int r = input ? read_input(&text) : secret_read_file(path, SECRET_LINE_MAX, false, &text);
    if (r < 0) {
        secret_free(&text);
        cli_say("%s cannot be read: %s", input ? "standard input" : path,
                r == -E_NOT_FOUND ? "there is no such file" : cli_reason(r));
        return r;
    }
    ssize_t n = only_line(input ? str_of(text.p, strnlen(text.p, text.n)) : text);
    char *copy = n > 0 ? secret_alloc((size_t)n) : NULL;
    if (copy) {
        memcpy(copy, text.p, (size_t)n);
        *ret = str_of(copy, (size_t)n);
    }
    secret_free(&text);
    if (n <= 0) {
        cli_say("%s must hold exactly one line", input ? "standard input" : path);
        return -E_MALFORMED;
    }
    return copy ? 0 : -E_NO_MEMORY;
}

int secret_given(const struct settings *s, const char *file, const char *key, struct str *ret)
{
    *ret = STR_NONE;
    if (file)
        return secret_line(file, ret);
    struct str given = config_text(&s->config, key);
    if (given.n == 0)
        return 0;
    char *copy = secret_alloc(given.n);
    if (!copy)
        return -E_NO_MEMORY;
    memcpy(copy, given.p, given.n);
    *ret = str_of(copy, given.n);
    return 0;
}
