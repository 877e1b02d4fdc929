#include "mail/imap_search.h"

#include "os/clock.h"

static void search_key(struct imap_writer *writer,
    const struct imap_search *what, const struct mail_term *term, bool is_not);

/* date = date-day "-" date-month "-" date-year (RFC 9051, 9) */
static void
search_date(struct imap_writer *writer, int64_t day)
{
	static const char months[12][4] = {"Jan", "Feb", "Mar", "Apr", "May",
	    "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
	struct clock_date date = clock_date_of(day * 86400, 0);

	/* date-year = 4DIGIT: nothing is newer than that. */
	if (date.year > 9999)
		date =
		    (struct clock_date){.year = 9999, .month = 12, .day = 31};
	buf_addf(&writer->out, "%d-%s-%04d", date.day, months[date.month - 1],
	    date.year);
}

static void
search_flag(struct imap_writer *writer, const struct mail_term *term)
{
	switch ((enum mail_flag)term->number) {
	case MAIL_SEEN:
		imap_write_raw(writer, "SEEN");
		break;
	case MAIL_FLAGGED:
		imap_write_raw(writer, "FLAGGED");
		break;
	case MAIL_ANSWERED:
		imap_write_raw(writer, "ANSWERED");
		break;
	case MAIL_DRAFT:
		imap_write_raw(writer, "DRAFT");
		break;
	case MAIL_DELETED:
		imap_write_raw(writer, "DELETED");
		break;
	case MAIL_FORWARDED:
		imap_write_raw(writer, "KEYWORD $Forwarded");
		break;
	case MAIL_JUNK_MARK:
	case MAIL_NOT_JUNK_MARK:
	case MAIL_RECEIPT_SENT:
	default:
		ensure(false);
	}
}

/*
 * `is_not`: the key is one that a NOT stands before. What may match must
 * never be left out, so it is taken to be as it would have to be.
 */
static void
search_attachment(
    struct imap_writer *writer, const struct imap_search *what, bool is_not)
{
	if (what->stage != IMAP_SEARCH_EXACT) {
		imap_write_raw(writer, is_not ? "NOT ALL" : "ALL");
		return;
	}
	if (what->attached_count == 0) {
		imap_write_raw(writer, "KEYWORD $HasAttachment");
		return;
	}
	imap_write_raw(writer, "OR KEYWORD $HasAttachment UID ");
	imap_write_set(writer, what->attached, what->attached_count);
}

/* The keys of a group one after the other, each with a blank before. */
static void
search_all(struct imap_writer *writer, const struct imap_search *what,
    const struct mail_term *first, bool is_not)
{
	for (; first != NULL; first = first->next) {
		imap_write_raw(writer, " ");
		search_key(writer, what, first, is_not);
	}
}

static void
search_group(struct imap_writer *writer, const struct imap_search *what,
    const struct mail_term *first, bool is_not)
{
	if (first == NULL) {
		imap_write_raw(writer, "ALL");
	} else if (first->next == NULL) {
		search_key(writer, what, first, is_not);
	} else {
		imap_write_raw(writer, "(");
		search_key(writer, what, first, is_not);
		search_all(writer, what, first->next, is_not);
		imap_write_raw(writer, ")");
	}
}

/* "OR" SP search-key SP search-key */
static void
search_any(struct imap_writer *writer, const struct imap_search *what,
    const struct mail_term *first, bool is_not)
{
	for (; first->next != NULL; first = first->next) {
		imap_write_raw(writer, "OR ");
		search_key(writer, what, first, is_not);
		imap_write_raw(writer, " ");
	}
	search_key(writer, what, first, is_not);
}

static void
search_text(struct imap_writer *writer, const char *key, struct text text)
{
	imap_write_raw(writer, key);
	imap_write_string(writer, text.s);
}

static void
search_number(struct imap_writer *writer, const char *key, int64_t number)
{
	imap_write_raw(writer, key);
	imap_write_number(writer, (uint64_t)number);
}

void
imap_search_day(struct imap_writer *writer, const char *key, int64_t day)
{
	imap_write_raw(writer, key);
	search_date(writer, day);
}

/* Recurses as deep as the parser lets brackets nest. */
static void
search_key(struct imap_writer *writer, const struct imap_search *what,
    const struct mail_term *term, bool is_not)
{
	static const char *const keys[] = {
	    [MAIL_TERM_WHOLE] = "TEXT ",
	    [MAIL_TERM_FROM] = "FROM ",
	    [MAIL_TERM_TO] = "TO ",
	    [MAIL_TERM_CC] = "CC ",
	    [MAIL_TERM_BCC] = "BCC ",
	    [MAIL_TERM_SUBJECT] = "SUBJECT ",
	    [MAIL_TERM_BODY] = "BODY ",
	    [MAIL_TERM_BEFORE] = "BEFORE ",
	    [MAIL_TERM_SINCE] = "SINCE ",
	    [MAIL_TERM_ON] = "ON ",
	    [MAIL_TERM_LARGER] = "LARGER ",
	    [MAIL_TERM_SMALLER] = "SMALLER ",
	};

	if (term->is_not) {
		imap_write_raw(writer, "NOT ");
		is_not = !is_not;
	}
	switch (term->kind) {
	case MAIL_TERM_ALL_OF:
		search_group(writer, what, term->first, is_not);
		break;
	case MAIL_TERM_ANY_OF:
		search_any(writer, what, term->first, is_not);
		break;
	case MAIL_TERM_WHOLE:
	case MAIL_TERM_FROM:
	case MAIL_TERM_TO:
	case MAIL_TERM_CC:
	case MAIL_TERM_BCC:
	case MAIL_TERM_SUBJECT:
	case MAIL_TERM_BODY:
		search_text(writer, keys[term->kind], term->text);
		break;
	case MAIL_TERM_FLAG:
		search_flag(writer, term);
		break;
	case MAIL_TERM_KEYWORD:
		imap_write_raw(writer, "KEYWORD ");
		buf_add(&writer->out, term->text.s);
		break;
	case MAIL_TERM_ATTACHMENT:
		search_attachment(writer, what, is_not);
		break;
	case MAIL_TERM_BEFORE:
	case MAIL_TERM_SINCE:
	case MAIL_TERM_ON:
		imap_search_day(writer, keys[term->kind], term->number);
		break;
	case MAIL_TERM_LARGER:
	case MAIL_TERM_SMALLER:
		search_number(writer, keys[term->kind], term->number);
		break;
	default:
		ensure(false);
	}
}

void
imap_search_charset(
    struct imap_writer *writer, const struct mail_search *search)
{
	if (search != NULL && search->has_text)
		imap_write_raw(writer, " CHARSET UTF-8");
}

void
imap_search_write(struct imap_writer *writer, const struct imap_search *what)
{
	const struct mail_search *search = what->search;

	if (what->stage == IMAP_SEARCH_UNMARKED)
		imap_write_raw(writer, " UNKEYWORD $HasAttachment UNKEYWORD "
		                       "$HasNoAttachment");
	if (search == NULL || search->all.first == NULL)
		imap_write_raw(writer, " ALL");
	else
		search_all(writer, what, search->all.first, false);
}

void
imap_search_command(struct imap_batch *batch, const struct imap_search *what)
{
	imap_write_begin(&batch->writer, "UID SEARCH");
	if (imap_conn_has(batch->conn, IMAP_CAP_ESEARCH))
		imap_write_raw(&batch->writer,
		    what->is_saved ? " RETURN (ALL SAVE)" : " RETURN (ALL)");
	imap_search_charset(&batch->writer, what->search);
	imap_search_write(&batch->writer, what);
	imap_write_end(&batch->writer);
}
