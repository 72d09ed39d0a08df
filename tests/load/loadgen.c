/*
 * loadgen.c - the load generator's command line. Why one of our own: the usual tools cannot speak
 * the protocol, write once per frame (and then measure themselves), or wait for an answer before
 * the next scheduled request and so hide the very delays that are looked for.
 *
 *   loadgen relay|openloop|echo|idle|http --plan FILE [--pairs N] [--window N] [--warmup S]
 *           [--seconds S] [--rate N] [--sockets N] [--connections N] [--pid PID] [--path P]
 */
#include "modes.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct option options[] = {
    {"plan", required_argument, NULL, 'f'},
    {"pairs", required_argument, NULL, 'p'},
    {"window", required_argument, NULL, 'w'},
    {"warmup", required_argument, NULL, 'u'},
    {"seconds", required_argument, NULL, 's'},
    {"rate", required_argument, NULL, 'r'},
    {"sockets", required_argument, NULL, 'n'},
    {"connections", required_argument, NULL, 'c'},
    {"pid", required_argument, NULL, 'i'},
    {"path", required_argument, NULL, 'a'},
    {NULL, 0, NULL, 0},
};

static double number(const char *text)
{
    char *end;
    double value = strtod(text, &end);
    if (end == text || *end != '\0' || value < 0 || value > 1e9)
        die("not a number: %s", text);
    return value;
}

static const char *settings_read(struct settings *s, int argc, char **argv)
{
    const char *plan = NULL;
    int c;
    while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
        switch (c) {
        case 'f':
            plan = optarg;
            break;
        case 'p':
            s->pairs = (size_t)number(optarg);
            break;
        case 'w':
            s->window = (size_t)number(optarg);
            break;
        case 'u':
            s->warmup_s = number(optarg);
            break;
        case 's':
            s->seconds = number(optarg);
            break;
        case 'r':
            s->rate = number(optarg);
            break;
        case 'n':
            s->sockets = (size_t)number(optarg);
            break;
        case 'c':
            s->connections = (size_t)number(optarg);
            break;
        case 'i':
            s->pid = (long)number(optarg);
            break;
        case 'a':
            s->path = optarg;
            break;
        default:
            exit(2);
        }
    }
    return plan;
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        void (*run)(const struct plan *plan, const struct settings *s);
    } modes[] = {{"relay", mode_relay},
                 {"openloop", mode_openloop},
                 {"echo", mode_echo},
                 {"idle", mode_idle},
                 {"http", mode_http}};
    struct settings s = {.pairs = 50,
                         .window = 8,
                         .sockets = 1000,
                         .connections = 16,
                         .warmup_s = 1,
                         .seconds = 5,
                         .rate = 1000};
    const char *file = settings_read(&s, argc, argv);
    if (optind != argc - 1 || file == NULL)
        die("usage: loadgen relay|openloop|echo|idle|http --plan FILE …");
    struct plan plan;
    plan_read(file, &plan);
    for (size_t i = 0; i < sizeof modes / sizeof *modes; i++) {
        if (strcmp(argv[optind], modes[i].name) == 0) {
            modes[i].run(&plan, &s);
            return 0;
        }
    }
    die("no such mode: %s", argv[optind]);
}
