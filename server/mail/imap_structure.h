#ifndef MAIL_IMAP_STRUCTURE_H
#define MAIL_IMAP_STRUCTURE_H
/* BODYSTRUCTURE (RFC 9051, 7.5.2) to parts, as a full parse would name them. */
#include "mail/imap_read.h"
#include "mime/mime.h"

/*
 * Parts of the structure at token `at`; texts decoded, in the arena.
 * NULL: broken, too deep, too many parts; a full parse may do better.
 */
struct mime_part *imap_structure_parse(
    const struct imap_tokens *tokens, uint32_t at, struct arena *arena);
/* Is there something people would call an attachment? Allocates nothing. */
bool imap_structure_has_attachment(
    const struct imap_tokens *tokens, uint32_t at);

#endif
