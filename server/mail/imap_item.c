#include "mail/imap_item.h"

#include "base/buf.h"
#include "base/limits.h"
#include "mime/mime_marks.h"

#define ITEM_KEYWORD_BYTES  ((size_t)100) /* of one */
#define ITEM_KEYWORDS_BYTES ((size_t)1000)

static unsigned
item_flag(struct str word)
{
	static const struct {
		const char *word;
		unsigned flag;
	} table[] = {{"\\Seen", MAIL_SEEN}, {"\\Flagged", MAIL_FLAGGED},
	    {"\\Answered", MAIL_ANSWERED}, {"\\Draft", MAIL_DRAFT},
	    {"\\Deleted", MAIL_DELETED}, {"$Forwarded", MAIL_FORWARDED},
	    {"$MDNSent", MAIL_RECEIPT_SENT}};

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		if (str_eq_nocase(word, str_c(table[i].word)))
			return table[i].flag;
	}
	return 0;
}

/* $Junk and $NotJunk are registered; Thunderbird writes the others. */
static void
item_flags(
    const struct imap_tokens *tokens, uint32_t list, struct imap_item *out)
{
	out->has_flags = true;
	out->flags = 0;
	for (uint32_t at = list + 1; at < imap_token_next(tokens, list); at++) {
		struct str word = imap_token_str(tokens, at);

		out->flags |= item_flag(word);
		if (str_eq_nocase(word, STR("$Junk")) ||
		    str_eq_nocase(word, STR("Junk")))
			out->is_junk = true;
		if (str_eq_nocase(word, STR("$NotJunk")) ||
		    str_eq_nocase(word, STR("NonJunk")))
			out->is_not_junk = true;
	}
}

/* date-time = DQUOTE 2DIGIT-or-space "-" month "-" 4DIGIT SP time SP zone */
int64_t
imap_item_date(struct str s)
{
	char copy[40];
	unsigned dashes = 0;

	if (s.len >= sizeof(copy))
		return 0;
	for (size_t i = 0; i < s.len; i++) {
		bool is_dash = s.ptr[i] == '-' && dashes < 2;

		copy[i] = (char)(is_dash ? ' ' : s.ptr[i]);
		dashes += is_dash;
	}
	return mime_parse_date(str_of(copy, s.len), &(int){0});
}

static void
item_value(const struct imap_tokens *tokens, uint32_t name, uint32_t value,
    struct imap_item *out)
{
	if (imap_token_is(tokens, name, STR("UID"))) {
		uint64_t uid = imap_token_u64(tokens, value);

		out->uid = uid <= UINT32_MAX ? (uint32_t)uid : 0;
	} else if (imap_token_is(tokens, name, STR("FLAGS"))) {
		out->flags_list = value;
		item_flags(tokens, value, out);
	} else if (imap_token_is(tokens, name, STR("INTERNALDATE"))) {
		out->arrived_s = imap_item_date(imap_token_str(tokens, value));
	} else if (imap_token_is(tokens, name, STR("RFC822.SIZE"))) {
		out->bytes = imap_token_u64(tokens, value);
		out->has_bytes = true;
	} else if (imap_token_is(tokens, name, STR("ENVELOPE"))) {
		out->envelope = value;
	} else if (imap_token_is(tokens, name, STR("BODYSTRUCTURE"))) {
		out->structure = value;
	} else if (imap_token_is(tokens, name, STR("PREVIEW"))) {
		out->preview = value;
	} else if (str_starts_nocase(
	               imap_token_str(tokens, name), STR("BODY["))) {
		out->body = value;
	}
}

bool
imap_item_parse(const struct imap_tokens *tokens, struct imap_item *out)
{
	uint32_t end;
	uint32_t at = 1;

	*out = (struct imap_item){0};
	if (!imap_token_is_list(tokens, 0))
		return false;
	end = imap_token_next(tokens, 0);
	while (at + 1 < end) {
		item_value(tokens, at, at + 1, out);
		at = imap_token_next(tokens, at + 1);
	}
	return true;
}

/* Of Junk, and of other programs' own: no label. */
static bool
item_is_label(struct str word)
{
	static const char *const others[] = {
	    "$Junk", "Junk", "$NotJunk", "NonJunk", "NotJunk"};

	if (word.len == 0 || word.len > ITEM_KEYWORD_BYTES ||
	    word.ptr[0] == '\\' || item_flag(word) != 0)
		return false;
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		if (str_eq_nocase(word, str_c(others[i])))
			return false;
	for (size_t i = 0; i < word.len; i++)
		if (word.ptr[i] <= 0x20 || word.ptr[i] >= 0x7F)
			return false;
	return true;
}

