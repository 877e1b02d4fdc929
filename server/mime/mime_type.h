#ifndef MIME_MIME_TYPE_H
#define MIME_MIME_TYPE_H
/*
 * What a file is, by a fixed table: what a stranger calls it never reaches an
 * answer. Only what browsers show without running anything is ever shown.
 */
#include "mime/mime.h"

/* How we show a file in the browser. */
enum mime_show {
	MIME_SHOW_NOT, /* a download only */
	MIME_SHOW_IMAGE,
	MIME_SHOW_PDF,
	MIME_SHOW_TEXT, /* in a page of ours, escaped */
	MIME_SHOW_AUDIO,
	MIME_SHOW_VIDEO,
};

struct mime_type {
	const char *type;      /* what an answer says: "image/png" */
	const char *extension; /* "png"; "": unknown */
	const char *icon;      /* "image", "archive", …: a sign of ours */
	const char *words;     /* for people: "PNG image" */
	enum mime_show show;
	bool is_program; /* can do harm when it is opened */
};

/*
 * By the declared type, else by the extension of the name; one that says
 * nothing is "application/octet-stream". Never NULL.
 */
const struct mime_type *mime_type_find(
    struct str type, struct str subtype, struct str name);
const struct mime_type *mime_type_of(const struct mime_part *part);
/* Of "image/png" and a name. */
const struct mime_type *mime_type_named(struct str type, struct str name);

/* Bytes that mime_type_seen() wants to see. */
#define MIME_TYPE_LOOK_BYTES 1024u
/*
 * By the first bytes of a file: of what calls itself an image, which of the
 * images it is; a PDF has to be one. NULL: it is not what it says. Of other
 * types nothing is asked.
 */
const struct mime_type *mime_type_seen(
    const struct mime_type *type, struct str first);

#endif
