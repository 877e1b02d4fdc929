#ifndef MIME_MIME_REPLY_H
#define MIME_MIME_REPLY_H
/* Where answers to a message are wished to go. */
#include "mime/mime.h"

/*
 * Mail-Followup-To: where answers to everybody are wished to go; count 0:
 * it does not say. Reads header->raw.
 */
enum err_code mime_reply_followup(const struct mime_header *header,
    struct arena *arena, struct mime_addresses *out,
    struct err *err) WARN_UNUSED;
/*
 * Whom a message was delivered to, as the mail servers on its way noted:
 * Delivered-To, X-Original-To, Envelope-To and the like, newest first. What
 * the sender may have forged, too: good for a guess. Reads header->raw.
 */
enum err_code mime_reply_delivered(const struct mime_header *header,
    struct arena *arena, struct mime_addresses *out,
    struct err *err) WARN_UNUSED;

/* What a message asks for besides being read. */
struct mime_reply_marks {
	enum mime_priority priority;
	bool asks_receipt; /* Disposition-Notification-To is there */
	/* Where to, as it says (RFC 8098, 2.1); empty: it asks for none. */
	struct mime_addresses receipt_to;
};
/* Reads header->raw; what cannot be read is left out. */
void mime_reply_marks(const struct mime_header *header, struct arena *arena,
    struct mime_reply_marks *out);

#endif
