/* address.c - see address.h. */
#include "cli/address.h"

#include <arpa/inet.h>

#include "base/error.h"

static bool parse_port(struct str text, int *ret)
{
    int64_t port;

    if (text.n == 0 || text.n > 5 || str_to_i64(text, &port) < 0 || port > 65535)
        return false;
    *ret = (int)port;
    return true;
}

/* Splits "host:port" or "[v6]:port"; *ret_port is STR_NONE where there is none. */
static bool split_host(struct str text, struct str *ret_host, struct str *ret_port)
{
    *ret_port = STR_NONE;
    if (text.n > 0 && text.p[0] == '[') {
        const char *end = memchr(text.p, ']', text.n);
        if (!end)
            return false;
        *ret_host = str_of(text.p + 1, (size_t)(end - text.p) - 1);
        struct str rest = str_of(end + 1, text.n - ret_host->n - 2);
        if (rest.n == 0)
            return true;
        *ret_port = str_of(rest.p + 1, rest.n - 1);
        return rest.p[0] == ':';
    }
    *ret_host = str_cut(text, ':', ret_port);
    return !ret_port->p || !memchr(ret_port->p, ':', ret_port->n);
}

static bool is_address(int family, struct str text, void *ret)
{
    char copy[INET6_ADDRSTRLEN];

    return str_to_cstring(text, copy, sizeof copy) == 0 && inet_pton(family, copy, ret) == 1;
}

/* A name of letters, digits, '-' and '.', with an end that is no number, or an IPv4 address. */
static bool is_host(struct str host)
{
    struct in_addr address;
    bool letter = false;

    if (host.n == 0 || host.n > 253 || host.p[0] == '.' || host.p[host.n - 1] == '.')
        return false;
    for (size_t i = 0; i < host.n; i++) {
        char c = host.p[i];
        bool alpha = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        letter = c == '.' ? false : letter || alpha;
        if (!alpha && !(c >= '0' && c <= '9') && c != '-' && c != '.')
            return false;
    }
    return letter || is_address(AF_INET, host, &address);
}

const char *listen_parse(struct str text, struct listen_address *ret)
{
    struct in6_addr v6;
    struct str port;

    *ret = (struct listen_address){0};
    if (str_starts(text, STR("unix:"))) {
        ret->unix_socket = true;
        ret->host = str_of(text.p + 5, text.n - 5);
        return ret->host.n > 0 && ret->host.p[0] == '/' ? NULL
                                                        : "unix: needs an absolute path after it";
    }
    if (!split_host(text, &ret->host, &port) || !port.p)
        return "is not HOST:PORT, as localhost:8080 or [::1]:8080";
    if (!parse_port(port, &ret->port))
        return "has no port of 0 to 65535";
    if (text.p[0] == '[' ? !is_address(AF_INET6, ret->host, &v6) : !is_host(ret->host))
        return "has no host that could be one";
    return NULL;
}

bool host_is_loopback(struct str host)
{
    struct in_addr v4;
    struct in6_addr v6;

    if (str_ieq(host, STR("localhost")))
        return true;
    if (is_address(AF_INET, host, &v4))
        return ntohl(v4.s_addr) >> 24 == 127;
    return is_address(AF_INET6, host, &v6) && IN6_IS_ADDR_LOOPBACK(&v6);
}

const char *public_url_check(struct str url)
{
    const struct str https = STR("https://");
    const struct str http = STR("http://");
    bool secure = str_starts(url, https);
    struct in6_addr v6;
    struct str host;
    struct str port;
    int number = 0;

    if (!secure && !str_starts(url, http))
        return "must start with https:// (or http:// on this machine alone)";
    size_t skip = secure ? https.n : http.n;
    struct str rest = str_of(url.p + skip, url.n - skip);
    for (size_t i = 0; i < rest.n; i++) {
        if (rest.p[i] >= 'A' && rest.p[i] <= 'Z')
            return "must be in lower case, as browsers send it";
        if (strchr("/?#@", rest.p[i]))
            return "must be scheme, host and port alone, without a slash at the end";
    }
    if (!split_host(rest, &host, &port) ||
        (rest.n > 0 && rest.p[0] == '[' ? !is_address(AF_INET6, host, &v6) : !is_host(host)))
        return "has no host that could be one";
    if (port.p && (!parse_port(port, &number) || number == 0))
        return "has no port of 1 to 65535";
    if (number == (secure ? 443 : 80))
        return "must leave out the usual port, as browsers do";
    if (!secure && !host_is_loopback(host))
        return "is plain http for others than this machine: put TLS in front and say https://";
    return NULL;
}

int public_url_of(const struct listen_address *listen, int port, struct arena *a, const char **ret)
{
    struct in6_addr v6;

    *ret = NULL;
    if (listen->unix_socket || !host_is_loopback(listen->host))
        return 0;
    bool brackets = is_address(AF_INET6, listen->host, &v6);
    struct str url = arena_printf(a, "http://%s%.*s%s", brackets ? "[" : "", STR_FMT(listen->host),
                                  brackets ? "]" : "");
    if (url.p && port != 80)
        url = arena_printf(a, "%s:%d", url.p, port);
    *ret = url.p;
    return url.p ? 0 : -E_NO_MEMORY;
}

static bool is_prefix(struct str text)
{
    uint8_t address[sizeof(struct in6_addr)];
    struct str bits;
    int64_t n = 0;
    struct str host = str_cut(text, '/', &bits);
    bool v4 = is_address(AF_INET, host, address);

    if (!v4 && !is_address(AF_INET6, host, address))
        return false;
    return !bits.p || (str_to_i64(bits, &n) == 0 && n <= (v4 ? 32 : 128));
}

const char *proxies_check(struct str list)
{
    struct str rest = list;

    while (str_trim(rest).n > 0)
        if (!is_prefix(str_trim(str_cut(rest, ',', &rest))))
            return "must be addresses or prefixes with commas between, as 10.0.0.2, fd00::/8";
    return NULL;
}
