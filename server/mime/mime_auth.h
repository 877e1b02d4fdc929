#ifndef MIME_MIME_AUTH_H
#define MIME_MIME_AUTH_H
/*
 * Authentication-Results (RFC 8601): what our own mail server found out about
 * who sent a message. What others wrote into the header is not believed.
 */
#include "mime/mime.h"

enum mime_auth_result {
	MIME_AUTH_UNKNOWN, /* no word of it, or one we do not know */
	MIME_AUTH_NONE,    /* the sender's domain does not use it */
	MIME_AUTH_PASS,
	MIME_AUTH_FAIL,   /* also softfail, policy, permerror */
	MIME_AUTH_UNSURE, /* neutral, temperror */
};

struct mime_auth {
	bool is_known; /* a field of one of our servers was there */
	enum mime_auth_result spf, dkim, dmarc;
	struct text spf_domain;  /* smtp.mailfrom, smtp.helo */
	struct text dkim_domain; /* header.d of the signature that passed */
	/* header.from; a word on another domain than From's is a FAIL. */
	struct text dmarc_domain;
	/* DKIM passed for the domain of From, or one it is below of. */
	bool is_dkim_aligned;
};

/*
 * Reads header->raw. `ids`: names of our servers (AuthservId), compared
 * without case. A field counts only where our own server puts it: the topmost
 * of them, above every Received of other servers. Any thread.
 */
enum err_code mime_auth_read(const struct mime_header *header,
    const struct str *ids, size_t id_count, struct arena *arena,
    struct mime_auth *out, struct err *err) WARN_UNUSED;

#endif
