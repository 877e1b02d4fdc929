#include "http/http_inner.h"

#include "base/buf.h"
#include "base/codec.h"
#include "base/limits.h"
#include "base/num.h"
#include "base/scan.h"
#include "base/tr.h"

/* RFC 9110, 5.6.2: tchar without letters and digits. */
static const char token_marks[] = "!#$%&'*+-.^_`|~";

static bool
is_alnum(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9');
}

static bool
is_token(struct str s)
{
	for (size_t i = 0; i < s.len; i++) {
		if (!is_alnum(s.ptr[i]) &&
		    (s.ptr[i] == '\0' || !strchr(token_marks, s.ptr[i])))
			return false;
	}
	return s.len > 0;
}

static bool
has_control(struct str s, bool tab_is_fine)
{
	for (size_t i = 0; i < s.len; i++) {
		unsigned char c = (unsigned char)s.ptr[i];

		if ((c < 0x20 && !(tab_is_fine && c == '\t')) || c == 0x7f)
			return true;
	}
	return false;
}

bool
http_headers_add(struct http_headers *headers, struct arena *arena,
    struct str name, struct str value)
{
	struct http_header *list = arena_grow(arena, headers->list,
	    headers->count, &headers->capacity, sizeof(*list));

	if (!list)
		return false;
	list[headers->count].name = name;
	list[headers->count].value = value;
	headers->list = list;
	headers->count++;
	return true;
}

struct str
http_headers_find(const struct http_headers *headers, struct str name)
{
	for (size_t i = 0; i < headers->count; i++) {
		if (str_eq_nocase(headers->list[i].name, name))
			return headers->list[i].value;
	}
	return (struct str){0};
}

static size_t
count_of(const struct http_headers *headers, struct str name)
{
	size_t count = 0;

	for (size_t i = 0; i < headers->count; i++)
		count += str_eq_nocase(headers->list[i].name, name);
	return count;
}

/* What could make two readers see two different requests (RFC 9112, 11.2). */
static unsigned
check_framing(struct request_inner *inner, const char **words)
{
	const struct http_headers *headers = &inner->headers;
	struct str length = http_headers_find(headers, STR("Content-Length"));

	for (size_t i = 0; i < headers->count; i++) {
		if (!is_token(headers->list[i].name) ||
		    has_control(headers->list[i].value, true)) {
			*words = N_("A header of the request is malformed.");
			return 400;
		}
	}
	if (count_of(headers, STR("Transfer-Encoding")) > 0) {
		*words = N_("Send the body with a Content-Length.");
		return 411;
	}
	if (count_of(headers, STR("Content-Length")) > 1) {
		*words = N_("The request has more than one Content-Length.");
		return 400;
	}
	if (length.ptr && num_u64(length, 0, INT64_MAX, &inner->body.expected,
	                      NULL) != ERR_OK) {
		*words = N_("The Content-Length is not a number.");
		return 400;
	}
	return 0;
}

static bool
is_host_name(struct str name)
{
	for (size_t i = 0; i < name.len; i++) {
		char c = name.ptr[i];

		if (!is_alnum(c) && c != '.' && c != '-' && c != '_')
			return false;
	}
	return name.len > 0;
}

/* Host = uri-host [ ":" port ] (RFC 9110, 7.2); names, IPv4, [IPv6]. */
static bool
is_host(struct str host)
{
	struct scan scan = scan_of(host);
	uint64_t port = 0;

	if (host.len == 0 || host.len > 255)
		return false;
	if (scan_byte(&scan, '[')) {
		if (scan_while(&scan, "0123456789abcdefABCDEF:.").len == 0 ||
		    !scan_byte(&scan, ']'))
			return false;
	} else if (!is_host_name(scan_until_byte(&scan, ':'))) {
		return false;
	}
	if (scan_end(&scan))
		return true;
	return scan_byte(&scan, ':') && scan_u64(&scan, 65535, &port) &&
	       scan_end(&scan);
}

