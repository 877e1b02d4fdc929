#include "mime/html_anchor.h"

#include "base/scan.h"
#include "mime/html_name.h"
#include "mime/html_url.h"

#define LINK_TEXT_BYTES ((size_t)64 << 10) /* of all that are open */
#define HOST_BYTES_MAX  255u

/* ---- hosts ---- */

/* URL Standard, 4.4: the authority ends at any of these. */
struct str
html_anchor_host(struct str url)
{
	struct scan scan = scan_of(url);
	struct str host = {0};
	size_t at = 0;

	(void)scan_until_byte(&scan, ':');
	(void)scan_byte(&scan, ':');
	(void)scan_while(&scan, "/\\");
	host = scan_until(&scan, "/\\?#");
	for (size_t i = 0; i < host.len; i++) {
		if (host.ptr[i] == '@')
			at = i + 1;
	}
	host = str_slice(host, at, host.len);
	if (str_starts(host, STR("[")))
		return str_slice(host, 0, str_find_byte(host, ']', 0) + 1);
	return str_slice(host, 0, str_find_byte(host, ':', 0));
}

static bool
is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (unsigned char)c >= 0x80;
}

static bool
is_host_byte(char c)
{
	return is_letter(c) || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
	       c == '_';
}

static struct str
last_label(struct str host)
{
	size_t at = host.len;

	while (at > 0 && host.ptr[at - 1] != '.')
		at--;
	return str_slice(host, at, host.len);
}

/* "report.pdf" names a file. */
static bool
is_file_ending(struct str label)
{
	static const char *const endings[] = {"css", "doc", "docx", "gif",
	    "htm", "html", "jpeg", "jpg", "js", "pdf", "php", "png", "ppt",
	    "pptx", "txt", "xls", "xlsx", "xml"};

	for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]); i++) {
		if (str_eq_nocase(label, str_c(endings[i])))
			return true;
	}
	return false;
}

/* Labels between dots, the last of them of letters. */
static bool
is_host_like(struct str s)
{
	struct str last = last_label(s);
	char before = '.';

	if (last.len < 2 || last.len == s.len || is_file_ending(last))
		return false;
	for (size_t i = 0; i < s.len; i++) {
		if (!is_host_byte(s.ptr[i]) ||
		    (s.ptr[i] == '.' && before == '.'))
			return false;
		before = s.ptr[i];
	}
	if (str_starts_nocase(last, STR("xn--")))
		return true;
	for (size_t i = 0; i < last.len; i++) {
		if (!is_letter(last.ptr[i]))
			return false;
	}
	return true;
}

/* The last two labels, or three of "example.co.uk". */
static struct str
owner_of(struct str host)
{
	struct str last = last_label(host);
	struct str rest = str_slice(
	    host, 0, host.len > last.len ? host.len - last.len - 1 : 0);
	struct str second = last_label(rest);
	size_t from = host.len - last.len - second.len - 1;

	if (rest.len == 0)
		return host;
	if (last.len == 2 && second.len <= 3 && rest.len > second.len + 1) {
		rest = str_slice(rest, 0, rest.len - second.len - 1);
		from -= last_label(rest).len + 1;
	}
	return str_slice(host, from, host.len);
}

static bool
is_other_host(struct str named, struct str host)
{
	if (str_ends(host, STR(".")))
		host = str_slice(host, 0, host.len - 1);
	return !str_eq_nocase(named, host) &&
	       !str_eq_nocase(owner_of(named), owner_of(host));
}

/* What names a host in a word: "https://name:1@host:2/…", "(host)." */
static struct str
host_in_word(struct str word)
{
	size_t scheme = str_find(word, STR("://"), 0);
	size_t end = 0;
	size_t start = 0;

	if (scheme < word.len)
		word = str_slice(word, scheme + 3, word.len);
	while (end < word.len && strchr("/\\?#", word.ptr[end]) == NULL)
		end++;
	for (size_t i = 0; i < end; i++) {
		if (word.ptr[i] == '@')
			start = i + 1;
	}
	word = str_slice(word, start, end);
	word = str_slice(word, 0, str_find_byte(word, ':', 0));
	while (word.len > 0 && word.ptr[word.len - 1] == '.')
		word.len--;
	while (word.len > 0 && word.ptr[0] == '.')
		word = str_slice(word, 1, word.len);
	return word;
}

