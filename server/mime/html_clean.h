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
	/* After a link whose text names another host, the real one is shown. */
	bool show_link_hosts;
	size_t max_bytes; /* of source; 0: LIMIT_HTML_SHOWN */
	int64_t time_ms;  /* CPU of this thread; 0: 2 s */
};

/* May a page that is dark otherwise show this HTML dark? */
enum html_colours {
	HTML_NO_COLOURS, /* it sets none: the page's own, dark ones */
	HTML_INVERTIBLE, /* all of it inverted stays readable (contrast 4.5) */
	HTML_KEEP_COLOURS, /* only its own are readable */
};

struct html_clean_result {
	struct html body;        /* what stands inside <body> */
	struct str body_style;   /* safe CSS for the body element, or empty */
	uint32_t blocked_remote; /* images and backgrounds left out */
	uint32_t tiny_remote;    /* of 1 by 1 pixel: left out in any case */
	enum html_colours colours;
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
