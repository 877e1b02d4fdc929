#include "http/http_inner.h"

#include <stdlib.h>

#include "base/limits.h"
#include "base/secret.h"
#include "base/tr.h"
#include "os/file.h"

/* So much past the limit is still read, to answer with the form. */
#define CUT_BYTES ((uint64_t)1 << 30)

static bool
reserve_spool(struct http *http, uint64_t bytes)
{
	uint64_t used = atomic_load(&http->spool_used);

	do {
		if (bytes > http->settings.spool_quota_bytes ||
		    used > http->settings.spool_quota_bytes - bytes)
			return false;
	} while (!atomic_compare_exchange_weak(
	    &http->spool_used, &used, used + bytes));
	return true;
}

static unsigned
open_spool(struct request_inner *inner, uint64_t bytes, const char **words)
{
	struct http *http = inner->http;
	struct err err = ERR_NONE;

	if (!reserve_spool(http, bytes)) {
		response_header(&inner->res, "Retry-After", STR("60"));
		*words =
		    N_("Too much is being uploaded at the moment. Please try "
		       "again in a minute.");
		return 503;
	}
	inner->body.reserved = bytes;
	if (file_open_spool(http->settings.spool_folder, &inner->body.spool_fd,
	        &err) != ERR_OK) {
		inner->body.spool_fd = -1;
		inner->body.failed = err.code;
		*words = N_("The server cannot store uploads at the moment.");
		return 507;
	}
	return 0;
}

unsigned
http_body_open(struct request_inner *inner, uint64_t bytes, const char **words)
{
	uint64_t most = inner->http->settings.max_body_bytes;

	if (inner->req.max_body_bytes > 0)
		most = inner->req.max_body_bytes;
	inner->body.expected = bytes;
	if (bytes == 0)
		return 0;
	if (bytes > most && inner->req.keeps_beginning &&
	    bytes - most <= CUT_BYTES) {
		inner->body.is_cut = true;
		bytes = most;
	}
	inner->body.kept = bytes;
	if (bytes > most) {
		*words =
		    N_("This is larger than the server accepts. Go back in "
		       "your browser: what you wrote is still there. Then "
		       "choose smaller files.");
		return 413;
	}
	if (bytes > LIMIT_BODY_MEMORY)
		return open_spool(inner, bytes, words);
	/* Not zeroed and not in the arena: pages of it cost only when used. */
	inner->body.memory = malloc((size_t)bytes);
	if (!inner->body.memory) {
		*words = N_("The server is short of memory.");
		return 503;
	}
	return 0;
}

void
http_body_add(struct request_inner *inner, struct str piece)
{
	struct http_body *body = &inner->body;

	if (piece.len > body->expected - body->passed)
		body->failed = ERR_INTERNAL;
	if (body->failed != ERR_OK)
		return;
	body->passed += piece.len;
	if (piece.len > body->kept - body->received)
		piece.len = (size_t)(body->kept - body->received);
	if (body->spool_fd >= 0)
		body->failed = file_write_all(body->spool_fd, piece, NULL);
	else
		memcpy(body->memory + body->received, piece.ptr, piece.len);
	body->received += piece.len;
}

void
http_body_end(struct request_inner *inner)
{
	struct http_body *body = &inner->body;

	if (body->memory)
		secret_wipe(body->memory, (size_t)body->received);
	free(body->memory);
	body->memory = NULL;
	if (body->spool_fd >= 0)
		file_close(&body->spool_fd);
	if (body->reserved > 0)
		atomic_fetch_sub(&inner->http->spool_used, body->reserved);
	body->reserved = 0;
}
