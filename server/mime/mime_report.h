#ifndef MIME_MIME_REPORT_H
#define MIME_MIME_REPORT_H
/*
 * What mail servers report by machine: delivery (RFC 3464), reading (RFC 8098),
 * complaints (RFC 5965). Each is blocks of header fields.
 */
#include "mime/mime.h"

#define MIME_REPORT_RECIPIENTS_MAX 100u

enum mime_action {
	MIME_ACTION_UNKNOWN,
	MIME_ACTION_FAILED,
	MIME_ACTION_DELAYED,
	MIME_ACTION_DELIVERED,
	MIME_ACTION_RELAYED, /* to a server that does not report */
	MIME_ACTION_EXPANDED /* to the members of a list */
};
struct mime_report_recipient {
	struct text address;
	enum mime_action action;
	/* RFC 3463: 5.1.1 is {5, 1, 1}; all 0: none said. */
	unsigned status[3];
	struct text diagnostic; /* what the other server said */
	struct text server;     /* which */
	int64_t retry_until_s;  /* 0: not said */
};
struct mime_delivery {
	struct text reporter; /* the server that writes this */
	struct mime_report_recipient *list;
	size_t count;
	bool is_cut; /* more than MIME_REPORT_RECIPIENTS_MAX */
};
enum err_code mime_report_delivery(struct str bytes, struct arena *arena,
    struct mime_delivery *out, struct err *err) WARN_UNUSED;

enum mime_receipt_kind {
	MIME_RECEIPT_UNKNOWN,
	MIME_RECEIPT_DISPLAYED,
	MIME_RECEIPT_DELETED,    /* without having been displayed */
	MIME_RECEIPT_DISPATCHED, /* sent on, printed */
	MIME_RECEIPT_PROCESSED,
	MIME_RECEIPT_DENIED, /* the person does not want to say */
	MIME_RECEIPT_FAILED
};
struct mime_receipt {
	enum mime_receipt_kind kind;
	struct text recipient;
	bool is_automatic; /* sent without asking the person */
	struct text error;
};
enum err_code mime_report_receipt(struct str bytes, struct arena *arena,
    struct mime_receipt *out, struct err *err) WARN_UNUSED;

struct mime_feedback {
	struct text kind; /* "abuse", "not-spam", … */
	struct text reporter, source_ip, sender, domain;
};
enum err_code mime_report_feedback(struct str bytes, struct arena *arena,
    struct mime_feedback *out, struct err *err) WARN_UNUSED;

#endif
