#ifndef MIME_MIME_CALENDAR_ZONE_H
#define MIME_MIME_CALENDAR_ZONE_H
/* Within mime/: times of a calendar, and the zones that it brings along. */
#include "mime/mime_lines.h"

#define CALENDAR_RULES_MAX 200u /* of all zones of one calendar */

/* A date, and a time of day unless `is_day`; `s` as if it were UTC. */
struct calendar_time {
	int64_t s;
	bool is_day;
	bool is_utc;
};
/* "19970714", "19970714T133000", "19970714T173000Z". */
bool calendar_time_parse(struct str s, struct calendar_time *out);
/* "P1DT2H", "-PT15M", "P2W": seconds; false: unreadable. */
bool calendar_duration_parse(struct str s, int64_t *out);

/* A recurrence rule: only what zones and words need (RFC 5545, 3.3.10). */
struct calendar_rule {
	struct str freq;
	uint32_t interval, count;
	bool has_until;
	struct calendar_time until;
	unsigned weekdays; /* bit 0: Sunday */
	unsigned weekday_count;
	int nth;              /* of the first weekday */
	int month, month_day; /* the first of each; 0: none */
	unsigned month_count, month_day_count;
	bool has_other;
};
struct calendar_rule calendar_rule_parse(struct str s);

/* One observance: from its onset on, wall clocks are `to_s` ahead of UTC. */
struct calendar_observance {
	struct str zone; /* TZID */
	bool has_start, has_rule;
	int64_t start_s; /* wall clock */
	int64_t from_s, to_s;
	struct calendar_rule rule;
	int64_t last_date_s; /* the latest RDATE; 0: none */
};
struct calendar_zones {
	struct calendar_observance list[CALENDAR_RULES_MAX];
	size_t count;
};
/* A line within STANDARD or DAYLIGHT. */
void calendar_observance_line(
    struct calendar_observance *out, const struct mime_line *line);
/* Seconds ahead of UTC at that wall clock time; false: zone unknown. */
bool calendar_zone_offset(const struct calendar_zones *zones, struct str zone,
    int64_t wall_s, int64_t *out);

#endif
