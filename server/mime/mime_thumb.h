#ifndef MIME_MIME_THUMB_H
#define MIME_MIME_THUMB_H
/*
 * The small picture that cameras put into the header of a JPEG (Exif 2.3,
 * 4.5.5). It is cut out, not decoded: only the browser looks at pixels.
 */
#include "base/arena.h"
#include "base/str.h"

/* All of it lies in the first segment: more is never needed. */
#define MIME_THUMB_LOOK_BYTES ((size_t)72 << 10)

/*
 * `first`: the beginning of a file. A JPEG in the arena, turned as the big
 * one is; false: there is none. Work and memory are in proportion to `first`.
 */
bool mime_thumb_find(struct arena *arena, struct str first, struct str *out);
/*
 * Which way up a JPEG is, as a segment of its own with nothing else in it;
 * empty: upright, or not said.
 */
struct str mime_thumb_orientation(struct arena *arena, struct str first);

#endif
