#ifndef MIME_MIME_CARD_H
#define MIME_MIME_CARD_H
/* Lines of a card (mime_person.h): taken apart, made, written as vCard. */
#include "base/buf.h"
#include "mime/mime_person.h"

#define MIME_CARD_LINES 500u /* of one card */

struct mime_card_line {
	struct str whole;  /* without LF */
	struct str name;   /* upper case */
	struct str params; /* ";TYPE=work", or empty */
	struct str value;  /* escaped */
};
/* The next line of *rest; false at the end. Borrows. */
bool mime_card_line_next(struct str *rest, struct mime_card_line *out);
/* Has TYPE this word, whatever its case? */
bool mime_card_has_type(const struct mime_card_line *line, const char *word);
/* The value for people; ";" of structured ones become ", ". */
struct text mime_card_value(
    struct arena *arena, const struct mime_card_line *line);
/* Adds "NAME;TYPE=type:value"; type "" is left out; empty values are none. */
void mime_card_add(
    struct buf *card, const char *name, const char *type, struct text value);
/* The same with several parts, ";" between them ("N", "ADR", "ORG"). */
void mime_card_add_parts(struct buf *card, const char *name, const char *type,
    const struct text *parts, size_t count);
/* A text as a value: backslash, comma, semicolon and line breaks escaped. */
void mime_card_escape(struct buf *out, struct str text);

/* A person as a vCard, with CRLF and folded lines. `version` 3 or 4. */
void mime_card_write(
    struct buf *out, const struct mime_person *person, unsigned version);

#endif
