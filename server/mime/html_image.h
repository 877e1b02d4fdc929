#ifndef MIME_HTML_IMAGE_H
#define MIME_HTML_IMAGE_H
/* Within mime/: images: which are shown, and where they come from. */
#include "mime/html_writer.h"

/*
 * Writes an img element, or the words that stand for it. Pictures nobody can
 * see count openings; they are never loaded.
 */
void html_image_write(
    struct html_writer *writer, const struct html_element *element);

#endif
