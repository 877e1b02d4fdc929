#include "os/zone.h"

int
zone_offset_minutes(int64_t unix_s)
{
	time_t when = (time_t)unix_s;
	struct tm local;

	if (localtime_r(&when, &local) == NULL)
		return 0;
	return (int)(local.tm_gmtoff / 60);
}
