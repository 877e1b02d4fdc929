#include "mime/mime_list.h"

#include "base/buf.h"
#include "base/scan.h"
#include "mime/mime_address.h"
#include "mime/mime_field.h"

/*
 * Fields of mailing lists. The addresses in them are lists of URIs between
 * angle brackets, with comments and blanks around and (RFC 2369, 2) blanks
 * within that do not count. What is not plainly harmless is left out: the
 * address is that of a stranger, and a press of a button goes there.
 */
#define FIELDS_MAX  2000u
#define FIELD_BYTES ((size_t)16 << 10)
#define URI_BYTES   ((size_t)2048)
#define URIS_MAX    50u
#define HOST_BYTES  253u

/* RFC 3986: what may stand in a URI; brackets only in hosts we refuse. */
static bool
is_uri_text(struct str s)
{
	static const char never[] = "\"<>\\^`{|}[]";

	for (size_t i = 0; i < s.len; i++) {
		if (s.ptr[i] <= ' ' || s.ptr[i] > '~' ||
		    strchr(never, s.ptr[i]) != NULL)
			return false;
	}
	return s.len > 0 && s.len <= URI_BYTES;
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool
is_letter_or_digit(char c)
{
	return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* A name of the public DNS: with a dot, and no number as an IP address is. */
static bool
is_public_host(struct str host)
{
	struct str rest = host;
	struct str label = {0};
	size_t labels = 0;
	bool has_letter = false;

	if (host.len == 0 || host.len > HOST_BYTES)
		return false;
	while (rest.ptr != NULL) {
		label = str_cut(&rest, '.');
		if (label.len == 0 || label.len > 63)
			return false;
		has_letter = false;
		for (size_t i = 0; i < label.len; i++) {
			char c = label.ptr[i];
			if (!is_letter_or_digit(c) && c != '-' && c != '_')
				return false;
			has_letter = has_letter || !is_digit(c);
		}
		labels++;
	}
	/* "0x7f.1" is a number to some: the last label begins with none. */
	return labels >= 2 && has_letter && !is_digit(label.ptr[0]);
}

/* "https://host[:port][/…]": no name or password before the host. */
static bool
is_web_address(struct str uri)
{
	struct scan scan = scan_of(uri);
	struct str port = {0};
	struct str host;

	if (!is_uri_text(uri) || !scan_str_nocase(&scan, STR("https://")))
		return false;
	host = scan_until(&scan, "/?#");
	if (str_find_byte(host, '@', 0) < host.len)
		return false;
	port = host;
	host = str_cut(&port, ':');
	for (size_t i = 0; i < port.len; i++) {
		if (!is_digit(port.ptr[i]) || port.len > 5)
			return false;
	}
	return is_public_host(host);
}

/* "mailto:local@domain[?…]" */
static bool
is_mail_address(struct str uri)
{
	struct scan scan = scan_of(uri);
	struct str address;
	size_t at = 0;

	if (!is_uri_text(uri) || !scan_str_nocase(&scan, STR("mailto:")))
		return false;
	/* A line break or NUL, encoded, is never meant well. */
	if (str_find_nocase(uri, STR("%0a"), 0) < uri.len ||
	    str_find_nocase(uri, STR("%0d"), 0) < uri.len ||
	    str_find(uri, STR("%00"), 0) < uri.len)
		return false;
	address = scan_until(&scan, "?");
	at = str_find_byte(address, '@', 0);
	return at > 0 && at < address.len &&
	       is_public_host(str_slice(address, at + 1, address.len));
}

/* Without the blanks that folding brought in. */
static struct str
without_blanks(struct arena *arena, struct str s)
{
	struct buf out;

	buf_init_arena(&out, arena, s.len + 1);
	for (size_t i = 0; i < s.len; i++) {
		if (s.ptr[i] != ' ' && s.ptr[i] != '\t' && s.ptr[i] != '\r' &&
		    s.ptr[i] != '\n')
			buf_add_byte(&out, s.ptr[i]);
	}
	return buf_str(&out);
}

static void
keep_uri(
    struct arena *arena, struct str raw, struct str *https, struct str *mailto)
{
	struct str uri;

	if (raw.len > URI_BYTES * 2)
		return;
	uri = without_blanks(arena, raw);
	if (https != NULL && https->len == 0 && is_web_address(uri))
		*https = uri;
	if (mailto->len == 0 && is_mail_address(uri))
		*mailto = uri;
}

/* The first of each kind; `https` may be NULL. */
static void
read_uris(struct arena *arena, struct str value, struct str *https,
    struct str *mailto)
{
	struct scan scan = scan_of(value);

	if (str_find_byte(value, '<', 0) == value.len) {
		/* Some leave the brackets out. */
		keep_uri(arena, value, https, mailto);
		return;
	}
	for (unsigned i = 0; i < URIS_MAX && !scan_end(&scan); i++) {
		(void)scan_until_byte(&scan, '<');
		if (!scan_byte(&scan, '<'))
			return;
		keep_uri(arena, scan_until_byte(&scan, '>'), https, mailto);
	}
}

/* RFC 2919: [phrase] "<" dot-atom ">"; seen without brackets, too. */
static enum err_code
read_id(struct arena *arena, struct str value, struct mime_list *out,
    struct err *err)
{
	struct mime_addresses list;
	enum err_code rc = mime_address_read(value, true, arena, &list, err);
	struct mime_address *last = NULL;

	if (rc != ERR_OK || list.count == 0 || out->id.s.len > 0)
		return rc;
	last = &list.list[list.count - 1];
	if (last->address.s.len > HOST_BYTES)
		return rc;
	out->id = last->address;
	out->name = last->name;
	return rc;
}

static enum err_code
read_field(struct arena *arena, const struct mime_field *field,
    struct mime_list *out, struct err *err)
{
	struct str value = str_slice(field->value, 0, FIELD_BYTES);

	if (str_eq_nocase(field->name, STR("list-id")))
		return read_id(arena, value, out, err);
	if (str_eq_nocase(field->name, STR("list-post")))
		read_uris(arena, value, NULL, &out->post);
	else if (str_eq_nocase(field->name, STR("list-unsubscribe")))
		read_uris(arena, value, &out->unsubscribe_https,
		    &out->unsubscribe_mailto);
	else if (str_eq_nocase(field->name, STR("list-unsubscribe-post")) &&
	         str_eq_nocase(without_blanks(arena, value),
	             STR("List-Unsubscribe=One-Click")))
		out->is_one_click = true;
	return ERR_OK;
}

enum err_code
mime_list_read(const struct mime_header *header, struct arena *arena,
    struct mime_list *out, struct err *err)
{
	struct str rest = header->raw;
	struct mime_field field;
	enum err_code rc = ERR_OK;

	*out = (struct mime_list){0};
	for (unsigned i = 0;
	     i < FIELDS_MAX && rc == ERR_OK && mime_field_next(&rest, &field);
	     i++)
		rc = read_field(arena, &field, out, err);
	/* RFC 8058, 3.1: it speaks of the https address. */
	if (out->unsubscribe_https.len == 0)
		out->is_one_click = false;
	if (rc == ERR_OK && arena_failed(arena))
		rc = err_set(err, ERR_LIMIT, "The header is too long.",
		    "mime: list fields");
	return rc;
}
