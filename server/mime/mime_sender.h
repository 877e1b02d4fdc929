#ifndef MIME_MIME_SENDER_H
#define MIME_MIME_SENDER_H
/*
 * Who says to have sent a message, as people may read it: names and domains
 * that look like others, names that hold another address.
 */
#include "mime/mime.h"

/*
 * An address as it is shown: A-labels ("xn--…") as Unicode where they cannot
 * be taken for another domain (mixed scripts, whole-script look-alikes, bidi),
 * else as A-labels. Any thread. In the arena.
 */
struct text mime_address_shown(struct arena *arena, struct text address);
/* The same for a host name of a link. */
struct text mime_host_shown(struct arena *arena, struct str host);

/* Plain-word notices; several may hold. */
enum mime_sender_notice {
	MIME_SENDER_NONE = 0,
	MIME_SENDER_NO_FROM = 1,
	MIME_SENDER_SEVERAL_FROM = 2,
	/* The display name holds another address than the real one. */
	MIME_SENDER_NAME_IS_ADDRESS = 4,
	/* Reply-To names another domain than From, and it is no list. */
	MIME_SENDER_REPLY_ELSEWHERE = 8,
	/* The domain looks like another one, or mixes alphabets. */
	MIME_SENDER_CONFUSABLE = 16,
	/* Controls or bidi marks stood in a name and were taken out. */
	MIME_SENDER_HIDDEN_MARKS = 32,
};
struct mime_sender {
	unsigned notices;          /* enum mime_sender_notice */
	struct text named_address; /* of NAME_IS_ADDRESS */
	struct text reply_address; /* of REPLY_ELSEWHERE, first of them */
};
void mime_sender_read(const struct mime_header *header, struct arena *arena,
    struct mime_sender *out);

#endif
