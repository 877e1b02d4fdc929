#ifndef MIME_MIME_ANGLE_H
#define MIME_MIME_ANGLE_H
/* Within mime/: what stands between < and > of an address. */
#include "base/arena.h"
#include "base/str.h"

/*
 * Without comments and the blanks that RFC 5322, 4.4 allows around dots and
 * the @; not within a quoted local part. Borrows from `raw`, or in the arena.
 */
struct str mime_angle_clean(struct arena *arena, struct str raw);

#endif
