#include "http/request.h"

#include "base/buf.h"
#include "base/codec.h"
#include "base/limits.h"
#include "base/scan.h"
#include "base/secret.h"
#include "http/http_inner.h"
#include "os/clock.h"

static void
set_id(struct request *req, struct http *http)
{
	static const char letters[] = "0123456789abcdefghjkmnpqrstvwxyz";
	/* splitmix64: ids that do not tell how many requests there were */
	uint64_t z = (http ? http->id_key : 0) +
	             (http ? atomic_fetch_add(&http->next_id, 1) : 1) *
	                 UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	z ^= z >> 31;
	for (size_t i = 0; i < 12; i++) {
		req->id[i] = letters[z & 31];
		z >>= 5;
	}
	req->id[12] = '\0';
}

static void
inner_init(struct request_inner *inner, struct arena *arena, struct http *http)
{
	struct request *req = &inner->req;

	inner->http = http;
	inner->body.spool_fd = -1;
	inner->res.arena = arena;
	inner->res.status = 200;
	atomic_init(&inner->refs, 1);
	lock_init(&inner->lock);
	req->arena = arena;
	req->inner = inner;
	req->start_mono_us = clock_mono_us();
	set_id(req, http);
}

struct request_inner *
request_inner_new(struct http *http)
{
	struct arena *arena = arena_new(LIMIT_ARENA_BYTES);
	struct request_inner *inner;

	if (!arena)
		return NULL;
	inner = ARENA_NEW(arena, struct request_inner);
	if (!inner) {
		arena_free(arena);
		return NULL;
	}
	inner_init(inner, arena, http);
	atomic_fetch_add(&http->open, 1);
	metric_add(http->open_gauge, 1);
	return inner;
}

void
request_inner_ref(struct request_inner *inner)
{
	atomic_fetch_add(&inner->refs, 1);
}

void
request_inner_unref(struct request_inner *inner)
{
	struct http *http = inner->http;

	if (atomic_fetch_sub(&inner->refs, 1) != 1)
		return;
	if (inner->is_handled && http->handler.done)
		http->handler.done(http->handler.ctx, &inner->req);
	if (inner->res.release)
		inner->res.release(inner->res.owner);
	if (inner->res.stream)
		http_stream_abandon(inner->res.stream);
	if (inner->res.events)
		http_events_abandon(inner->res.events);
	http_body_end(inner);
	lock_end(&inner->lock);
	arena_free(inner->req.arena);
	metric_add(http->open_gauge, -1);
	lock_take(&http->lock);
	atomic_fetch_sub(&http->open, 1);
	lock_cond_broadcast(&http->less_open);
	lock_give(&http->lock);
}

void
request_inner_gone(struct request_inner *inner)
{
	lock_take(&inner->lock);
	inner->gone = true;
	if (inner->req.cancel)
		cancel_fire(inner->req.cancel);
	if (inner->res.events)
		http_events_close(inner->res.events);
	lock_give(&inner->lock);
}

void
request_set_cancel(struct request *req, struct cancel *cancel)
{
	struct request_inner *inner = req->inner;

	lock_take(&inner->lock);
	req->cancel = cancel;
	if (cancel && inner->gone)
		cancel_fire(cancel);
	lock_give(&inner->lock);
}

bool
request_is_gone(const struct request *req)
{
	struct request_inner *inner = req->inner;
	bool gone;

	lock_take(&inner->lock);
	gone = inner->gone;
	lock_give(&inner->lock);
	return gone;
}

struct str
request_header(const struct request *req, const char *name)
{
	return http_headers_find(&req->inner->headers, str_c(name));
}

struct str
request_header_all(const struct request *req, const char *name)
{
	const struct http_headers *headers = &req->inner->headers;
	struct str all = {0};

	for (size_t i = 0; i < headers->count; i++) {
		struct str value = headers->list[i].value;
		struct str parts[3] = {all, STR(", "), value};

		if (!str_eq_nocase(headers->list[i].name, str_c(name)))
			continue;
		all = all.ptr ? str_join(req->arena, parts, 3) : value;
		if (!all.ptr)
			break;
	}
	return all;
}

/*
 * cookie-string = cookie-pair *( ";" SP cookie-pair ) (RFC 6265, 4.2.1); the
 * first of a name, as browsers send the most specific first.
 */
static struct str
find_cookie(struct str rest, struct str name)
{
	while (rest.ptr && rest.len > 0) {
		struct str value = str_cut(&rest, ';');
		struct str key = str_trim(str_cut(&value, '='));

		if (!value.ptr || !str_eq(key, name))
			continue;
		value = str_trim(value);
		if (value.len >= 2 && value.ptr[0] == '"' &&
		    value.ptr[value.len - 1] == '"')
			value = str_slice(value, 1, value.len - 1);
		return value;
	}
	return (struct str){0};
}

