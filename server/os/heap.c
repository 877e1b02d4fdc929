#include "os/heap.h"

#include <stddef.h>
#include <stdlib.h>

#ifdef __GLIBC__
#include <malloc.h>

#define KEPT_BYTES (2 << 20)
/* Larger ones are the system's at once when they are freed. */
#define LARGE_BYTES (1 << 20)

void
heap_setup(void)
{
	(void)mallopt(M_TRIM_THRESHOLD, KEPT_BYTES);
	(void)mallopt(M_MMAP_THRESHOLD, LARGE_BYTES);
}
#else
void
heap_setup(void)
{
}
#endif
