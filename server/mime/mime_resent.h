#ifndef MIME_RESENT_H
#define MIME_RESENT_H
/*
 * Messages that are not a draft's: one that is sent on as it is, and the answer
 * to somebody who asked for a receipt.
 */
#include "mime/mime.h"

struct mime_resent {
	struct mime_address from;
	struct mime_addresses to;
	struct text message_id; /* with <>; a new one */
	int64_t date_s;
	/* For servers without 8BITMIME: see mime_seven.h. */
	bool is_7bit_only;
	/* Gives the original piece by piece; stops when the sink says so. */
	enum err_code (*stream)(
	    void *ctx, mime_sink_fn *sink, void *sink_ctx, struct err *err);
	void *ctx;
};
/*
 * Writes Resent-Date, -From, -To and -Message-ID (RFC 5322, 3.6.6) and behind
 * them the original, untouched but for its line ends: each becomes CRLF, and
 * NUL is left out, because no server takes them. With is_7bit_only parts are
 * encoded anew; ERR_INPUT where that must not be. Errors as of mime_build, and
 * those of `stream`.
 */
enum err_code mime_resent(const struct mime_resent *resent, int fd,
    uint64_t max_bytes, struct mime_built *out, struct err *err) WARN_UNUSED;

struct mime_receipt_answer {
	struct mime_address from;   /* who has read it */
	struct mime_addresses to;   /* who asked */
	struct text message_id;     /* with <>; of the answer */
	struct text original_id;    /* with <>; may be empty */
	struct text subject, words; /* for people */
	int64_t date_s;
};
/*
 * Writes the answer: read, and told so by hand (RFC 8098, 3: "displayed",
 * "manual-action/MDN-sent-manually"). Nothing else of the person is in it.
 */
enum err_code mime_receipt_answer(const struct mime_receipt_answer *answer,
    int fd, uint64_t max_bytes, struct mime_built *out,
    struct err *err) WARN_UNUSED;

#endif
