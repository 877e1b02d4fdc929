#include "mime/html_url.h"

#include "base/scan.h"

#define URL_BYTES_MAX   ((size_t)8 << 10)
#define IMAGE_BYTES_MAX ((size_t)256 << 10)

static const char scheme_bytes[] =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+-.";
static const char base64_bytes[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/*
 * URL Standard, 4.4: controls and blanks around the address and TAB, LF, CR
 * within it are removed before it is read.
 */
static void
without_controls(struct buf *out, struct str value)
{
	size_t start = 0;
	size_t end = value.len;

	while (start < end && (unsigned char)value.ptr[start] <= ' ')
		start++;
	while (end > start && (unsigned char)value.ptr[end - 1] <= ' ')
		end--;
	for (size_t i = start; i < end; i++) {
		unsigned char c = (unsigned char)value.ptr[i];
		if (c == ' ')
			buf_add(out, STR("%20"));
		else if (c > ' ' && c != 0x7f)
			buf_add_byte(out, (char)c);
	}
}

/* "//host": a backslash would be read as a slash, an empty host as ours. */
static bool
has_host(struct str rest)
{
	return rest.len > 2 && rest.ptr[0] == '/' && rest.ptr[1] == '/' &&
	       rest.ptr[2] != '/' && rest.ptr[2] != '\\' &&
	       rest.ptr[2] != '?' && rest.ptr[2] != '#' && rest.ptr[2] != ':' &&
	       rest.ptr[2] != '@';
}

static bool
is_image_data(struct str rest)
{
	static const char *const types[] = {"image/png;base64,",
	    "image/gif;base64,", "image/jpeg;base64,", "image/webp;base64,"};
	struct scan scan = scan_of(rest);

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		if (!scan_str_nocase(&scan, str_c(types[i])))
			continue;
		(void)scan_while(&scan, base64_bytes);
		(void)scan_while(&scan, "=");
		return scan_end(&scan);
	}
	return false;
}

static enum html_url_kind
kind_of(struct str scheme, struct str rest)
{
	bool is_web = str_eq_nocase(scheme, STR("http")) ||
	              str_eq_nocase(scheme, STR("https"));

	if (is_web)
		return has_host(rest) ? HTML_URL_WEB : HTML_URL_NONE;
	if (str_eq_nocase(scheme, STR("mailto")))
		return HTML_URL_MAILTO;
	if (str_eq_nocase(scheme, STR("cid")))
		return rest.len > 0 ? HTML_URL_CID : HTML_URL_NONE;
	if (str_eq_nocase(scheme, STR("data")) && is_image_data(rest))
		return HTML_URL_IMAGE;
	return HTML_URL_NONE;
}

enum html_url_kind
html_url_read(struct buf *out, struct str value)
{
	struct buf plain;
	struct scan scan;
	struct str scheme = {0};
	enum html_url_kind kind = HTML_URL_NONE;

	if (value.len == 0 || value.len > IMAGE_BYTES_MAX)
		return HTML_URL_NONE;
	buf_init(&plain, IMAGE_BYTES_MAX);
	without_controls(&plain, value);
	scan = scan_of(buf_str(&plain));
	scheme = scan_while(&scan, scheme_bytes);
	if (plain.failed == ERR_OK && scan_byte(&scan, ':'))
		kind = kind_of(scheme, scan_rest(&scan));
	if (kind != HTML_URL_IMAGE && plain.len > URL_BYTES_MAX)
		kind = HTML_URL_NONE;
	if (kind != HTML_URL_NONE) {
		for (size_t i = 0; i < scheme.len; i++)
			buf_add_byte(out, (char)(scheme.ptr[i] | 0x20));
		buf_add_byte(out, ':');
		buf_add(out, scan_rest(&scan));
	}
	buf_free(&plain);
	return kind;
}

bool
html_url_is_https(struct str url)
{
	return str_starts(url, STR("https:"));
}
