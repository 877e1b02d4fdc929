#ifndef MIME_MIME_ENRICHED_H
#define MIME_MIME_ENRICHED_H
/* text/enriched and its older form text/richtext as plain text (RFC 1896). */
#include "mime/mime.h"

struct text mime_enriched_to_text(struct arena *arena, struct text text);

#endif
