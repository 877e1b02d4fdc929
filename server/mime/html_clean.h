#ifndef MIME_HTML_CLEAN_H
#define MIME_HTML_CLEAN_H
/*
 * Makes a stranger's HTML harmless: parsed as browsers do, allow-lists of
 * elements, attributes and CSS values, written canonically. The last
 * transformation; nothing touches the result.
 */
#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

struct html_clean_options {
	bool allow_remote_images; /* https only, even then */
	/*
	 * Address of an inline image by its Content-ID, or ptr NULL to leave it
	 * out. The result is put into src as it is, escaped.
	 */
	struct str (*cid_address)(void *ctx, struct str content_id);
	/* mailto: address to our compose page, or ptr NULL. */
	struct str (*mailto_address)(void *ctx, struct str mailto);
	void *ctx;
};

struct html_clean_result {
	struct html body;        /* what stands inside <body> */
	struct str body_style;   /* safe CSS for the body element, or empty */
	uint32_t blocked_remote; /* images and backgrounds left out */
	bool is_truncated;
};

/*
 * `source` is UTF-8 text of the part. clean(clean(x)) equals clean(x).
 * ERR_LIMIT past LIMIT_HTML_SHOWN, ERR_NO_MEMORY.
 */
enum err_code html_clean(struct str source,
    const struct html_clean_options *options, struct arena *arena,
    struct html_clean_result *out, struct err *err) WARN_UNUSED;

#endif
