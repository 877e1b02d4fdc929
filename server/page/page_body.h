#ifndef PAGE_PAGE_BODY_H
#define PAGE_PAGE_BODY_H
/*
 * A stranger's HTML as a document of its own (page_body.c) or on the page
 * that is printed (page_print.c): cleaned, with signed addresses of its
 * images. This room only.
 */
#include "mime/html_clean.h"
#include "page/page_reading.h"

/* What is cleaned, and how. */
struct page_body {
	const struct mail_id *id; /* uid_validity known */
	const struct mail_message *message;
	const struct mime_part *part; /* text/html */
	const struct page_show *show;
};

/* Content-Security-Policy of every document with a stranger's HTML in it. */
struct str page_body_csp(bool remote_images);

struct page_body_text {
	struct html_clean_result html;
	bool is_cut; /* only the beginning was there to be cleaned */
};
/*
 * Asks for the part and cleans it, with the limits of [Reading]. What is too
 * tangled to be cleaned comes as its words, cut. Errors: of mail_part_text,
 * ERR_NO_MEMORY.
 */
enum err_code page_body_clean(struct request *req, const struct page_body *body,
    struct page_body_text *out, struct err *err) WARN_UNUSED;

/*
 * Cleaned a moment ago, from the same source with the same options: kept with
 * the account. Only what the callbacks had no part in may be put there.
 */
bool page_body_kept_find(struct request *req, const struct page_body *body,
    const struct html_clean_options *options, struct str source,
    struct html_clean_result *out);
void page_body_kept_put(struct request *req, const struct page_body *body,
    const struct html_clean_options *options, struct str source,
    const struct html_clean_result *html);

/* What every answer says that has a stranger's HTML in it. */
void page_body_headers(struct response *res, const struct page_show *show);

/* ---- images inside the message ------------------------------------------ */
struct body_cids;
/*
 * The parts with a Content-ID, as seen from `part`: of several with the same
 * one the nearest counts, of the same multipart/related first, of another
 * message last. NULL: out of memory.
 */
struct body_cids *body_cids_new(struct arena *arena,
    const struct mime_part *root, const struct mime_part *part);
/* The image of that Content-ID, or NULL. */
const struct mime_part *body_cids_find(
    const struct body_cids *cids, struct str content_id);

#endif
