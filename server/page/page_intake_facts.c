#include "page/page_intake.h"

/* X-Mozilla-Status, four hexadecimal digits. */
enum mozilla {
	MOZILLA_READ = 0x0001,
	MOZILLA_REPLIED = 0x0002,
	MOZILLA_MARKED = 0x0004,
	MOZILLA_EXPUNGED = 0x0008,
	MOZILLA_FORWARDED = 0x1000
};

static unsigned
facts_hex(struct str s)
{
	unsigned number = 0;

	for (size_t i = 0; i < s.len && i < 4; i++) {
		char c = s.ptr[i];
		unsigned digit =
		    c >= '0' && c <= '9'   ? (unsigned)(c - '0')
		    : c >= 'a' && c <= 'f' ? (unsigned)(c - 'a') + 10
		    : c >= 'A' && c <= 'F' ? (unsigned)(c - 'A') + 10
		                           : 0;

		number = number * 16 + digit;
	}
	return number;
}

static void
facts_mozilla(struct intake_facts *facts, struct str value)
{
	unsigned word = facts_hex(value);

	facts->is_read_told = true;
	if ((word & MOZILLA_READ) != 0)
		facts->flags |= MAIL_SEEN;
	if ((word & MOZILLA_REPLIED) != 0)
		facts->flags |= MAIL_ANSWERED;
	if ((word & MOZILLA_MARKED) != 0)
		facts->flags |= MAIL_FLAGGED;
	if ((word & MOZILLA_FORWARDED) != 0)
		facts->flags |= MAIL_FORWARDED;
	if ((word & MOZILLA_EXPUNGED) != 0)
		facts->is_deleted = true;
}

static bool
facts_has(struct str value, char letter)
{
	return str_find_byte(value, letter, 0) < value.len;
}

/* "Received: …; date": what stands behind the last ";". */
static int64_t
facts_received(struct str value)
{
	int offset_minutes;
	size_t at = value.len;

	while (at > 0 && value.ptr[at - 1] != ';')
		at--;
	return at == 0 ? 0
	               : mime_parse_date(
	                     str_slice(value, at, value.len), &offset_minutes);
}

/* A field by its name; true: one that mail has. */
static bool
facts_field(struct intake_facts *facts, struct str name, struct str value,
    int64_t *date_s)
{
	static const char *const names[] = {"From", "To", "Cc", "Subject",
	    "Date", "Message-ID", "Received", "Return-Path", "MIME-Version",
	    "Sender", "Reply-To", "Delivered-To", "Content-Type"};
	int offset_minutes;

	if (str_eq_nocase(name, STR("Status"))) {
		facts->is_read_told = true;
		if (facts_has(value, 'R'))
			facts->flags |= MAIL_SEEN;
	} else if (str_eq_nocase(name, STR("X-Status"))) {
		if (facts_has(value, 'A'))
			facts->flags |= MAIL_ANSWERED;
		if (facts_has(value, 'F'))
			facts->flags |= MAIL_FLAGGED;
		if (facts_has(value, 'T'))
			facts->flags |= MAIL_DRAFT;
		facts->is_deleted |= facts_has(value, 'D');
	} else if (str_eq_nocase(name, STR("X-Mozilla-Status"))) {
		facts_mozilla(facts, value);
	} else if (str_eq_nocase(name, STR("Received")) &&
	           facts->arrived_s == 0) {
		facts->arrived_s = facts_received(value);
	} else if (str_eq_nocase(name, STR("Date")) && *date_s == 0) {
		*date_s = mime_parse_date(value, &offset_minutes);
	}
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (str_eq_nocase(name, str_c(names[i])))
			return true;
	return false;
}

/* The next field with the lines that go on; false: the end. */
static bool
facts_next(struct str *rest, struct str *out_name, struct str *out_value)
{
	while (rest->len > 0) {
		size_t end = str_find_byte(*rest, '\n', 0);
		struct str field;

		while (end + 1 < rest->len && (rest->ptr[end + 1] == ' ' ||
		                                  rest->ptr[end + 1] == '\t'))
			end = str_find_byte(*rest, '\n', end + 1);
		field = str_slice(*rest, 0, end);
		*rest = str_slice(*rest, end + 1, rest->len);
		if (str_trim(field).len == 0)
			return false;
		*out_name = str_cut(&field, ':');
		*out_name = str_trim(*out_name);
		*out_value = str_trim(field);
		return true;
	}
	return false;
}

void
intake_facts(struct arena *arena, struct str header, struct intake_facts *out)
{
	struct str name;
	struct str value;
	int64_t date_s = 0;

	*out = (struct intake_facts){0};
	while (facts_next(&header, &name, &value)) {
		if (facts_field(out, name, value, &date_s))
			out->is_mail = true;
		if (str_eq_nocase(name, STR("Subject")) &&
		    text_is_empty(out->subject))
			out->subject = text_shorten(arena,
			    text_line(arena, mime_decode_text(arena,
			                         str_slice(value, 0, 1000))
			                         .s),
			    100);
	}
	/* The header's bytes are used again. */
	out->subject.s = str_dup(arena, out->subject.s);
	if (out->arrived_s == 0)
		out->arrived_s = date_s;
}
