/* audit.c - `acolhe audit verify|export`: proving the trail, and taking it out. Both read one
 * snapshot and may run beside a server. */
#include <stdio.h>

#include "api/views.h"
#include "base/error.h"
#include "cli/cli.h"
#include "cli/desk.h"
#include "store/audit.h"

#define LINE_MAX_BYTES 8192

/* Opens what both need; `work` runs with it. */
static int with_desk(const struct cli_args *args, const char *action,
                     int (*work)(struct desk *d, void *arg), void *arg)
{
    struct installation i;
    struct settings s;
    struct desk d;

    int status = settings_for_command(args->config_file, &s);
    if (status != CLI_OK)
        return status;
    if (installation_open(&s, INSTALLATION_EXISTING, &i) < 0) {
        settings_done(&s);
        return CLI_FAILED;
    }
    int r = desk_init(&d, &i, action);
    status = r == 0 ? work(&d, arg) : cli_fail("%s", cli_reason(r));
    desk_done(&d);
    installation_done(&i);
    settings_done(&s);
    return status;
}

/* ---- verify ---- */

static int verify(struct desk *d, void *arg)
{
    struct audit_report report;
    struct audit_break found = {0};
    char node[ID_TEXT + 1];

    (void)arg;
    int r = audit_verify(d->call.db, d->call.grant, &report, &found);
    if (r == 0) {
        (void)printf("%llu rows in %llu chain%s, unbroken\n", (unsigned long long)report.rows,
                     (unsigned long long)report.nodes, report.nodes == 1 ? "" : "s");
        return cli_end();
    }
    if (r != -E_CORRUPT || !found.reason)
        return cli_fail("the audit trail cannot be read: %s", cli_reason(r));
    id_format(&found.node, node);
    return cli_fail("the audit trail is broken at row %lld of node %s (%s): somebody meddled with "
                    "the database, or it is damaged. Keep this file as it is and compare it with a "
                    "backup",
                    (long long)found.seq, node, found.reason);
}

static int audit_verify_command(const struct cli_args *args)
{
    int status = cli_parse(args, NULL, 0, NULL, 0, 0);

    return status == CLI_OK ? with_desk(args, "cli.audit.verify", verify, NULL) : status;
}

/* ---- export ---- */

struct range {
    int64_t from_us;
    int64_t to_us;
    struct buf line;
};

static int print_row(void *arg, const struct audit_row *row)
{
    struct range *range = arg;
    struct buf *b = &range->line;

    buf_clear(b);
    view_audit_row(b, NULL, row, true);
    (void)buf_add_char(b, '\n');
    if (b->err < 0)
        return b->err;
    return fwrite(b->data, 1, b->len, stdout) == b->len ? 0 : -E_IO;
}

static int export(struct desk *d, void *arg)
{
    struct range *range = arg;

    buf_init(&range->line, LINE_MAX_BYTES);
    int r = audit_walk(d->call.db, d->call.grant, range->from_us, range->to_us, print_row, range);
    buf_done(&range->line);
    if (r < 0)
        return cli_fail("the audit trail cannot be exported: %s", cli_reason(r));
    return cli_end();
}

/* A day (00:00 UTC) or a time of RFC 3339. */
static bool parse_time(const char *text, int64_t *ret)
{
    char day[CLOCK_TEXT + 1];

    if (strlen(text) != sizeof "2026-11-22" - 1)
        return clock_parse(str_from(text), ret) == 0;
    (void)snprintf(day, sizeof day, "%sT00:00:00Z", text);
    return clock_parse(str_from(day), ret) == 0;
}

static int audit_export_command(const struct cli_args *args)
{
    struct range range = {.from_us = INT64_MIN, .to_us = INT64_MAX};
    const char *from = NULL;
    const char *to = NULL;
    const struct cli_option options[] = {{"from", &from, NULL}, {"to", &to, NULL}};

    int status = cli_parse(args, options, 2, NULL, 0, 0);
    if (status != CLI_OK)
        return status;
    if ((from && !parse_time(from, &range.from_us)) || (to && !parse_time(to, &range.to_us)))
        return cli_usage("--from and --to are days or times, as 2026-11-22 or "
                         "2026-11-22T17:00:00Z");
    return with_desk(args, "cli.audit.export", export, &range);
}

int cli_audit(const struct cli_args *args)
{
    static const struct cli_command commands[] = {
        {"verify", audit_verify_command, "(walk the chains)"},
        {"export", audit_export_command, "[--from TIME] [--to TIME] (JSON lines)"},
    };

    return cli_group(args, commands, sizeof commands / sizeof *commands);
}
