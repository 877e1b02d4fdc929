#ifndef MIME_MIME_LINES_H
#define MIME_MIME_LINES_H
/*
 * Within mime/: content lines of iCalendar and vCard (RFC 5545, 3.1; RFC 6350,
 * 3.3; vCard 2.1): unfolded, cut into name, parameters and value.
 *
 *   contentline = [group "."] name *(";" param ) ":" value CRLF
 *   param       = name "=" value *("," value)     ; vCard 2.1: or only value
 */
#include "mime/mime.h"

#define MIME_LINE_PARAMS 40u /* of one line; more are left out */

struct mime_line {
	struct str group; /* "item1" of "item1.EMAIL"; mostly empty */
	struct str name;  /* without its group; as it came */
	/* A parameter without "=" has an empty name (vCard 2.1). */
	struct mime_param params[MIME_LINE_PARAMS];
	size_t param_count;
	struct str value; /* raw, escapes and all */
	uint32_t number;  /* of its first line in the file, from 1 */
	bool is_cut;      /* longer than line_bytes */
};

struct mime_lines {
	struct arena *arena;
	struct str rest;
	size_t line_bytes; /* the longest that is read; 0: 64 KB */
	uint32_t number;   /* lines that were read so far */
	uint32_t skipped;  /* those that were none, empty ones aside */
};

/*
 * The next line with a name and a colon; others are skipped. Lines live in
 * the arena or borrow. False at the end.
 */
bool mime_lines_next(struct mime_lines *lines, struct mime_line *out);
bool mime_line_is(const struct mime_line *line, const char *name);
/* The value of the first parameter of that name, or empty. */
struct str mime_line_param(const struct mime_line *line, const char *name);
/* Has this word as a value of TYPE, or bare (vCard 2.1)? */
bool mime_line_has_type(const struct mime_line *line, const char *word);

/* How the value is encoded (vCard 2.1, 3.0). */
enum mime_encoding mime_line_encoding(const struct mime_line *line);
/*
 * The value as text: ENCODING (quoted-printable, base64) and CHARSET of vCard
 * 2.1 undone, then as UTF-8 or what it seems to be.
 */
struct str mime_line_decoded(struct arena *arena, const struct mime_line *line);
/*
 * Cuts a piece up to a `separator` that is not escaped off *rest, and undoes
 * the escapes of it: "\n" a line break, "\," a comma. At most `max_bytes`.
 */
struct text mime_line_piece(
    struct arena *arena, struct str *rest, char separator, size_t max_bytes);
/* All of it. */
struct text mime_line_text(
    struct arena *arena, struct str value, size_t max_bytes);

#endif
