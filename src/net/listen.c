/*
 * listen.c - from "localhost:8080", "[::1]:0" or "unix:/path" to listening sockets.
 *
 * A name may have several addresses, and all of them get the same port. Addresses that this machine
 * does not have (::1 in a container without IPv6) are passed over as long as another one works.
 */
#include "net/listen.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/log.h"

#define BACKLOG 4096
#define HOST_MAX 256

static void say(enum log_level level, const char *event, const char *where, int error)
{
    log_event(level, "net", event, log_text("listen", where), log_text("reason", strerror(error)));
}

static int bind_listen(int fd, const struct sockaddr *address, socklen_t n)
{
    if (bind(fd, address, n) < 0 || listen(fd, BACKLOG) < 0) {
        int error = errno;
        (void)close(fd);
        errno = error;
        return -1;
    }
    return fd;
}

/* Is nobody listening at that path (any more)? */
static bool unix_stale(const struct sockaddr_un *address)
{
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (fd < 0)
        return false;
    int r = connect(fd, (const struct sockaddr *)address, sizeof *address);
    bool stale = r < 0 && errno == ECONNREFUSED;
    (void)close(fd);
    return stale;
}

static int open_unix(const char *where, const char *path, struct listener *out)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    struct stat st;

    if (path[0] != '/' ||
        str_to_cstring(str_from(path), address.sun_path, sizeof address.sun_path) < 0)
        return -E_CONFIG;
    if (lstat(path, &st) == 0 && S_ISSOCK(st.st_mode) && unix_stale(&address))
        (void)unlink(path);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd >= 0)
        fd = bind_listen(fd, (const struct sockaddr *)&address, sizeof address);
    if (fd < 0) {
        say(LOG_ERROR, "cannot_listen", where, errno);
        return -E_IO;
    }
    *out = (struct listener){.fd = fd};
    memcpy(out->path, address.sun_path, sizeof out->path);
    return 0;
}

static void set_port(struct sockaddr *address, int port)
{
    if (address->sa_family == AF_INET)
        ((struct sockaddr_in *)(void *)address)->sin_port = htons((uint16_t)port);
    else if (address->sa_family == AF_INET6)
        ((struct sockaddr_in6 *)(void *)address)->sin6_port = htons((uint16_t)port);
}

int listen_port(const struct listener *l)
{
    union {
        struct sockaddr any;
        struct sockaddr_in v4;
        struct sockaddr_in6 v6;
    } a = {0};
    socklen_t n = sizeof a;

    if (!l->tcp || getsockname(l->fd, &a.any, &n) < 0)
        return 0;
    return ntohs(a.any.sa_family == AF_INET ? a.v4.sin_port : a.v6.sin6_port);
}

static int open_tcp(const struct addrinfo *ai, int port)
{
    const int on = 1;
    struct sockaddr_storage address;
    int fd = socket(ai->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

    if (fd < 0)
        return -1;
    memcpy(&address, ai->ai_addr, ai->ai_addrlen);
    if (port > 0)
        set_port((struct sockaddr *)&address, port);
    (void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (ai->ai_family == AF_INET6) {
        const struct sockaddr_in6 *in6 = (const void *)&address;
        int only = !IN6_IS_ADDR_UNSPECIFIED(&in6->sin6_addr);
        (void)setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &only, sizeof only);
    }
    return bind_listen(fd, (const struct sockaddr *)&address, ai->ai_addrlen);
}

/* "host:port" or "[v6]:port" */
static int split(const char *where, char host[HOST_MAX], char port[8])
{
    const char *colon = strrchr(where, ':');
    int64_t number;

    if (!colon || str_to_i64(str_from(colon + 1), &number) < 0 || number > 65535)
        return -E_CONFIG;
    struct str h = {where, (size_t)(colon - where)};
    if (h.n >= 2 && h.p[0] == '[' && h.p[h.n - 1] == ']')
        h = (struct str){h.p + 1, h.n - 2};
    else if (memchr(h.p, ':', h.n))
        return -E_CONFIG;
    if (h.n == 0 || str_to_cstring(h, host, HOST_MAX) < 0)
        return -E_CONFIG;
    (void)snprintf(port, 8, "%d", (int)number);
    return 0;
}

static int open_all(const char *where, const struct addrinfo *list, struct listener *out,
                    size_t *ret_count)
{
    size_t count = 0;
    int port = 0;

    for (const struct addrinfo *ai = list; ai && count < LISTENERS_MAX; ai = ai->ai_next) {
        int fd = open_tcp(ai, port);
        if (fd < 0) {
            bool absent = errno == EADDRNOTAVAIL || errno == EAFNOSUPPORT;
            say(absent ? LOG_WARNING : LOG_ERROR, "cannot_listen", where, errno);
            if (absent)
                continue;
            listen_close(out, count);
            return -E_IO;
        }
        out[count++] = (struct listener){.fd = fd, .tcp = true};
        port = listen_port(&out[0]);
    }
    *ret_count = count;
    return count > 0 ? 0 : -E_IO;
}

int listen_open(const char *where, struct listener out[LISTENERS_MAX], size_t *ret_count,
                int *ret_port)
{
    char host[HOST_MAX];
    char port[8];
    struct addrinfo *list = NULL;
    const struct addrinfo hints = {.ai_family = AF_UNSPEC,
                                   .ai_socktype = SOCK_STREAM,
                                   .ai_flags = AI_PASSIVE | AI_NUMERICSERV};
    const struct addrinfo loopback = {
        .ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICSERV};

    *ret_count = 0;
    *ret_port = 0;
    if (!where)
        return -E_CONFIG;
    if (str_starts(str_from(where), STR("unix:"))) {
        int err = open_unix(where, where + 5, out);
        *ret_count = err < 0 ? 0 : 1;
        return err;
    }
    if (split(where, host, port) < 0) {
        log_event(LOG_ERROR, "net", "bad_listen_address", log_text("listen", where));
        return -E_CONFIG;
    }
    /* "localhost" is this machine whatever a resolver says or lacks (RFC 6761, 6.3); no name and no
     * AI_PASSIVE stand for the loopback addresses. */
    bool here = str_ieq(str_from(host), STR("localhost"));
    int r = getaddrinfo(here ? NULL : host, port, here ? &loopback : &hints, &list);
    if (r != 0) {
        log_event(LOG_ERROR, "net", "bad_listen_address", log_text("listen", where),
                  log_text("reason", gai_strerror(r)));
        return -E_CONFIG;
    }
    int err = open_all(where, list, out, ret_count);
    freeaddrinfo(list);
    if (err == 0)
        *ret_port = listen_port(&out[0]);
    return err;
}

void listen_close(struct listener *listeners, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        (void)close(listeners[i].fd);
        if (!listeners[i].tcp)
            (void)unlink(listeners[i].path);
    }
}
