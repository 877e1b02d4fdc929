#include "os/fault.h"

void
fault_point(const char *name)
{
	(void)name;
}

bool
fault_fails(const char *name)
{
	(void)name;
	return false;
}