static unsigned
check_host(struct request_inner *inner, const char **words)
{
	struct str host = http_headers_find(&inner->headers, STR("Host"));

	if (count_of(&inner->headers, STR("Host")) != 1 || !is_host(host)) {
		*words = N_("The request needs exactly one valid Host header.");
		return 400;
	}
	inner->req.host = str_lower(inner->req.arena, host);
	return inner->req.host.ptr ? 0 : 500;
}

static unsigned
check_method(struct request_inner *inner, const char **words)
{
	struct request *req = &inner->req;

	req->method = METHOD_OTHER;
	if (str_eq(inner->method_name, STR("GET")))
		req->method = METHOD_GET;
	else if (str_eq(inner->method_name, STR("HEAD")))
		req->method = METHOD_HEAD;
	else if (str_eq(inner->method_name, STR("POST")))
		req->method = METHOD_POST;
	if (req->method == METHOD_OTHER) {
		response_header(&inner->res, "Allow", STR("GET, HEAD, POST"));
		*words = N_("This method is not allowed here.");
		return 405;
	}
	if (req->method != METHOD_POST && inner->body.expected > 0) {
		*words = N_("Only a POST request has a body here.");
		return 400;
	}
	return 0;
}

/* absolute-form (RFC 9112, 3.2.2): its authority must be the Host's. */
static bool
take_authority(const struct request *req, struct str *target)
{
	struct str rest = *target;
	struct str authority;
	size_t slash;

	if (str_starts_nocase(rest, STR("http://")))
		rest = str_slice(rest, 7, rest.len);
	else if (str_starts_nocase(rest, STR("https://")))
		rest = str_slice(rest, 8, rest.len);
	else
		return true;
	slash = str_find_byte(rest, '/', 0);
	authority = str_slice(rest, 0, slash);
	if (!str_eq_nocase(authority, req->host))
		return false;
	*target =
	    slash == rest.len ? STR("/") : str_slice(rest, slash, rest.len);
	return true;
}

static bool
is_target(struct str target)
{
	for (size_t i = 0; i < target.len; i++) {
		unsigned char c = (unsigned char)target.ptr[i];

		if (c <= 0x20 || c >= 0x7f || c == '#')
			return false;
	}
	return target.len > 0 && target.ptr[0] == '/';
}

static bool
is_hex(int c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') ||
	       (c >= 'A' && c <= 'F');
}

static bool
has_bad_percent(struct str s)
{
	for (size_t i = 0; i < s.len; i++) {
		if (s.ptr[i] == '%' &&
		    (i + 2 >= s.len || !is_hex(s.ptr[i + 1]) ||
		        !is_hex(s.ptr[i + 2])))
			return true;
	}
	return false;
}

/* Decoded exactly once; what comes out is text or is refused. */
static unsigned
check_target(struct request_inner *inner, const char **words)
{
	struct request *req = &inner->req;
	struct str target = req->raw_target;
	struct str path;
	struct buf decoded;
	size_t mark;

	*words = N_("The address is malformed.");
	if (!take_authority(req, &target) || !is_target(target))
		return 400;
	req->raw_target = target;
	mark = str_find_byte(target, '?', 0);
	path = str_slice(target, 0, mark);
	req->query = str_slice(target, mark + 1, target.len);
	if (req->query.len > LIMIT_QUERY_BYTES) {
		*words = N_("The address is too long.");
		return 414;
	}
	if (has_bad_percent(path))
		return 400;
	buf_init_arena(&decoded, req->arena, path.len + 1);
	codec_percent_decode(&decoded, path, false);
	if (buf_end(&decoded, &req->path, NULL) != ERR_OK)
		return 500;
	if (!str_is_utf8(req->path) || has_control(req->path, false))
		return 400;
	return 0;
}

unsigned
http_head_check(struct request_inner *inner, const char **words)
{
	unsigned status = check_framing(inner, words);

	if (status == 0)
		status = check_host(inner, words);
	if (status == 0)
		status = check_method(inner, words);
	if (status == 0)
		status = check_target(inner, words);
	return status;
}
