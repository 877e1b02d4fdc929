#ifndef MAIL_IMAP_GUARD_H
#define MAIL_IMAP_GUARD_H
/*
 * Looks at every byte before libetpan's parser sees it: caps depth of
 * parentheses, literals, lines, and bytes and lines per command, and refuses a
 * malformed PERMANENTFLAGS (a crash in libetpan 1.9.4). It also hands out the
 * beginning of every line, so that our side knows what the server said.
 */
#include "base/err.h"
#include "base/str.h"

#define IMAP_GUARD_PREFIX 4096

/* A line's beginning, without CR LF; at most IMAP_GUARD_PREFIX bytes. */
typedef void imap_line_fn(void *ctx, struct str line);

struct imap_guard {
	imap_line_fn *on_line; /* may be NULL */
	void *ctx;
	/* private */
	uint64_t command_bytes;
	uint32_t command_lines;
	uint64_t literal_left;
	uint64_t number;
	size_t line_bytes;
	size_t prefix_len;
	unsigned depth;
	unsigned brace; /* where we are in "{123+}" */
	bool in_quotes, is_escaped;
	char prefix[IMAP_GUARD_PREFIX];
};

void imap_guard_init(
    struct imap_guard *guard, imap_line_fn *on_line, void *ctx);
/* A new command begins: its count of bytes starts at 0. */
void imap_guard_command(struct imap_guard *guard);
/* The next byte is a line's first. */
void imap_guard_line_start(struct imap_guard *guard);
/* False: these bytes must not reach the parser; err says why. */
bool imap_guard_add(
    struct imap_guard *guard, struct str bytes, struct err *err);
/* "* OK …", "* BYE …", "tag NO …": what follows is text for people. */
bool imap_guard_is_status(struct str line);

#endif
