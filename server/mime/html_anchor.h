#ifndef MIME_HTML_ANCHOR_H
#define MIME_HTML_ANCHOR_H
/* Within mime/: links, and the host they really lead to. */
#include "mime/html_writer.h"

/* Old pages name the places they link to by <a name>: as its id. */
void html_anchor_name(
    struct html_writer *writer, const struct html_element *element);
/* Writes href (and what belongs to it) of a link whose tag is begun. */
void html_anchor_open(
    struct html_writer *writer, const struct html_element *element);
/* After its end tag. */
void html_anchor_close(struct html_writer *writer);
/* Adds to what the open links say. */
void html_anchor_text(struct html_writer *writer, struct str text);

/* The host of a WEB address, as it stands there; empty when it has none. */
struct str html_anchor_host(struct str url);
/*
 * Does what a link says name another host than the one it leads to? Hosts of
 * the same owner (www.example.org and example.org) are not other ones.
 */
bool html_anchor_is_other(struct str text, struct str host);

#endif