struct str
imap_item_keywords(const struct imap_tokens *tokens,
    const struct imap_item *item, struct arena *arena)
{
	uint32_t list = item->flags_list;
	struct buf out;

	if (!item->has_flags)
		return str_of(NULL, 0);
	buf_init_arena(&out, arena, ITEM_KEYWORDS_BYTES);
	for (uint32_t at = list + 1; at < imap_token_next(tokens, list); at++) {
		struct str word = imap_token_str(tokens, at);

		if (!item_is_label(word) ||
		    out.len + word.len + 1 > ITEM_KEYWORDS_BYTES)
			continue;
		if (out.len > 0)
			buf_add_byte(&out, ' ');
		buf_add(&out, word);
	}
	return buf_str(&out);
}

uint32_t
imap_item_section(const struct imap_tokens *tokens, struct str section)
{
	uint32_t end = imap_token_next(tokens, 0);
	uint32_t at = 1;

	if (!imap_token_is_list(tokens, 0))
		return 0;
	while (at + 1 < end) {
		struct str name = imap_token_str(tokens, at);
		size_t close = str_find_byte(name, ']', 0);

		if (str_starts_nocase(name, STR("BODY[")) &&
		    str_eq(str_slice(name, 5, close), section))
			return at + 1;
		at = imap_token_next(tokens, at + 1);
	}
	return 0;
}

/*
 * envelope = "(" date SP subject SP from SP sender SP reply-to SP to SP cc SP
 *            bcc SP in-reply-to SP message-id ")"   (RFC 9051, 9)
 */
enum item_field {
	FIELD_DATE,
	FIELD_SUBJECT,
	FIELD_FROM,
	FIELD_SENDER,
	FIELD_REPLY_TO,
	FIELD_TO,
	FIELD_CC,
	FIELD_BCC,
	FIELD_IN_REPLY_TO,
	FIELD_MESSAGE_ID,
	FIELD_COUNT
};

struct item_fields {
	uint32_t at[FIELD_COUNT]; /* UINT32_MAX past the end: reads as NIL */
};

static struct item_fields
item_fields(const struct imap_tokens *tokens, uint32_t envelope)
{
	struct item_fields fields;
	uint32_t end = imap_token_next(tokens, envelope);
	uint32_t at = envelope + 1;

	for (size_t i = 0; i < FIELD_COUNT; i++) {
		bool is_there =
		    imap_token_is_list(tokens, envelope) && at < end;

		fields.at[i] = is_there ? at : UINT32_MAX;
		if (is_there)
			at = imap_token_next(tokens, at);
	}
	return fields;
}

static struct text
item_decode(struct arena *arena, struct str raw)
{
	struct str copy = str_dup(arena, raw);

	if (copy.len == 0)
		return (struct text){{0}};
	return text_line(arena, mime_decode_text(arena, copy).s);
}

static struct text
item_plain(struct arena *arena, struct str raw)
{
	return text_line(arena, str_dup(arena, raw));
}

/* address = "(" name SP adl SP mailbox SP host ")"; host NIL: a group */
static struct mime_address
item_address(const struct imap_tokens *tokens, uint32_t at, struct arena *arena)
{
	uint32_t adl = imap_token_next(tokens, at + 1);
	uint32_t mailbox = imap_token_next(tokens, adl);
	uint32_t host = imap_token_next(tokens, mailbox);
	struct str local = imap_token_str(tokens, mailbox);
	struct str domain = imap_token_str(tokens, host);
	struct mime_address out = {
	    .name = item_decode(arena, imap_token_str(tokens, at + 1))};

	if (domain.len > 0) {
		const struct str parts[] = {local, STR("@"), domain};

		out.address = text_line(arena, str_join(arena, parts, 3));
	} else if (out.name.s.len == 0) {
		out.name = item_decode(arena, local);
	}
	return out;
}

/* NIL NIL NIL NIL ends a group. */
static bool
item_is_address(const struct imap_tokens *tokens, uint32_t at)
{
	uint32_t mailbox =
	    imap_token_next(tokens, imap_token_next(tokens, at + 1));

	return imap_token_is_list(tokens, at) &&
	       imap_token_next(tokens, at) > at + 4 &&
	       (imap_token_str(tokens, mailbox).len > 0 ||
	           imap_token_str(tokens, at + 1).len > 0);
}

