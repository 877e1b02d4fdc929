#ifndef MIME_MIME_PHOTO_H
#define MIME_MIME_PHOTO_H
/*
 * Photos of people without what cameras and programs write beside the picture:
 * place and time, names, comments, small copies of what was cut off. Nothing
 * is decoded: only the browser looks at pixels.
 */
#include "base/arena.h"
#include "base/str.h"

/*
 * Takes a JPEG or PNG apart and puts together what the picture needs, colour
 * profile and orientation included. *out lives in the arena or borrows;
 * *out_type is "image/jpeg" or "image/png". False: it is neither, damaged, or
 * one of its sides has more than LIMIT_PHOTO_SIDE pixels.
 */
bool mime_photo_clean(struct arena *arena, struct str bytes, struct str *out,
    const char **out_type);

#endif
