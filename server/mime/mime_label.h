#ifndef MIME_LABEL_H
#define MIME_LABEL_H
/* Within mime/: names of charsets. */
#include "mime/mime.h"

/* How the bytes are to be read. */
enum mime_label_kind {
	MIME_LABEL_UTF8,
	MIME_LABEL_LATIN,  /* windows-1252 */
	MIME_LABEL_SINGLE, /* a byte, a character */
	MIME_LABEL_MULTI,
	MIME_LABEL_JIS, /* ISO-2022-JP; iconv_name is that of its EUC form */
	MIME_LABEL_HZ,
	MIME_LABEL_STATE, /* other escapes */
	MIME_LABEL_WIDE,  /* two bytes; a byte order mark goes first */
	MIME_LABEL_WIDE4
};

struct mime_label {
	enum mime_label_kind kind;
	const char *iconv_name; /* NULL: decoded without */
};

/* NULL: unknown. Case, spaces and quotes around do not count. */
const struct mime_label *mime_label_find(struct str label);

#endif
