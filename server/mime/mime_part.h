#ifndef MIME_PART_H
#define MIME_PART_H
/* Within mime/: what the fields of a part say about it. */
#include "mime/mime.h"

/* Values of a part's fields as they came; empty where there is none. */
struct mime_part_fields {
	struct str type;
	struct str disposition;
	struct str encoding;
	struct str id;
	struct str description;
};

/* Fills all of `out` but where the part is. In the arena. */
void mime_part_read(struct arena *arena, const struct mime_part_fields *fields,
    struct mime_part *out);

/* Where the text behind a header starts; 0: there is no header. */
size_t mime_part_body(struct str bytes);
/* What cannot be taken apart is one text. */
void mime_part_of_text(struct str bytes, struct mime_part *out);

#endif
