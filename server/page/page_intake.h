#ifndef PAGE_PAGE_INTAKE_H
#define PAGE_PAGE_INTAKE_H
/* Taking in messages from files: mbox, .eml, zip of those. This room only. */
#include "mail/mail_import.h"
#include "page/page.h"

/* What was left out: so many are told one by one. */
#define INTAKE_TOLD 200u

enum intake_state {
	INTAKE_RUNNING,
	INTAKE_DONE,
	INTAKE_STOPPED, /* report->stopped says why */
	INTAKE_UNDONE
};
struct intake_left {
	struct text file;
	uint32_t number; /* of the message in it; 0: the file itself */
	struct text subject;
	struct text why;
};
/* What came of it; kept while it runs, and after. */
struct intake_report {
	enum intake_state state;
	int64_t beat_s; /* when it was kept last */
	struct text folder;
	struct text stopped;
	struct text untried; /* where it stopped; or empty */
	uint64_t in, left, unsure;
	bool is_past_undo; /* not all that came in are known by number */
	uint32_t uid_validity;
	struct str uids; /* as a set's text */
	struct intake_left list[INTAKE_TOLD];
	size_t list_count;
};
/* *out_is_new false: it was begun before. */
enum err_code intake_report_begin(struct request *req, struct str id,
    struct intake_report *report, bool *out_is_new,
    struct err *err) WARN_UNUSED;
enum err_code intake_report_keep(struct request *req, struct str id,
    struct intake_report *report, struct err *err) WARN_UNUSED;
/* ERR_NOT_FOUND: never begun, long ago, or by another session. */
enum err_code intake_report_find(struct request *req, struct str id,
    struct intake_report *out, struct err *err) WARN_UNUSED;
/* One more that did not come in; texts are copied. */
void intake_report_leave(struct request *req, struct intake_report *report,
    const struct intake_left *left, bool is_unsure);
void intake_report_view(struct request *req, struct str id,
    const struct intake_report *report, struct view *view);
/* It runs somewhere, as far as can be known. */
bool intake_is_running(const struct intake_report *report);

/*
 * Takes in the files of the form. When it takes longer the answer is begun
 * (*out_stream not NULL) and tells how far it is; the caller ends it. Goes on
 * when the browser leaves.
 */
enum err_code intake_run(struct request *req, struct response *res,
    struct str id, struct intake_report *report,
    struct http_stream **out_stream, struct err *err) WARN_UNUSED;

/* ---- what a message says of itself ---- */
struct intake_facts {
	bool is_mail; /* some field of mail is there */
	bool is_deleted;
	bool is_read_told; /* flags say whether it was read */
	unsigned flags;    /* enum mail_flag */
	int64_t arrived_s; /* by Received, else Date; 0: neither */
	struct text subject;
};
/* Of its header block, as it came. */
void intake_facts(
    struct arena *arena, struct str header, struct intake_facts *out);

#endif
