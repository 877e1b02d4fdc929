#ifndef MIME_FLOW_H
#define MIME_FLOW_H
/* Within mime/: text to format=flowed lines (RFC 3676). */
#include "mime/mime.h"

/* Takes one line without its end; false stops. */
typedef bool mime_flow_fn(void *ctx, struct str line);

/*
 * Writes `text` as flowed lines of at most 72 columns where there are blanks
 * to break at. Quoted lines ("> ") are wrapped with their depth; "-- " stays.
 */
bool mime_flow_write(struct text text, mime_flow_fn *write_line, void *ctx);

/* Width on a terminal: wide letters of Asia count two, marks none. */
size_t mime_flow_columns(struct str s);

#endif
