/* zone.c - see zone.h. libical loads zones when they are first asked for and extends their list of
 * changes as later years are asked for, neither of it safe for threads: hence the lock. */
#include "domain/zone.h"

#include <libical/ical.h>
#include <pthread.h>
#include <string.h>

#include "base/clock.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

/* libical would open whatever path a name makes. */
static bool is_name(const char *zone)
{
    size_t n = strlen(zone);

    if (n == 0 || n > ZONE_NAME_MAX || zone[0] == '/' || strstr(zone, "..") || strstr(zone, "//"))
        return false;
    for (size_t i = 0; i < n; i++) {
        char c = zone[i];
        bool good = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
                    c == '/' || c == '_' || c == '-' || c == '+';
        if (!good)
            return false;
    }
    return true;
}

/* With the lock held. NULL: no such zone. */
static icaltimezone *find(const char *zone)
{
    return is_name(zone) ? icaltimezone_get_builtin_timezone(zone) : NULL;
}

bool zone_exists(const char *zone)
{
    (void)pthread_mutex_lock(&lock);
    icaltimezone *found = find(zone);
    bool exists = found && (strcmp(zone, "UTC") == 0 || icaltimezone_get_component(found));
    (void)pthread_mutex_unlock(&lock);
    return exists;
}

static struct icaltimetype broken_down(int64_t us)
{
    struct icaltimetype t = icaltime_null_time();
    int64_t days = us / US_PER_DAY - (us % US_PER_DAY < 0);
    int64_t rest = us - days * US_PER_DAY;

    clock_civil_from_days(days, &t.year, &t.month, &t.day);
    t.hour = (int)(rest / US_PER_HOUR);
    t.minute = (int)(rest / US_PER_MIN % 60);
    t.second = (int)(rest / US_PER_S % 60);
    return t;
}

int zone_utc_offset_s(const char *zone, int64_t utc_us)
{
    struct icaltimetype t = broken_down(utc_us);
    int is_dst = 0;

    (void)pthread_mutex_lock(&lock);
    icaltimezone *found = find(zone);
    int offset = found ? icaltimezone_get_utc_offset_of_utc_time(found, &t, &is_dst) : 0;
    (void)pthread_mutex_unlock(&lock);
    return offset;
}

int64_t zone_to_local_us(const char *zone, int64_t utc_us)
{
    return utc_us + zone_utc_offset_s(zone, utc_us) * US_PER_S;
}

int64_t zone_from_local_us(const char *zone, int64_t local_us)
{
    /* No zone is a day off UTC and none changes twice in two days, so these two are the offsets
     * before and after a change near that time; without a change they are equal. */
    int before = zone_utc_offset_s(zone, local_us - US_PER_DAY);
    int after = zone_utc_offset_s(zone, local_us + US_PER_DAY);
    int64_t first = local_us - before * US_PER_S;
    int64_t second = local_us - after * US_PER_S;

    if (zone_to_local_us(zone, first) == local_us)
        return first; /* the usual case, and the first of two */
    return zone_to_local_us(zone, second) == local_us ? second : first;
}