bool
html_anchor_is_other(struct str text, struct str host)
{
	static const char between[] = " \t\n\r\f,;()<>[]{}\"'|!*=&";
	struct scan scan = scan_of(text);

	while (!scan_end(&scan)) {
		struct str named = {0};
		(void)scan_while(&scan, between);
		named = host_in_word(scan_until(&scan, between));
		if (is_host_like(named) && is_other_host(named, host))
			return true;
	}
	return false;
}

/* ---- links ---- */

static bool
open_fragment(struct html_writer *writer, struct str value)
{
	value = str_trim(value);
	if (!str_starts(value, STR("#")))
		return false;
	buf_clear(&writer->value);
	buf_add_byte(&writer->value, '#');
	if (html_name_add(&writer->value, str_slice(value, 1, value.len))) {
		html_writer_attribute(
		    writer, STR("href"), buf_str(&writer->value));
		html_writer_attribute(writer, STR("target"), STR("_self"));
	}
	return true;
}

/* Remembers a link; one too many within others is never compared. */
static void
begin_link(struct html_writer *writer, struct str url)
{
	struct str host = html_anchor_host(url);
	struct html_writer_link *link = &writer->links[writer->link_count];

	if (!writer->options->show_link_hosts ||
	    writer->link_count == HTML_WRITER_LINKS)
		return;
	*link = (struct html_writer_link){.depth = writer->depth,
	    .host =
	        str_lower(writer->arena, str_slice(host, 0, HOST_BYTES_MAX)),
	    .text_start = writer->link_text.len};
	writer->link_count++;
}

void
html_anchor_name(struct html_writer *writer, const struct html_element *element)
{
	struct str name = html_parse_find(element, "name");

	buf_clear(&writer->value);
	if (html_parse_find(element, "id").len == 0 &&
	    html_name_add(&writer->value, name))
		html_writer_attribute(
		    writer, STR("id"), buf_str(&writer->value));
}

void
html_anchor_open(struct html_writer *writer, const struct html_element *element)
{
	const struct html_clean_options *options = writer->options;
	struct str value = html_parse_find(element, "href");
	enum html_url_kind kind;
	struct str url = {0};

	if (value.len == 0 || open_fragment(writer, value))
		return;
	buf_clear(&writer->value);
	kind = html_url_read(&writer->value, value);
	url = buf_str(&writer->value);
	if (kind == HTML_URL_MAILTO && options->mailto_address != NULL) {
		struct str shown = options->mailto_address(options->ctx, url);
		if (shown.ptr == NULL)
			return;
		html_writer_swapped(writer, STR("href"), url, shown);
	} else if (kind == HTML_URL_WEB || kind == HTML_URL_MAILTO) {
		html_writer_attribute(writer, STR("href"), url);
	} else {
		return;
	}
	buf_add(&writer->out,
	    STR(" target=\"_blank\" rel=\"noopener noreferrer\""));
	if (kind == HTML_URL_WEB)
		begin_link(writer, url);
}

void
html_anchor_text(struct html_writer *writer, struct str text)
{
	if (writer->link_count > 0)
		buf_add(&writer->link_text, text);
}

/* Letters that look like ours do not stay: they are written as bytes. */
static struct str
spell_host(struct html_writer *writer, struct str host)
{
	static const char hex[] = "0123456789ABCDEF";

	buf_clear(&writer->value);
	for (size_t i = 0; i < host.len; i++) {
		unsigned char c = (unsigned char)host.ptr[i];
		if (c > ' ' && c < 0x7f) {
			buf_add_byte(&writer->value, (char)c);
			continue;
		}
		buf_add_byte(&writer->value, '%');
		buf_add_byte(&writer->value, hex[c >> 4]);
		buf_add_byte(&writer->value, hex[c & 15]);
	}
	return str_dup(writer->arena, buf_str(&writer->value));
}

void
html_anchor_close(struct html_writer *writer)
{
	struct html_writer_link *link = NULL;
	struct str text = {0};

	if (writer->link_count == 0)
		return;
	link = &writer->links[writer->link_count - 1];
	if (link->depth != writer->depth)
		return; /* this one leads nowhere */
	writer->link_count--;
	text = str_slice(buf_str(&writer->link_text), link->text_start,
	    writer->link_text.len);
	/* What is too long to be compared has something to hide. */
	if (writer->link_text.failed != ERR_OK ||
	    html_anchor_is_other(text, link->host)) {
		struct html_swap swap = {.offset = writer->out.len,
		    .shown = spell_host(writer, link->host),
		    .is_note = true};
		html_writer_swap(writer, swap);
	}
	if (writer->link_count == 0)
		buf_clear(&writer->link_text);
}
