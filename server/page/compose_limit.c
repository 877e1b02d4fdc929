/*
 * Sizes as they travel: base64 makes 57 bytes a line of 78 (RFC 2045, 6.8);
 * and how much an account may have in writing.
 */
#include "page/compose_inside.h"

#include "base/tr.h"
#include "os/clock.h"
#include "page/page_identity.h"
#include "page/page_reply.h"
#include "store/store_draft.h"

#define LINE_BYTES   57u
#define LINE_LETTERS 78u  /* with CR and LF */
#define IDLE_S       3600 /* nobody is just beginning it */

uint64_t
compose_encoded(uint64_t bytes)
{
	uint64_t lines = bytes / LINE_BYTES;
	uint64_t rest = bytes % LINE_BYTES;
	uint64_t encoded;

	if (__builtin_mul_overflow(lines, LINE_LETTERS, &encoded) ||
	    __builtin_add_overflow(
	        encoded, rest == 0 ? 0 : (rest + 2) / 3 * 4 + 2, &encoded))
		return UINT64_MAX;
	return encoded;
}

uint64_t
compose_limit(struct request *req)
{
	uint64_t ours = req->cfg->max_message_bytes;
	struct mail_smtp_offers offers = {.is_known = false};

	/* What the server for outgoing mail said of itself (RFC 1870). */
	if (req->account != NULL)
		mail_server_smtp_offers(account_server(req->account), &offers);
	return offers.size_limit_bytes > 0 && offers.size_limit_bytes < ours
	           ? offers.size_limit_bytes
	           : ours;
}

uint64_t
compose_file_limit(struct request *req)
{
	uint64_t whole = compose_limit(req);
	uint64_t one = req->cfg->max_attachment_bytes;

	return one == 0 || one > whole ? whole : one;
}

/* ---- of an account --------------------------------------------------------
 */
/* The signature that its sender has now, and not a letter besides? */
static bool
room_is_signature(
    struct request *req, struct str account, const struct compose *compose)
{
	struct page_identity own = {0};
	struct buf made;

	/* Forms are kept without a login, too: nobody's signature is known. */
	if (req->session == NULL || !str_eq(req->session->account, account) ||
	    page_identity_get(req, compose->identity, &own, NULL) != ERR_OK)
		return false;
	buf_init_arena(&made, req->arena, LIMIT_FIELD_BYTES);
	reply_add_signature(&made, own.signature);
	return made.failed == ERR_OK &&
	       str_eq(str_trim(compose->body.s),
	           str_trim(text_from(req->arena, buf_str(&made)).s));
}

bool
compose_is_empty(
    struct request *req, struct str account, const struct compose *compose)
{
	return compose->kind == COMPOSE_NEW && text_is_empty(compose->to) &&
	       text_is_empty(compose->cc) && text_is_empty(compose->bcc) &&
	       text_is_empty(compose->subject) &&
	       text_is_empty(compose->html) &&
	       (str_trim(compose->body.s).len == 0 ||
	           room_is_signature(req, account, compose));
}

/* Old ones with nothing in them; how many went. */
static enum err_code
room_tidy(struct request *req, struct str account, uint64_t *out_count,
    struct err *err)
{
	struct store *store = req->app->store;
	struct store_draft_idle *idle =
	    ARENA_NEW(req->arena, struct store_draft_idle);
	enum err_code rc;

	*out_count = 0;
	if (idle == NULL)
		return err_set(err, ERR_NO_MEMORY,
		    "The server is out of memory.", "compose_room");
	rc = store_draft_idle(
	    store, account, clock_now_s() - IDLE_S, req->arena, idle, err);
	for (size_t i = 0; rc == ERR_OK && i < idle->count; i++) {
		struct compose one = {0};

		if (compose_unpack(idle->list[i].fields, req->arena, &one,
		        NULL) != ERR_OK ||
		    !compose_is_empty(req, account, &one))
			continue;
		rc =
		    store_compose_delete(store, account, idle->list[i].id, err);
		*out_count += rc == ERR_OK ? 1 : 0;
	}
	return rc;
}

static bool
room_is_there(struct request *req, const struct compose *compose)
{
	struct store_compose stored = {0};

	return store_compose_find(req->app->store, compose->account,
	           compose->id, req->arena, &stored, NULL) == ERR_OK;
}

enum err_code
compose_room(struct request *req, const struct compose *compose,
    bool is_sending, struct err *err)
{
	uint64_t most = (uint64_t)req->cfg->max_drafts * (is_sending ? 2 : 1);
	struct store_draft_held held = {0};
	uint64_t gone = 0;
	enum err_code rc;

	if (most == 0)
		return ERR_OK;
	rc = store_draft_room(req->app->store, compose->account, &held, err);
	/* The same form once more is no further one. */
	if (rc != ERR_OK || held.drafts < most || room_is_there(req, compose))
		return rc;
	/* What was discarded gives way first. */
	rc = store_draft_forget(req->app->store, compose->account, err);
	if (rc == ERR_OK)
		rc = store_draft_room(
		    req->app->store, compose->account, &held, err);
	if (rc != ERR_OK || held.drafts < most)
		return rc;
	rc = room_tidy(req, compose->account, &gone, err);
	if (rc != ERR_OK || held.drafts - gone < most)
		return rc;
	log_event(LOG_WARN, "compose.no_room", LOG_U64("drafts", held.drafts));
	return err_sayf(err, ERR_LIMIT,
	    "%llu messages are begun and not sent, and there is room for %u. "
	    "Please send or discard some of them: they are in Drafts. What "
	    "stands here is not saved yet; it can be saved after that.",
	    (unsigned long long)(held.drafts - gone), req->cfg->max_drafts);
}

enum err_code
compose_file_room(struct request *req, const struct compose *compose,
    uint64_t wanted, uint64_t *out_bytes, const char **out_words,
    struct err *err)
{
	uint64_t most_files = req->cfg->max_draft_files;
	uint64_t most = req->cfg->max_draft_bytes;
	struct store_draft_held held = {0};
	enum err_code rc;

	*out_bytes = UINT64_MAX;
	*out_words = NULL;
	rc = store_draft_room(req->app->store, compose->account, &held, err);
	/* What was discarded gives way first. */
	if (rc == ERR_OK && ((most > 0 && held.file_bytes + wanted > most) ||
	                        (most_files > 0 && held.files >= most_files))) {
		rc = store_draft_forget(req->app->store, compose->account, err);
		if (rc == ERR_OK)
			rc = store_draft_room(
			    req->app->store, compose->account, &held, err);
	}
	if (rc != ERR_OK)
		return rc;
	if (most_files > 0 && held.files >= most_files) {
		*out_bytes = 0;
		*out_words = str_dup_bytes(req->arena,
		    str_printf(req->arena,
		        tr("%llu files are attached to your messages that are "
		           "not sent yet, and there is room for %llu. Please "
		           "send or discard some of those in Drafts first."),
		        (unsigned long long)held.files,
		        (unsigned long long)most_files));
	} else if (most > 0) {
		*out_bytes =
		    held.file_bytes < most ? most - held.file_bytes : 0;
		*out_words = str_dup_bytes(req->arena,
		    str_printf(req->arena,
		        tr("the files of your messages that are not sent yet "
		           "may "
		           "have %.*s together. Please send or discard some of "
		           "those in Drafts first."),
		        STR_ARG(view_size(req->arena, most).s)));
	}
	return ERR_OK;
}
