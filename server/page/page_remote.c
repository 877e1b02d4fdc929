#include "page/page_remote.h"

#include "base/codec.h"

static const char remote_purpose[] = "remote images";

/* The message it is good for. LF is in no folder's name. */
static struct str
remote_bound(struct request *req, const struct mail_id *id)
{
	struct buf bound;

	buf_init_arena(&bound, req->arena, LIMIT_HEADER_BYTES);
	buf_addf(&bound, "%u\n%u\n", id->uid, id->uid_validity);
	buf_add(&bound, id->folder.s);
	return buf_str(&bound);
}

struct str
page_remote_token(struct request *req, const struct mail_id *id)
{
	struct buf token;
	struct str sealed;

	if (session_seal(req->app->sessions, req, remote_purpose, true,
	        remote_bound(req, id), STR("1"), &sealed, NULL) != ERR_OK)
		return str_of(NULL, 0);
	buf_init_arena(&token, req->arena, LIMIT_HEADER_BYTES);
	codec_base64url_encode(&token, sealed);
	return buf_str(&token);
}

bool
page_remote_is_allowed(struct request *req, const struct mail_id *id)
{
	struct str token = request_query(req, "remote");
	struct buf sealed;
	struct str plain;

	if (token.len == 0)
		return false;
	buf_init_arena(&sealed, req->arena, LIMIT_HEADER_BYTES);
	return codec_base64url_decode(&sealed, token, NULL) == ERR_OK &&
	       session_unseal(req->app->sessions, req, remote_purpose, true,
	           remote_bound(req, id), buf_str(&sealed), &plain,
	           NULL) == ERR_OK;
}
