/* diagnose_system.c - the machine below the clinic: clock, randomness, files, disk, port. */
#include <errno.h>
#include <linux/magic.h>
#include <netdb.h>
#include <stdio.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/statfs.h>
#include <sys/statvfs.h>
#include <sys/time.h>
#include <sys/timex.h>
#include <sys/un.h>
#include <unistd.h>

#include "cli/diagnose.h"

#ifndef CIFS_SUPER_MAGIC
#define CIFS_SUPER_MAGIC 0xFF534D42
#endif
#ifndef SMB2_SUPER_MAGIC
#define SMB2_SUPER_MAGIC 0xFE534D42
#endif
#define DISK_FAIL ((uint64_t)64 << 20)
#define DISK_WARN ((uint64_t)1 << 30)
#define OPEN_FILES_WARN 4096
#define ANSWER_WAIT_S 2

void diagnose_clock(struct diagnosis *d)
{
    const int64_t epoch = clock_days_from_civil(2026, 1, 1) * US_PER_DAY;
    char now[CLOCK_TEXT + 1];
    struct timex state = {0};

    clock_format(clock_now_us(), now);
    if (clock_now_us() < epoch)
        found(d, FOUND_FAIL, "clock", "it says %s: set the clock, and let NTP keep it", now);
    else if (adjtimex(&state) == TIME_ERROR)
        found(d, FOUND_WARN, "clock", "%s, but nothing keeps it right: switch NTP on", now);
    else
        found(d, FOUND_OK, "clock", "%s, kept in step", now);
}

void diagnose_random(struct diagnosis *d)
{
    uint8_t byte;

    if (getrandom(&byte, 1, GRND_NONBLOCK) == 1)
        found(d, FOUND_OK, "random", "the kernel's generator is ready");
    else
        found(d, FOUND_FAIL, "random",
              "the kernel's generator is not ready (%s): wait, or give the machine a source",
              strerror(errno));
}

void diagnose_open_files(struct diagnosis *d)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
        found(d, FOUND_WARN, "files", "the limit is unknown (%s)", strerror(errno));
    else if (limit.rlim_max < OPEN_FILES_WARN)
        found(d, FOUND_WARN, "files",
              "only %llu open files are allowed, each connection is one: raise LimitNOFILE",
              (unsigned long long)limit.rlim_max);
    else
        found(d, FOUND_OK, "files", "%llu may be open", (unsigned long long)limit.rlim_max);
}

/* SQLite's write-ahead log needs memory shared by all who open it: one machine, no network. */
static void diagnose_file_system(struct diagnosis *d)
{
    static const long networks[] = {NFS_SUPER_MAGIC,  SMB_SUPER_MAGIC,  SMB2_SUPER_MAGIC,
                                    CIFS_SUPER_MAGIC, CODA_SUPER_MAGIC, AFS_SUPER_MAGIC};
    struct statfs fs;

    if (statfs(d->settings->data_dir, &fs) < 0)
        return;
    for (size_t i = 0; i < sizeof networks / sizeof *networks; i++)
        if ((long)fs.f_type == networks[i])
            found(
                d, FOUND_FAIL, "disk",
                "the data folder is on a network file system, where the database can break: use a "
                "disk of this machine");
}

void diagnose_disk(struct diagnosis *d)
{
    struct statvfs fs;

    diagnose_file_system(d);

    if (statvfs(d->settings->data_dir, &fs) < 0) {
        found(d, FOUND_FAIL, "disk", "it cannot be asked (%s)", strerror(errno));
        return;
    }
    uint64_t left = (uint64_t)fs.f_bavail * fs.f_frsize;
    enum finding how = left < DISK_FAIL ? FOUND_FAIL : left < DISK_WARN ? FOUND_WARN : FOUND_OK;
    found(d, how, "disk", "%llu MiB are free%s", (unsigned long long)(left >> 20),
          how == FOUND_OK ? "" : ": make room, for when it is full nothing can be written");
    if (fs.f_files > 0 && fs.f_favail < 100)
        found(d, FOUND_FAIL, "disk", "no inodes are left: remove files");
}

/* ---- the port ---- */

static int connect_unix(struct str path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (fd >= 0 && path.n < sizeof address.sun_path) {
        memcpy(address.sun_path, path.p, path.n);
        if (connect(fd, (const struct sockaddr *)&address, sizeof address) == 0)
            return fd;
    }
    if (fd >= 0)
        (void)close(fd);
    return -1;
}

/* A connection to what listens there, or -1. *ret_known: the name has an address. */
static int connect_there(const struct listen_address *listen, bool *ret_known)
{
    const struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
    struct addrinfo *list = NULL;
    char host[256];
    char port[16];
    int fd = -1;

    *ret_known = true;
    if (listen->unix_socket)
        return connect_unix(listen->host);
    (void)snprintf(host, sizeof host, "%.*s", STR_FMT(listen->host));
    (void)snprintf(port, sizeof port, "%d", listen->port);
    bool here = str_ieq(listen->host, STR("localhost")); /* as net listens: without a resolver */
    *ret_known = getaddrinfo(here ? NULL : host, port, &hints, &list) == 0;
    for (const struct addrinfo *a = *ret_known ? list : NULL; a && fd < 0; a = a->ai_next) {
        fd = socket(a->ai_family, a->ai_socktype | SOCK_CLOEXEC, 0);
        if (fd >= 0 && connect(fd, a->ai_addr, a->ai_addrlen) < 0) {
            (void)close(fd);
            fd = -1;
        }
    }
    if (*ret_known)
        freeaddrinfo(list);
    return fd;
}

/* Is it a server of this program that answers? */
static bool is_acolhe(int fd)
{
    static const char ask[] = "GET /healthz HTTP/1.1\r\nHost: localhost\r\n"
                              "Connection: close\r\n\r\n";
    static const char want[] = "HTTP/1.1 200 ";
    const struct timeval wait = {.tv_sec = ANSWER_WAIT_S};
    char answer[sizeof want];

    (void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait);
    if (send(fd, ask, sizeof ask - 1, MSG_NOSIGNAL) < 0)
        return false;
    return recv(fd, answer, sizeof want - 1, MSG_WAITALL) == (ssize_t)sizeof want - 1 &&
           memcmp(answer, want, sizeof want - 1) == 0;
}

void diagnose_port(struct diagnosis *d)
{
    struct str listen = config_text(&d->settings->config, "ACOLHE_LISTEN");
    bool known;

    if (!d->settings->listen.unix_socket && d->settings->listen.port == 0) {
        found(d, FOUND_OK, "port", "any that is free");
        return;
    }
    int fd = connect_there(&d->settings->listen, &known);
    if (!known)
        found(d, FOUND_FAIL, "port", "%s is not an address of this machine: set ACOLHE_LISTEN",
              listen.p);
    else if (fd < 0)
        found(d, FOUND_OK, "port", "%s is free", listen.p);
    else if (is_acolhe(fd))
        found(d, FOUND_OK, "port", "%s is served and well", listen.p);
    else
        found(d, FOUND_FAIL, "port",
              "something that is not a healthy acolhe answers at %s: end it, or set ACOLHE_LISTEN",
              listen.p);
    if (fd >= 0)
        (void)close(fd);
}
