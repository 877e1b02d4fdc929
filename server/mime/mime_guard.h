#ifndef MIME_GUARD_H
#define MIME_GUARD_H
/* Within mime/: looks over a message before the library's parser gets it. */
#include "base/str.h"

/*
 * False for what is known to end in stack overflow, quadratic time or memory
 * of many times the message: nested address groups, tens of thousands of
 * parts, thousands of multiparts. One pass, no memory.
 */
bool mime_guard_is_safe(struct str bytes);

#endif
