#include "base/scan.h"
#include "mime/mime_label.h"

/*
 * What HTML says of its own charset, in its first bytes:
 *
 *   <meta charset="…">
 *   <meta http-equiv="content-type" content="text/html; charset=…">
 *   <?xml version="1.0" encoding="…"?>
 */
#define SCAN_BYTES 1024u

static const char blanks[] = " \t\r\n\f/";

/* name[=value] of a tag; false at its end. */
static bool
next_attribute(struct scan *scan, struct str *name, struct str *value)
{
	int quote = 0;

	*value = (struct str){0};
	(void)scan_while(scan, blanks);
	if (scan_end(scan) || scan_peek(scan) == '>')
		return false;
	*name = scan_until(scan, " \t\r\n\f/=>");
	(void)scan_while(scan, " \t\r\n\f");
	if (!scan_byte(scan, '='))
		return name->len > 0;
	(void)scan_while(scan, " \t\r\n\f");
	quote = scan_peek(scan);
	if (quote == '"' || quote == '\'') {
		(void)scan_next(scan);
		*value = scan_until_byte(scan, (char)quote);
		(void)scan_next(scan);
	} else {
		*value = scan_until(scan, " \t\r\n\f>");
	}
	return true;
}

/* "text/html; charset=…" */
static struct str
charset_of_type(struct str type)
{
	struct scan scan = scan_of(type);

	scan.at = str_find_nocase(type, STR("charset"), 0);
	if (!scan_str_nocase(&scan, STR("charset")))
		return (struct str){0};
	scan_blank(&scan);
	if (!scan_byte(&scan, '='))
		return (struct str){0};
	(void)scan_while(&scan, " \t\"'");
	return scan_until(&scan, " \t;\"'");
}

static struct str
read_meta(struct scan *scan)
{
	struct str name = {0};
	struct str value = {0};
	struct str charset = {0};
	struct str type = {0};
	bool is_type = false;

	while (next_attribute(scan, &name, &value)) {
		if (str_eq_nocase(name, STR("charset")))
			charset = value;
		else if (str_eq_nocase(name, STR("content")))
			type = charset_of_type(value);
		else if (str_eq_nocase(name, STR("http-equiv")))
			is_type = str_eq_nocase(value, STR("content-type"));
	}
	return charset.len > 0 || !is_type ? charset : type;
}

static struct str
read_xml(struct scan *scan)
{
	struct str name = {0};
	struct str value = {0};

	while (next_attribute(scan, &name, &value)) {
		if (str_eq_nocase(name, STR("encoding")))
			return value;
	}
	return (struct str){0};
}

/*
 * HTML, 13.2.3.2: a text in which this can be read is not in UTF-16, whatever
 * it says.
 */
static struct str
checked(struct str label)
{
	const struct mime_label *known = mime_label_find(label);

	if (known == NULL)
		return (struct str){0};
	return known->kind == MIME_LABEL_WIDE || known->kind == MIME_LABEL_WIDE4
	           ? STR("utf-8")
	           : label;
}

static struct str
by_mark(struct str bytes)
{
	if (str_starts(bytes, STR("\xef\xbb\xbf")))
		return STR("utf-8");
	if (str_starts(bytes, STR("\xff\xfe")))
		return STR("utf-16le");
	return str_starts(bytes, STR("\xfe\xff")) ? STR("utf-16be")
	                                          : (struct str){0};
}

struct str
mime_html_charset(struct str bytes)
{
	struct scan scan = scan_of(str_slice(bytes, 0, SCAN_BYTES));
	struct str found = by_mark(bytes);

	while (found.len == 0 && !scan_end(&scan)) {
		(void)scan_until_byte(&scan, '<');
		(void)scan_next(&scan);
		if (scan_str(&scan, STR("!--")))
			scan.at = str_find(scan.in, STR("-->"), scan.at);
		else if (scan_str_nocase(&scan, STR("meta")) &&
		         !scan_end(&scan) &&
		         strchr(blanks, scan_peek(&scan)) != NULL)
			found = checked(read_meta(&scan));
		else if (scan_str_nocase(&scan, STR("?xml")))
			found = checked(read_xml(&scan));
	}
	return found;
}
