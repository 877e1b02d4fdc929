#ifndef OS_ZONE_RULE_H
#define OS_ZONE_RULE_H
/*
 * Within os/: the rule at the end of a zone's file, for all times after its
 * last listed change: "CET-1CEST,M3.5.0,M10.5.0/3" (POSIX.1, 8.3, TZ; with
 * the longer times of RFC 9636, 3.3.1).
 */
#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"

enum zone_day {
	ZONE_DAY_WEEK,   /* M3.5.0: a weekday of a month */
	ZONE_DAY_JULIAN, /* J60: never counts 29 February */
	ZONE_DAY_YEAR    /* 59: counts it, from 0 */
};
struct zone_change {
	enum zone_day kind;
	int month, week, day;
	int32_t time_s; /* after midnight of that day, wall clock before it */
};
struct zone_rule {
	int32_t standard_s, saving_s; /* east of UTC */
	bool has_saving;
	struct zone_change begins, ends; /* of daylight saving */
};

bool zone_rule_parse(struct str s, struct zone_rule *out);
/* Seconds east of UTC at that moment. */
int32_t zone_rule_offset(const struct zone_rule *rule, int64_t unix_s);

#endif
