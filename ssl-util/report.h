#ifndef SSL_UTIL_REPORT_H
#define SSL_UTIL_REPORT_H
/* What was looked at: what is well, what is not, and what mends it. */
#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

struct report {
	struct buf *out; /* borrowed */
	size_t problem_count;
	bool is_json; /* members of an array instead of lines */
	bool is_open; /* such a member waits for its mend; own use */
};

/* With is_json: closes the last member. */
void report_end(struct report *report);

/* "ok    WHAT: …" */
void report_ok(struct report *report, const char *what, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* "note  WHAT: …": worth knowing, nothing wrong. */
void report_note(struct report *report, const char *what, const char *format,
    ...) __attribute__((format(printf, 3, 4)));
/* "BAD   WHAT: …", and counts it; report_mend follows. */
void report_bad(struct report *report, const char *what, const char *format,
    ...) __attribute__((format(printf, 3, 4)));
/* "      mend: …" */
void report_mend(struct report *report, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
