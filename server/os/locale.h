#ifndef OS_LOCALE_H
#define OS_LOCALE_H
/*
 * The encoding of names, for libraries that ask the system for it: this
 * thread speaks UTF-8 between enter and leave, others as ever.
 */
#include <stdbool.h>

struct locale_utf8;

/* NULL: the system has no such locale. */
struct locale_utf8 *locale_utf8_new(void);
void locale_utf8_free(struct locale_utf8 *locale); /* NULL accepted */
void locale_utf8_enter(struct locale_utf8 *locale);
void locale_utf8_leave(struct locale_utf8 *locale);

#endif
