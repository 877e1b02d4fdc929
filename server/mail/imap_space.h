#ifndef MAIL_IMAP_SPACE_H
#define MAIL_IMAP_SPACE_H
/* Namespaces (RFC 2342): whose folders begin with what. Pure. */
#include "mail/imap_read.h"
#include "mail/mail.h"

#define IMAP_SPACES       16u
#define IMAP_SPACE_PREFIX 128u

struct imap_space {
	char prefix[IMAP_SPACE_PREFIX]; /* as on the wire */
	size_t prefix_len;
	char delimiter; /* NUL: no levels */
	enum mail_space kind;
};
/* What a server said of them; it does not change while we are logged in. */
struct imap_spaces {
	bool is_known;
	struct imap_space list[IMAP_SPACES];
	size_t count;
};

/* "(("" "/")) NIL (("Shared/" "/"))" */
void imap_space_parse(
    const struct imap_tokens *tokens, struct imap_spaces *out);
/* The one a name belongs to; NULL: none was told. */
const struct imap_space *imap_space_find(
    const struct imap_spaces *spaces, struct str wire);
/* The first of one's own; NULL: none was told. */
const struct imap_space *imap_space_own(const struct imap_spaces *spaces);

#endif
