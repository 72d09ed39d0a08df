/*
 * zone.h - IANA time zones, by libical over the system's tzdata. Any thread (one lock inside);
 * the first use of a zone reads its file below /usr/share/zoneinfo.
 *
 * "Local" microseconds count from 1970-01-01T00:00:00 on the zone's own wall clock.
 */
#ifndef ACOLHE_DOMAIN_ZONE_H
#define ACOLHE_DOMAIN_ZONE_H

#include <stdbool.h>
#include <stdint.h>

#define ZONE_NAME_MAX 64
#define ZONE_DEFAULT "America/Sao_Paulo"

/* Is it a zone that the system knows? Names are case-sensitive; "UTC" is one. */
bool zone_exists(const char *zone);
/* Seconds east of Greenwich at that instant. A zone that does not exist is taken as UTC. */
int zone_utc_offset_s(const char *zone, int64_t utc_us);
int64_t zone_to_local_us(const char *zone, int64_t utc_us);
/* The instant at which the wall clock shows a local time. A time that the clock skips (a gap) is
 * read with the offset before the change, so 00:30 in a gap of an hour is what the clock calls
 * 01:30; of a time that it shows twice, the first is meant. */
int64_t zone_from_local_us(const char *zone, int64_t local_us);

#endif
