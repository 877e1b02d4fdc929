#ifndef OS_FAULT_H
#define OS_FAULT_H
/*
 * Named places at which tests make the server die or fail. In the program
 * itself both do nothing; tests/walls/fault_on.c takes the place of fault.c in
 * iwebmsgd-faults, which only tests run.
 */
#include <stdbool.h>

/* Between two steps: a test may end the process here (SIGKILL). */
void fault_point(const char *name);
/* Before a write: true, the write fails as if the disk were full. */
bool fault_fails(const char *name);

#endif
