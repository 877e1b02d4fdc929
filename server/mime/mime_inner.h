#ifndef MIME_MIME_INNER_H
#define MIME_MIME_INNER_H
/*
 * Files within a part that are no parts of MIME: in winmail.dat (TNEF,
 * MS-OXTNEF) and between "begin" and "end" of a text (uuencode).
 */
#include "mime/mime.h"

struct mime_inner {
	struct text name; /* cleaned like a part's */
	struct str type;  /* "image/png"; by the name, or octet-stream */
	uint64_t bytes;
};
struct mime_inners {
	struct mime_inner *list;
	size_t count;
	struct text text; /* TNEF: the body, when it is there as text */
	struct str
	    html; /* TNEF: the body as HTML, or empty; with its charset */
	struct str html_charset;
	bool is_broken; /* not all of it could be read */
};

/* May the part hold such files, by its type and name? */
bool mime_inner_is_likely(const struct mime_part *part);
/*
 * `bytes`: the part, decoded. Lists what is in it; at most
 * LIMIT_ATTACHMENTS files. Nothing in it: count 0.
 */
enum err_code mime_inner_list(const struct mime_part *part, struct str bytes,
    struct arena *arena, struct mime_inners *out, struct err *err) WARN_UNUSED;
/* The bytes of file `index`, in the arena or borrowed. ERR_NOT_FOUND. */
enum err_code mime_inner_read(const struct mime_part *part, struct str bytes,
    size_t index, struct arena *arena, struct str *out,
    struct err *err) WARN_UNUSED;

#endif
