#ifndef MIME_MIME_NAME_H
#define MIME_MIME_NAME_H
/*
 * File names that can be saved on any system, of names that strangers chose:
 * no path, nothing invisible, nothing that turns the writing direction, no
 * name that Windows keeps for itself, and short enough.
 */
#include "mime/mime_type.h"

/*
 * Never empty: without a name the type has one. A name without an extension
 * gets the type's. Too long: cut before the extension. In the arena.
 */
struct text mime_name_file(
    struct arena *arena, struct text name, const struct mime_type *type);
/* "Re: plans" → "Re_ plans.eml". */
struct text mime_name_message(struct arena *arena, struct text subject);
/* The name before the last dot, and what follows with the dot, or empty. */
struct str mime_name_stem(struct str name, struct str *out_extension);

/* Names of one folder, each once, whatever the case of its letters. */
struct mime_names {
	struct arena *arena;
	struct mime_name_taken *list;
	size_t count, capacity;
};
/* `name`, or the same with " (2)", " (3)", … before its extension. */
struct text mime_names_add(struct mime_names *names, struct text name);

/* The value of Content-Disposition (RFC 6266, RFC 8187) for such a name. */
struct str mime_name_disposition(
    struct arena *arena, bool is_inline, struct text name);

#endif
