#ifndef OS_ZONE_H
#define OS_ZONE_H
/* The time zone of this machine. */
#include <stdint.h>

/* Minutes east of UTC at that moment, daylight saving included. */
int zone_offset_minutes(int64_t unix_s);

#endif
