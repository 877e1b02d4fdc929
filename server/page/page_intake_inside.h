#ifndef PAGE_PAGE_INTAKE_INSIDE_H
#define PAGE_PAGE_INTAKE_INSIDE_H
/* Between the files of an import under way. */
#include "mime/mime_mbox_read.h"
#include "page/page_intake.h"

/* What goes to the mail server at once. */
#define INTAKE_PIECE_BYTES ((uint64_t)1 << 20)

/* Where a message stands. */
struct intake_source {
	const struct form *form; /* NULL: the spool */
	const struct form_field *field;
	int fd;
	uint64_t first, bytes;
	uint32_t number; /* tells one from another */
};
struct intake_item {
	struct intake_source source;
	struct mime_found found;
	uint32_t number; /* in its file */
	struct text file, subject;
};
struct intake {
	struct request *req;
	struct response *res;
	struct str id;
	struct intake_report *report;
	struct http_stream *stream;
	bool is_alone;              /* the browser left */
	struct mime_reader *reader; /* looks for messages */
	struct mime_reader *copier; /* reads those found */
	struct intake_source from;  /* the copier's */
	struct arena *round, *scratch;
	char *header;
	size_t header_len;
	bool marks_read; /* those that do not say it */
	int spool_fd;    /* files of archives that wait */
	uint64_t spooled;
	uint32_t source_count;
	char entry_name[512]; /* of an archive's file; a text */
	struct intake_item items[MAIL_IMPORT_MOST];
	struct mail_import_one ones[MAIL_IMPORT_MOST];
	size_t count;
	uint64_t bytes;
	struct buf uids; /* all but the last range */
	uint32_t range_first, range_last;
	uint32_t refused; /* one after the other */
	int64_t wait_ms, end_mono_ms, said_mono_ms;
	enum err_code rc; /* of what cannot return it */
	struct err err;
};

/* A mime_read_fn; ctx: a struct intake_source. */
int64_t intake_read(void *ctx, uint64_t offset, void *buf, size_t len);
/* One that does not come in, and why. */
void intake_leave(struct intake *in, const struct intake_item *item,
    struct text why, bool is_unsure);
/* Those that wait go to the mail server; then there is room again. */
enum err_code intake_flush(struct intake *in, struct err *err) WARN_UNUSED;
/*
 * May it go on? Now and then it tells how far it is. ERR_CANCELED: nobody is
 * logged in any more; ERR_LIMIT: it took too long.
 */
enum err_code intake_tick(struct intake *in, struct err *err) WARN_UNUSED;
/* What came in, as a set's text. */
struct str intake_uids(struct intake *in, struct arena *arena);

#endif