static struct mime_address
item_first(const struct imap_tokens *tokens, uint32_t list, struct arena *arena)
{
	if (!imap_token_is_list(tokens, list) ||
	    !item_is_address(tokens, list + 1) ||
	    list + 1 >= imap_token_next(tokens, list))
		return (struct mime_address){0};
	return item_address(tokens, list + 1, arena);
}

static struct mime_addresses
item_addresses(
    const struct imap_tokens *tokens, uint32_t list, struct arena *arena)
{
	struct mime_addresses out = {0};
	size_t capacity = 0;
	uint32_t at;

	if (!imap_token_is_list(tokens, list))
		return out;
	for (at = list + 1; at < imap_token_next(tokens, list);
	     at = imap_token_next(tokens, at)) {
		struct mime_address *bigger;

		if (!item_is_address(tokens, at))
			continue;
		bigger = arena_grow(
		    arena, out.list, out.count, &capacity, sizeof(*out.list));
		if (bigger == NULL)
			return out;
		out.list = bigger;
		out.list[out.count++] = item_address(tokens, at, arena);
	}
	return out;
}

/* Whoever wrote the message wrote this, too. */
struct text
imap_item_preview(const struct imap_tokens *tokens,
    const struct imap_item *item, struct arena *arena)
{
	struct str raw = item->preview == 0
	                     ? (struct str){0}
	                     : imap_token_str(tokens, item->preview);

	if (raw.len > IMAP_PREVIEW_BYTES) {
		raw.len = IMAP_PREVIEW_BYTES;
		while (raw.len > 0 &&
		       ((unsigned char)raw.ptr[raw.len] & 0xC0) == 0x80)
			raw.len--;
	}
	if (raw.len == 0)
		return (struct text){{0}};
	return mime_marks_line(arena, str_dup(arena, raw), NULL);
}

struct str
imap_item_message_id(const struct imap_tokens *tokens, uint32_t envelope)
{
	struct item_fields fields = item_fields(tokens, envelope);

	return imap_token_str(tokens, fields.at[FIELD_MESSAGE_ID]);
}

struct str
imap_item_raw_subject(const struct imap_tokens *tokens, uint32_t envelope)
{
	struct item_fields fields = item_fields(tokens, envelope);

	return imap_token_str(tokens, fields.at[FIELD_SUBJECT]);
}

void
imap_item_row(const struct imap_tokens *tokens, uint32_t envelope,
    struct arena *arena, struct mail_row *row)
{
	struct item_fields fields = item_fields(tokens, envelope);

	row->date_s = mime_parse_date(
	    imap_token_str(tokens, fields.at[FIELD_DATE]), &(int){0});
	if (row->date_s == 0)
		row->date_s = row->arrived_s;
	row->subject = item_decode(
	    arena, imap_token_str(tokens, fields.at[FIELD_SUBJECT]));
	row->from = item_first(tokens, fields.at[FIELD_FROM], arena);
	row->to = item_first(tokens, fields.at[FIELD_TO], arena);
}

void
imap_item_header(const struct imap_tokens *tokens, uint32_t envelope,
    struct arena *arena, struct mime_header *out)
{
	struct item_fields fields = item_fields(tokens, envelope);

	*out = (struct mime_header){
	    .subject = item_decode(
	        arena, imap_token_str(tokens, fields.at[FIELD_SUBJECT])),
	    .from = item_addresses(tokens, fields.at[FIELD_FROM], arena),
	    .sender = item_addresses(tokens, fields.at[FIELD_SENDER], arena),
	    .reply_to =
	        item_addresses(tokens, fields.at[FIELD_REPLY_TO], arena),
	    .to = item_addresses(tokens, fields.at[FIELD_TO], arena),
	    .cc = item_addresses(tokens, fields.at[FIELD_CC], arena),
	    .bcc = item_addresses(tokens, fields.at[FIELD_BCC], arena),
	    .message_id = item_plain(
	        arena, imap_token_str(tokens, fields.at[FIELD_MESSAGE_ID])),
	    .in_reply_to = item_plain(
	        arena, imap_token_str(tokens, fields.at[FIELD_IN_REPLY_TO])),
	};
	out->date_s =
	    mime_parse_date(imap_token_str(tokens, fields.at[FIELD_DATE]),
	        &out->date_offset_minutes);
}
