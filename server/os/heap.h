#ifndef OS_HEAP_H
#define OS_HEAP_H

/*
 * Before the first thread: the C library keeps up to 2 MB of what was freed
 * at the end of each of its heaps instead of giving it back to the system
 * after every page and asking for it again with the next (30 page faults).
 * Without effect where the library has no such setting.
 */
void heap_setup(void);

#endif
