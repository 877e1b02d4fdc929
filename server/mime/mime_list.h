#ifndef MIME_MIME_LIST_H
#define MIME_MIME_LIST_H
/* Mailing lists: List-Id, List-Post, List-Unsubscribe (RFC 2369, 2919, 8058).
 */
#include "mime/mime.h"

struct mime_list {
	struct text id;   /* "news.example.org"; may be empty */
	struct text name; /* the words before it; may be empty */
	struct str post;  /* mailto: address of List-Post, or empty */
	/* Of List-Unsubscribe, the first of each kind, or empty. */
	struct str unsubscribe_https; /* a checked https address */
	struct str unsubscribe_mailto;
	bool is_one_click; /* List-Unsubscribe-Post says so (RFC 8058) */
};

/* Reads header->raw. Results in the arena. Any thread. */
enum err_code mime_list_read(const struct mime_header *header,
    struct arena *arena, struct mime_list *out, struct err *err) WARN_UNUSED;

#endif
