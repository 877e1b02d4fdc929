#ifndef MAIL_IMAP_STRUCTURE_H
#define MAIL_IMAP_STRUCTURE_H
/* BODYSTRUCTURE (RFC 9051, 7.5.2) to parts, as a full parse would name them. */
#include "mail/imap_read.h"
#include "mime/mime.h"

/*
 * Parts of the structure at token `at`; texts decoded, in the arena. Past
 * limits->depth and limits->parts they are left out (*out_is_incomplete).
 * NULL: broken; a full parse may do better.
 */
struct mime_part *imap_structure_parse(const struct imap_tokens *tokens,
    uint32_t at, const struct mime_limits *limits, struct arena *arena,
    bool *out_is_incomplete);
/*
 * A multipart in which the server found no part, for which Dovecot makes up an
 * empty text: a full parse may do better.
 */
bool imap_structure_is_hollow(const struct mime_part *root);
/* Is there something people would call an attachment? Allocates nothing. */
bool imap_structure_has_attachment(
    const struct imap_tokens *tokens, uint32_t at);

#endif
