#ifndef PAGE_PAGE_PART_H
#define PAGE_PAGE_PART_H
/*
 * Files of a message: parts, what is inside them, and messages as files; what
 * they are, their addresses, and sending them.
 */
#include "mime/mime_inner.h"
#include "mime/mime_name.h"
#include "page/page.h"

struct page_file {
	struct mail_id id;
	const struct mime_part *part; /* NULL: the whole message */
	bool has_inner;               /* file `inner` within the part */
	size_t inner;
	const struct mime_type *type;
	struct text name; /* safe everywhere, never empty */
	uint64_t bytes;   /* decoded; see is_exact */
	bool is_exact;
	struct str container; /* inner: the part, decoded, once it is here */
	struct str content;   /* all of it, once it is here */
	bool has_content;
};

/* A part of the message; its size as far as the structure tells. */
struct page_file page_file_of(struct arena *arena, const struct mail_id *id,
    const struct mime_part *part);
/* What is in a part that holds files. */
struct page_bundle {
	const struct mime_part *part;
	struct str bytes; /* decoded */
	struct mime_inners inners;
};
/* Asks for the part and reads it. ERR_LIMIT: it is larger than that. */
enum err_code page_file_bundle(struct request *req, const struct mail_id *id,
    const struct mime_part *part, size_t max_bytes, struct page_bundle *out,
    struct err *err) WARN_UNUSED;
/* File `index` of it. */
struct page_file page_file_of_inner(struct arena *arena,
    const struct mail_id *id, const struct page_bundle *bundle, size_t index);
/* Reads an inner file; of others nothing is done. */
enum err_code page_file_read_inner(
    struct request *req, struct page_file *file, struct err *err) WARN_UNUSED;
/*
 * A message as a file: the whole one, or the attached one `part`; `header`:
 * its, or NULL.
 */
struct page_file page_file_of_message(struct arena *arena,
    const struct mail_id *id, const struct mime_part *part,
    const struct mime_header *header);

/* The file that the address names: folder, uid, v, part, inner. */
enum err_code page_file_find(
    struct request *req, struct page_file *out, struct err *err) WARN_UNUSED;
/* "/part?…", "/view?…", "/thumb?…"; `is_inline`: shown in place. */
struct view_url page_file_url(struct request *req, const char *path,
    const struct page_file *file, bool is_inline);

/* Fetches a small one at once: its size and its bytes cost one trip then. */
enum err_code page_file_hold(
    struct request *req, struct page_file *file, struct err *err) WARN_UNUSED;
/* Its exact size; UINT64_MAX where only decoding all of it would tell. */
enum err_code page_file_size(struct request *req, struct page_file *file,
    uint64_t *out, struct err *err) WARN_UNUSED;
/*
 * All of it, piece by piece; filled up to `total` bytes (UINT64_MAX: as many
 * as there are) when it is damaged.
 */
enum err_code page_file_stream(struct request *req,
    const struct page_file *file, uint64_t total, mime_sink_fn *sink, void *ctx,
    struct err *err) WARN_UNUSED;
/* At most the first `max_bytes` of it, in the arena. */
enum err_code page_file_first(struct request *req, const struct page_file *file,
    size_t max_bytes, struct str *out, struct err *err) WARN_UNUSED;

enum page_file_how {
	PAGE_FILE_DOWNLOAD,
	PAGE_FILE_INLINE, /* when its type may be shown, and it is what it says
	                   */
	PAGE_FILE_SOURCE, /* as text, whatever it is */
};
/* The answer: a file with safe headers, ranges, and constant memory. */
enum err_code page_file_send(struct request *req, struct response *res,
    struct page_file *file, enum page_file_how how,
    struct err *err) WARN_UNUSED;
/* An answer that may be kept in the browser, unless page views expire. */
void page_file_caching(struct request *req, struct response *res);
/* A tag for answers about this file: equal means the same bytes. */
struct str page_file_tag(
    struct request *req, const struct page_file *file, const char *what);

#endif
