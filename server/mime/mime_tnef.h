#ifndef MIME_MIME_TNEF_H
#define MIME_MIME_TNEF_H
/*
 * Within mime/: winmail.dat of Outlook (MS-OXTNEF). A stream of attributes,
 * little-endian; some hold MAPI properties. Nothing is copied before its
 * length was checked against what is there; nesting is not followed.
 */
#include "mime/mime.h"

#define TNEF_FILES_MAX 200u

struct tnef_file {
	struct text name;
	struct str type;  /* as its sender says, or empty */
	struct str bytes; /* borrowed */
};
struct tnef {
	struct tnef_file *files;
	size_t file_count;
	struct text text; /* the body, where it is there as plain text */
	struct str html;  /* the body as HTML, in html_charset */
	struct str html_charset;
	struct str rtf; /* the body as RTF, compressed (MS-OXRTFCP) */
	bool is_broken;
};
/* False: no TNEF at all. */
bool tnef_parse(struct str bytes, struct arena *arena, struct tnef *out);
/* What "compressed RTF" holds; ptr NULL: broken, or over `max_bytes`. */
struct str tnef_rtf(
    struct arena *arena, struct str compressed, size_t max_bytes);

#endif
