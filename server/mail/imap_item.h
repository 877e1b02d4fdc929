#ifndef MAIL_IMAP_ITEM_H
#define MAIL_IMAP_ITEM_H
/*
 * What one FETCH response says of a message: numbers, flags, and where in the
 * tokens its ENVELOPE and BODYSTRUCTURE are. Pure.
 */
#include "mail/imap_read.h"
#include "mail/mail.h"

struct imap_item {
	uint32_t uid; /* 0: not said */
	unsigned flags;
	bool has_flags;
	bool has_bytes;
	bool is_junk, is_not_junk;
	int64_t arrived_s;
	uint64_t bytes;
	/* indexes of tokens; 0: not there */
	uint32_t flags_list;
	uint32_t envelope;
	uint32_t structure;
	uint32_t body;    /* of BODY[…], a string */
	uint32_t preview; /* a string, or NIL */
};

/* Tokens of "(UID 7 FLAGS (\Seen) …)". False: no list. */
bool imap_item_parse(const struct imap_tokens *tokens, struct imap_item *out);
/* Keywords of item->flags_list that are no mail_flag, a space between. */
struct str imap_item_keywords(const struct imap_tokens *tokens,
    const struct imap_item *item, struct arena *arena);
/* The token of BODY[section], "1.2", at any offset; 0: not there. */
uint32_t imap_item_section(
    const struct imap_tokens *tokens, struct str section);
/* "17-Jul-1996 02:44:25 -0700"; 0: unreadable. */
int64_t imap_item_date(struct str s);

/* The strings of an envelope, decoded, copied into the arena. */
void imap_item_row(const struct imap_tokens *tokens, uint32_t envelope,
    struct arena *arena, struct mail_row *row);
void imap_item_header(const struct imap_tokens *tokens, uint32_t envelope,
    struct arena *arena, struct mime_header *out);
/* Of item->preview: one line of at most IMAP_PREVIEW_BYTES, cleaned. */
#define IMAP_PREVIEW_BYTES ((size_t)400)
struct text imap_item_preview(const struct imap_tokens *tokens,
    const struct imap_item *item, struct arena *arena);
/* The Message-ID with <>, undecoded. */
struct str imap_item_message_id(
    const struct imap_tokens *tokens, uint32_t envelope);
/* Undecoded date, subject, first From: for ordering by ourselves. */
struct str imap_item_raw_subject(
    const struct imap_tokens *tokens, uint32_t envelope);

#endif
