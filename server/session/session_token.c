#include "session/session_token.h"

#include "base/buf.h"
#include "base/codec.h"

void
session_token_new(struct session_token *out)
{
	secret_fill_random(out->selector, sizeof(out->selector));
	secret_fill_random(out->secret, sizeof(out->secret));
}

void
session_token_wipe(struct session_token *token)
{
	secret_wipe(token, sizeof(*token));
}

struct str
session_token_selector(const struct session_token *token)
{
	return str_of((const char *)token->selector, sizeof(token->selector));
}

struct str
session_token_secret(const struct session_token *token)
{
	return str_of((const char *)token->secret, sizeof(token->secret));
}

struct str
session_token_write(const struct session_token *token, struct arena *arena)
{
	struct buf out;

	buf_init_arena(&out, arena, 2 * SESSION_TOKEN_LETTERS);
	codec_base64url_encode(&out, session_token_selector(token));
	codec_base64url_encode(&out, session_token_secret(token));
	return buf_str(&out);
}

static bool
decode(struct str letters, unsigned char *out, size_t len)
{
	CLEANUP(buf_free) struct buf bytes;

	buf_init(&bytes, 2 * SESSION_TOKEN_LETTERS);
	bool ok = codec_base64url_decode(&bytes, letters, NULL) == ERR_OK &&
	          buf_str(&bytes).len == len;
	if (ok)
		memcpy(out, buf_str(&bytes).ptr, len);
	if (bytes.ptr != NULL)
		secret_wipe(bytes.ptr, bytes.capacity);
	return ok;
}

bool
session_token_parse(struct str letters, struct session_token *out)
{
	if (letters.len != SESSION_TOKEN_LETTERS)
		return false;
	return decode(str_slice(letters, 0, SESSION_SELECTOR_LETTERS),
	           out->selector, sizeof(out->selector)) &&
	       decode(str_slice(letters, SESSION_SELECTOR_LETTERS, letters.len),
	           out->secret, sizeof(out->secret));
}