struct str
request_cookie(const struct request *req, const char *name)
{
	const struct http_headers *headers = &req->inner->headers;

	for (size_t i = 0; i < headers->count; i++) {
		struct str found;

		if (!str_eq_nocase(headers->list[i].name, STR("Cookie")) ||
		    headers->list[i].value.len > LIMIT_COOKIE_BYTES)
			continue;
		found = find_cookie(headers->list[i].value, str_c(name));
		if (found.ptr)
			return found;
	}
	return (struct str){0};
}

static struct str
decode(struct arena *arena, struct str s)
{
	struct buf out;
	struct str decoded;

	if (str_find_byte(s, '%', 0) == s.len &&
	    str_find_byte(s, '+', 0) == s.len)
		return s.ptr ? s : STR("");
	buf_init_arena(&out, arena, s.len + 1);
	codec_percent_decode(&out, s, true);
	if (buf_end(&out, &decoded, NULL) != ERR_OK)
		return (struct str){0};
	return decoded.ptr ? decoded : STR("");
}

struct str
request_query(const struct request *req, const char *name)
{
	struct str rest = req->query;

	while (rest.ptr && rest.len > 0) {
		struct str value = str_cut(&rest, '&');
		struct str key = decode(req->arena, str_cut(&value, '='));

		if (str_eq(key, str_c(name)))
			return decode(req->arena, value);
	}
	return (struct str){0};
}

uint64_t
request_body_bytes(const struct request *req)
{
	return req->inner->body.expected;
}

struct str
request_body(const struct request *req)
{
	const struct http_body *body = &req->inner->body;

	if (body->spool_fd >= 0)
		return (struct str){0};
	return body->memory ? str_of(body->memory, (size_t)body->received)
	                    : STR("");
}

enum err_code
request_form(struct request *req, const struct form **out, struct err *err)
{
	static const struct form empty = {.spool_fd = -1};
	struct request_inner *inner = req->inner;

	if (!inner->form && inner->form_code == ERR_OK) {
		if (inner->body.received == 0)
			inner->form = &empty;
		else if (inner->body.is_cut)
			inner->form_code = form_parse_beginning(
			    request_header(req, "Content-Type"),
			    inner->body.spool_fd, inner->body.received,
			    req->arena, &inner->form, &inner->form_err);
		else
			inner->form_code =
			    form_parse(request_header(req, "Content-Type"),
			        request_body(req), inner->body.spool_fd,
			        inner->body.received, req->arena, &inner->form,
			        &inner->form_err);
	}
	*out = inner->form;
	if (inner->form_code != ERR_OK)
		return err_set(err, inner->form_code, inner->form_err.message,
		    inner->form_err.detail);
	return ERR_OK;
}

struct str
request_field(struct request *req, const char *name)
{
	const struct form *form = NULL;
	struct str value;

	if (request_form(req, &form, NULL) != ERR_OK)
		return STR("");
	value = form_value(form, name);
	return value.ptr ? value : STR("");
}

/* Is `coding` listed without "q=0" (RFC 9110, 12.5.3)? */
bool
request_accepts_gzip(const struct request *req)
{
	struct str rest = request_header(req, "Accept-Encoding");

	while (rest.ptr && rest.len > 0) {
		struct str params = str_cut(&rest, ',');
		struct str coding = str_trim(str_cut(&params, ';'));
		struct scan scan = scan_of(str_trim(params));

		if (!str_eq_nocase(coding, STR("gzip")))
			continue;
		if (scan_str_nocase(&scan, STR("q=0"))) {
			(void)scan_while(&scan, ".0");
			return !scan_end(&scan);
		}
		return true;
	}
	return false;
}

/* ---- without a connection --------------------------------------------------
 */

struct request *
request_new_alone(struct arena *arena, struct str method, struct str target,
    struct str headers, struct str body, unsigned *out_status)
{
	struct request_inner *inner = ARENA_NEW(arena, struct request_inner);
	const char *words = "";

	if (!inner)
		return NULL;
	inner_init(inner, arena, NULL);
	inner->method_name = method;
	inner->req.raw_target = target;
	while (headers.ptr && headers.len > 0) {
		struct str value = str_cut(&headers, '\n');
		struct str name = str_cut(&value, ':');

		if (name.len > 0)
			(void)http_headers_add(
			    &inner->headers, arena, name, str_trim(value));
	}
	*out_status = http_head_check(inner, &words);
	inner->body.expected = body.len;
	inner->body.received = body.len;
	inner->body.memory = body.len > 0 ? malloc(body.len) : NULL;
	if (inner->body.memory)
		memcpy(inner->body.memory, body.ptr, body.len);
	else
		inner->body.received = 0;
	return &inner->req;
}

void
request_end_alone(struct request *req)
{
	struct request_inner *inner = req->inner;

	if (inner->res.release)
		inner->res.release(inner->res.owner);
	http_body_end(inner);
	lock_end(&inner->lock);
}
