#include "page/page_again.h"

#include "mail/mail_kept.h"
#include "page/page.h"

#define AGAIN_MAX_BYTES ((size_t)192 << 10) /* of a page */
#define AGAIN_STEP      ((size_t)256)

/* Before the token, the page and the page compressed. */
struct again_head {
	size_t token_bytes, page_bytes;
};

/* How much of their beginnings is equal. */
static size_t
again_equal(struct str a, struct str b)
{
	size_t len = a.len < b.len ? a.len : b.len;
	size_t at = 0;

	while (len - at >= AGAIN_STEP &&
	       memcmp(a.ptr + at, b.ptr + at, AGAIN_STEP) == 0)
		at += AGAIN_STEP;
	while (at < len && a.ptr[at] == b.ptr[at])
		at++;
	return at;
}

static struct str
again_rest(struct str s, size_t from)
{
	return str_slice(s, from, s.len);
}

bool
page_again_is_same(struct page_again was, struct page_again now)
{
	size_t shared = again_equal(was.token, now.token);
	size_t at = 0;

	if (was.page.len != now.page.len || was.token.len != now.token.len)
		return false;
	for (;;) {
		at += again_equal(
		    again_rest(was.page, at), again_rest(now.page, at));
		if (at == now.page.len)
			return true;
		/* Where tokens stand, they differ behind what they share. */
		if (at < shared || shared == now.token.len ||
		    !str_starts(again_rest(was.page, at - shared), was.token) ||
		    !str_starts(again_rest(now.page, at - shared), now.token))
			return false;
		at += now.token.len - shared;
	}
}

/* ---- what is kept ---- */
static struct str
again_name(struct request *req)
{
	return str_printf(req->arena, "page %.*s %.*s",
	    STR_ARG(req->session->selector), STR_ARG(req->raw_target));
}

/* No folder's: an id that no message has. */
static const struct mail_id again_id = {.uid_validity = 1};

/* The answer before, compressed; ptr NULL: there is none, or it differs. */
static struct str
again_find(struct request *req, const struct mail *mail, struct str page)
{
	static const struct str none = {NULL, 0};
	struct again_head head;
	struct page_again was;
	struct str kept;

	if (!mail_kept_find(mail, &again_id, again_name(req), &kept))
		return none;
	ensure(kept.len >= sizeof(head));
	memcpy(&head, kept.ptr, sizeof(head));
	kept = again_rest(kept, sizeof(head));
	was.token = str_slice(kept, 0, head.token_bytes);
	kept = again_rest(kept, head.token_bytes);
	was.page = str_slice(kept, 0, head.page_bytes);
	if (!page_again_is_same(
	        was, (struct page_again){page, req->csrf_token}) ||
	    !session_csrf_is_same(was.token, req->csrf_token))
		return none;
	return again_rest(kept, head.page_bytes);
}

static void
again_put(struct request *req, const struct mail *mail, struct str page,
    struct str packed)
{
	struct again_head head = {req->csrf_token.len, page.len};
	const struct str parts[] = {str_of((const char *)&head, sizeof(head)),
	    req->csrf_token, page, packed};
	struct str bytes = str_join(req->arena, parts, 4);

	if (bytes.ptr != NULL)
		mail_kept_put(mail, &again_id, again_name(req), bytes);
}

void
page_again_pack(struct request *req, struct response *res)
{
	struct str page = response_get_body(res);
	struct str packed;
	struct mail mail;

	if (req->method != METHOD_GET || req->session == NULL ||
	    req->account == NULL || response_get_status(res) != 200 ||
	    page.len > AGAIN_MAX_BYTES || !response_may_pack(req))
		return;
	mail = page_mail(req);
	packed = again_find(req, &mail, page);
	if (packed.ptr != NULL)
		response_packed(req, packed);
	else if (response_pack(req))
		again_put(req, &mail, page, response_get_body(res));
}
