#include "http/response.h"

#include "base/limits.h"
#include "http/http_inner.h"

void
response_status(struct response *res, unsigned status)
{
	ensure(status >= 200 && status <= 599);
	res->status = status;
}

unsigned
response_get_status(const struct response *res)
{
	return res->status;
}

void
response_header(struct response *res, const char *name, struct str value)
{
	char *copy;

	ensure(!str_has_line_break(value));
	copy = str_dup_c(res->arena, value); /* MHD wants it terminated */
	if (!copy || !http_headers_add(&res->headers, res->arena, str_c(name),
	                 (struct str){copy, value.len}))
		res->failed = true;
}

void
response_replace_header(
    struct response *res, const char *name, struct str value)
{
	size_t kept = 0;

	for (size_t i = 0; i < res->headers.count; i++) {
		if (!str_eq_nocase(res->headers.list[i].name, str_c(name)))
			res->headers.list[kept++] = res->headers.list[i];
	}
	res->headers.count = kept;
	response_header(res, name, value);
}

bool
response_has_header(const struct response *res, const char *name)
{
	for (size_t i = 0; i < res->headers.count; i++) {
		if (str_eq_nocase(res->headers.list[i].name, str_c(name)))
			return true;
	}
	return false;
}

static void
release_body(struct response *res)
{
	if (res->release)
		res->release(res->owner);
	res->release = NULL;
	res->owner = NULL;
}

void
response_body(struct response *res, struct str body)
{
	release_body(res);
	res->body = body;
}

void
response_body_shared(struct response *res, struct str body,
    void (*release)(void *owner), void *owner)
{
	release_body(res);
	res->body = body;
	res->release = release;
	res->owner = owner;
}

void
response_close(struct response *res)
{
	res->close = true;
}

void
response_allow_gzip(struct response *res)
{
	res->gzip = true;
}

void
response_forbid_gzip(struct response *res)
{
	res->gzip = false;
}

bool
response_is_streaming(const struct response *res)
{
	return res->stream != NULL;
}

uint64_t
response_body_sent(const struct response *res)
{
	return res->stream ? http_stream_sent(res->stream) : res->sent;
}

struct str
response_get_header(const struct response *res, const char *name)
{
	return http_headers_find(&res->headers, str_c(name));
}

struct str
response_get_body(const struct response *res)
{
	return res->body;
}

void
response_plain(struct response *res, unsigned status, struct str words)
{
	struct str body = str_printf(res->arena, "%.*s\n", STR_ARG(words));

	if (!body.ptr)
		body = STR("Out of memory.\n");
	response_status(res, status);
	response_replace_header(
	    res, "Content-Type", STR("text/plain; charset=utf-8"));
	response_replace_header(res, "X-Content-Type-Options", STR("nosniff"));
	response_replace_header(res, "Cache-Control", STR("no-store"));
	response_body(res, body);
}
